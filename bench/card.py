"""The picture of the model card: one generated clip of each trained scene, unselected, with its sound and its score.

    python -m bench.card --out models/weights/samples.png [--seed 0]
"""
import argparse
from pathlib import Path

import torch

from media.sheet import contact_sheet, write_png
from models.joint import checkpoint
from models.joint.score import decode

from .clips import RATE, SAMPLE_RATE, Maker, prompts, trained_scenes, truth

COLUMNS = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    args = parser.parse_args()
    maker, rows = Maker(args.weights), []
    for scene in trained_scenes():
        text = prompts(truth(scene, 1)[0])
        made = maker.make(text, seed=args.seed)
        clip = maker.decode(*made)
        rows.append(contact_sheet(clip.frames[0], clip.stems[0].sum(0), SAMPLE_RATE, RATE, events=decode(made[2][0]), columns=COLUMNS))
        print(f"{scene}: {text[0]}")
    write_png(args.out, torch.cat(rows))


if __name__ == "__main__":
    main()
