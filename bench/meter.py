"""How far the Sync Meter can be trusted: drawn patterns whose offset is known, and pairs that have nothing to do with each other.

    python -m bench.meter [--pairs 100] [--kinds flash bounce hit] [--beds clean noise music]

Offsets from -200 to +200 ms in steps of 0.5 ms, 24 to 60 frames a second. "related": the share that gets a number, and of
those the error in ms and the share whose 95 % interval holds the truth. "unrelated": each picture with the sound of the
next one; the share that rightly gets no number. "beat": steady beats of 0.35 to 1 s with offsets up to 150 ms.
"""
import argparse
import json

import numpy as np
import torch

from media.onsets import find_onsets
from media.sync_report import offset_of
from media.visual import find_events

from .patterns import BEDS, KINDS, SAMPLE_RATE, SECONDS, picture, sound

FAR = 200.0


def lateness(count, reach=FAR):
    """`count` offsets in seconds, in steps of 0.5 ms within +-`reach` ms."""
    return np.random.default_rng(0).integers(round(-2 * reach), round(2 * reach) + 1, count) / 2000


def watched(kind, count):
    """(true times, visual events) of `count` pictures."""
    for seed in range(count):
        pattern = picture(kind, seed)
        yield pattern.times, find_events(pattern.frames, pattern.rate)


def listened(kind, seed, times, late, bed):
    return find_onsets(sound(kind, times, seed, late, bed), SAMPLE_RATE)


def figures(offsets, late, times, seen, heard):
    """The report on `offsets` of related pairs whose truth is `late` seconds."""
    pairs = [(1000 * offset.seconds, 1000 * offset.low, 1000 * offset.high, 1000 * true)
             for offset, true in zip(offsets, late) if offset.seconds is not None]
    if not pairs:
        return {"answered": 0.0}
    found, low, high, true = np.array(pairs).T
    error = np.abs(found - true)
    return {
        "answered": len(pairs) / len(offsets), "median_ms": round(float(np.median(error)), 3), "p95_ms": round(float(np.quantile(error, 0.95)), 2),
        "worst_ms": round(float(error.max()), 1), "bias_ms": round(float(np.median(found - true)), 3),
        "interval_holds": round(float(((low - 0.5 <= true) & (true <= high + 0.5)).mean()), 3),
        "events": sum(map(len, times)), "seen": sum(map(len, seen)), "heard": sum(map(len, heard)),
    }


def measured(kind, count, beds):
    times, seen = zip(*watched(kind, count))
    late, report = lateness(count), {}
    for bed in beds:
        heard = [listened(kind, seed, times[seed], late[seed], bed) for seed in range(count)]
        unrelated = [offset_of(seen[k], heard[(k + 1) % count]) for k in range(count)]
        report[bed] = {"related": figures(list(map(offset_of, seen, heard)), late, times, seen, heard),
                       "unrelated": {"pairs": count, "no_number": sum(offset.seconds is None for offset in unrelated) / count}}
    return report


def beats(count):
    """Flashes and beeps in a steady beat, over music."""
    late, rows = lateness(count, 150.0), []
    for seed in range(count):
        gap = float(np.random.default_rng([9, seed]).uniform(0.35, 1.0))
        pattern = picture("flash", seed, times=[0.4 + gap * k for k in range(int((SECONDS - 0.8) / gap))])
        rows.append((pattern.times, find_events(pattern.frames, pattern.rate), listened("flash", seed, pattern.times, late[seed], "music")))
    times, seen, heard = zip(*rows)
    offsets = list(map(offset_of, seen, heard))
    return figures(offsets, late, times, seen, heard) | {"period_given": sum(offset.period is not None for offset in offsets) / count}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--kinds", nargs="+", choices=(*KINDS, "beat"), default=(*KINDS, "beat"))
    parser.add_argument("--beds", nargs="+", choices=BEDS, default=BEDS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps({kind: beats(args.pairs) if kind == "beat" else measured(kind, args.pairs, args.beds) for kind in args.kinds}, indent=1))


if __name__ == "__main__":
    main()
