"""A glass that slides off a shelf, falls and breaks; its shards land with tinkles of their own."""
import torch

from .. import backdrop
from ..canvas import box, slab
from ..captions import named
from ..colours import NAMES, muted, named as colour_named
from ..events import hits, recent, rhythm
from ..modal import burst, mixed, ring
from ..plan import Plan

GRAVITY = 4.0               # picture heights per second squared
SHARDS, HEARD = 10, 5       # shards that are seen, and those of them that are heard when they land
KINDS = ("tumbler", "bottle")

SYNONYMS = {
    "tumbler": ("glass", "drinking glass"), "bottle": ("bottle", "glass bottle"),
    "breaks": ("breaks", "shatters", "smashes"), "breaking": ("breaking", "shattering"),
}

PHRASES = {
    "picture": (
        "a {size} {vessel} falls from a shelf and {breaks}", "a {vessel} falls and {breaks}", "a {colour} {vessel} {breaks}",
        "a {colour} {vessel} drops from a shelf", "a {size} {vessel} {breaks} on the floor", "a {vessel} {breaks} {place}",
        "a falling {vessel} {breaks} into shards", "a {breaking} {colour} {vessel}",
    ),
    "effects": (
        "glass {breaks}", "a {vessel} {breaks} on the floor", "{breaking} glass", "a {vessel} {breaks} and shards tinkle",
        "the crash of a {size} {vessel}", "a {size} {vessel} {breaks}",
    ),
}


def setup(draw, look):
    bottle, big, flipped = draw.flag(.4), draw.flag(.5), draw.flag(.5)
    time = rhythm(draw, draw.uniform(1.75, 2.5), 1.75, jitter=.05)
    slots = time.shape[1]
    half = torch.where(big, draw.uniform(.140, .155), draw.uniform(.100, .112))
    wide = half * torch.where(bottle, .48, .66)
    shelf, floor, speed = draw.uniform(.34, .40), draw.uniform(.87, .92), draw.uniform(.26, .38)
    turn = draw.uniform(.9, 1.7)                # radians at the instant of the impact
    low = floor - (half * torch.cos(turn).abs() + wide * torch.sin(turn).abs())
    fall = (2 * (low - shelf + half) / GRAVITY).sqrt()
    way = torch.where(flipped, -1.0, 1.0)       # which way it slides
    edge = .5 - way * draw.uniform(.12, .20)
    middle = edge + way * speed * fall
    colour = draw.choice(len(NAMES))
    shard = torch.arange(SHARDS) % 2 * 2 - 1
    plan = Plan(
        bottle=bottle, big=big, time=time, half=half, wide=wide, shelf=shelf, floor=floor, speed=speed, turn=turn, low=low,
        fall=fall, way=way, edge=edge, middle=middle, tint=colour_named(draw, colour) * .65 + .30,
        plank=torch.tensor([[.62, .42, .24]]) * draw.uniform(.6, 1.15), ground=muted(draw, .35, .55) * .5 + .2,
        run=shard * draw.uniform(.08, .62, SHARDS), leap=draw.uniform(.45, 1.25, SHARDS).sort(1).values,
        length=draw.uniform(.026, .046, SHARDS), spin=draw.uniform(4, 13, SHARDS),
        base=torch.where(big, draw.uniform(1500, 1900), draw.uniform(2200, 2800)), ratio=draw.uniform(1, 4.2, 12),
        decay=draw.uniform(.05, .22, 12), bell=draw.uniform(2600, 7400, HEARD), grit=draw.uniform(.045, .09),
    )
    plan.strength = draw.uniform(.75, 1.0, slots)
    # shards leave the floor at the impact and come back to it 2 * leap / gravity later
    landing = (time[..., None] + 2 * plan.leap[:, None, :HEARD] / GRAVITY).flatten(1)
    spot = middle + (plan.run * 2 * plan.leap / GRAVITY)[:, :HEARD]
    voice = torch.arange(HEARD).repeat(slots).expand_as(landing)
    tinkle = draw.uniform(.12, .30, slots * HEARD)
    plan.hits = [
        hits("effects", time, plan.strength, middle - backdrop.camera(look, time)),
        hits("effects", landing, tinkle, spot.repeat(1, slots) - backdrop.camera(look, landing), voice),
    ]
    plan.slots = {
        "vessel": named(bottle.long(), KINDS), "size": named(big.long(), ("small", "big")), "colour": named(colour, NAMES),
        "place": named(flipped.long(), ("left", "right")), "breaks": ["breaks"] * len(time),
        "breaking": ["breaking"] * len(time),
    }
    return plan


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    backdrop.floor(canvas, plan.floor - .06, plan.ground, torch.zeros_like(plan.bottle))
    wall = .5 - plan.way * 1.0
    left, right = torch.minimum(wall, plan.edge), torch.maximum(wall, plan.edge)
    canvas.paint(box(canvas, left, right, plan.shelf, plan.shelf + .035), plan.plank)
    canvas.paint(box(canvas, left, right, plan.shelf + .035, plan.shelf + .05), plan.plank * .55)
    age, index = recent(plan.time, t, 1)
    age, force = age[..., 0], plan.strength.gather(1, index[..., 0])
    _pieces(plan, canvas, age, force)
    coming = torch.searchsorted(plan.time, t.contiguous(), right=True).clamp(max=plan.time.shape[1] - 1)
    _whole(plan, canvas, plan.time.gather(1, coming) - t)


