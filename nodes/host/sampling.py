"""Sampling on ComfyUI's samplers: picture and sound together, on the starter after its score is drafted once."""
import functools
import logging
from fractions import Fraction

import comfy.conds
import comfy.model_management as management
import comfy.nested_tensor
import comfy.sample
import comfy.samplers
import comfy.utils
import latent_preview
import torch

from ...models.joint import sampling
from ...models.joint import score as score_tokens
from ...models.joint.guidance import Guidance
from ...models.joint.latents import check_latent, streams
from ...models.joint.steadying import steady
from .guider import JointGuider
from .joint import model_grid
from .latent import SIDE, empty_latent, masks_of
from .starter import StarterModel

KEY = "phonofilm"  # of the wrapper on the MODEL
DRAFT_FRAMES = 97  # of a draft without a latent


def draft_tokens(model: StarterModel, text, latents, masks, seed: int, events=None) -> torch.Tensor:
    """Score tokens [B, Tv, width]. latents, masks and events as in models/joint/sampling.py, on the model's device."""
    batch = latents[0].shape[0]
    text = comfy.utils.repeat_to_batch_size(text, batch).to(latents[0].device, model.get_dtype_inference())
    return sampling.draft_score(model.diffusion_model.joint, text, *latents, *masks, seed, events,
                                progress=management.throw_exception_if_processing_interrupted)


def draft_wrapper(executor, guider, sigmas, extra_args, callback, noise, latent_image, denoise_mask=None, disable_pbar=False):
    """Around a sampler's run: the events that no prompt carries, and the layout, are drafted; all prompts get the same. What is made stands
    still where it should, once no noise is left."""
    model, shapes = guider.inner_model, guider.inner_model.latent_shapes
    prompts = [cond for conds in guider.conds.values() for cond in conds]
    events = next((cond["model_conds"]["score"].cond for cond in prompts if "score" in cond["model_conds"]), None)
    latents = comfy.utils.unpack_latents(latent_image, shapes)
    mask = torch.ones_like(latent_image) if denoise_mask is None else denoise_mask
    masks = [part[:, :1] for part in comfy.utils.unpack_latents(mask, shapes)]
    first = guider.conds.get("positive") or prompts
    text = first[0]["model_conds"]["c_crossattn"].cond
    guider.score = draft_tokens(model, text, latents, masks, extra_args.get("seed") or 0, events)
    for side, conds in guider.conds.items():
        level = torch.tensor([[[0.0, float(side == "negative")]]], device=guider.score.device)
        for cond in conds:
            cond["model_conds"].update(score=comfy.conds.CONDRegular(guider.score), score_level=comfy.conds.CONDRegular(level))
    made = executor(guider, sigmas, extra_args, callback, noise, latent_image, denoise_mask, disable_pbar)
    if sigmas[-1] > 0:
        return made
    picture, sound = comfy.utils.unpack_latents(made, shapes)
    return comfy.utils.pack_latents([torch.lerp(picture, steady(picture), masks[0].to(picture)), sound])[0]


def check_model(model):
    if not isinstance(model.model, StarterModel):
        raise ValueError("Only the starter drafts a score: connect the model output of Phonofilm's Load Model; this model is another.")


def draft_score(model, positive, latent, seed: int) -> dict:
    """The PHONOFILM_SCORE that `sample` would draft with this seed. latent None: 97 frames."""
    check_model(model)
    latent = latent or empty_latent(model, SIDE, SIDE, DRAFT_FRAMES, 1)
    device = model.load_device
    packed, shapes = comfy.utils.pack_latents(streams(latent))
    management.load_models_gpu([model], memory_required=model.model.memory_required(packed.shape))
    latents = [part.to(device, torch.float32) for part in streams(latent)]
    masks = [mask[:, :1] for mask in masks_of(latent, device)]
    with management.cuda_device_context(device):
        return score_tokens.score_of(draft_tokens(model.model, positive[0][0], latents, masks, seed)[0])


def sample(model, positive, negative, latent, *, seed, steps, sampler, scheduler, picture_guidance, sound_guidance,
           sync_guidance, skip_guidance, score_guidance, denoise, takes):
    """(LATENT with the takes one after another in its batch, the score of the first clip of each). Take k has seed + k.

    Only the starter has a score; for other models it is the given one, which has no effect, or an empty one.
    """
    grid = model_grid(model)
    check_latent(latent, grid)
    given = positive[0][1].get("phonofilm_score")
    scored = isinstance(model.model, StarterModel)
    if given and not scored:
        logging.getLogger(__name__).warning("Sampler: the score has no effect on %s; only the starter follows one.", grid.name)
    empty = {"seconds": 0.0, "events": []}
    if denoise == 0:
        return latent, [given or empty]
    results, scores = [], []
    own = (skip_guidance, score_guidance) if scored else (1.0, 1.0)
    guidance = Guidance(picture_guidance, sound_guidance, sync_guidance, *own).of_open(*masks_of(latent, "cpu"))
    schedule = comfy.samplers.KSampler(model, steps, model.load_device, sampler, scheduler, denoise, model.model_options).sigmas
    show = latent_preview.prepare_callback(model, takes * (len(schedule) - 1))
    for take in range(takes):
        guider = JointGuider(model, guidance)
        guider.set_conds(*(_timed(conditioning, latent, grid) for conditioning in (positive, negative)))
        callback = functools.partial(_report, show, take, takes)
        results.append(_sample_once(guider, latent, schedule, sampler, seed + take, callback))
        scores.append(given or (score_tokens.score_of(guider.score[0]) if scored else empty))
    joined = [torch.cat(parts) for parts in zip(*results)]
    return {**latent, "samples": comfy.nested_tensor.NestedTensor(joined)}, scores


def _timed(conditioning, latent, grid):
    """The conditioning with the frame rate of the clip, where the model takes any and the latent says it."""
    if grid.rate or "phonofilm" not in latent:
        return conditioning
    return [[text, {**extra, "frame_rate": float(Fraction(*latent["phonofilm"]["rate"]))}] for text, extra in conditioning]


def _report(show, take, takes, step, clean, x, total):
    show(step + take * total, clean, x, takes * total)


def _sample_once(guider, latent, sigmas, sampler, seed, callback):
    """Picture and sound of one take; what the mask keeps comes back bit for bit."""
    given = streams(latent)
    noise = comfy.sample.prepare_noise(latent["samples"], seed, latent.get("batch_index"))
    out = guider.sample(noise, latent["samples"], comfy.samplers.sampler_object(sampler), sigmas,
                        denoise_mask=latent.get("noise_mask"), callback=callback,
                        disable_pbar=not comfy.utils.PROGRESS_BAR_ENABLED, seed=seed)
    parts = [part.to(management.intermediate_device(), management.intermediate_dtype()) for part in out.unbind()]
    kept = [mask == 0 for mask in masks_of(latent, parts[0].device)]
    return [torch.where(keep, old.to(new), new) for keep, old, new in zip(kept, given, parts)]
