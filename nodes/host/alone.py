"""One modality without the other, for sync guidance: what each kind of joint model can be made to predict.

Every function takes (guider, x, timestep, model_options) and returns the estimates of the picture without sound and of the
sound without picture. `guider` is a JointGuider within `sample`; x is the packed latent.
"""
import comfy.conds
import comfy.samplers
import comfy.utils
from comfy.model_base import LTXAV, MiniMaxH3

from .starter import StarterModel

MASKS = ("denoise_mask", "audio_denoise_mask")  # core's names of the conditions that say what is kept


def marked(guider, x, timestep, model_options):
    """The starter: the other modality is pure noise, and said to be."""
    found = []
    for index, name in enumerate(("picture", "sound")):
        shown = guider.streams(guider.noise)
        shown[index] = guider.streams(x)[index]
        conds = _changed(guider, {"alone": comfy.conds.CONDConstant(name)})
        found.append(_estimate(guider, conds, shown, timestep, model_options)[index])
    return found


def severed(guider, x, timestep, model_options):
    """LTX-2: the attention between the two is switched off, for both in one pass, as core's modality guidance does."""
    cut = {**model_options.get("transformer_options", {}), "a2v_cross_attn": False, "v2a_cross_attn": False}
    return guider.streams(comfy.samplers.calc_cond_batch(
        guider.inner_model, [guider.conds["positive"]], x, timestep, {**model_options, "transformer_options": cut})[0])


def emptied(guider, x, timestep, model_options):
    """MiniMax H3: the other modality is an empty latent with as much noise as there is now, none of it kept.

    Its network shares all attention and has no level of noise for one modality alone. Noise times sigma is an empty
    latent's on both schedules, as the sampler carries the sound scaled to that of the picture.
    """
    found = []
    for index in (0, 1):
        shown = [noise * timestep.view(-1, *[1] * (noise.ndim - 1)) for noise in guider.streams(guider.noise)]
        shown[index] = guider.streams(x)[index]
        conds = [{**cond, "model_conds": {key: value for key, value in cond["model_conds"].items() if key != MASKS[1 - index]}}
                 for cond in guider.conds["positive"]]
        found.append(_estimate(guider, conds, shown, timestep, model_options)[index])
    return found


ALONE = {StarterModel: marked, LTXAV: severed, MiniMaxH3: emptied}


def _changed(guider, marks):
    return [{**cond, "model_conds": {**cond["model_conds"], **marks}} for cond in guider.conds["positive"]]


def _estimate(guider, conds, shown, timestep, model_options):
    packed = comfy.utils.pack_latents(shown)[0]
    return guider.streams(comfy.samplers.calc_cond_batch(guider.inner_model, [conds], packed, timestep, model_options)[0])
