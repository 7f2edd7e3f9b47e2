"""Unlabelled generated clips as contact sheets with spectrograms, for somebody who has not seen the prompts.

    python -m bench.gallery --out output/gallery [--clips 40] [--seed 0]

Writes sheet-1.png, ... with numbered rows from top to bottom, and key.json with the scene and prompt of each.
"""
import argparse
import json
import random
from pathlib import Path

import torch

from media.sheet import contact_sheet, write_png
from models.joint import checkpoint

from .clips import RATE, SAMPLE_RATE, Maker, prompts, trained_scenes, truth

ROWS = 5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    args = parser.parse_args()
    maker, rows = Maker(args.weights), []
    scenes = trained_scenes()
    for scene in scenes:
        count = -(-args.clips // len(scenes))
        batch, _ = truth(scene, count)
        texts = prompts(batch)
        made = maker.decode(*maker.make(texts, seed=args.seed))
        rows += [(scene, text, contact_sheet(f, s.sum(0), SAMPLE_RATE, RATE)) for text, f, s in zip(texts, made.frames, made.stems)]
    random.Random(args.seed).shuffle(rows)
    rows = rows[: args.clips]
    args.out.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(rows), ROWS):
        write_png(args.out / f"sheet-{first // ROWS + 1}.png", torch.cat([sheet for _, _, sheet in rows[first : first + ROWS]]))
    key = [{"sheet": i // ROWS + 1, "row": i % ROWS + 1, "scene": scene, "prompt": text} for i, (scene, text, _) in enumerate(rows)]
    (args.out / "key.json").write_text(json.dumps(key, indent=1))


if __name__ == "__main__":
    main()
