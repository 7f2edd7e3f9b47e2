"""A crowd of people who murmur: the murmur and the front row are the overlay of the same name."""
import torch

from .. import backdrop
from ..canvas import box
from ..colours import muted
from ..overlays import crowd
from ..plan import Plan

SYNONYMS = {"crowded": ("a crowd", "many people", "a crowd of people")}

PHRASES = {
    "picture": (
        "{crowd} in a hall", "{crowd}", "{crowd} talking", "the faces of {crowd}", "{crowd} in the street", "rows of people",
        "{crowd} standing together",
    ),
}


def setup(draw, look):
    plan = Plan(
        back=crowd.row(draw), middle=crowd.row(draw), wall=muted(draw, .35, .6), lamp=draw.uniform(.1, .9, 3),
        high=draw.uniform(.08, .14),
    )
    plan.hits, plan.slots = [], {"crowd": ["crowded"] * len(draw.clips)}
    return plan


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    for lamp in range(3):
        x = plan.lamp[:, lamp:lamp + 1]
        canvas.paint(box(canvas, x - .05, x + .05, plan.high - .05, plan.high + .05), torch.tensor([[1.0, .9, .6]]).to(t.device))
    crowd.paint_row(plan.back, canvas, t, .38, .100)
    crowd.paint_row(plan.middle, canvas, t, .58, .122)


def sound(plan, tape):
    pass
