"""A storm that comes nearer: each bolt is seen at once and heard later by its distance, which shrinks.

The thunder is an event of the effects, since it has an instant and ends after about two seconds; the rain that may
come with it is a bed and lies in the ambience. The bolt itself makes no sound and is no event.
"""
import torch

from .. import backdrop
from ..canvas import box, capsule, soft, span
from ..captions import named
from ..colours import hsv
from ..events import hits, recent, rhythm
from ..modal import burst, mixed
from ..plan import Plan

SPEED = .343                # kilometres per second
JOINTS = 6                  # corners of a bolt
VOICES = 3                  # far, nearer, near

SYNONYMS = {
    "far": ("far", "distant"), "near": ("near", "close"),
}

PHRASES = {
    "picture": (
        "lightning flashes over hills", "a thunderstorm comes nearer", "a storm with lightning at night",
        "lightning over a house at night", "bolts of lightning in a dark sky", "a {way} storm comes nearer",
        "lightning strikes {quickly}", "a flash of lightning lights up the clouds",
    ),
    "effects": (
        "thunder comes nearer", "{way} thunder", "rolling thunder comes nearer", "thunder rumbles", "a {way} thunderstorm",
        "thunder after lightning", "the thunder of a {way} storm",
    ),
}


def setup(draw, look):
    fast, remote = draw.flag(.5), draw.flag(.5)
    flash = rhythm(draw, torch.where(fast, draw.uniform(1.25, 1.5), draw.uniform(1.7, 2.1)), 1.25, jitter=.10)
    slots = flash.shape[1]
    # kilometres to the storm: it moves at a constant pace until it stands over the house
    begin = torch.where(remote, draw.uniform(.45, .60), draw.uniform(.22, .32))
    arrival, nearest = draw.uniform(4.0, 9.0), draw.uniform(.03, .06)
    distance = torch.maximum(begin * (1 - flash.clamp(min=0) / arrival), nearest)
    strength = (.16 / (distance + .10)).clamp(.3, 1.0) * draw.uniform(.88, 1.0, slots)
    where = draw.uniform(.15, .85, slots)
    plan = Plan(
        fast=fast, remote=remote, flash=flash, distance=distance, delay=distance / SPEED, where=where,
        zigzag=draw.uniform(-.09, .09, JOINTS * 4).view(-1, 4, JOINTS), shape=draw.choice(4, slots),
        horizon=draw.uniform(.72, .80), hill=draw.uniform(.02, .06), roll=draw.uniform(4, 9), shift=draw.uniform(0, 6.3),
        sky=hsv(draw.uniform(.58, .74), draw.uniform(.35, .65), draw.uniform(.10, .20)), cloud=draw.uniform(.5, 1.0),
        bolt=hsv(draw.uniform(.55, .78), draw.uniform(.0, .3), torch.ones(1, 1)), house=draw.uniform(.1, .7),
        lamp=torch.tensor([[1.0, .82, .35]]) * draw.uniform(.6, 1.0), land=hsv(draw.uniform(.25, .65), draw.uniform(.2, .5),
        draw.uniform(.04, .09)), flicker=draw.uniform(.07, .13),
    )
    time = flash + plan.delay
    voice = (distance < .30).long() + (distance < .13).long()
    plan.hits = [hits("effects", time, strength, where - backdrop.camera(look, time), voice)]
    plan.slots = {
        "way": named(remote.long(), ("near", "far")), "quickly": named(fast.long(), ("slowly", "quickly")),
    }
    return plan


def paint(plan, look, canvas, t):
    age, index = recent(plan.flash, t, 1)
    age, index = age[..., 0], index[..., 0]
    near = (.10 / (.10 + plan.distance.gather(1, index)))                   # 1 overhead, less far away
    # a bolt flashes twice: the second stroke follows before the first has died away
    light = torch.exp(-age / .07) + .8 * torch.exp(-(age - plan.flicker).abs() / .04) * (age > plan.flicker - .03)
    light = light * (age < 1)
    _sky(plan, canvas, light * (.20 + .45 * near), plan.where.gather(1, index))
    _bolt(plan, canvas, index, light.clamp(max=1), near)
    _land(plan, canvas, light * (.10 + .30 * near))


