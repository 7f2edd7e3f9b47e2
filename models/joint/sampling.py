"""Sampling in plain torch: the score first, then picture and sound together against it.

Sigmas run from 1 (noise) to 0 (data). The schedules and the Euler step are those of ComfyUI's "simple" and
"normal" schedulers for flow models and of its "euler" sampler, so that both hosts give the same latents.
"""
from dataclasses import dataclass

import torch

from .config import EVENT_WIDTH, LAYOUT_WIDTH, SCORE_WIDTH, SHIFT
from .guidance import Guidance, guided, skipping, untold
from .steadying import steady

SCHEDULERS = ("simple", "normal")
SAMPLERS = ("euler",)
STEPS, SCORE_STEPS = 12, 12
TABLE = 1000  # entries of the table of sigmas that schedules are read from


def schedule(name: str, steps: int, denoise: float = 1.0, shift: float = SHIFT) -> torch.Tensor:
    """[steps + 1] sigmas ending in 0. denoise < 1 keeps the last `steps` of a longer schedule; shift > 1 spends
    more of the steps at high noise."""
    if name not in SCHEDULERS:
        raise ValueError(f"Scheduler {name!r} is not available here: use {' or '.join(SCHEDULERS)}.")
    total = steps if denoise >= 1.0 else int(steps / denoise)
    if name == "simple":
        times = torch.tensor([1.0 - int(i * TABLE / total) / TABLE for i in range(total)])
    else:
        times = torch.linspace(1.0, _shifted(1.0 / TABLE, shift), total)
    return torch.cat([_shifted(times, shift), torch.zeros(1)])[-(steps + 1) :]


def _shifted(time, shift):
    return shift * time / (1 + (shift - 1) * time)


