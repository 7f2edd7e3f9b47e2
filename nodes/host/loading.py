"""From the name of a model to MODEL, CLIP and two VAEs."""
import torch
from comfy.patcher_extension import WrappersMP

from ...models.joint import checkpoint
from .clip import make_clip
from .folders import model_path
from .sampling import KEY, draft_wrapper
from .starter import make_model
from .vae import make_picture_vae, make_sound_vae


def load_model(name: str):
    """(MODEL, CLIP, VAE of the picture, VAE of the sound) of a name of `model_names`.

    Parts that a file lacks (ModelSave writes the transformer alone) come from the shipped weights.
    Raises ValueError or FileNotFoundError for a file that is missing, damaged or something else.
    """
    path = model_path(name)
    parts = checkpoint.split(checkpoint.read(path or checkpoint.WEIGHTS)[0])
    if not all(parts.values()):
        shipped = checkpoint.split(checkpoint.read(checkpoint.WEIGHTS)[0])
        parts = {part: state or shipped[part] for part, state in parts.items()}
    picture = make_picture_vae(parts["picture"])
    model = make_model(parts["transformer"], preview_factors(picture.first_stage_model))
    model.add_wrapper_with_key(WrappersMP.SAMPLER_SAMPLE, KEY, draft_wrapper)
    return model, make_clip(parts["text"]), picture, make_sound_vae(parts["sound"])


def preview_factors(codec) -> tuple[list, list]:
    """(factors [Cv][3], bias [3]): the mean colour of a picture that one latent channel alone makes, in -1..1."""
    latents = torch.cat([torch.zeros(1, codec.channels), torch.eye(codec.channels)])
    colours = codec.decode(latents[:, :, None, None, None].to(codec.mean)).float().mean((2, 3, 4)) * 2 - 1
    return (colours[1:] - colours[0]).tolist(), colours[0].tolist()
