"""Make the dry sounds of which mixtures are made.

    python -m training.stems.library --out DIR [--small] [--split held_out] [--scale 0.5] [--seed 1]

What is there already is left alone, so a run that was cut short goes on where it was; another seed adds to it. Needs, beside torch,
torchaudio and PyAV, the Debian packages espeak-ng flite festival festival-hi festival-mr festival-te festvox-kallpc16k
festvox-kdlpc16k festvox-italp16k festvox-itapc16k festvox-ca-ona-hts festvox-czech-dita festvox-czech-krb festvox-czech-machac
festvox-czech-ph festvox-ru festvox-suopuhe-lj festvox-suopuhe-mv festvox-us-slt-hts festvox-hi-nsk festvox-mr-nsk festvox-te-nsk
fluidsynth fluid-soundfont-gm musescore-general-soundfont-lossless timgm6mb-soundfont (`apt-get install --no-install-recommends`).
"""
import argparse
import importlib
import json
import time
from pathlib import Path

import torch

from media.loudness import integrated

from . import coding, config, shelf
from .dice import Dice
from .sound import RATE, band, samples


def generator(name):
    """The function of a name such as "beds.rain"."""
    module, function = name.split(".")
    return getattr(importlib.import_module(f"{__package__}.generators.{module}"), function)


def takes(split, stem, name, minutes, seed=0):
    """Yield the takes of one generator [channels, n], levelled, until there are that many minutes."""
    make, total, number = generator(name), 0, 0
    while total < minutes * 60 * RATE:
        dice = Dice(seed, split, name, number)
        number += 1
        take = make(dice)
        take = take if take.dim() == 2 else take[None]
        take = _faded(_trimmed(band(take, 15, 24000))) if stem in ("dialogue", "effects") else take - take.mean(1, keepdim=True)
        if dice.flag(config.CODED):
            take = coding.coded(take / take.abs().amax().clamp(min=1e-6) * .7, *dice.choice(config.CODECS[split]))
            if stem == "ambience":
                take = _seamless(take)
        take = levelled(take)
        if take is not None:
            total += take.shape[-1]
            yield take


def rooms(split, share, seed=0):
    name, count = config.ROOMS[split]
    make = generator(name)
    for number in range(max(4, round(count * share))):
        yield make(Dice(seed, split, name, number))


def levelled(take):
    """The take at TAKE_LOUDNESS, or as loud as TAKE_PEAK lets it be; None for one that is silent or not finite."""
    short = samples(.4) - take.shape[1]
    loudness = integrated(torch.nn.functional.pad(take, (0, max(0, short))) / take.abs().amax().clamp(min=1e-9) / 2, RATE)
    if loudness is None or not take.isfinite().all():
        return None
    gain = 10 ** ((config.TAKE_LOUDNESS - loudness) / 20) / 2
    return take / take.abs().amax() * min(gain, 10 ** (config.TAKE_PEAK / 20))


def _trimmed(take):
    """Without what is 60 dB below the peak before the first and after the last sound."""
    loud = (take.abs().amax(0) > 1e-3 * take.abs().amax()).nonzero()[:, 0]
    return take[:, max(0, int(loud[0]) - 96):int(loud[-1]) + 960] if len(loud) else take


def _faded(take):
    """Without a click at either end: 1 ms in, 12 ms out."""
    take, rise, fall = take.clone(), 48, 576
    take[:, :rise] *= torch.linspace(0, 1, rise)
    take[:, -fall:] *= torch.linspace(1, 0, take[:, -fall:].shape[1])
    return take


def _seamless(take):
    """A codec begins from silence; 60 ms of its end are faded into its beginning again."""
    n = samples(.06)
    up = torch.linspace(0, 1, n)
    return torch.cat([take[:, :n] * up + take[:, -n:] * (1 - up), take[:, n:-n]], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--small", action="store_true", help="a take or a few of every generator, to travel to another machine: 70 MB for training, 25 held out")
    parser.add_argument("--scale", type=float, default=1.0, help="times the minutes of the config")
    parser.add_argument("--split", nargs="*", choices=config.SPLITS, default=config.SPLITS)
    names = sorted({name for stems in config.MINUTES.values() for generators in stems.values() for name in generators})
    parser.add_argument("--generators", nargs="+", choices=names, metavar="NAME", help='only these, such as "speech.festival"')
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    share = args.scale * (config.SMALL if args.small else 1)
    for split in args.split:
        index = args.out / f"index-{split}.json"
        done = json.loads(index.read_text()) if index.exists() else {}

        def make(shelf_, name, sounds):
            key = f"{shelf_} {name} {args.seed}"
            if key not in done:
                begun = time.monotonic()
                count = shelf.write(args.out, split, shelf_, name, sounds, args.seed)
                done[key] = {"minutes": round(count / RATE / 60, 2), "seconds": round(time.monotonic() - begun, 1)}
                index.with_suffix(".part").write_text(json.dumps(done, indent=1))
                index.with_suffix(".part").replace(index)
                print(split, key, done[key], flush=True)

        if not args.generators:
            make("rooms", config.ROOMS[split][0], rooms(split, share, args.seed))
        for stem in config.STEMS:
            for name, minutes in config.MINUTES[split][stem].items():
                if args.generators and name not in args.generators:
                    continue
                make(stem, name, takes(split, stem, name, minutes * share, args.seed))


if __name__ == "__main__":
    main()
