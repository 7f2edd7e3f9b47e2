"""How well stems are separated: SI-SDR and its improvement per stem in dB on held-out mixtures.

    python -m bench.stems --library runs/stems/library [--clips 200] [--weights models/weights/stems.safetensors]
                          [--baseline runs/stems/hdemucs/state.pt ...] [--sheet models/weights/stems.png]

Beside the separator: the mixture itself, an oracle ideal ratio mask (true magnitudes, the mixture's phase, the separator's own
spectra), and the states that training.stems.train left of other architectures. Means and medians over the clips in which a stem sounds,
and something else with it; "alone" is the SI-SDR of what is made of a stem that has its clip to itself.
"""
import argparse
import json
from pathlib import Path

import torch

from media.sheet import write_png
from models.joint.config import STEMS
from models.stems import checkpoint
from models.stems.spectrum import analyse, synthesise
from training.stems.architectures import ARCHITECTURES
from training.stems.mixtures import Mixtures
from training.stems.objective import ALONE, improvement, si_sdr, standard
from training.stems.train import sheet

FIRST = 10_000  # seed; training looks at the first few


def oracle(stems):
    """The ideal ratio mask [B, 4, 2, N] -> [B, 4, 2, N]."""
    levels = analyse(stems).abs()
    masks = levels / levels.sum(1, keepdim=True).clamp_min(1e-12)
    return synthesise(masks * analyse(stems.sum(1, keepdim=True)), stems.shape[-1])


def trained(path):
    """(architecture, network) of a state that training left."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    network = ARCHITECTURES[state["architecture"]]()
    network.load_state_dict(state["average"])
    return f"{state['architecture']}, {state['spent'] / 60:.0f} min", network.eval()


def figures(values):
    """Mean, median and number of what is defined in [clips, 4], per stem."""
    rows = {name: column[~column.isnan()] for name, column in zip(STEMS, values.T)}
    return {name: {"mean": round(row.mean().item(), 2), "median": round(row.median().item(), 2), "clips": len(row)} for name, row in rows.items() if len(row)}


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    parser.add_argument("--state", type=Path, help="a training state of the separator in place of the weights")
    parser.add_argument("--baseline", type=Path, nargs="*", default=[])
    parser.add_argument("--sheet", type=Path, help="spectrograms of four clips, true and made, as one PNG")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    separator = trained(args.state)[1] if args.state else checkpoint.build(checkpoint.read(args.weights)[0])
    networks = {"separator": separator, **dict(trained(path) for path in args.baseline)}
    mixtures, gains, alone, before, sheets = Mixtures(args.library, "held_out", args.seconds), {}, {}, [], []
    for first in range(FIRST, FIRST + args.clips, 4):
        stems = standard(mixtures.batch(list(range(first, min(first + 4, FIRST + args.clips)))))
        mixture = si_sdr(stems.sum(1, keepdim=True).expand_as(stems), stems)
        before.append(torch.where(mixture < ALONE, mixture, torch.nan))
        made = {name: network(stems.sum(1)) for name, network in networks.items()}
        for name, one in {**made, "ideal ratio mask": oracle(stems)}.items():
            gains.setdefault(name, []).append(improvement(one, stems))
            alone.setdefault(name, []).append(torch.where(mixture < ALONE, torch.nan, si_sdr(one, stems)))
        if len(sheets) < 4:
            sheets.append(sheet(stems[0], made["separator"][0]))
    if args.sheet:
        write_png(args.sheet, torch.cat(sheets))
    report = {"mixture_si_sdr_db": figures(torch.cat(before)), "clips": args.clips, "seconds": args.seconds}
    for title, parts in (("improvement_db", gains), ("alone_si_sdr_db", alone)):
        report[title] = {name: figures(torch.cat(rows)) for name, rows in parts.items()}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
