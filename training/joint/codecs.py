"""The frozen codecs of a recipe: from shipped starter shards, or from the codec recipes' own output folder."""
from pathlib import Path

import torch
from safetensors.torch import load_file

from models.joint.checkpoint import codec_of, read, split


def load_codecs(folder: Path, device="cpu"):
    """(picture codec, sound codec) in eval mode. The folder holds starter shards, or picture.safetensors and
    sound.safetensors."""
    folder = Path(folder)
    if (folder / "picture.safetensors").exists():
        states = {part: load_file(folder / f"{part}.safetensors") for part in ("picture", "sound")}
    else:
        states = split(read(folder)[0])
    return tuple(codec_of(part, states[part]).to(device).eval().requires_grad_(False) for part in ("picture", "sound"))
