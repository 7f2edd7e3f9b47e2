"""From pictures and sound to latents, through the VAEs of any joint model that ComfyUI knows, and the starter's."""
from dataclasses import replace
from fractions import Fraction

import comfy.model_management as management
import comfy.nested_tensor
import torch
import torch.nn.functional as F
from comfy.ldm.lightricks.vae.audio_vae import AudioVAE
from comfy.ldm.lightricks.vae.causal_video_autoencoder import VideoVAE
from comfy.ldm.lightricks.vae.na_diffusion_decoder import CausalDiffusionVAE
from comfy.ldm.minimax.audio_vae import MiniMaxH3AudioVAE
from comfy.ldm.minimax.vae import MiniMaxH3VideoVAE

from ...models.joint.grids import H3, LTX, STARTER, Grid
from .vae import PictureStage, SoundStage

PICTURE = {PictureStage: STARTER, VideoVAE: LTX, CausalDiffusionVAE: LTX, MiniMaxH3VideoVAE: H3}
SOUND = {SoundStage: STARTER, AudioVAE: LTX, MiniMaxH3AudioVAE: H3}


def grid_of(vae, audio_vae) -> Grid:
    """The grid of the joint model that both VAEs are of. Raises ValueError, naming the input, where they are of none or of two."""
    stage, sound_stage = vae.first_stage_model, audio_vae.first_stage_model
    if type(stage) in SOUND and type(sound_stage) in PICTURE:
        raise ValueError("vae and audio_vae are swapped: the codec of the picture goes into vae.")
    found = []
    for name, grids, module in (("vae", PICTURE, stage), ("audio_vae", SOUND, sound_stage)):
        if type(module) not in grids:
            raise ValueError(f"{name} is no {'picture' if name == 'vae' else 'sound'} codec of a joint model: connect that of the starter, LTX-2 or MiniMax H3.")
        found.append(grids[type(module)])
    if found[0] is not found[1]:
        raise ValueError(f"vae is of {found[0].name} and audio_vae of {found[1].name}: take both from one model.")
    if found[0] is LTX:
        return replace(LTX, sound_rate=audio_vae.audio_sample_rate, output_rate=int(audio_vae.audio_sample_rate_output),
                       sound_channels=sound_stage.latent_channels, sound_rows=sound_stage.latent_frequency_bins,
                       sound_per_second=Fraction(sound_stage.latents_per_second).limit_denominator(1000))
    return found[0]


def encode_picture(vae, frames: torch.Tensor) -> torch.Tensor:
    """[F, H, W, 3] -> [1, Cv, T, h, w]; F of the model's grid, H and W multiples of its stride."""
    return vae.encode(frames)


def encode_sound(audio_vae, waves: torch.Tensor, count: int) -> torch.Tensor:
    """[M, 2, N] -> `count` latents of each, [M, ...]; N enough for them."""
    # Core cuts off at both ends what does not fill its blocks, which would move the sound.
    block = audio_vae.spacial_compression_encode()
    latents = audio_vae.encode(F.pad(waves, (0, -waves.shape[-1] % block)).movedim(1, -1))
    return latents.narrow(grid_axis(audio_vae), 0, count)


def grid_axis(audio_vae) -> int:
    """The axis of its latents that is time."""
    return SOUND[type(audio_vae.first_stage_model)].time_axis


def av_latent(streams: list[torch.Tensor], masks: list[torch.Tensor], clip: dict) -> dict:
    """The LATENT of picture and sound, with the `phonofilm` entry `clip`; without a mask where all is to be made."""
    def nested(parts):
        return comfy.nested_tensor.NestedTensor([part.to(management.intermediate_device()) for part in parts])

    mask = {} if all((part == 1).all() for part in masks) else {"noise_mask": nested(masks)}
    return {"samples": nested(streams), **mask, "phonofilm": clip}
