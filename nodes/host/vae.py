"""The two codecs as real comfy.sd.VAE objects, so that core's encode, decode and tiled nodes take them."""
import math

import comfy.model_management as management
import comfy.model_patcher
import comfy.ops
import comfy.sd
import torch
import torch.nn.functional as F

from ...models.joint.checkpoint import codec_of
from ...models.joint.config import RATE, SLAB
from ...models.joint.picture_codec import STRIDE, PictureCodec
from ...models.joint.sound_codec import SoundCodec

SOUND_RATE = 24000  # Hz, what the sound codec listens to
OUTPUT_RATE = 48000  # Hz, what it gives


class PictureStage(PictureCodec):
    """PictureCodec for clips of any length: what is beyond the last 4n+1 frames is left out."""

    def encode(self, video):
        return super().encode(video[:, :, : 1 + (video.shape[2] - 1) // SLAB * SLAB])


class SoundStage(SoundCodec):
    """SoundCodec as core's audio nodes use it: one stereo sound in, the sum of the stems out."""

    def encode(self, wave):
        """[B, 2, N] at 24 kHz -> [B, Ca, 1, Ta]; the last frame is filled up with silence."""
        frame = SOUND_RATE // RATE
        return super().encode(F.pad(wave, (0, -wave.shape[-1] % int(frame)))[:, None], SOUND_RATE)

    def decode(self, latents):
        """[B, Ca, S, Ta] -> [B, 2, Ta * 2000] at 48 kHz."""
        return self.stems(latents).sum(1)

    def stems(self, latents):
        """[B, Ca, S, Ta] -> [B, S, 2, Ta * 2000] at 48 kHz."""
        return super().decode(latents, OUTPUT_RATE)


class HostVAE(comfy.sd.VAE):
    """A comfy.sd.VAE around a codec. Core's own constructor knows only the codecs that core ships."""

    def __init__(self, stage, state, **attributes):
        self.downscale_index_formula = self.upscale_index_formula = None
        self.extra_1d_channel = self.pad_channel_value = self.format_encoded = self.size = None
        self.not_video = self.disable_offload = self.handles_tiling = False
        self.crop_input = True
        self.process_input = self.process_output = lambda values: values
        vars(self).update(attributes)
        self.device = management.vae_device()
        self.output_device = management.intermediate_device()
        self.vae_dtype = management.vae_dtype(self.device, self.working_dtypes)
        self.first_stage_model = stage.eval().requires_grad_(False).to(self.vae_dtype)
        management.archive_model_dtypes(stage)
        self.patcher = comfy.model_patcher.CoreModelPatcher(stage, load_device=self.device, offload_device=management.vae_offload_device())
        stage.load_state_dict(state, assign=self.patcher.is_dynamic())
        self.model_size()


def _bytes(elements):
    """A memory estimate of `elements(shape)` numbers, as core asks for it. Measured by bench/memory.py."""
    return lambda shape, dtype: elements(shape) * management.dtype_size(dtype)


def make_picture_vae(state: dict[str, torch.Tensor]) -> HostVAE:
    """IMAGE in and out, latents [B, Cv, Tv, h, w]."""
    stage = PictureStage(**codec_of("picture", state).config, operations=comfy.ops.disable_weight_init)
    return HostVAE(
        stage, state,
        latent_dim=3, latent_channels=stage.channels, output_channels=3,
        working_dtypes=[torch.bfloat16, torch.float32],
        upscale_ratio=(lambda slabs: max(0, SLAB * (slabs - 1) + 1), STRIDE, STRIDE),
        downscale_ratio=(lambda frames: max(0, (frames - 1) // SLAB + 1), STRIDE, STRIDE),
        upscale_index_formula=(SLAB, STRIDE, STRIDE), downscale_index_formula=(SLAB, STRIDE, STRIDE),
        audio_sample_rate=SOUND_RATE,
        memory_used_encode=_bytes(lambda shape: 2 * math.prod(shape)),
        memory_used_decode=_bytes(lambda shape: 9_000 * shape[0] * math.prod(shape[2:])),
    )


def make_sound_vae(state: dict[str, torch.Tensor]) -> HostVAE:
    """AUDIO in and out, latents [B, Ca, S, Ta]: S = 4 stems or 1 mix, which is what encoding gives."""
    stage = SoundStage(**codec_of("sound", state).config, operations=comfy.ops.disable_weight_init)
    return HostVAE(
        stage, state,
        # Two dimensions to core's untiled decode, one of them of a single channel to its tiled one.
        latent_dim=2, extra_1d_channel=1, latent_channels=stage.channels, output_channels=2, pad_channel_value="replicate",
        working_dtypes=[torch.float32], crop_input=False,
        upscale_ratio=int(OUTPUT_RATE / RATE), downscale_ratio=int(SOUND_RATE / RATE),
        audio_sample_rate=SOUND_RATE, audio_sample_rate_output=OUTPUT_RATE,
        memory_used_encode=_bytes(lambda shape: 15 * math.prod(shape)),
        memory_used_decode=_bytes(lambda shape: 75_000 * shape[0] * math.prod(shape[2:])),
    )
