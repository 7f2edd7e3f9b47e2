"""How long measuring loudness takes, beside libavfilter's ebur128 and pyloudnorm on the same sound, one thread each.

    python -m bench.loudness [--seconds 60] [--rate 48000] [--runs 5]

Stereo noise. "all" is every figure of the meter with true peak, which pyloudnorm lacks; "integrated" is that one alone.
Times are CPU seconds, best of the runs. pyloudnorm is null where it is not installed.
"""
import argparse
import json
import time
from fractions import Fraction

import av
import torch

from media.loudness import integrated, measure


def libavfilter(waveform, rate, options):
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_abuffer(format="flt", sample_rate=rate, layout="stereo", time_base=Fraction(1, rate))
    meter, sink = graph.add("ebur128", options), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(waveform.T.reshape(1, -1).contiguous().numpy(), format="flt", layout="stereo")
    frame.sample_rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    while True:
        try:
            figures = graph.pull().metadata
        except (av.error.EOFError, av.error.BlockingIOError):
            return float(figures["lavfi.r128.I"])


def best(function, runs):
    """(CPU seconds of the fastest run, what it gave)."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        result = function()
        times.append(time.process_time() - start)
    return {"cpu_s": round(min(times), 4), "integrated": round(float(result), 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=48000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    waveform = 0.1 * torch.randn(2, round(args.seconds * args.rate), generator=torch.Generator().manual_seed(0))
    report = {
        "seconds": args.seconds, "rate": args.rate,
        "all": {"ours": best(lambda: measure(waveform, args.rate).integrated, args.runs),
                "libavfilter": best(lambda: libavfilter(waveform, args.rate, "metadata=1:peak=true"), args.runs)},
        "integrated": {"ours": best(lambda: integrated(waveform, args.rate), args.runs),
                       "libavfilter": best(lambda: libavfilter(waveform, args.rate, "metadata=1"), args.runs),
                       "pyloudnorm": None},
    }
    try:
        import pyloudnorm
    except ImportError:
        pass
    else:
        samples = waveform.T.double().numpy()
        report["integrated"]["pyloudnorm"] = best(lambda: pyloudnorm.Meter(args.rate).integrated_loudness(samples), args.runs)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
