"""What hammer, drum and clap have in common: a regular stroke with jitter whose rise foretells its strength."""
import torch

from ..events import between, rhythm
from ..plan import Plan

FAST, SLOW = (.36, .50), (.68, .98)     # seconds between strokes


def setup(draw):
    """fast [b, 1]; period [b, 1]; time, strength [b, K]."""
    fast = draw.flag(.5)
    period = torch.where(fast, draw.uniform(*FAST), draw.uniform(*SLOW))
    time = rhythm(draw, period, FAST[0])
    return Plan(fast=fast, period=period, time=time, strength=draw.uniform(.62, 1.0, time.shape[1]))


def rise(strokes, t, sharp):
    """How far the arm is drawn back at t [b, n]: 0 at contact, up to the strength of the coming stroke.

    sharp: 2 rises and falls alike, 4 falls much faster than it rises.
    """
    part, coming = between(strokes.time, t)
    top = (1 / sharp) ** (1 / (sharp - 1))
    return part * (1 - part ** (sharp - 1)) / (top * (1 - 1 / sharp)) * strokes.strength.gather(1, coming)


def since(strokes, t):
    """Age of the last stroke and its strength, both [b, n]."""
    last = (torch.searchsorted(strokes.time, t.contiguous(), right=True) - 1).clamp(min=0)
    return t - strokes.time.gather(1, last), strokes.strength.gather(1, last)
