"""A hammer on an anvil."""
import torch

from .. import backdrop
from ..canvas import box, capsule, slab
from ..captions import named
from ..colours import muted
from ..events import hits
from ..modal import burst, mixed, ring
from ..layout import layout as lay_out
from ..plan import Plan
from . import strokes

_RATIO = torch.tensor([1, 1.35, 2.2, 3.4, 5.1, 7.3, 9.6])
_GAIN = torch.tensor([1, .8, .8, .7, .5, .4, .3])
_DECAY = torch.tensor([.30, .28, .25, .2, .15, .1, .08])

PHRASES = {
    "picture": (
        "a {size} hammer strikes an anvil {quickly}", "a hammer hits an anvil {place}", "{fast} hammer on an anvil",
        "a {size} hammer hitting an anvil {place}", "a blacksmith hammer beats on an anvil", "hammering on an anvil",
        "a {fast} {size} hammer strikes iron {place}",
    ),
    "effects": (
        "a {size} hammer hits iron", "{fast} hammer blows on an anvil", "metal clangs {quickly}", "an anvil rings",
        "{fast} hammering on metal", "a hammer strikes an anvil {quickly}",
    ),
}


def setup(draw, look):
    stroke, big, mirrored, side = strokes.setup(draw), draw.flag(.5), draw.flag(.5), draw.choice(3)
    middle = torch.tensor([.40, .50, .60])[side] + draw.uniform(-.03, .03)
    head = torch.where(big, draw.uniform(.088, .105), draw.uniform(.062, .074))
    plan = Plan(
        stroke=stroke, head=head, facing=torch.where(mirrored, -1.0, 1.0), middle=middle, arm=draw.uniform(.40, .46),
        swing=draw.uniform(.80, 1.0), top=draw.uniform(.62, .70), floor=draw.uniform(.84, .90), wide=draw.uniform(.14, .19),
        iron=draw.uniform(.50, .72) * torch.tensor([[.90, .96, 1.08]]), steel=draw.uniform(.80, .95) * torch.ones(1, 3),
        handle=torch.tensor([[.66, .44, .22]]) * draw.uniform(.8, 1.15), ground=muted(draw, .25, .45),
        base=430 * (.082 / head) * draw.uniform(.92, 1.08),
    )
    plan.hits = [hits("effects", stroke.time, stroke.strength, middle - backdrop.camera(look, stroke.time))]
    plan.slots = {
        "size": named(big.long(), ("small", "big")), "fast": named(stroke.fast.long(), ("slow", "fast")),
        "quickly": named(stroke.fast.long(), ("slowly", "quickly")), "place": named(side, ("left", "", "right")),
    }
    return plan


def swing(plan, t):
    """Angle of the handle, its pivot and the middle of the head at t: angle [b, n], and (x, y) twice."""
    angle = -plan.swing * strokes.rise(plan.stroke, t, 4.0)
    # the pivot stands so that the head lies flat on the anvil when the angle is zero
    pivot_x, pivot_y = plan.middle - plan.facing * plan.arm, plan.top - plan.head * 1.15
    head_x = pivot_x + plan.facing * plan.arm * torch.cos(angle)
    head_y = pivot_y + plan.arm * torch.sin(angle)
    return angle, (pivot_x, pivot_y), (head_x, head_y)


def layout(plan, look, t):
    angle, _, (x, y) = swing(plan, t)
    age, strength = strokes.since(plan.stroke, t)
    anvil = plan.middle, plan.top, plan.wide, torch.exp(-age / .035) * strength
    return lay_out(t, (x, y, plan.head, angle * plan.facing), anvil, plan.iron, plan.ground, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    backdrop.floor(canvas, plan.floor - .05, plan.ground)
    x, top, wide = plan.middle, plan.top, plan.wide
    backdrop.shadow(canvas, x, plan.floor, wide * 1.05, torch.full_like(x, .5))
    dark = plan.iron * .72
    canvas.paint(box(canvas, x - wide * .45, x + wide * .45, top + .06, plan.floor), dark)
    canvas.paint(box(canvas, x - wide * .8, x + wide * .8, plan.floor - .05, plan.floor + .01), dark)
    canvas.paint(box(canvas, x - wide, x + wide, top, top + .085), plan.iron)
    canvas.paint(box(canvas, x - wide, x + wide, top, top + .022), (plan.iron * 1.35).clamp(max=1))
    angle, (pivot_x, pivot_y), (head_x, head_y) = swing(plan, t)
    turn = angle * plan.facing
    reach = plan.arm * .62
    with canvas.patch((pivot_x + head_x) / 2, (pivot_y + head_y) / 2, reach, reach) as near:
        near.paint(capsule(near, pivot_x, pivot_y, head_x, head_y, .024), plan.handle)
    with canvas.patch(head_x, head_y, plan.head * 1.45, plan.head * 1.45) as near:
        near.paint(slab(near, head_x, head_y, plan.head * .80, plan.head * 1.15, turn, .012), plan.steel)
        face_x, face_y = head_x - torch.sin(turn) * plan.head * .92, head_y + torch.cos(turn) * plan.head * .92
        near.paint(slab(near, face_x, face_y, plan.head * .80, plan.head * .23, turn), plan.steel * .62)
    age, strength = strokes.since(plan.stroke, t)
    spark = torch.exp(-age / .035) * strength
    with canvas.patch(x, top, .16, .10) as near:
        u, v = (near.x - x[..., None, None]) / .11, (near.y - top[..., None, None]) / .05
        glow = torch.exp(-(u * u + v * v)) * spark[..., None, None] * .8
        near.shine(glow, torch.tensor([[1.0, .8, .35]], device=x.device))


def sound(plan, tape):
    device = plan.base.device
    frequency = plan.base[..., None] * _RATIO.to(device)
    size = (plan.head / .082)[..., None]
    body = ring(frequency, _GAIN.to(device).expand_as(frequency), _DECAY.to(device) * size, 1.0, tape.rate)
    body = body / body.abs().amax(-1, keepdim=True)
    tick = burst(tape.noise("hammer", 1, 1200), torch.full_like(plan.base, .006), tape.rate, 500, 10000)
    tape.strike(plan.hits[0], mixed(body, tick / tick.std(-1, keepdim=True) * .10), .50)
