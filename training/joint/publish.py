"""Pack a training state and the codecs into the shards that the pack ships.

    python -m training.joint.publish --state runs/joint/state.pt --codecs runs/codecs --cache runs/cache --out models/weights

The metadata names what made them: sizes, scenes, seeds, samples, hours.
"""
import argparse
from pathlib import Path

import torch

from models.joint import checkpoint

from .cache import SCENES
from .codecs import load_codecs


def seeds_of(cache: Path) -> dict:
    """Number of clips and span of seeds of each length in the cache, without opening the files."""
    spans = {}
    for file in sorted(cache.glob("f*.pt")):
        frames, seed = file.stem[1:].split("-")
        spans.setdefault(frames, []).append(int(seed))
    return {frames: {"files": len(s), "first_seed": min(s), "last_seed": max(s)} for frames, s in spans.items()}


def scenes_of(cache: Path) -> dict:
    """The scenes of a cache, by its first files, with their weights in the draw."""
    drawn = set()
    for file in sorted(cache.glob("f97-*.pt"))[:8]:
        drawn.update(torch.load(file, map_location="cpu", weights_only=False)["scene"])
    return {name: weight for name, weight in SCENES.items() if name in drawn}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--codecs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=checkpoint.WEIGHTS)
    args = parser.parse_args()
    state = torch.load(args.state, map_location="cpu", weights_only=False)
    average = {part: {k[len(part) + 1 :]: v for k, v in state["average"].items() if k.startswith(part + ".")} for part in ("transformer", "text")}
    picture, sound = load_codecs(args.codecs)
    step, samples, seconds = state["counters"]
    seeds = seeds_of(args.cache)
    metadata = {
        "transformer": checkpoint.config_of(average["transformer"]).asdict(),
        "picture": picture.config,
        "sound": sound.config,
        "training": {
            "first_seed": seeds["97"]["first_seed"],
            "seeds": seeds,
            "scenes": scenes_of(args.cache),
            "steps": step,
            "samples": samples,
            "hours": round(seconds / 3600, 2),
        },
    }
    checkpoint.save(args.out, {**average, "picture": picture.state_dict(), "sound": sound.state_dict()}, metadata)
    print(metadata["training"])


if __name__ == "__main__":
    main()
