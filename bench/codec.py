"""What the codecs cost: picture in dB, onsets in ms, speed; per scene on held-out clips.

    python -m bench.codec [--clips 16] [--weights models/weights]

"timing" is the difference between visual events found in the truth and in its reconstruction, "onsets" the
same for sound: what the codec adds, beside what it loses; "all" has the events of every scene together.
"pitch" is how far the keyboard's notes are from those that were played.
"""
import argparse
import json
import time
from pathlib import Path

import torch

from media.sync import agree, pooled
from models.joint import checkpoint

from .clips import SAMPLE_RATE, Maker, stem_of, trained_scenes, truth
from .pitch import pitches
from .times import heard_times, seen_times


def decibels(a, b):
    """Peak signal to noise ratio of pictures in 0..1, in dB."""
    return (-10 * (a - b).square().mean().log10()).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    args = parser.parse_args()
    maker, report, every = Maker(args.weights), {}, {"timing": [], "onsets": []}
    for scene in trained_scenes():
        _, clips = truth(scene, args.clips)
        start = time.time()
        latents = maker.encode(clips)
        middle = time.time()
        again = maker.decode(*latents, clips.scores)
        end = time.time()
        stem = stem_of(scene)
        apart = {
            "timing": list(map(agree, seen_times(clips.frames, scene), seen_times(again.frames, scene))),
            "onsets": list(map(agree, heard_times(clips.stems, scene), heard_times(again.stems, scene))),
        }
        for name, clip_by_clip in apart.items():
            every[name] += clip_by_clip
        report[scene] = {
            "psnr_db": round(torch.tensor([decibels(a, b) for a, b in zip(clips.frames, again.frames)]).mean().item(), 2),
            **{name: pooled(clip_by_clip).report() for name, clip_by_clip in apart.items()},
            "encode_s": round((middle - start) / args.clips, 3),
            "decode_s": round((end - middle) / args.clips, 3),
        }
        if scene == "keyboard":
            report[scene]["pitch"] = pitches(clips.scores, again.stems[:, stem], SAMPLE_RATE)
    report["mean_psnr_db"] = round(sum(r["psnr_db"] for r in report.values()) / len(report), 2)
    report["all"] = {name: pooled(clip_by_clip).report() for name, clip_by_clip in every.items()}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
