"""Nothing but weather: the rain itself is the overlay of the same name, here it never stays away."""
import torch

from .. import backdrop
from ..canvas import box, below
from ..colours import hsv
from ..layout import layout as lay_out
from ..plan import Plan

PHRASES = {
    "picture": ("an empty place in the rain", "rain falls", "it is raining", "a rainy day", "nothing but rain"),
}


def setup(draw, look):
    plan = Plan(
        floor=draw.uniform(.62, .80), ground=hsv(draw.uniform(), draw.uniform(.02, .15), draw.uniform(.22, .36)),
        house=draw.uniform(.05, .55), wide=draw.uniform(.2, .4), tall=draw.uniform(.2, .4),
        stone=hsv(draw.uniform(), draw.uniform(.1, .4), draw.uniform(.2, .4)),
    )
    plan.hits, plan.slots = [], {}
    return plan


def layout(plan, look, t):
    house = plan.house + plan.wide / 2, plan.floor - plan.tall, plan.wide, 0
    return lay_out(t, house, (.5, plan.floor, 0, 0), plan.stone, plan.ground, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    right, top = plan.house + plan.wide, plan.floor - plan.tall
    canvas.paint(box(canvas, plan.house, right, top, plan.floor), plan.stone)
    for place in (.22, .62):
        left = plan.house + plan.wide * place
        canvas.paint(box(canvas, left, left + plan.wide * .2, top + .08, top + .17), torch.tensor([[.9, .8, .45]]).to(t.device))
    canvas.paint(below(canvas, plan.floor), plan.ground)


def sound(plan, tape):
    pass
