"""Wind: leaves blow across and the air howls."""
import torch

from .. import noise
from ..canvas import slab
from ..captions import named
from ..colours import hsv
from ..modal import resample
from ..plan import Plan

_LEAVES = 5

PHRASES = {"ambience": (
    "{amount} wind", "{amount} wind blows", "the wind howls", "{amount} wind in the air", "gusts of {amount} wind",
)}


def chance(scene):
    return .07


def setup(draw, look):
    strong = draw.flag(.5)
    plan = Plan(
        strong=strong, pace=torch.where(strong, .75, .38) * draw.uniform(.8, 1.2, _LEAVES), phase=draw.uniform(0, 1, _LEAVES),
        y=draw.uniform(.1, .9, _LEAVES), turn=draw.uniform(2, 5, _LEAVES), rate=draw.uniform(.15, .4), swell=draw.uniform(),
        tint=hsv(draw.uniform(.06, .28), draw.uniform(.6, .9), draw.uniform(.5, .8)), way=torch.where(draw.flag(.5), -1.0, 1.0),
        level=torch.where(strong, draw.uniform(.07, .10), draw.uniform(.03, .045)),
    )
    plan.hits, plan.slots = [], {"amount": named(strong.long(), ("light", "strong wind"))}
    return plan


def paint(plan, look, canvas, t):
    for leaf in range(_LEAVES):
        one = slice(leaf, leaf + 1)
        run = (plan.phase[:, one] + plan.pace[:, one] * t).remainder(1)
        x = .5 + plan.way * (run * 1.3 - .65) + canvas.camera
        angle = plan.turn[:, one] * t + leaf
        y = plan.y[:, one] + .06 * torch.sin(angle * 1.7)
        with canvas.patch(x, y, torch.as_tensor(.04), torch.as_tensor(.04)) as near:
            near.paint(slab(near, x, y, .034, .014, angle, .012), plan.tint)


def sound(plan, tape):
    grid = tape.noise("wind", 2, tape.grid_samples)
    time = torch.arange(grid.shape[-1], device=grid.device) / 24000
    air = noise.gusts(grid, time, plan.rate, plan.swell) * plan.level[..., None]
    tape.lay("ambience", resample(air, round(air.shape[-1] * tape.rate / 24000)))
