"""A ball that bounces: its material, its size and the floor are seen and heard."""
import torch

from .. import backdrop
from ..canvas import disc
from ..captions import named, sometimes
from ..colours import NAMES, muted, named as colour_named
from ..events import hits
from ..modal import burst, mixed, ring
from ..layout import layout as lay_out
from ..plan import Plan

GRAVITY = 4.0               # picture heights per second squared
FULL = 2.0                  # impact speed of strength 1
SLOWEST = 0.34              # a ball that leaves the floor more slowly stays there until it is thrown again
FLIGHTS = 40
MATERIALS = ("rubber", "wood", "metal", "glass")
_BOUNCE = torch.tensor([.86, .64, .72, .78])
_BASE = torch.tensor([150., 420., 760., 1750.])
_RATIO = torch.tensor([
    [1, 1.7, 2.6, 3.9, 5, 6, 7], [1, 2.15, 3.7, 5.4, 7.2, 8, 9],
    [1, 1.51, 2.32, 3.12, 4.27, 5.6, 6.9], [1, 1.46, 2.05, 2.84, 3.5, 4.1, 5],
])
_GAIN = torch.tensor([
    [1, .5, .25, .1, 0, 0, 0], [1, .6, .4, .2, .1, 0, 0], [1, .8, .7, .6, .4, .3, .2], [1, .7, .5, .35, .2, .1, 0],
])
_DECAY = torch.tensor([
    [.075, .05, .03, .02, .02, .02, .02], [.06, .045, .03, .02, .015, .01, .01],
    [.45, .42, .35, .3, .25, .2, .15], [.16, .13, .1, .08, .05, .04, .03],
])
_NOISE = torch.tensor([.30, .40, .25, .25])

PHRASES = {
    "picture": (
        "a {size} {colour} {material} ball bounces on {floor}", "a {colour} {material} ball bouncing on {floor}",
        "a {size} {material} ball bounces {place}", "a {material} ball is bouncing on {floor}",
        "a {size} {colour} ball jumps {place}", "one {size} {material} ball bounces up and down",
        "a {colour} ball bounces", "bouncing {material} ball",
    ),
    "effects": (
        "{stuff} bounces on {floor}", "a {material} ball hits {floor}", "{stuff} ball bouncing on {floor}",
        "bounces of a {size} {material} ball", "{stuff} on {floor}", "a {size} ball bounces on {floor}",
    ),
}


def setup(draw, look):
    material, soft, big = draw.choice(4), draw.flag(.4), draw.flag(.5)
    radius = torch.where(big, draw.uniform(.100, .125), draw.uniform(.060, .078))
    bounce = _BOUNCE[material] * torch.where(soft, .82, 1.0) + draw.uniform(-.02, .02)
    height = draw.uniform(.36, .54)
    throw = (2 * GRAVITY * height).sqrt()
    apex = draw.uniform(-.35, .12)
    start, speed, launch = apex - throw / GRAVITY, throw, []
    rests, throws = draw.uniform(.2, .5, FLIGHTS), draw.uniform(.9, 1.06, FLIGHTS)
    starts = []
    for flight in range(FLIGHTS):
        starts.append(start)
        launch.append(speed)
        landing = start + 2 * speed / GRAVITY
        tired = speed * bounce < SLOWEST
        start = torch.where(tired, landing + rests[:, flight:flight + 1], landing)
        speed = torch.where(tired, throw * throws[:, flight:flight + 1], speed * bounce)
    start, speed = torch.cat(starts, 1), torch.cat(launch, 1)
    landing = start + 2 * speed / GRAVITY
    strength = (speed / FULL).clamp(max=1.05) ** 1.2 * torch.where(soft, .85, 1.0)
    strength = strength * ((strength - .07) / .07).clamp(0, 1)
    side = draw.choice(3)
    middle = torch.tensor([.27, .50, .73])[side] + draw.uniform(-.05, .05)
    colour = draw.choice(len(NAMES))
    tint = colour_named(draw, colour)
    grey, brown, ice = torch.tensor([.72, .75, .80]), torch.tensor([.66, .42, .20]), torch.tensor([.55, .88, .95])
    shade = draw.uniform(.85, 1.1)
    body = torch.where(material == 0, tint, torch.where(material == 1, brown * shade, torch.where(
        material == 2, grey * shade, ice * .7 + tint * .3)))
    stone, carpet = muted(draw, .48, .68), muted(draw, .30, .45)
    vivid = torch.nn.functional.normalize(carpet - carpet.amin(1, keepdim=True) * .7, dim=1) * .55
    plan = Plan(
        material=material, soft=soft, radius=radius, start=start, speed=speed, landing=landing, middle=middle,
        sway=draw.uniform(.02, .07), sway_rate=draw.uniform(.05, .16), sway_phase=draw.uniform(),
        floor=draw.uniform(.80, .88), tint=body.clamp(0, 1), ground=torch.where(soft, vivid, stone * .4 + .35),
        detune=draw.uniform(.94, 1.06), grain=draw.uniform(.6, 1.0),
    )
    plan.hits = [hits("effects", landing, strength, across(plan, landing) - backdrop.camera(look, landing))]
    place = named(side, ("left", "", "right"))
    plan.slots = {
        "size": named(big.long(), ("small", "big")), "material": named(material, MATERIALS),
        "stuff": [name + " stuff" for name in named(material, MATERIALS)],
        "colour": sometimes(material == 0, named(colour, NAMES)),
        "floor": named(soft.long(), ("hard floor", "soft floor")), "place": place,
    }
    return plan


