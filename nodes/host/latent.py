"""Core's AV latent: made empty, and turned into pictures and stems."""
from fractions import Fraction

import comfy.model_management as management
import comfy.nested_tensor
import comfy.sampler_helpers
import torch
import torch.nn.functional as F

from ...models.joint.config import RATE, STEMS
from ...models.joint.grid import slabs_of
from ...models.joint.grids import STARTER
from ...models.joint.latents import clip_entry, is_of, streams
from ...models.joint.picture_codec import STRIDE
from ...models.joint.showing import shown
from .encoding import grid_of
from .vae import OUTPUT_RATE

SIDE = 128  # pixels of the starter's picture


def empty_latent(model, width: int, height: int, frames: int, batch: int) -> dict:
    """A LATENT of `batch` clips of 4n+1 frames. Raises ValueError for a size the starter does not make."""
    joint = model.model.model_config.unet_config.get("joint")
    if joint is None:
        raise ValueError("Empty Latent is for the starter, and this model is another: use Encode with its VAEs.")
    if (width, height) != (SIDE, SIDE):
        raise ValueError(f"The starter makes {SIDE}x{SIDE} pictures, not {width}x{height}; scale the frames after Decode.")
    device = management.intermediate_device()
    picture = torch.zeros(batch, joint.picture_channels, slabs_of(frames), height // STRIDE, width // STRIDE, device=device)
    sound = torch.zeros(batch, joint.sound_channels, len(STEMS), frames, device=device)
    return {"samples": comfy.nested_tensor.NestedTensor((picture, sound)), "phonofilm": clip_entry(RATE, frames, OUTPUT_RATE)}


def decode_picture(latent, vae, audio_vae):
    """(frames [B, F, H, W, 3], the latent's rate as a Fraction or None)."""
    grid, picture, clip = _grid(latent, vae, audio_vae), streams(latent)[0], latent.get("phonofilm")
    video = shown(vae.decode, picture, masks_of(latent, picture.device)[0]) if grid is STARTER else vae.decode(picture)
    return (video[:, : clip["frames"]], Fraction(*clip["rate"])) if clip else (video, None)


def decode_sound(latent, vae, audio_vae):
    """{stem: AUDIO}; models without stems give the mix."""
    grid, sound, clip = _grid(latent, vae, audio_vae), streams(latent)[1], latent.get("phonofilm")
    waves = _stems(audio_vae, sound) if grid is STARTER else _mix(audio_vae, sound)
    if clip:
        # The sound of a grid may end before its pictures do.
        waves = F.pad(waves, (0, max(0, clip["samples"] - waves.shape[-1])))[..., : clip["samples"]]
    names = STEMS if waves.shape[1] == len(STEMS) else ("mix",)
    return {name: {"waveform": waves[:, index], "sample_rate": grid.output_rate} for index, name in enumerate(names)}


def masks_of(latent, device) -> list[torch.Tensor]:
    """One mask per stream in the shape of the stream; 1 generate, 0 keep, ones where the latent has none."""
    parts = streams(latent)
    if "noise_mask" not in latent:
        return [torch.ones_like(part).to(device) for part in parts]
    mask = latent["noise_mask"]
    given = mask.unbind() if mask.is_nested else [mask, torch.ones_like(parts[1])]
    return [comfy.sampler_helpers.prepare_mask(m, part.shape, device) for m, part in zip(given, parts)]


def _grid(latent, vae, audio_vae):
    """The grid of the model that the VAEs are of. Raises ValueError where the latent is of another."""
    grid = grid_of(vae, audio_vae)
    if not is_of(grid, *streams(latent)):
        raise ValueError(f"vae and audio_vae are of {grid.name}, the latent of another model: take them from the model that made it.")
    return grid


def _stems(audio_vae, sound):
    """The starter's stems [B, S, 2, N]."""
    audio_vae.prepare_decode(sound.shape)
    stage = audio_vae.first_stage_model
    return stage.stems(sound.to(audio_vae.device, audio_vae.vae_dtype)).to(audio_vae.output_device, torch.float32)


def _mix(audio_vae, sound):
    """What another model's audio VAE gives, as one stem [B, 1, 2, N]."""
    return audio_vae.decode(sound).movedim(-1, 1)[:, None].float()
