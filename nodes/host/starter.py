"""The joint transformer as one of ComfyUI's own models, so that its samplers, LoRA, merging and saving work on it."""
import math

import comfy.conds
import comfy.latent_formats
import comfy.model_base
import comfy.model_management as management
import comfy.model_patcher
import comfy.patcher_extension
import comfy.supported_models_base
import comfy.utils
import torch
from comfy.ldm.modules.attention import optimized_attention_for_device

from ...models.joint import score as score_tokens
from ...models.joint.checkpoint import config_of
from ...models.joint.config import SHIFT, SLAB, TEXT_LENGTH
from ...models.joint.picture_codec import STRIDE
from ...models.joint.transformer import JointTransformer


def attention(q, k, v, heads, mask, **options):
    """ComfyUI's attention, which reads the first of a three-dimensional mask's axes as the batch."""
    return optimized_attention_for_device(q.device, mask=True, small_input=True)(q, k, v, heads, mask=mask[None], **options)


class HostTransformer(JointTransformer):
    """JointTransformer under the calling convention of ComfyUI's diffusion models."""

    def __init__(self, joint, operations, dtype=None, device=None):
        super().__init__(joint, operations=operations, attention=attention, dtype=dtype, device=device)

    def forward(self, x, timestep, context, transformer_options={}, **conds):
        wrappers = comfy.patcher_extension.get_all_wrappers(comfy.patcher_extension.WrappersMP.DIFFUSION_MODEL, transformer_options)
        return comfy.patcher_extension.WrapperExecutor.new_class_executor(self.velocities, self, wrappers).execute(
            x, timestep, context, transformer_options, **conds)

    def velocities(self, x, timestep, context, transformer_options, score, score_level, **_):
        """x: [picture, sound]; timestep: their noise levels from StarterModel.process_timestep; score_level [B, 1, 2].

        A soft mask m lowers a token's noise level to m * sigma, but the sampler steps by sigma: hence the factor.
        """
        picture, sound = x
        levels, sigma = timestep
        out = self.joint(picture, sound, score, context, *levels, score_level, transformer_options)
        return [velocity * (level / sigma.view(-1, *[1] * (level.ndim - 1))) for velocity, level in zip(out, levels)]

    def joint(self, *args):
        """The forward pass of JointTransformer itself."""
        return super().forward(*args)


class StarterLatent(comfy.latent_formats.LatentFormat):
    """Identity: the codecs give latents of about unit variance."""

    latent_dimensions = 3
    spacial_downscale_ratio = STRIDE
    temporal_downscale_ratio = SLAB


class StarterConfig(comfy.supported_models_base.BASE):
    unet_extra_config = {}
    sampling_settings = {"shift": SHIFT, "multiplier": 1.0}
    latent_format = StarterLatent
    supported_inference_dtypes = [torch.bfloat16, torch.float32]
    # Prefixes of CheckpointSave; models/joint/checkpoint.py reads them back.
    vae_key_prefix = ["picture."]
    text_encoder_key_prefix = ["text."]

    def get_model(self, state_dict, prefix="", device=None):
        return StarterModel(self, comfy.model_base.ModelType.FLOW, device=device)


class StarterModel(comfy.model_base.BaseModel):
    """Picture and sound packed into one latent, each token at the noise level its mask gives it."""

    def __init__(self, model_config, model_type, device=None):
        super().__init__(model_config, model_type, device=device, unet_model=HostTransformer)

    def extra_conds(self, **kwargs):
        shapes = kwargs.get("latent_shapes") or []
        joint = self.model_config.unet_config["joint"]
        if [shape[1] for shape in shapes] != [joint.picture_channels, joint.sound_channels]:
            raise ValueError("The starter makes picture and sound together: give its sampler the latent of Phonofilm's Empty Latent.")
        text = kwargs.get("cross_attn")
        if text is None or text.shape[-1] != joint.dim:
            raise ValueError("The prompt was encoded for another model: use the clip output of Load Model for it.")
        out = super().extra_conds(**kwargs)
        out["latent_shapes"] = comfy.conds.CONDConstant(shapes)
        mask = kwargs.get("denoise_mask")
        if mask is not None:
            picture, sound = comfy.utils.unpack_latents(mask, shapes)
            out["picture_mask"] = comfy.conds.CONDRegular(picture[:, :1])
            out["sound_mask"] = comfy.conds.CONDRegular(sound[:, :1])
        if kwargs.get("phonofilm_score") is not None:
            tokens = score_tokens.encode(kwargs["phonofilm_score"]["events"], shapes[0][2])
            out["score"] = comfy.conds.CONDRegular(tokens[None].to(kwargs["device"]))
        return out

    def process_timestep(self, timestep, picture_mask=None, sound_mask=None, alone=None, **kwargs):
        """-> ((picture levels, sound levels), sigma). `alone` names the modality that hears or sees only noise of the other."""
        levels = {}
        for name, mask, axes in (("picture", picture_mask, 5), ("sound", sound_mask, 4)):
            level = timestep.view(-1, *[1] * (axes - 1))
            levels[name] = level if mask is None else level * mask.float()
        if alone is not None:
            other = "sound" if alone == "picture" else "picture"
            levels[other] = torch.ones_like(levels[other])
        return (levels["picture"], levels["sound"]), timestep

    def scale_latent_inpaint(self, sigma, noise, latent_image, **kwargs):
        """What is kept is shown to the network clean."""
        return latent_image

    def memory_required(self, input_shape, cond_shapes={}):
        """Bytes for the packed shape [B, 1, N]; core's formula would take N for an area of pixels. Measured by bench/memory.py."""
        joint = self.model_config.unet_config["joint"]
        batch, values = input_shape[0], math.prod(input_shape[1:])
        # A token of the picture; those of the sound hold less, those of score and text are few.
        tokens = 1.22 * values / (joint.picture_channels * math.prod(joint.patch)) + TEXT_LENGTH
        attention = joint.heads * tokens**2 * (3 * batch + 1)
        return (attention + 20 * joint.dim * tokens * batch) * management.dtype_size(self.get_dtype_inference())


def make_model(state: dict[str, torch.Tensor], rgb: tuple[list, list]) -> comfy.model_patcher.ModelPatcher:
    """A MODEL of the state dict of a JointTransformer. `rgb`: latent_rgb_factors and bias of the preview."""
    load, offload = management.get_torch_device(), management.unet_offload_device()
    config = StarterConfig({"joint": config_of(state)})
    supported = config.supported_inference_dtypes
    dtype = management.unet_dtype(model_params=comfy.utils.calculate_parameters(state), supported_dtypes=supported,
                                  weight_dtype=comfy.utils.weight_dtype(state))
    config.set_inference_dtype(dtype, management.unet_manual_cast(dtype, load, supported))
    config.latent_format.latent_channels = config.unet_config["joint"].picture_channels
    config.latent_format.latent_rgb_factors, config.latent_format.latent_rgb_factors_bias = rgb
    model = config.get_model(state, device=offload)
    patcher = comfy.model_patcher.CoreModelPatcher(model, load_device=load, offload_device=offload)
    model.load_model_weights(dict(state), assign=patcher.is_dynamic())
    return patcher
