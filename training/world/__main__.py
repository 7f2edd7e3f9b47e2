"""`python -m training.world --sheet out.png`: a contact sheet of the scenes; `--words` lists the vocabulary."""
import argparse

import torch

from media.sheet import contact_sheet, write_png

from . import RATE, SCENES, sample, vocabulary


def main():
    parser = argparse.ArgumentParser(prog="python -m training.world", description=__doc__)
    parser.add_argument("--sheet", help="PNG to write")
    parser.add_argument("--words", action="store_true", help="print the vocabulary")
    parser.add_argument("--scene", nargs="*", default=SCENES, help="scenes to show (all)")
    parser.add_argument("--rows", type=int, default=2, help="clips per scene")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--frames", type=int, default=97)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.words:
        print(" ".join(vocabulary()))
    if args.sheet:
        rows = []
        for scene in args.scene:
            clips = sample(args.rows, frames=args.frames, seed=args.seed, scene=scene, size=args.size)
            for clip in range(args.rows):
                print(scene, {field: text for field, text in clips.fields[clip].items() if text})
                rows.append(contact_sheet(
                    clips.video[clip].permute(1, 2, 3, 0), clips.stems[clip].sum(0), 24000, RATE, clips.events[clip],
                    args.columns))
        write_png(args.sheet, torch.cat(rows))


main()
