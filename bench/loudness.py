"""How long measuring loudness takes, beside libavfilter's ebur128 and pyloudnorm on the same sound, one thread each.

    python -m bench.loudness [--seconds 60] [--rate 48000] [--runs 5]

Stereo noise. "all" is every figure of the meter with true peak, which pyloudnorm lacks; "integrated" is that one alone.
Times are CPU seconds, best of the runs, which take turns so that a busy machine is unfair to none; "times_as_fast" is the
other's time over ours. Where pyloudnorm is not installed it is skipped and "note" says so.
"""
import argparse
import json
import math
import time
from fractions import Fraction

import av
import torch

from media.loudness import integrated, measure


def libavfilter(waveform, rate, layout="stereo", options="metadata=1:peak=true"):
    """The figures of libavfilter's ebur128 at the end of waveform [C, T], by its names without their prefix."""
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_abuffer(format="flt", sample_rate=rate, layout=layout, time_base=Fraction(1, rate))
    meter, sink = graph.add("ebur128", options), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(waveform.T.reshape(1, -1).contiguous().numpy(), format="flt", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    while True:
        try:
            figures = graph.pull().metadata
        except (av.error.EOFError, av.error.BlockingIOError):
            return {name.removeprefix("lavfi.r128."): float(value) for name, value in figures.items()}


def race(meters, runs):
    """dict name -> function giving LUFS -> dict name -> CPU seconds of its fastest run and what it gave."""
    report = {}
    for _ in range(runs):
        for name, meter in meters.items():
            start = time.process_time()
            lufs = meter()
            taken = min(time.process_time() - start, report.get(name, {}).get("cpu_s", math.inf))
            report[name] = {"cpu_s": round(taken, 4), "integrated": round(float(lufs), 3)}
    others = {name: round(row["cpu_s"] / report["ours"]["cpu_s"], 2) for name, row in report.items() if name != "ours"}
    return report | {"times_as_fast": others}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=48000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    waveform = 0.1 * torch.randn(2, round(args.seconds * args.rate), generator=torch.Generator().manual_seed(0))
    everything = {"ours": lambda: measure(waveform, args.rate).integrated,
                  "libavfilter": lambda: libavfilter(waveform, args.rate)["I"]}
    one = {"ours": lambda: integrated(waveform, args.rate), "libavfilter": lambda: libavfilter(waveform, args.rate, options="metadata=1")["I"]}
    note = None
    try:
        import pyloudnorm
    except ImportError:
        note = "pyloudnorm is not installed: skipped"
    else:
        samples = waveform.T.double().numpy()
        one["pyloudnorm"] = lambda: pyloudnorm.Meter(args.rate).integrated_loudness(samples)
    print(json.dumps({"seconds": args.seconds, "rate": args.rate, "all": race(everything, args.runs), "integrated": race(one, args.runs), "note": note}))


if __name__ == "__main__":
    main()
