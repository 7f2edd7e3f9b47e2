"""The one formula of guidance, for ComfyUI's guider and for our own loop.

Classifier-free guidance (Ho & Salimans 2022) with a scale of its own for each modality, plus sync guidance:
the prediction with the other modality minus the prediction without it, where "without" shows the network
pure noise in its place, plus skip-layer guidance of the picture (Hyung et al. 2024, "Spatiotemporal Skip Guidance"):
the prediction minus that of the same network with blocks left out, which is away from what a weaker network would
draw. And score guidance of the picture: the prediction minus that of the same network, with the same prompt, that is not
told what happens when and where. All terms may be denoised estimates or velocities: the formula is linear.

On the starter two of them act in an interval of noise levels alone (Kynkaanniemi et al. 2024, "Applying Guidance in a
Limited Interval"): the score where it is decided what is where, the prompt of the sound where the sound takes shape.
"""
from dataclasses import dataclass, replace

import torch

SCORE_FROM = 0.72  # the lowest noise level at which score guidance acts
SOUND_WITHIN = 0.25, 0.92  # the noise levels at which the guidance of the sound acts
SKIPPED = (3,)  # of the starter's six blocks: chosen by bench.sync on clips that no figure is taken from


@dataclass(frozen=True)
class Guidance:
    """Scales; 1 is the plain conditional prediction. Each must be finite."""

    picture: float = 1.0
    sound: float = 2.0
    sync: float = 1.0
    skip: float = 1.0
    score: float = 2.0

    def of_open(self, mask_picture, mask_sound) -> "Guidance":
        """The same scales for what is made; a modality that is kept throughout (its mask is 0) has no prompt to follow."""
        own = {"sound": self.sound if mask_sound.any() else 1.0}
        return replace(self, **own) if mask_picture.any() else replace(self, **own, picture=1.0, skip=1.0, score=1.0)

    def at(self, sigma: float) -> "Guidance":
        """The scales that act on the starter at this noise level, 1 for those that do not. A prompt that guides the picture too
        guides both at every level, as on stock samplers."""
        low, high = SOUND_WITHIN
        prompted = self.picture != 1.0 or low <= sigma <= high
        return replace(self, sound=self.sound if prompted else 1.0, score=self.score if sigma >= SCORE_FROM else 1.0)

    @property
    def needs_negative(self) -> bool:
        return self.picture != 1.0 or self.sound != 1.0

    @property
    def needs_alone(self) -> bool:
        return self.sync != 1.0

    @property
    def needs_skipped(self) -> bool:
        return self.skip != 1.0

    @property
    def needs_unscored(self) -> bool:
        return self.score != 1.0


def skipping(transformer_options={}) -> dict:
    """The options of a forward pass that leaves the SKIPPED blocks of the starter out, by ComfyUI's replacement of blocks."""
    patches = transformer_options.get("patches_replace", {})
    left_out = {("double_block", index): lambda args, _: args for index in SKIPPED}
    return {**transformer_options, "patches_replace": {**patches, "dit": {**patches.get("dit", {}), **left_out}}}


def untold(score):
    """Score tokens that say nothing, in the place of `score`: noise, always the same, to be shown at noise level 1."""
    return torch.randn(score.shape[1:], generator=torch.Generator().manual_seed(0)).to(score).expand_as(score)


def guide(positive, *terms):
    """One modality's guided prediction.

    positive: with the prompt, the other modality and the score. terms: pairs of a scale and the prediction to go away from, which may be
    None where the scale is 1: with the negative prompt; with the other modality replaced by noise; by the network less a few blocks;
    without score.
    """
    result = positive
    for scale, away in terms:
        if scale != 1.0:
            result = result + (scale - 1.0) * (positive - away)
    return result


def guided(guidance: Guidance, made: dict):
    """The guided predictions of picture and of sound.

    made: (picture, sound) by name: "positive", and of what scales other than 1 need "negative", "alone", "skipped" and "unscored".
    """
    def away(name, modality):
        return made[name][modality] if name in made else None

    picture, sound = made["positive"]
    return (
        guide(picture, (guidance.picture, away("negative", 0)), (guidance.sync, away("alone", 0)),
              (guidance.skip, away("skipped", 0)), (guidance.score, away("unscored", 0))),
        guide(sound, (guidance.sound, away("negative", 1)), (guidance.sync, away("alone", 1))),
    )
