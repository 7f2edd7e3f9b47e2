"""From the name of a separator to an Engine: the one that is shipped, a file of ours, or torchaudio's HDemucs."""
import math
from pathlib import Path

import torch

from . import checkpoint, hdemucs
from .separation import Engine

SHIPPED = "stems"
NONE = "no separator found"
ADVICE = "train one (python -m training.stems.train), or put hdemucs_high_trained.pt of torchaudio into the folder of checkpoints"


def names(found) -> list[str]:
    """The names to choose from: SHIPPED where its weights are there, the files `found`; NONE alone where there is nothing."""
    return [*([SHIPPED] if checkpoint.WEIGHTS.exists() else []), *found] or [NONE]


def path_of(name: str, found) -> Path:
    """The file of a name; `found` is where the host has it, or None. ValueError where there is no such separator."""
    if name == SHIPPED and checkpoint.WEIGHTS.exists():
        return checkpoint.WEIGHTS
    if found is None:
        raise ValueError(f"There is no separator {name!r}: " + (f"choose one of {', '.join(there)}." if (there := names([])) != [NONE] else ADVICE + "."))
    return Path(found)


def load(path: Path, operations=torch.nn) -> torch.nn.Module:
    """The network in a file, in eval mode on the CPU. ValueError for a damaged file and for one that is something else."""
    if hdemucs.is_named(path.name):
        return hdemucs.SongSeparator(hdemucs.read(path))
    return checkpoint.build(checkpoint.read(path)[0], operations)


def engine_of(network: torch.nn.Module, forward=None) -> Engine:
    """How to run a network; `forward` in place of calling it. HDemucs hears all of a piece, so its pieces are cross-faded."""
    forward = forward or torch.inference_mode()(network)
    if isinstance(network, hdemucs.SongSeparator):
        return Engine(forward, hdemucs.RATE, step=9, fade=1, context=0)
    return Engine(forward, context=math.ceil(network.config.reach))