def across(plan, t):
    """Horizontal place of the ball at t."""
    return plan.middle + plan.sway * torch.sin(2 * torch.pi * (plan.sway_rate * t + plan.sway_phase))


def height(plan, t):
    """Height of the ball's underside over the floor at t [b, n]."""
    flight = (torch.searchsorted(plan.start, t.contiguous(), right=True) - 1).clamp(min=0)
    age = t - plan.start.gather(1, flight)
    return (plan.speed.gather(1, flight) * age - GRAVITY * age * age / 2).clamp(min=0)


def layout(plan, look, t):
    ball = across(plan, t), plan.floor - plan.radius - height(plan, t), plan.radius, plan.soft
    return lay_out(t, ball, (plan.middle, plan.floor, 0, 0), plan.tint, plan.ground, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    backdrop.floor(canvas, plan.floor - .06, plan.ground, plan.soft)
    x, up = across(plan, t), height(plan, t)
    y = plan.floor - plan.radius - up
    backdrop.shadow(canvas, x, plan.floor, plan.radius * 1.25, .65 / (1 + 3.5 * up))
    material = plan.material[..., None, None]
    with canvas.patch(x, y, plan.radius, plan.radius) as near:
        radius = plan.radius[..., None, None]
        u, v = (near.x - x[..., None, None]) / radius, (near.y - y[..., None, None]) / radius
        light = 1.0 - .34 * v - .18 * u
        rings = .14 * torch.sin(9 * (u + .35 * v))
        bands = .30 * torch.sin(4.5 * v + 1.2 * u)
        light = light + torch.where(material == 1, rings, torch.where(material == 2, bands, torch.zeros_like(u)))
        gloss = torch.tensor([.28, .10, .9, .9], device=u.device)[material]
        tight = torch.tensor([.16, .22, .07, .07], device=u.device)[material]
        gleam = gloss * torch.exp(-((u + .36) ** 2 + (v + .38) ** 2) / tight)
        rim = (u * u + v * v).clamp(0, 1) ** 2
        cover = torch.where(material == 3, .30 + .60 * rim, torch.ones_like(rim))
        colour = plan.tint[..., None, None, None] * light[:, None] + gleam[:, None]
        near.paint(disc(near, x, y, plan.radius) * torch.maximum(cover, gleam.clamp(max=1)), colour.clamp(0, 1))


def sound(plan, tape):
    kind = plan.material[:, 0]
    device = kind.device
    base = _BASE.to(device)[kind][:, None] * (.085 / plan.radius) * plan.detune
    frequency = base[..., None] * _RATIO.to(device)[kind][:, None]
    soft = plan.soft[..., None]
    gain = _GAIN.to(device)[kind][:, None] / torch.where(soft, 1 + (frequency / 700) ** 1.5, torch.ones_like(frequency))
    decay = _DECAY.to(device)[kind][:, None] * torch.where(soft, .5, 1.0)
    thump = torch.where(plan.soft, .9, .25)[..., None]
    ones = torch.ones_like(thump)
    body = ring(
        torch.cat([frequency, 82 * ones], 2), torch.cat([gain, thump], 2), torch.cat([decay, .05 * ones], 2), .9,
        tape.rate)
    body = body / body.abs().amax(-1, keepdim=True)
    tick = burst(tape.noise("ball", 1, 1200), torch.full_like(plan.radius, .003), tape.rate, 300, 9500)
    thud = burst(tape.noise("carpet", 1, 1200), torch.full_like(plan.radius, .010), tape.rate, 60, 900)
    puff = torch.where(soft, thud / thud.std(-1, keepdim=True) * .30, tick / tick.std(-1, keepdim=True) * .08)
    puff = puff * (_NOISE.to(device)[kind] / .3)[:, None, None] * plan.grain[..., None]
    tape.strike(plan.hits[0], mixed(body, puff), .55)
