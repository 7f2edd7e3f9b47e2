"""A world that no training saw: filmed solids in perspective, drawn by ray casting, and the instants at which they strike.

Nothing here is shared with the world of the training, and the weights have never seen it: other things, sizes and rates,
perspective, textures, a camera that shakes and a sensor that has grain. Times follow from the laws of motion, not from the pictures.
"""
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch

from . import cube, fireworks, knocker, pendulum
from .film import developed

SECONDS = 4
SCENES = {"cube": cube, "pendulum": pendulum, "knocker": knocker, "fireworks": fireworks}


class Film(NamedTuple):
    """`frames` [F, H, W, 3] in 0..1 at `rate`; `times`: seconds of what would be heard, in order; `prompt`: field -> words."""

    frames: torch.Tensor
    rate: Fraction
    times: list[float]
    prompt: dict[str, str]


def shot(scene: str, seed: int) -> Film:
    """One film of SECONDS of a scene of SCENES; the same for the same seed."""
    module = SCENES[scene]
    random = np.random.default_rng([list(SCENES).index(scene), seed])
    instants = np.arange(round(SECONDS * module.RATE)) / float(module.RATE)
    pictures, times = module.filmed(random, instants, SECONDS)
    return Film(developed(pictures, instants, random), module.RATE, times, module.PROMPT)
