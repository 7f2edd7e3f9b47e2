"""Core's AV latent: made empty, taken apart, and turned into pictures and stems."""
from fractions import Fraction

import comfy.model_management as management
import comfy.nested_tensor
import torch

from ...models.joint.config import RATE, STEMS
from ...models.joint.grid import slabs_of
from ...models.joint.picture_codec import STRIDE
from .progress import Progress
from .vae import OUTPUT_RATE, SoundStage

SIDE = 128  # pixels of the starter's picture


def empty_latent(model, width: int, height: int, frames: int, batch: int) -> dict:
    """A LATENT of `batch` clips of 4n+1 frames. Raises ValueError for a size the starter does not make."""
    joint = model.model.model_config.unet_config.get("joint")
    if joint is None:
        raise ValueError("Empty Latent needs the model output of Phonofilm's Load Model; this model is another.")
    if (width, height) != (SIDE, SIDE):
        raise ValueError(f"The starter makes {SIDE}x{SIDE} pictures, not {width}x{height}; scale the frames after Decode.")
    device = management.intermediate_device()
    picture = torch.zeros(batch, joint.picture_channels, slabs_of(frames), height // STRIDE, width // STRIDE, device=device)
    sound = torch.zeros(batch, joint.sound_channels, len(STEMS), frames, device=device)
    clip = {"rate": [RATE.numerator, RATE.denominator], "frames": frames, "sample_rate": OUTPUT_RATE,
            "samples": round(frames * OUTPUT_RATE / RATE)}
    return {"samples": comfy.nested_tensor.NestedTensor((picture, sound)), "phonofilm": clip}


def streams(latent) -> list[torch.Tensor]:
    """[picture, sound] of a LATENT. Raises ValueError for one of picture or sound alone."""
    samples = latent["samples"]
    if not samples.is_nested or len(samples.unbind()) != 2:
        raise ValueError("This latent does not hold picture and sound together: use Phonofilm's Empty Latent, or join the two with Concat AV Latent.")
    return list(samples.unbind())


def decode(latent, vae, audio_vae):
    """(frames [B * F, H, W, 3], {stem: AUDIO}, the latent's rate as a Fraction or None)."""
    picture, sound = streams(latent)
    stage = audio_vae.first_stage_model
    if not isinstance(stage, SoundStage):
        raise ValueError("Decode needs both vae outputs of Phonofilm's Load Model, audio_vae in the lower socket.")
    progress = Progress(2)
    audio_vae.prepare_decode(sound.shape)
    waves = stage.stems(sound.to(audio_vae.device, audio_vae.vae_dtype)).to(audio_vae.output_device, torch.float32)
    progress.update(1)
    video = vae.decode(picture)
    progress.update(2)
    clip = latent.get("phonofilm")
    if clip:
        video, waves = video[:, : clip["frames"]], waves[..., : clip["samples"]]
    names = STEMS if waves.shape[1] == len(STEMS) else ("mix",)
    stems = {name: {"waveform": waves[:, index], "sample_rate": OUTPUT_RATE} for index, name in enumerate(names)}
    return video.flatten(0, 1), stems, Fraction(*clip["rate"]) if clip else None
