"""Loading and saving the starter: sharded safetensors whose sizes are read from the shapes of the weights."""
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from .config import JointConfig
from .picture_codec import PictureCodec
from .sound_codec import SoundCodec
from .text import TextEncoder, Tokenizer
from .transformer import JointTransformer, fused_attention

WEIGHTS = Path(__file__).parent.parent / "weights"
SHARD_BYTES = 15 * 2**20
PARTS = ("transformer", "text", "picture", "sound")
PREFIXES = {"model.diffusion_model.": "transformer."}  # what ComfyUI's ModelSave writes


@dataclass
class Starter:
    """The four networks of the starter, and the tokenizer of its vocabulary."""

    transformer: JointTransformer
    text: TextEncoder
    picture: PictureCodec
    sound: SoundCodec
    tokenizer: Tokenizer
    metadata: dict

    def parts(self) -> dict[str, torch.nn.Module]:
        return {name: getattr(self, name) for name in PARTS}


def config_of(weights: dict[str, torch.Tensor]) -> JointConfig:
    """JointConfig of a transformer's state dict, from shapes (and the values of its few slopes) alone."""
    channels, *patch = weights["picture_bias"].shape
    return JointConfig(
        dim=weights["picture_in.weight"].shape[0],
        depth=1 + max(int(k.split(".")[1]) for k in weights if k.startswith("blocks.")),
        heads=weights["slopes"].shape[0],
        picture_channels=channels,
        sound_channels=weights["sound_in.weight"].shape[1] // 4,
        patch=tuple(patch),
        slopes=tuple(weights["slopes"].float().tolist()),
    )


def read(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """All tensors and the metadata of a safetensors file, or of a folder of shards.

    Raises FileNotFoundError when there is none, ValueError when a file is damaged or no starter.
    """
    path = Path(path)
    files = sorted(path.glob("starter-*.safetensors")) if path.is_dir() else [path]
    if not files or not files[0].exists():
        raise FileNotFoundError(f"No weights at {path}: a starter is a .safetensors file, or a folder of them.")
    tensors, metadata = {}, {}
    for file in files:
        try:
            with safe_open(file, "pt") as f:
                metadata.update(f.metadata() or {})
                for key in f.keys():
                    name = next((new + key[len(old) :] for old, new in PREFIXES.items() if key.startswith(old)), key)
                    tensors[name] = f.get_tensor(key)
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{file.name} cannot be read ({error}): the file is damaged or no safetensors; copy it again.") from error
    if "transformer.picture_bias" not in tensors:
        raise ValueError(f"{path.name} is no Phonofilm starter: it has no joint transformer in it. Load it with the node it was made for.")
    return tensors, {k: json.loads(v) for k, v in metadata.items() if k == "phonofilm"}.get("phonofilm", {})


def split(tensors: dict[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    """The state dict of each part, without its prefix."""
    return {part: {k[len(part) + 1 :]: v for k, v in tensors.items() if k.startswith(part + ".")} for part in PARTS}


def load(path: Path = WEIGHTS, operations=torch.nn, attention=fused_attention, dtype=torch.float32) -> Starter:
    """The starter in eval mode on CPU. Parts that the file lacks (ModelSave writes the transformer alone) come
    from the shipped weights."""
    tensors, metadata = read(path)
    parts = split(tensors)
    missing = [part for part in PARTS if not parts[part]]
    if missing:
        shipped = split(read(WEIGHTS)[0])
        parts.update({part: shipped[part] for part in missing})
    return build(parts, metadata, operations, attention, dtype)


def codec_of(part: str, weights: dict[str, torch.Tensor], **kw) -> PictureCodec | SoundCodec:
    """The picture or sound codec of a state dict, with its weights, its sizes read from their shapes."""
    shape = {k: v.shape for k, v in weights.items() if v.ndim > 1}
    if part == "picture":
        wide, channels = shape["decoder.read.weight"][:2]
        middle, narrow = shape["encoder.read.weight"][0], shape["decoder.paint.weight"][1]
        codec = PictureCodec(channels, wide, middle, narrow, "decoder.along.0.join.weight" in shape, **kw)
    else:
        speaking, channels = shape["decoder.read.weight"][:2]
        depth = 1 + max(int(k.split(".")[2]) for k in weights if k.startswith("decoder.fine."))
        codec = SoundCodec(channels, shape["encoder.read.weight"][0], speaking, depth, **kw)
    codec.load_state_dict(weights)
    return codec


def build(parts, metadata, operations=torch.nn, attention=fused_attention, dtype=torch.float32) -> Starter:
    """The starter from the state dicts of its parts."""
    kw = {"operations": operations, "dtype": dtype}
    words, dim = parts["text"]["table.weight"].shape
    starter = Starter(
        JointTransformer(config_of(parts["transformer"]), attention=attention, **kw),
        TextEncoder(words, dim, len(parts["text"]["vocabulary"]), **kw),
        codec_of("picture", parts["picture"], **kw),
        codec_of("sound", parts["sound"], **kw),
        Tokenizer.from_bytes(parts["text"]["vocabulary"]),
        metadata,
    )
    starter.transformer.load_state_dict(parts["transformer"])
    starter.text.load_state_dict(parts["text"])
    for module in starter.parts().values():
        module.eval().requires_grad_(False)
    return starter


def save(folder: Path, parts: dict[str, dict[str, torch.Tensor]], metadata: dict):
    """Write the parts in half precision as shards of at most 16 MiB; metadata must be JSON."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shards, size = [{}], 0
    for part in PARTS:
        for key, value in parts[part].items():
            value = value.half().contiguous() if value.is_floating_point() else value.contiguous()
            bytes_ = value.numel() * value.element_size()
            if size + bytes_ > SHARD_BYTES:
                shards.append({})
                size = 0
            shards[-1][f"{part}.{key}"] = value
            size += bytes_
    for old in folder.glob("starter-*.safetensors"):
        old.unlink()
    for i, shard in enumerate(shards):
        name = f"starter-{i + 1:05d}-of-{len(shards):05d}.safetensors"
        save_file(shard, folder / name, metadata={"phonofilm": json.dumps(metadata)})
