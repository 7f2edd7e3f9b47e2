"""A stick on a drum."""
import torch

from .. import backdrop
from ..canvas import box, capsule, disc, ellipse
from ..captions import named
from ..colours import NAMES, muted, named as colour_named
from ..events import hits
from ..modal import burst, mixed, ring
from ..layout import layout as lay_out
from ..plan import Plan
from . import strokes

_RATIO = torch.tensor([1, 1.59, 2.14, 2.30, 2.65])
_GAIN = torch.tensor([1, .6, .4, .3, .2])
_DECAY = torch.tensor([.20, .15, .11, .1, .08])
TIP = .034                  # radius of the stick's end, picture heights

PHRASES = {
    "picture": (
        "a stick hits a {size} {colour} drum {quickly}", "a {fast} drum stick beats a {colour} drum",
        "a {size} {colour} drum is played {place}", "drumming on a {size} drum {quickly}", "a {colour} drum and a stick",
        "a stick beats a {size} drum {place}",
    ),
    "effects": (
        "{fast} beats on a {size} drum", "a {size} drum is hit {quickly}", "{fast} drumming", "a drum beats {quickly}",
        "a stick strikes a {size} drum", "drum beats",
    ),
}


def setup(draw, look):
    stroke, big, mirrored, side = strokes.setup(draw), draw.flag(.5), draw.flag(.5), draw.choice(3)
    middle = torch.tensor([.36, .50, .64])[side] + draw.uniform(-.03, .03)
    wide = torch.where(big, draw.uniform(.26, .30), draw.uniform(.16, .19))
    floor = draw.uniform(.86, .92)
    colour = draw.choice(len(NAMES))
    plan = Plan(
        stroke=stroke, wide=wide, facing=torch.where(mirrored, -1.0, 1.0), middle=middle, floor=floor,
        top=floor - torch.where(big, draw.uniform(.30, .34), draw.uniform(.19, .23)), arm=draw.uniform(.34, .42),
        swing=draw.uniform(.75, .95), shell=colour_named(draw, colour) * .85, skin=torch.tensor([[.95, .92, .84]]),
        stick=torch.tensor([[.86, .66, .36]]) * draw.uniform(.85, 1.1), ground=muted(draw, .25, .45),
        base=112 * (.23 / wide) ** .9 * draw.uniform(.93, 1.07),
    )
    plan.hits = [hits("effects", stroke.time, stroke.strength, middle - backdrop.camera(look, stroke.time))]
    plan.slots = {
        "size": named(big.long(), ("small", "big")), "fast": named(stroke.fast.long(), ("slow", "fast")),
        "quickly": named(stroke.fast.long(), ("slowly", "quickly")), "place": named(side, ("left", "", "right")),
        "colour": named(colour, NAMES),
    }
    return plan


def swing(plan, t):
    """Angle of the stick, its pivot and its tip at t: angle [b, n], and (x, y) twice."""
    angle = -plan.swing * strokes.rise(plan.stroke, t, 3.0)
    pivot_x, pivot_y = plan.middle - plan.facing * plan.arm, plan.top - TIP
    tip = pivot_x + plan.facing * plan.arm * torch.cos(angle), pivot_y + plan.arm * torch.sin(angle)
    return angle, (pivot_x, pivot_y), tip


def dip(plan, t):
    """How far the skin is pressed in at t [b, n]: 0..1."""
    age, strength = strokes.since(plan.stroke, t)
    return torch.exp(-age / .06) * strength


def layout(plan, look, t):
    angle, _, (x, y) = swing(plan, t)
    drum = plan.middle, plan.top, plan.wide, dip(plan, t)
    return lay_out(t, (x, y, plan.floor - plan.top, angle * plan.facing), drum, plan.shell, plan.ground, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    backdrop.floor(canvas, plan.floor - .07, plan.ground)
    x, top, wide, flat = plan.middle, plan.top, plan.wide, plan.wide * .22
    backdrop.shadow(canvas, x, plan.floor + .02, wide * 1.15, torch.full_like(x, .5))
    across = ((canvas.x - x[..., None, None]) / wide[..., None, None]).clamp(-1, 1)
    round_light = (1.1 - .55 * across ** 2 - .15 * across) * torch.ones_like(canvas.y)
    shell = plan.shell[..., None, None, None] * round_light[:, None]
    canvas.paint(ellipse(canvas, x, plan.floor, wide, flat), shell)
    canvas.paint(box(canvas, x - wide, x + wide, top, plan.floor), shell)
    canvas.paint(ellipse(canvas, x, top, wide, flat), plan.shell * .45)
    inner = plan.skin[..., None] * (.92 - .38 * dip(plan, t))[:, None]
    with canvas.patch(x, top, wide, flat) as near:
        near.paint(ellipse(near, x, top, wide - .018, flat - .012), inner)
    _, (pivot_x, pivot_y), (tip_x, tip_y) = swing(plan, t)
    reach = plan.arm * .6
    with canvas.patch((pivot_x + tip_x) / 2, (pivot_y + tip_y) / 2, reach, reach) as near:
        near.paint(capsule(near, pivot_x, pivot_y, tip_x, tip_y, .018), plan.stick)
    with canvas.patch(tip_x, tip_y, TIP * 1.2, TIP * 1.2) as near:
        near.paint(disc(near, tip_x, tip_y, torch.full_like(tip_x, TIP * 1.15)), (plan.stick * 1.2).clamp(max=1))


def sound(plan, tape):
    device = plan.base.device
    frequency = plan.base[..., None] * _RATIO.to(device)
    size = (plan.wide / .23)[..., None]
    body = ring(frequency, _GAIN.to(device).expand_as(frequency), _DECAY.to(device) * size, .9, tape.rate)
    body = body / body.abs().amax(-1, keepdim=True)
    slap = burst(tape.noise("drum", 1, 2400), torch.full_like(plan.base, .014), tape.rate, 120, 5000)
    tape.strike(plan.hits[0], mixed(body, slap / slap.std(-1, keepdim=True) * .16), .60)
