"""The guidance of models/joint/guidance.py as a GUIDER of ComfyUI."""
import comfy.conds
import comfy.samplers
import comfy.utils
import torch

from ...models.joint.guidance import Guidance, guided, skipping, untold
from .alone import ALONE
from .starter import StarterModel


class JointGuider(comfy.samplers.CFGGuider):
    """Text scales for picture and sound, the sync scale and, for the starter, the skip and score scales. After `sample`, `score` holds the tokens it used, if any."""

    def __init__(self, model_patcher, guidance: Guidance):
        super().__init__(model_patcher)
        self.guidance = guidance
        self.score = None

    def inner_sample(self, noise, *args, **kwargs):
        self.noise = noise
        return super().inner_sample(noise, *args, **kwargs)

    def predict_noise(self, x, timestep, model_options={}, seed=None):
        scales = self.guidance.at(float(timestep.max())) if isinstance(self.inner_model, StarterModel) else self.guidance
        positive, negative = self.conds["positive"], self.conds["negative"]
        wanted = [positive, negative] if scales.needs_negative else [positive]
        found = [self.streams(out) for out in comfy.samplers.calc_cond_batch(self.inner_model, wanted, x, timestep, model_options)]
        made = dict(zip(("positive", "negative"), found))
        if scales.needs_skipped:
            options = {**model_options, "transformer_options": skipping(model_options["transformer_options"])}
            made["skipped"] = self.streams(comfy.samplers.calc_cond_batch(self.inner_model, [positive], x, timestep, options)[0])
        if scales.needs_unscored:
            conds = [_untold(cond) for cond in positive]
            made["unscored"] = self.streams(comfy.samplers.calc_cond_batch(self.inner_model, [conds], x, timestep, model_options)[0])
        if scales.needs_alone:
            made["alone"] = ALONE[type(self.inner_model)](self, x, timestep, model_options)
        return comfy.utils.pack_latents(list(guided(scales, made)))[0]

    def streams(self, packed):
        """[picture, sound] of a packed latent."""
        return comfy.utils.unpack_latents(packed, self.inner_model.latent_shapes)


def _untold(cond):
    """The starter's prompt without its score."""
    told = cond["model_conds"]
    hidden = {"score": untold(told["score"].cond), "score_level": torch.ones_like(told["score_level"].cond)}
    return {**cond, "model_conds": {**told, **{name: comfy.conds.CONDRegular(value) for name, value in hidden.items()}}}
