"""Loading and saving the separator: one safetensors file whose sizes are read from the shapes of the weights.

Large matrices are stored as bytes, rounded to the nearest of 255 values between minus and plus the largest of their row, which is
stored beside them in half precision; so is all the rest.
"""
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from .config import StemsConfig
from .network import GATES, TURNS, Separator

WEIGHTS = Path(__file__).parent.parent / "weights" / "stems.safetensors"
MARK = "in_time.0.listen.maps.0.weight"
LARGE = 2**16  # numbers, from which on a matrix is stored as bytes
LEVELS = 127
MOST = ".most"  # what the largest of every row is called, after the name of the matrix


def config_of(weights: dict[str, torch.Tensor]) -> StemsConfig:
    """StemsConfig of a state dict."""
    ranges = range(sum(key.startswith("read.") and key.endswith("weight") for key in weights))
    dim = weights[MARK].shape[1] // 3
    bins = tuple(weights[f"write.{i}.weight"].shape[0] // (GATES + TURNS) for i in ranges)
    gather, listen, recall = (weights.get(f"whole.0.{layer}.weight") for layer in ("gather", "listen", "in_time.0.listen"))
    return StemsConfig(
        dim=dim,
        heard=weights["read.0.weight"].shape[1] // bins[0],
        widen=tuple(weights[f"in_time.0.listen.maps.{i}.weight"].shape[0] // dim for i in ranges),
        tokens=tuple(weights[f"where.{i}.weight"].shape[0] for i in ranges),
        bins=bins,
        spans=tuple(weights["spans"].tolist()),
        share=0 if gather is None else gather.shape[0],
        whole=0 if listen is None else listen.shape[0],
        whole_spans=tuple(weights["whole_spans"].tolist()),
        recall=0 if recall is None else recall.shape[0],
    )


def read(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Tensors and metadata of a separator's file. ValueError where it is damaged or something else."""
    path = Path(path)
    try:
        with safe_open(path, "pt") as file:
            stored = {key: file.get_tensor(key) for key in file.keys()}
            metadata = json.loads((file.metadata() or {}).get("phonofilm", "{}"))
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} cannot be read ({error}): the file is damaged or no safetensors; copy it again.") from error
    if MARK not in stored:
        raise ValueError(f"{path.name} is no separator of Phonofilm: choose another file.")
    stored.setdefault("whole_spans", torch.zeros(0, dtype=torch.long))  # files from before there were any
    return _unpacked(stored), metadata


def build(tensors: dict[str, torch.Tensor], operations=torch.nn) -> Separator:
    """The separator of a state dict, float32, in eval mode on the CPU."""
    network = Separator(config_of(tensors), operations)
    network.load_state_dict(tensors)
    return network.float().eval().requires_grad_(False)


def save(path: Path, tensors: dict[str, torch.Tensor], metadata: dict):
    """Write weights in bytes and half precision; metadata must be JSON."""
    part = Path(f"{path}.part")
    save_file(_packed(tensors), part, metadata={"phonofilm": json.dumps(metadata)})
    part.replace(path)


def _packed(tensors):
    stored = {}
    for key, value in tensors.items():
        value = value.detach().cpu().contiguous()
        if value.ndim == 2 and value.numel() >= LARGE:
            most = value.abs().amax(1, keepdim=True).clamp_min(1e-6).half()
            stored[key + MOST] = most
            value = (value / most.float() * LEVELS).round().clamp(-LEVELS, LEVELS).to(torch.int8)
        stored[key] = value.half() if value.is_floating_point() else value
    return stored


def _unpacked(stored):
    return {key: value.float() / LEVELS * stored[key + MOST].float() if value.dtype == torch.int8 else value
            for key, value in stored.items() if not key.endswith(MOST)}
