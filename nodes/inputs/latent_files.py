"""AV latents on disk: safetensors with picture, sound and their masks, and the length and rate in the header."""
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ...models.joint.latents import grid_of_latent, streams

FORMAT = "phonofilm_av_latent"  # key of the header; its value is the version
VERSION = "1"
NAMES = ("picture", "sound")


def packed(latent: dict, masks, metadata: dict[str, str]) -> bytes:
    """The file of a LATENT; `masks`: of its streams, in their shapes. Raises ValueError for a latent of no joint model."""
    grid_of_latent(latent)
    tensors = dict(zip(NAMES, streams(latent)))
    if "noise_mask" in latent:
        tensors |= {f"{name}_mask": mask[:, :1] for name, mask in zip(NAMES, masks)}
    header = {**metadata, FORMAT: VERSION, "phonofilm": json.dumps(latent.get("phonofilm"))}
    return save({name: part.contiguous().cpu() for name, part in tensors.items()}, header)


def read(path: Path) -> tuple[list, list, dict | None]:
    """([picture, sound], their masks, the `phonofilm` entry or None). Raises ValueError for any other file."""
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} cannot be read ({error}): the file is damaged or no safetensors; save the latent again.") from error
    if header.get(FORMAT) != VERSION or not set(NAMES) <= tensors.keys():
        newer = f"of a newer Phonofilm (version {header[FORMAT]})" if FORMAT in header and header[FORMAT] != VERSION else "no AV latent"
        raise ValueError(f"{path.name} is {newer}: choose a file that Save AV Latent wrote.")
    parts = [tensors[name] for name in NAMES]
    masks = [tensors.get(f"{name}_mask", torch.ones_like(part[:, :1])) for name, part in zip(NAMES, parts)]
    return parts, masks, json.loads(header["phonofilm"])
