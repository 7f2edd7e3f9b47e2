"""Legs that walk past, every contact audible: shoes or bare feet on wood, gravel or stone."""
import torch

from .. import backdrop
from ..canvas import capsule, slab, span
from ..captions import named
from ..colours import NAMES, named as colour_named, skin
from ..events import between, hits, rhythm
from ..modal import burst, mixed, ring
from ..plan import Plan

ANKLE = .070                # its height over the underside of the heel
GROUNDS = ("boards", "gravel", "slabs")
_COLOUR = torch.tensor([[.60, .40, .22], [.60, .55, .47], [.55, .57, .60]])
_BASE = torch.tensor([
    [95., 172, 262, 430, 910, 1400], [75., 130, 210, 340, 500, 800], [140., 900, 1750, 2900, 4300, 6100],
])
_GAIN = torch.tensor([[1, .8, .6, .45, .3, .15], [1, .5, .3, .2, .1, .05], [.7, .5, 1, .7, .4, .3]])
_DECAY = torch.tensor([
    [.075, .06, .05, .035, .02, .012], [.04, .03, .02, .02, .01, .01], [.035, .02, .016, .012, .009, .007],
])
_TICK = torch.tensor([.25, .10, .30])       # how much of a click is in the step
_CRUNCH = torch.tensor([.04, 1.0, .03])

SYNONYMS = {
    "boards": ("a wooden floor", "wood", "wooden boards"), "gravel": ("gravel", "a gravel path", "pebbles"),
    "slabs": ("stone", "a stone floor", "stone slabs"), "shoes": ("shoes", "boots"), "bare": ("bare feet",),
}

PHRASES = {
    "picture": (
        "legs in {colour} trousers walk on {ground}", "a person walks {quickly} on {ground}", "two legs walk {quickly}",
        "{feet} walk on {ground}", "walking legs in {feet} on {ground}", "someone in {colour} trousers walks {quickly}",
        "{feet} stepping on {ground} {quickly}",
    ),
    "effects": (
        "{fast} footsteps on {ground}", "steps of {feet} on {ground}", "{feet} step on {ground}", "{fast} footsteps",
        "someone walks {quickly} on {ground}", "the footsteps of {feet} on {ground}",
    ),
}


def setup(draw, look):
    bare, fast, mirrored, ground = draw.flag(.4), draw.flag(.5), draw.flag(.5), draw.choice(3)
    time = rhythm(draw, torch.where(fast, draw.uniform(.36, .46), draw.uniform(.58, .80)), .36, jitter=.03)
    slots = time.shape[1]
    facing = torch.where(mirrored, -1.0, 1.0)
    stride = torch.where(fast, draw.uniform(.33, .39), draw.uniform(.26, .32))
    middle = torch.tensor([.40, .50, .60])[draw.choice(3)] + draw.uniform(-.03, .03)
    colour, flesh = draw.choice(len(NAMES)), skin(draw)
    trousers = colour_named(draw, colour) * .85
    leather = torch.tensor([[.30, .17, .09]]) * draw.uniform(.4, 1.6)
    plan = Plan(
        bare=bare, fast=fast, ground=ground, time=time, facing=facing, stride=stride, middle=middle,
        floor=draw.uniform(.86, .90), limb=draw.uniform(.308, .324), thick=draw.uniform(.050, .062),
        trousers=trousers, shin=torch.where(bare, flesh, trousers), foot=torch.where(bare, flesh, leather),
        shirt=colour_named(draw, draw.choice(len(NAMES))) * .8, tint=(_COLOUR[ground[:, 0]] * draw.uniform(.8, 1.15)),
        post=draw.uniform(.4, .8), shade=draw.uniform(.72, 1.3), pitch=draw.uniform(.9, 1.12), hard=draw.uniform(.7, 1.1),
    )
    strength = draw.uniform(.65, 1.0, slots) * torch.where(bare, .7, 1.0)
    foot = (torch.arange(slots) % 2).expand_as(time)
    place = middle + facing * stride / 2 - backdrop.camera(look, time)
    plan.hits = [hits("effects", time, strength, place, foot)]
    plan.slots = {
        "colour": named(colour, NAMES), "ground": named(ground, GROUNDS), "feet": named(bare.long(), ("shoes", "bare")),
        "fast": named(fast.long(), ("slow", "fast")), "quickly": named(fast.long(), ("slowly", "quickly")),
    }
    return plan


def paint(plan, look, canvas, t):
    part, coming = between(plan.time, t)
    _place(plan, look, canvas, plan.stride * (coming - 1 + part) * plan.facing)
    hip_x = plan.middle + 0 * part
    # at the instant of a step both legs are all but stretched
    reach = torch.sqrt(4 * plan.limb ** 2 - plan.stride ** 2 / 4) * .985
    hip_y = plan.floor - ANKLE - reach - .016 * torch.sin(torch.pi * part)
    for foot in (1, 0):
        swings = coming % 2 == foot
        x = plan.stride * torch.where(swings, part * part * (3 - 2 * part) - .5, .5 - part)
        # the heel comes down with speed and is on the ground at the very instant of the step, then the toes follow
        heel = torch.where(swings, .08 * (1 - part) + .17 * part * (1 - part ** 3), .08 * ((part - .55) / .45).clamp(min=0) ** 2)
        toe = torch.where(swings, .06 * part + .05 * torch.sin(torch.pi * part), .06 * (1 - part / .2).clamp(min=0))
        _leg(plan, canvas, hip_x, hip_y, plan.middle + plan.facing * x, plan.floor - heel, plan.floor - toe, .62 + .38 * (foot == 0))
    with canvas.patch(hip_x, hip_y - .10, .14, .22) as near:
        tilt = torch.zeros_like(hip_x)
        near.paint(slab(near, hip_x, hip_y - .015, .088, .06, tilt, .03), plan.trousers)
        near.paint(slab(near, hip_x, hip_y - .20, .092, .16, tilt, .03), plan.shirt)


