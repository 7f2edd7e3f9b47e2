"""Two hands that clap."""
import torch

from .. import backdrop
from ..canvas import capsule, slab
from ..captions import named
from ..colours import NAMES, named as colour_named, skin
from ..events import hits
from ..modal import burst, mixed, ring
from ..layout import layout as lay_out
from ..plan import Plan
from . import strokes

PHRASES = {
    "picture": (
        "two {size} hands clap {quickly}", "{size} hands clapping {place}", "{fast} clapping hands",
        "a pair of {size} hands claps {quickly}", "two hands meet and clap {place}", "someone claps {quickly}",
        "hands with {colour} sleeves clap {quickly}",
    ),
    "effects": (
        "{fast} hand claps", "hands clap {quickly}", "clapping", "{fast} clapping of {size} hands", "two hands clap",
        "{fast} applause of one person",
    ),
}


def setup(draw, look):
    stroke, big, side = strokes.setup(draw), draw.flag(.5), draw.choice(3)
    middle = torch.tensor([.38, .50, .62])[side] + draw.uniform(-.03, .03)
    size = torch.where(big, draw.uniform(.19, .215), draw.uniform(.135, .155))
    colour = draw.choice(len(NAMES))
    plan = Plan(
        stroke=stroke, size=size, middle=middle, y=draw.uniform(.46, .54), reach=draw.uniform(.15, .20),
        lean=draw.uniform(.15, .45), hand=skin(draw), sleeve=colour_named(draw, colour) * .9,
        base=1150 * (.17 / size) * draw.uniform(.9, 1.1),
    )
    plan.hits = [hits("effects", stroke.time, stroke.strength, middle - backdrop.camera(look, stroke.time))]
    plan.slots = {
        "size": named(big.long(), ("small", "big")), "fast": named(stroke.fast.long(), ("slow", "fast")),
        "quickly": named(stroke.fast.long(), ("slowly", "quickly")), "place": named(side, ("left", "", "right")),
        "colour": named(colour, NAMES),
    }
    return plan


def spread(plan, t):
    """Half the gap between the hands at t [b, n]."""
    return plan.reach * strokes.rise(plan.stroke, t, 3.0)


def across(plan, gap, side):
    """Middle of the left (side -1) or right (1) hand."""
    return plan.middle + side * (gap + plan.size * .26)


def layout(plan, look, t):
    gap = spread(plan, t)
    age, strength = strokes.since(plan.stroke, t)
    left = across(plan, gap, -1), plan.y, plan.size, plan.lean
    right = across(plan, gap, 1), plan.y, plan.size, torch.exp(-age / .04) * strength
    return lay_out(t, left, right, plan.hand, plan.sleeve, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    size, y = plan.size, plan.y
    gap = spread(plan, t)
    for side in (-1, 1):
        thick = size * .26
        x = across(plan, gap, side)
        angle = side * plan.lean * (gap / plan.reach).clamp(0, 1) * .6
        wrist_x, wrist_y = x - torch.sin(angle) * size, y + torch.cos(angle) * size
        elbow_x, elbow_y = plan.middle + side * (.20 + gap * .6), torch.full_like(y, 1.02)
        arm_x, arm_y = (wrist_x + elbow_x) / 2, (wrist_y + elbow_y) / 2
        half = .52 - float(y.min()) / 2 + .10
        with canvas.patch(arm_x, arm_y, torch.as_tensor(.24), half) as near:
            near.paint(capsule(near, wrist_x, wrist_y, elbow_x, elbow_y, size * .32), plan.sleeve)
        with canvas.patch(x, y, size * 1.35, size * 1.35) as near:
            tone = plan.hand if side < 0 else plan.hand * .88
            thumb_x, thumb_y = x + side * size * .42, y - size * .12
            near.paint(capsule(near, x, y + size * .5, thumb_x, thumb_y, size * .15), tone * .85)
            near.paint(slab(near, x, y, thick, size, angle, .03), tone)
            line_x = x + side * thick * .35
            near.paint(slab(near, line_x, y - size * .3, size * .04, size * .55, angle) * .35, tone * .5)
    age, strength = strokes.since(plan.stroke, t)
    flash = torch.exp(-age / .04) * strength * .45
    with canvas.patch(plan.middle, y - size, size * .8, size * .5) as near:
        u = (near.x - plan.middle[..., None, None]) / (size * .45)[..., None, None]
        v = (near.y - (y - size * 1.05)[..., None, None]) / (size * .25)[..., None, None]
        near.shine(torch.exp(-(u * u + v * v)) * flash[..., None, None], torch.ones(1, 3, device=y.device))


def sound(plan, tape):
    frequency = plan.base[..., None] * torch.tensor([1., 1.7, .55], device=plan.base.device)
    tone = torch.tensor([.5, .35, .4], device=plan.base.device).expand_as(frequency)
    body = ring(frequency, tone, torch.full_like(frequency, .012), .30, tape.rate)
    noise = tape.noise("clap", 1, 4800)
    snap = burst(noise, torch.full_like(plan.base, .018), tape.rate, 700, 7000)
    snap = snap / snap.std(-1, keepdim=True)
    tape.strike(plan.hits[0], mixed(body * .6, snap * .28), .60)
