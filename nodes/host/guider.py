"""The guidance of models/joint/guidance.py as a GUIDER of ComfyUI."""
import comfy.conds
import comfy.samplers
import comfy.utils

from ...models.joint.guidance import Guidance, guide


class JointGuider(comfy.samplers.CFGGuider):
    """Text scales for picture and sound, and the sync scale. After `sample`, `score` holds the tokens it used."""

    def __init__(self, model_patcher, guidance: Guidance):
        super().__init__(model_patcher)
        self.guidance = guidance
        self.score = None

    def inner_sample(self, noise, *args, **kwargs):
        self.noise = noise
        return super().inner_sample(noise, *args, **kwargs)

    def predict_noise(self, x, timestep, model_options={}, seed=None):
        scales = self.guidance
        positive, negative = self.conds["positive"], self.conds["negative"]
        wanted = [positive, negative] if scales.needs_negative else [positive]
        found = [self._streams(out) for out in comfy.samplers.calc_cond_batch(self.inner_model, wanted, x, timestep, model_options)]
        with_prompt, without = found[0], found[-1] if scales.needs_negative else (None, None)
        alone = (None, None)
        if scales.needs_alone:
            alone = [self._alone(index, x, timestep, model_options) for index in (0, 1)]
        picture = guide(scales.picture, scales.sync, with_prompt[0], without[0], alone[0])
        sound = guide(scales.sound, scales.sync, with_prompt[1], without[1], alone[1])
        return comfy.utils.pack_latents([picture, sound])[0]

    def _streams(self, packed):
        return comfy.utils.unpack_latents(packed, self.inner_model.latent_shapes)

    def _alone(self, index, x, timestep, model_options):
        """The estimate of stream `index` while the network sees the other as pure noise."""
        shown = self._streams(self.noise)
        shown[index] = self._streams(x)[index]
        mark = {"alone": comfy.conds.CONDConstant(("picture", "sound")[index])}
        conds = [{**cond, "model_conds": {**cond["model_conds"], **mark}} for cond in self.conds["positive"]]
        packed = comfy.utils.pack_latents(shown)[0]
        return self._streams(comfy.samplers.calc_cond_batch(self.inner_model, [conds], packed, timestep, model_options)[0])[index]