def _place(plan, look, canvas, scroll):
    """Wall posts and ground that pass by; scroll [b, n]."""
    backdrop.wall(canvas, look)
    x = canvas.x + scroll[..., None, None]
    post = span((x / plan.post[..., None, None]).remainder(1), 0.0, .16, canvas.pixel / plan.post[..., None, None])
    canvas.unfold(scroll.shape[1])
    canvas.image *= 1 + ((plan.shade[..., None, None] - 1) * post)[:, None]
    depth = (canvas.y - plan.floor[..., None, None] + .05).clamp(min=0)
    joint = span((x / .24).remainder(1), 0.0, .07, canvas.pixel / .24)
    boards = 1 - .45 * joint + .06 * torch.sin(canvas.y * 130 + torch.sin(x * 9))
    pebbles = 1 + .30 * torch.sin(x * 83 + 2 * torch.sin(canvas.y * 47)) * torch.sin(canvas.y * 101 + 3 * torch.sin(x * 21))
    slabs = 1 - .30 * joint + .05 * torch.sin(x * 31) * torch.sin(canvas.y * 60)
    kind = plan.ground[..., None, None]
    light = torch.where(kind == 0, boards, torch.where(kind == 1, pebbles, slabs)) * (1.1 - 1.4 * depth)
    mask = span(canvas.y, plan.floor[..., None, None] - .05, 2.0, canvas.pixel) * torch.ones_like(canvas.x)
    canvas.paint(mask, (plan.tint[..., None, None, None] * light[:, None]).clamp(0, 1))


def _leg(plan, canvas, hip_x, hip_y, x, heel, toe, light):
    """One leg from the hip to a foot whose heel is at (x, heel); heel, toe: heights of the underside on screen."""
    sole = .030
    ankle_x, ankle_y = x, heel - ANKLE
    gap_x, gap_y = ankle_x - hip_x, ankle_y - hip_y
    apart = torch.sqrt(gap_x ** 2 + gap_y ** 2)
    bend = torch.sqrt((plan.limb ** 2 - apart ** 2 / 4).clamp(min=1e-4)) / apart * plan.facing
    knee_x, knee_y = hip_x + gap_x / 2 + gap_y * bend, hip_y + gap_y / 2 - gap_x * bend
    toe_x = x + plan.facing * .130
    shadow = plan.foot * 0 + .65 - .1 * light
    backdrop.shadow(canvas, x + plan.facing * .05, plan.floor + .005, torch.full_like(plan.floor, .13),
                    shadow[:, :1] * (1 - (plan.floor - heel) / .15).clamp(.2, 1))
    with canvas.patch(plan.middle, plan.floor - plan.limb, .42, plan.limb + .12) as near:
        near.paint(capsule(near, knee_x, knee_y, ankle_x, ankle_y, plan.thick * .72), plan.shin * light)
        near.paint(capsule(near, hip_x, hip_y, knee_x, knee_y, plan.thick), plan.trousers * light)
        near.paint(capsule(near, x - plan.facing * .012, heel - sole, toe_x, toe - sole * .8, plan.floor * 0 + sole), plan.foot * light)


def sound(plan, tape):
    kind, device = plan.ground[:, 0], plan.pitch.device
    bare = plan.bare[..., None]
    foot = torch.tensor([[1.0, 1.06]], device=device)
    base = (plan.pitch * foot)[..., None] * _BASE.to(device)[kind][:, None]
    gain = _GAIN.to(device)[kind][:, None] / torch.where(bare, 1 + (base / 420) ** 1.5, torch.ones_like(base))
    body = ring(base, gain, _DECAY.to(device)[kind][:, None].expand_as(base), .4, tape.rate)
    body = body / body.abs().amax(-1, keepdim=True)
    two = torch.ones_like(base[..., 0])
    tick = burst(tape.noise("heel", 2, 1200), two * .004, tape.rate, 500, 9500)
    slap = burst(tape.noise("sole", 2, 1200), two * .010, tape.rate, 120, 2600)
    touch = torch.where(bare, slap / slap.std(-1, keepdim=True) * .9, tick / tick.std(-1, keepdim=True))
    grains = tape.noise("gravel", 2, 6000)
    grains = burst(grains * (grains.abs() > 1.9), two * .06, tape.rate, 700, 9000)
    grains = grains / grains.std(-1, keepdim=True) * torch.where(bare, .6, 1.0)
    crunch = grains * _CRUNCH.to(device)[kind][:, None, None] * .20
    weak = torch.tensor([.8, .35, .8], device=device)[kind][:, None, None]
    touch = touch * (_TICK.to(device)[kind][:, None, None] * plan.hard[..., None] * .35)
    tape.strike(plan.hits[0], mixed(body * weak, touch, crunch), .55)