def _sky(plan, canvas, light, where):
    """Clouds, lit from the place of the bolt."""
    x, y = canvas.x, canvas.y
    shift = plan.shift[..., None, None]
    drift = torch.sin(x * 6 + 3 * y + shift) + torch.sin(x * 11 - 7 * y + 2 * shift) + torch.sin(y * 17 + 2 * torch.sin(x * 5 + shift))
    cloud = 1 + .22 * plan.cloud[..., None, None] * drift
    colour = plan.sky[..., None, None, None] * (cloud * (1.35 - .6 * y))[:, None]
    canvas.image = colour.expand(-1, -1, canvas.image.shape[2], -1, -1).contiguous()
    spread = .35 + torch.exp(-((x - where[..., None, None]) / .30) ** 2)
    canvas.shine(light[..., None, None] * spread * cloud, plan.bolt)


def _bolt(plan, canvas, index, light, near):
    """A zigzag from the clouds to the horizon; the nearer the bolt, the thicker and the lower its foot."""
    shape = plan.shape.gather(1, index)
    bend = plan.zigzag.gather(1, shape[..., None].expand(-1, -1, JOINTS))
    centre = plan.where.gather(1, index)[..., None]
    x = centre + bend * (.55 + .75 * near[..., None])
    top = .02
    foot = plan.horizon + .01
    y = top + (foot - top)[..., None] * torch.linspace(0, 1, JOINTS, device=x.device)
    y = y.expand_as(x)
    thick = .007 + .014 * near
    mask = torch.zeros(1, device=x.device)
    for joint in range(JOINTS - 1):
        piece = capsule(canvas, x[..., joint], y[..., joint], x[..., joint + 1], y[..., joint + 1], thick)
        mask = torch.maximum(mask, piece)
    canvas.paint(mask * light[..., None, None], (plan.bolt * .4 + .6).clamp(max=1))


def _land(plan, canvas, light):
    """Hills and a house with a lit window, black against the sky."""
    ridge = plan.horizon[..., None, None] + plan.hill[..., None, None] * torch.sin(
        canvas.x * plan.roll[..., None, None] + plan.shift[..., None, None])
    glow = plan.land[..., None] * (1 + 9 * light)[:, None]
    canvas.paint(soft(canvas, ridge - canvas.y), glow.clamp(max=1))
    left, right = plan.house, plan.house + .20
    top, foot = plan.horizon - .04, plan.horizon + .12
    canvas.paint(box(canvas, left, right, top, foot), (glow * .7).clamp(max=1))
    gable = (canvas.x - (plan.house + .10)[..., None, None]).abs() * .7 - (canvas.y - (top - .08)[..., None, None])
    canvas.paint(soft(canvas, gable * .82) * span(canvas.y, -1.0, top[..., None, None], canvas.pixel), (glow * .6).clamp(max=1))
    canvas.paint(box(canvas, left + .05, left + .10, top + .05, top + .10), plan.lamp)


def sound(plan, tape):
    rate, device = tape.rate, plan.horizon.device
    grid = tape.noise("rumble", VOICES, 52800)
    decay = torch.tensor([[.75, .65, .55]], device=device).expand(len(grid), -1)
    rumble = burst(grid, decay, rate, 35, 380)
    time = torch.arange(rumble.shape[-1], device=device) / rate
    # thunder rolls: it swells again and again while it dies away
    swell = 1 + .55 * torch.sin(2 * torch.pi * 2.3 * time + plan.shift[..., None]) * torch.sin(2 * torch.pi * 1.1 * time)
    rumble = rumble * swell * (1 - torch.exp(-time / .012))
    rumble = rumble / rumble.abs().amax(-1, keepdim=True)
    bang = burst(tape.noise("bang", VOICES, 19200), decay * .22, rate, 60, 9000)
    bang = bang / bang.std(-1, keepdim=True) * torch.tensor([.04, .08, .18], device=device)[:, None]
    tape.strike(plan.hits[0], mixed(rumble, bang), .70, fade=.4)
