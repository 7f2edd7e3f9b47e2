"""Whether the model repeats clips it was trained on.

    python -m bench.novelty [--clips 20] [--training 2048] [--weights models/weights]

The distance of a generated clip to its nearest training clip, in the codecs' latents of picture and stems,
beside the same distance of held-out true clips. Training clips are rendered again from the seeds that the
weights' metadata names. A model that memorises has a ratio near 0; one that draws like the world is near 1.
"""
import argparse
import json
from pathlib import Path

import torch

from models.joint import checkpoint
from training.joint.cache import make_clips

from .clips import FRAMES, Maker, trained_scenes, truth

PER_FILE = 32


def flat(picture, sound):
    """Latents as one row per clip, picture and sound weighing the same."""
    rows = [x.float().flatten(1) / x[0].numel() ** 0.5 for x in (picture, sound)]
    return torch.cat(rows, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=50, help="per scene")
    parser.add_argument("--training", type=int, default=2048)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    parser.add_argument("--fast", action="store_true", help="the transformer in bfloat16")
    args = parser.parse_args()
    maker = Maker(args.weights, fast=args.fast)
    codecs = maker.starter.picture, maker.starter.sound
    first = maker.starter.metadata["training"]["first_seed"]
    known = []
    for k in range(args.training // PER_FILE):
        made = make_clips(PER_FILE, FRAMES, first + k, *codecs)
        known.append(flat(made["picture"], made["sound"][:, :, :4]))
    known = torch.cat(known)
    report, ratios = {}, []
    for scene in trained_scenes():
        batch, clips = truth(scene, args.clips)
        true = torch.cdist(flat(*maker.encode(clips)), known).amin(1).median().item()
        made = torch.cdist(flat(*maker.text_to_av(scene, args.clips, batch)[:2]), known).amin(1).median().item()
        report[scene] = {"held_out": round(true, 3), "generated": round(made, 3), "ratio": round(made / true, 3)}
        ratios.append(made / true)
    report["median_ratio"] = round(sorted(ratios)[len(ratios) // 2], 3)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
