"""Render clips of the world, encode them with the frozen codecs, and write them as files of a few clips each.

    python -m training.joint.cache --codecs models/weights --out runs/cache --clips 4096 --frames 97

Each file holds: picture [n, Cv, Tv, h, w] and sound [n, Ca, 5, Ta] (four stems and their mix) in half
precision, the true events [n, Tv, EVENT_WIDTH] and layout [n, Tv, LAYOUT_WIDTH], and the captions. Clip i of file k depends on seed and scenes alone.
"""
import argparse
import os
import time
from pathlib import Path

import torch

from models.joint import layout
from models.joint.grid import slabs_of
from models.joint.score import encode
from training.world import plain_caption, sample

SCENES = {"ball": 3, "hammer": 2, "drum": 2, "clap": 2, "light": 2, "keyboard": 2, "drop": 2, "face": 2, "rain": 1}
"""The scenes that are learned, with their weights in the draw."""


def make_clips(count: int, frames: int, seed: int, picture_codec, sound_codec, device="cpu", scenes=tuple(SCENES)) -> dict:
    """One file's worth of encoded clips."""
    generator = torch.Generator().manual_seed(seed)
    pool = tuple(name for name in scenes for _ in range(SCENES[name]))
    clips = sample(count, frames=frames, seed=seed, scene=pool, device=device)
    with torch.inference_mode(), torch.autocast(torch.device(device).type, torch.bfloat16):
        picture = torch.cat([picture_codec.encode_half(v) for v in clips.video.split(8)])
        streams = torch.cat([clips.stems, clips.stems.sum(1, keepdim=True)], 1)
        sound = torch.cat([sound_codec.encode(s, 24000) for s in streams.split(8)])
    events = [[e._asdict() for e in row if e.audible] for row in clips.events]
    return {
        "picture": picture.half().cpu(),
        "sound": sound.half().cpu(),
        "score": torch.stack([encode(row, slabs_of(frames)) for row in events]).half(),
        "layout": layout.encode(*clips.layout).half().cpu(),
        "fields": clips.fields,
        "plain": [plain_caption(f, generator) for f in clips.fields],
        "events": events,
        "scene": clips.scene,
        "seed": seed,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codecs", type=Path, required=True, help="folder with the weights of the codecs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=4096)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop earlier when so much time has gone")
    parser.add_argument("--frames", type=int, default=97)
    parser.add_argument("--per-file", type=int, default=32)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=list(SCENES))
    parser.add_argument("--seed", type=int, default=0, help="first seed; file k uses seed + k")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    from training.joint.codecs import load_codecs

    picture_codec, sound_codec = load_codecs(args.codecs, args.device)
    args.out.mkdir(parents=True, exist_ok=True)
    start = time.time()
    for k in range((args.clips + args.per_file - 1) // args.per_file):
        if time.time() - start > 60 * args.minutes:
            break
        target = args.out / f"f{args.frames}-{args.seed + k:07d}.pt"
        if not target.exists():
            made = make_clips(args.per_file, args.frames, args.seed + k, picture_codec, sound_codec, args.device, args.scenes)
            torch.save(made, target.with_suffix(".tmp"))
            os.replace(target.with_suffix(".tmp"), target)
        if k % 4 == 0:
            print(f"{(k + 1) * args.per_file} clips, {(k + 1) * args.per_file / (time.time() - start):.1f}/s", flush=True)


if __name__ == "__main__":
    main()
