"""The library on disk: dry takes as int16 at 48 kHz in safetensors of at most 16 MiB, named split-stem-generator-seed-number."""
import json

import torch
from safetensors.torch import load_file, save_file

LARGEST = 15 << 20                  # bytes of sound in one file, so that with its header it stays below 16 MiB


def write(folder, split, shelf, generator, takes, seed=0):
    """Write takes (an iterable of [channels, n], -1..1) of one generator as they come; returns how many samples per channel there were.

    `shelf`: the name of a stem, or "rooms", which are kept as float16 and whose takes are impulse responses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held, size, number, total = [], 0, 0, 0

    def flush():
        nonlocal held, size, number
        if held:
            path = folder / f"{split}-{shelf}-{generator}-{seed}-{number:03}.safetensors"
            part = folder / ".part"
            save_file({f"{k:05}": take for k, take in enumerate(held)}, part, {"made": json.dumps([split, shelf, generator])})
            part.replace(path)
            held, size, number = [], 0, number + 1

    for take in takes:
        kept = take.half() if shelf == "rooms" else (take * 32767).round().clamp(-32768, 32767).short()
        if size + kept.numel() * 2 > LARGEST:
            flush()
        held.append(kept.contiguous())
        size += kept.numel() * 2
        total += take.shape[-1]
    flush()
    return total


def read(folder, split, shelf):
    """All takes of a shelf, by generator: {name: [tensor [channels, n], ...]}. FileNotFoundError where there are none."""
    takes = {}
    for path in sorted(folder.glob(f"{split}-{shelf}-*.safetensors")):
        held = load_file(path)
        takes.setdefault(path.name.split("-")[2], []).extend(held[key] for key in sorted(held))
    if not takes:
        raise FileNotFoundError(f"{folder} holds no {shelf} for {split}; make it with `python -m training.stems.library --out {folder}`.")
    return takes


def as_float(take):
    return take.float() / 32767 if take.dtype == torch.int16 else take.float()
