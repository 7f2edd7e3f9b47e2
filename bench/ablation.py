"""What score and time bias are worth: four small cold starts on equal samples, judged by the sync of their sound.

    python -m training.joint.cache --codecs models/weights --out runs/cache-3 --clips 2560 --scenes hammer drum light --seed 600000
    python -m bench.ablation --cache runs/cache-3 --codecs models/weights --out runs/ablation [--samples 20000] [--clips 16] [--scenes hammer drum light]

Each variant is a small network trained from the same seed with both, without the score (events and layout), without
the bias of attention by distance in time, and with neither. "video_to_sound" is F1 and median offset of the onsets
against the true audible event times of held-out clips, beside chance; the losses are of the last held-out batch. The
cache holds the scenes that are judged and no others: with the nine that the starter learns, "both" has left chance on one of five after 20,000 samples.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

from .clips import Maker, trained_scenes, truth
from .sync import dubbed

VARIANTS = {"both": [], "score": ["--slopes", "0,0,0,0"], "bias": ["--no-score"], "neither": ["--no-score", "--slopes", "0,0,0,0"]}


def train(out: Path, flags, args):
    """Trains one variant in a process of its own and packs it; returns its last line of the log."""
    run = [sys.executable, "-m", "training.joint.train", "--cache", args.cache, "--codecs", args.codecs, "--out", out, "--samples", args.samples,
           "--every", 1e6, "--dim", args.dim, "--depth", args.depth, "--threads", args.threads, *flags]
    log = subprocess.run([str(part) for part in run], check=True, capture_output=True, text=True).stdout
    pack = [sys.executable, "-m", "training.joint.publish", "--state", out / "state.pt", "--codecs", args.codecs, "--cache", args.cache, "--out", out / "weights"]
    subprocess.run([str(part) for part in pack], check=True, capture_output=True)
    return json.loads([line for line in log.splitlines() if line.startswith("{")][-1])


def judged(maker, scene, count):
    batch, clips = truth(scene, count)
    return dubbed(maker, scene, count, batch, maker.encode(clips)[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--codecs", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=20000)
    parser.add_argument("--clips", type=int, default=16, help="per scene")
    parser.add_argument("--scenes", nargs="+", choices=trained_scenes(), default=["hammer", "drum", "light"])
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    report = {}
    for name, flags in VARIANTS.items():
        last = train(args.out / name, flags, args)
        maker = Maker(args.out / name / "weights", scored="--no-score" not in flags)
        sync = {scene: judged(maker, scene, args.clips) for scene in args.scenes}
        report[name] = {"samples": args.samples, "held_out_at": last["samples"], "held_out": last["held_out"][:2], "video_to_sound": sync}
        print(json.dumps({name: report[name]}, indent=1), flush=True)


if __name__ == "__main__":
    main()