def _whole(plan, canvas, left):
    """The vessel `left` [b, n] seconds before it breaks: it slides with constant speed, then falls freely."""
    air = (plan.fall - left).clamp(min=0)
    x = plan.middle - plan.way * plan.speed * left
    y = plan.shelf - plan.half + GRAVITY * air ** 2 / 2
    tilt = plan.way * plan.turn * air / plan.fall
    up_x, up_y = torch.sin(tilt), -torch.cos(tilt)
    with canvas.patch(x, y, plan.half * 1.25, plan.half * 1.25) as near:
        def part(at, half_width, half_height, cover, light):
            mask = slab(near, x + up_x * at, y + up_y * at, half_width, half_height, tilt, .008)
            near.paint(mask * cover, (plan.tint * light).clamp(max=1))

        neck = plan.bottle * 1.0
        body = plan.half * (1 - .40 * neck)
        part(-plan.half * .40 * neck, plan.wide, body, .90, 1.15)
        part(-plan.half * .40 * neck, plan.wide - .016, body - .016, .50, .60)
        part(plan.half * .55, plan.wide * .40, plan.half * .45, .95 * neck[..., None, None], 1.0)
        side_x, side_y = torch.cos(tilt) * plan.wide * .45, torch.sin(tilt) * plan.wide * .45
        low = plan.half * .40 * neck
        gleam = slab(near, x - side_x - up_x * low, y - side_y - up_y * low, plan.wide * .13, body * .62, tilt)
        near.paint(gleam * .85, torch.ones_like(plan.tint))


def _pieces(plan, canvas, age, force):
    """Shards that fly up from the impact, land and fade away."""
    seen = ((age < 1.35) * (1 - (age - .95) / .4)).clamp(0, 1)
    air = 2 * plan.leap / GRAVITY
    for shard in range(SHARDS):
        one = slice(shard, shard + 1)
        fly = torch.minimum(age, air[:, one])
        x = plan.middle + plan.run[:, one] * fly
        y = plan.floor - .008 - plan.leap[:, one] * fly + GRAVITY * fly ** 2 / 2
        long = plan.length[:, one]
        with canvas.patch(x, y, long * 1.2, long * 1.2) as near:
            mask = slab(near, x, y, long, long * .42, plan.spin[:, one] * fly + shard)
            near.paint(mask * seen[..., None, None], (plan.tint * (1.0 + .25 * (shard % 3))).clamp(max=1))
    with canvas.patch(plan.middle + 0 * age, plan.floor + 0 * age, .24, .16) as near:
        u = (near.x - plan.middle[..., None, None]) / (.05 + age.clamp(max=.2) * .7)[..., None, None]
        v = (near.y - plan.floor[..., None, None] + .01) / (.03 + age.clamp(max=.2) * .35)[..., None, None]
        flash = torch.exp(-age / .05) * force
        near.shine(torch.exp(-(u * u + v * v)) * flash[..., None, None] * .8, plan.tint)


def sound(plan, tape):
    frequency = (plan.base * plan.ratio)[:, None]
    ringing = ring(frequency, torch.full_like(frequency, 1.0), plan.decay[:, None], .8, tape.rate)
    ringing = ringing / ringing.abs().amax(-1, keepdim=True)
    crash = burst(tape.noise("crash", 1, 12000), plan.grit, tape.rate, 400, 10500)
    crash = crash / crash.std(-1, keepdim=True) * .16
    knock = burst(tape.noise("knock", 1, 1200), plan.grit * .12, tape.rate, 120, 9000)
    tape.strike(plan.hits[0], mixed(ringing * .55, crash, knock / knock.std(-1, keepdim=True) * .16), .60)
    bell = plan.bell[..., None] * torch.tensor([1., 1.47, 2.1], device=plan.bell.device)
    tone = torch.tensor([1., .6, .3], device=bell.device).expand_as(bell)
    tape.strike(plan.hits[1], ring(bell, tone, torch.full_like(bell, .05), .3, tape.rate), .55)
