"""Loading and saving the separator: one safetensors file whose sizes are read from the shapes of the weights."""
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from .config import StemsConfig
from .network import GATES, TURNS, Separator

WEIGHTS = Path(__file__).parent.parent / "weights" / "stems.safetensors"
MARK = "in_time.0.listen.maps.0.weight"


def config_of(weights: dict[str, torch.Tensor]) -> StemsConfig:
    """StemsConfig of a state dict."""
    ranges = range(sum(key.startswith("read.") and key.endswith("weight") for key in weights))
    dim = weights[MARK].shape[1] // 3
    bins = tuple(weights[f"write.{i}.weight"].shape[0] // (GATES + TURNS) for i in ranges)
    gather, listen = weights.get("whole.0.gather.weight"), weights.get("whole.0.listen.weight")
    return StemsConfig(
        dim=dim,
        heard=weights["read.0.weight"].shape[1] // bins[0],
        widen=tuple(weights[f"in_time.0.listen.maps.{i}.weight"].shape[0] // dim for i in ranges),
        tokens=tuple(weights[f"where.{i}.weight"].shape[0] for i in ranges),
        bins=bins,
        spans=tuple(weights["spans"].tolist()),
        share=0 if gather is None else gather.shape[0],
        whole=0 if listen is None else listen.shape[0],
    )


def read(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Tensors and metadata of a separator's file. ValueError where it is damaged or something else."""
    path = Path(path)
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}
            metadata = json.loads((file.metadata() or {}).get("phonofilm", "{}"))
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} cannot be read ({error}): the file is damaged or no safetensors; copy it again.") from error
    if MARK not in tensors:
        raise ValueError(f"{path.name} is no separator of Phonofilm: choose another file.")
    return tensors, metadata


def build(tensors: dict[str, torch.Tensor], operations=torch.nn) -> Separator:
    """The separator of a state dict, float32, in eval mode on the CPU."""
    network = Separator(config_of(tensors), operations)
    network.load_state_dict(tensors)
    return network.float().eval().requires_grad_(False)


def save(path: Path, tensors: dict[str, torch.Tensor], metadata: dict):
    """Write weights in half precision; metadata must be JSON."""
    halves = {key: value.detach().cpu().half().contiguous() if value.is_floating_point() else value.cpu() for key, value in tensors.items()}
    part = Path(f"{path}.part")
    save_file(halves, part, metadata={"phonofilm": json.dumps(metadata)})
    part.replace(path)