def noise_like(picture: torch.Tensor, sound: torch.Tensor, seed: int):
    """Gaussian noise for both, drawn picture first from one CPU generator."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return tuple(torch.randn(x.shape, generator=generator).to(x) for x in (picture, sound))


@dataclass
class Conditions:
    """What a model call is conditioned on: positive and negative text [B, L, dim], score [B, Tv, SCORE_WIDTH] and its
    noise level: 0, or 1 for a network that was trained without score. The negative side sees no layout."""

    text: torch.Tensor
    negative: torch.Tensor
    score: torch.Tensor
    score_level: float = 0.0


def _levels(sigma, mask_picture, mask_sound):
    return sigma * mask_picture, sigma * mask_sound


@torch.inference_mode()
def draft_score(model, text, picture, sound, mask_picture, mask_sound, seed, events=None, steps=SCORE_STEPS, progress=None):
    """Denoise events and layout alone: [B, Tv, SCORE_WIDTH]; where events [B, Tv, EVENT_WIDTH] are given, the layout.

    picture [B, Cv, Tv, h, w] and sound [B, Ca, S, Ta] hold what is given; masks (1 generate, 0 given)
    [B, 1, Tv, h, w] and [B, 1, S, Ta]. What is not given is shown as pure noise.
    """
    if (mask_sound == 1).all():  # noise is noise, in one stream or in four
        sound, mask_sound = sound[:, :, :1], mask_sound[:, :, :1]
    generator = torch.Generator("cpu").manual_seed(seed ^ 0x5C02E)
    z = torch.randn(picture.shape[0], picture.shape[2], SCORE_WIDTH, generator=generator).to(picture)
    noise = [torch.randn(x.shape, generator=generator).to(x) for x in (picture, sound)]
    shown = [n * m + x * (1 - m) for n, x, m in zip(noise, (picture, sound), (mask_picture, mask_sound))]
    sigmas = schedule("simple", steps, shift=1.0).to(picture)
    opened = torch.ones(1, 1, 2).to(picture)  # events, layout
    if events is not None:
        z[..., :EVENT_WIDTH], opened[..., 0] = events, 0
    made = opened.repeat_interleave(torch.tensor([EVENT_WIDTH, LAYOUT_WIDTH], device=z.device), -1)
    for i in range(steps):
        level = (sigmas[i] * opened).expand(z.shape[0], 1, 2)
        velocity = model(*shown, z, text, *_levels(1.0, mask_picture, mask_sound), level)[2]
        z = z + (sigmas[i + 1] - sigmas[i]) * made * velocity
        if progress:
            progress()
    return z


def predict(model, picture, sound, sigma, conditions, guidance, mask_picture, mask_sound, noise):
    """Guided clean estimates of picture and sound at one noise level. Latents and masks as in `draft_score`.

    Everything the guidance compares goes through the network as one batch.
    """
    batch, guidance = picture.shape[0], guidance.at(float(sigma))
    levels = [level.expand(batch, *level.shape[1:]) for level in _levels(sigma, mask_picture, mask_sound)]
    known = torch.full((batch, 1, 2), conditions.score_level).to(picture)
    positive = picture, sound, conditions.score, conditions.text, *levels, known
    shown = {"positive": positive}
    if guidance.needs_unscored:
        shown["unscored"] = picture, sound, untold(conditions.score), conditions.text, *levels, torch.ones_like(known)
    if guidance.needs_negative:
        events_alone = torch.cat([known[..., :1], torch.ones_like(known[..., :1])], -1)
        shown["negative"] = picture, sound, conditions.score, conditions.negative, *levels, events_alone
    if guidance.needs_alone:
        full = [torch.ones_like(level) for level in levels]
        shown["silent"] = picture, noise[1], conditions.score, conditions.text, levels[0], full[1], known
        shown["blind"] = noise[0], sound, conditions.score, conditions.text, full[0], levels[1], known
    joined = [torch.cat(parts) for parts in zip(*shown.values())]
    velocities = [v.chunk(len(shown)) for v in model(*joined)[:2]]
    clean = {name: (picture - levels[0] * p, sound - levels[1] * s) for name, p, s in zip(shown, *velocities)}
    if guidance.needs_alone:
        clean["alone"] = clean["silent"][0], clean["blind"][1]
    if guidance.needs_skipped:
        v = model(*positive, skipping())
        clean["skipped"] = picture - levels[0] * v[0], sound - levels[1] * v[1]
    return guided(guidance, clean)


@torch.inference_mode()
def sample(
    model,
    picture,
    sound,
    conditions: Conditions,
    *,
    seed: int,
    steps: int = STEPS,
    sampler: str = "euler",
    scheduler: str = "simple",
    guidance: Guidance = Guidance(),
    denoise: float = 1.0,
    mask_picture=None,
    mask_sound=None,
    progress=None,
):
    """Picture and sound latents, denoised together. Latents and masks as in `draft_score`.

    progress(step, clean_picture) is called after each step and may raise to cancel.
    """
    if sampler not in SAMPLERS:
        raise ValueError(f"Sampler {sampler!r} is not available here: use {', '.join(SAMPLERS)}, or run in ComfyUI.")
    if mask_picture is None:
        mask_picture = torch.ones_like(picture[:, :1])
    if mask_sound is None:
        mask_sound = torch.ones_like(sound[:, :1])
    noise = noise_like(picture, sound, seed)
    sigmas = schedule(scheduler, steps, denoise).to(picture)
    given = picture, sound
    x = [sigmas[0] * n + (1 - sigmas[0]) * g for n, g in zip(noise, given)]
    masks = mask_picture, mask_sound
    guidance = guidance.of_open(*masks)
    for i in range(len(sigmas) - 1):
        sigma = sigmas[i]
        shown = [a * m + g * (1 - m) for a, g, m in zip(x, given, masks)]
        clean = predict(model, *shown, sigma, conditions, guidance, *masks, noise)
        clean = [c * m + g * (1 - m) for c, g, m in zip(clean, given, masks)]
        x = [a + (a - c) / sigma * (sigmas[i + 1] - sigma) for a, c in zip(x, clean)]
        if progress:
            progress(i + 1, clean[0])
    x[0] = torch.lerp(x[0], steady(x[0]), mask_picture)
    return tuple(torch.where(m == 0, g, a) for a, g, m in zip(x, given, masks))
