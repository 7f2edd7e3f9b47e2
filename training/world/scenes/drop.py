"""Drops that fall into a pool: rings on the water and a plink; small drops sound higher."""
import math

import torch

from .. import backdrop
from ..canvas import below, disc, ring as circle
from ..captions import named
from ..colours import hsv
from ..events import hits, recent, rhythm
from ..modal import burst, mixed
from ..layout import layout as lay_out
from ..plan import Plan

GRAVITY = 4.0
PLACES = 3

PHRASES = {
    "picture": (
        "{size} drops fall into water {quickly}", "water drops fall into a pool {place}", "drops make rings on water",
        "{fast} {size} drops falling into a pond", "{size} water drops drip into a pool", "a drop falls on the water",
        "dripping water {place}",
    ),
    "effects": (
        "{size} water drops", "{fast} dripping water", "drops plink into water {quickly}", "water drips {quickly}",
        "{size} drops splash into a pool", "plinks of {size} drops",
    ),
}


def setup(draw, look):
    fast, big, side = draw.flag(.5), draw.flag(.5), draw.choice(3)
    period = torch.where(fast, draw.uniform(.38, .55), draw.uniform(.75, 1.05))
    time = rhythm(draw, period, .38, jitter=.16)
    voice = draw.choice(PLACES, time.shape[1])
    strength = draw.uniform(.6, 1.0, time.shape[1])
    middle = torch.tensor([.34, .50, .66])[side]
    places = middle + torch.tensor([[-.17, .0, .17]]) + draw.uniform(-.04, .04, PLACES)
    radius = torch.where(big, draw.uniform(.068, .082), draw.uniform(.044, .054))
    surface = draw.uniform(.52, .60)
    plan = Plan(
        time=time, voice=voice, strength=strength, places=places, radius=radius, surface=surface,
        depths=torch.tensor([[.16, .24, .18]]) + draw.uniform(-.03, .03, PLACES),
        water=hsv(draw.uniform(.48, .62), draw.uniform(.5, .8), draw.uniform(.32, .50)),
        base=torch.where(big, 560., 1150.) * draw.uniform(.88, 1.14) * torch.tensor([[.84, 1.0, 1.19]]),
        sweep=draw.uniform(3, 8), decay=torch.where(big, draw.uniform(.055, .08), draw.uniform(.03, .05)),
    )
    place = places.gather(1, voice) - backdrop.camera(look, time)
    plan.hits = [hits("effects", time, strength, place, voice)]
    plan.slots = {
        "size": named(big.long(), ("small", "big")), "fast": named(fast.long(), ("slow", "fast")),
        "quickly": named(fast.long(), ("slowly", "quickly")), "place": named(side, ("left", "", "right")),
    }
    return plan


def falling(plan, t):
    """(x, y) of the coming drop at t [b, n]: it falls freely and meets the surface at the instant of its event."""
    coming = torch.searchsorted(plan.time, t.contiguous(), right=True).clamp(max=plan.time.shape[1] - 1)
    left = (plan.time.gather(1, coming) - t).clamp(min=0)
    here = plan.voice.gather(1, coming)
    x, y = plan.places.gather(1, here), plan.surface + plan.depths.gather(1, here)
    impact = (2 * GRAVITY * (y + .15)).sqrt()  # from rest, a little above the picture
    left = torch.minimum(left, impact / GRAVITY)
    return x, y - plan.radius - impact * left + .5 * GRAVITY * left ** 2


def layout(plan, look, t):
    x, y = falling(plan, t)
    age, index = (part[..., 0] for part in recent(plan.time, t, 1))
    here = plan.voice.gather(1, index)
    force = plan.strength.gather(1, index) * torch.exp(-age / .40) * (age < 2)
    rings = plan.places.gather(1, here), plan.surface + plan.depths.gather(1, here), .02 + .34 * age.clamp(max=2), force
    return lay_out(t, (x, y, plan.radius, plan.surface), rings, plan.water, plan.water, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    surface = plan.surface
    depth = (canvas.y - surface[..., None, None]).clamp(min=0)
    colour = plan.water[..., None, None, None] * (1.25 - 1.1 * depth * torch.ones_like(canvas.x))[:, None]
    canvas.paint(below(canvas, surface), colour)
    age, index = recent(plan.time, t, 3)
    frames = t.shape[1]
    for slot in range(3):
        old = age[..., slot]
        here = plan.voice.gather(1, index[..., slot])
        x, y = plan.places.gather(1, here), surface + plan.depths.gather(1, here)
        force = plan.strength.gather(1, index[..., slot]) * torch.exp(-old / .40) * (old < 2)
        reach = .02 + .34 * old.clamp(max=2)
        with canvas.patch(x, y, torch.as_tensor(.45), torch.as_tensor(.17)) as near:
            water = below(near, surface) * force[..., None, None]
            for wave, power in ((1.0, .75), (.55, .5)):
                near.shine(water * power * circle(near, x, y, reach * wave, reach * wave * .34, .020), plan.water + .35)
    # a crown of water jumps where the newest drop went in
    old, here = age[..., 0], plan.voice.gather(1, index[..., 0])
    x, y = plan.places.gather(1, here), surface + plan.depths.gather(1, here)
    fly = (old / .22).clamp(0, 1)
    lift = .12 * plan.strength.gather(1, index[..., 0]) * 4 * fly * (1 - fly)
    side = torch.tensor([-1., -.4, .4, 1.], device=t.device)
    spray_x = x[..., None] + side * (.02 + .07 * fly)[..., None]
    spray_y = y[..., None] - lift[..., None] * (1.2 - .3 * side.abs())
    amount = (.55 * (fly < 1) * (fly > 0))[..., None].expand(-1, -1, 4)
    canvas.sparkle(spray_x, spray_y, .020, amount, (plan.water + .4).clamp(max=1))
    x, y = falling(plan, t)
    size = plan.radius * torch.ones(1, frames, device=t.device)
    with canvas.patch(x, y, plan.radius * 1.3, plan.radius * 1.5) as near:
        shine = (near.y - y[..., None, None]) / plan.radius[..., None, None]
        body = (plan.water * .5 + .5)[..., None, None, None] * (1.05 - .28 * shine)[:, None]
        near.paint(disc(near, x, y, size), body.clamp(0, 1))


def sound(plan, tape):
    rate, time = tape.rate, torch.arange(round(.4 * tape.rate), device=plan.base.device) / tape.rate
    # the bubble's note rises while it dies away
    angle = 2 * math.pi * plan.base[..., None] * (time + plan.sweep[..., None] * time ** 2 / 2)
    plink = torch.sin(angle) * torch.exp(-time / plan.decay[..., None])
    splash = burst(tape.noise("drop", PLACES, 1200), plan.decay.expand(-1, PLACES) * .12, rate, 900, 7000)
    tape.strike(plan.hits[0], mixed(plink, splash / splash.std(-1, keepdim=True) * .07), .55)
