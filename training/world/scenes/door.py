"""A door that swings open and falls shut; it may creak, and it is made of wood or of metal."""
import torch

from .. import backdrop
from ..canvas import box, disc, slab, span
from ..captions import named
from ..colours import NAMES, muted, named as colour_named
from ..events import between, hits, recent, rhythm
from ..modal import burst, mixed, ring
from ..plan import Plan

_BASE = torch.tensor([[64., 118, 187, 305, 520, 830], [138., 263, 418, 690, 1130, 1870]])
_GAIN = torch.tensor([[1, .9, .7, .5, .3, .2], [.7, .9, 1, .7, .5, .4]])
_DECAY = torch.tensor([[.14, .11, .09, .06, .04, .03], [.22, .30, .28, .22, .16, .12]])

SYNONYMS = {
    "hard": ("slams", "bangs shut", "slams shut"), "gentle": ("closes", "falls shut", "swings shut"),
    "shutting hard": ("slamming", "banging"), "shutting gently": ("closing", "shutting"),
    "creak": ("creaks", "squeaks"), "opens": ("opens", "is opened"), "creaking": ("creaking", "squeaking"),
}

PHRASES = {
    "picture": (
        "a {material} door opens and {shuts}", "a {colour} {material} door {shuts}", "a {colour} door swings and {shuts}",
        "a {material} door {place} opens and {shuts}", "a {colour} door opens", "the {colour} door {place} {shuts}",
        "a {shutting} {colour} door", "opening and {shutting} door {place}",
    ),
    "effects": (
        "a {material} door {creaks} and {shuts}", "a {material} door {shuts}", "a door opens and {shuts}",
        "the door {shuts}", "the latch clicks and the door {shuts}", "a {material} door {creaks}",
        "a {shutting} {material} door", "a {creaking} {material} door {shuts}",
    ),
}


def setup(draw, look):
    metal, hard, creaks, flipped, inward = draw.flag(.4), draw.flag(.6), draw.flag(.5), draw.flag(.5), draw.flag(.5)
    time = rhythm(draw, draw.uniform(1.75, 2.6), 1.75, jitter=.05)
    slots = time.shape[1]
    opening, rest = draw.uniform(.45, .70), draw.uniform(.05, .20)
    closing = torch.where(hard, draw.uniform(.20, .28), draw.uniform(.42, .55))
    side = draw.choice(2)
    middle = torch.tensor([.36, .64])[side] + draw.uniform(-.04, .04)
    colour = draw.choice(len(NAMES))
    tint = colour_named(draw, colour)
    plan = Plan(
        metal=metal, hard=hard, creaks=creaks, time=time, opening=opening, rest=rest, closing=closing, middle=middle,
        swing=torch.where(flipped, -1.0, 1.0), lean=torch.where(inward, -.20, .28), half=draw.uniform(.155, .185),
        floor=draw.uniform(.86, .91), tall=draw.uniform(.62, .68), far=draw.uniform(1.15, 1.35),
        tint=tint * torch.where(metal, .85, .75), knob=torch.where(metal, .25, .95) * torch.tensor([[1.0, .9, .5]]),
        frame=muted(draw, .55, .75), ground=muted(draw, .3, .5), beyond=torch.where(
            draw.flag(.5), torch.tensor([[1.0, .88, .55]]) * draw.uniform(.8, 1.0), torch.tensor([[.05, .05, .08]])),
        hang=torch.where(middle < .5, .80, .20) + draw.uniform(-.03, .03), art=colour_named(draw, draw.choice(len(NAMES))),
        pitch=draw.uniform(.88, 1.14), creak=draw.uniform(105, 190), glide=draw.uniform(-.25, .5), wobble=draw.uniform(3, 8),
    )
    plan.strength = torch.where(hard, draw.uniform(.80, 1.0, slots), draw.uniform(.42, .58, slots))
    start = time - (closing + rest + opening)
    click = torch.where(creaks, draw.uniform(.40, .55, slots), draw.uniform(.22, .30, slots))
    plan.hits = [
        hits("effects", time, plan.strength, middle - backdrop.camera(look, time)),
        hits("effects", start, click, middle - backdrop.camera(look, start)),
    ]
    plan.slots = {
        "material": named(metal.long(), ("wood", "metal")), "shuts": named(hard.long(), ("gentle", "hard")),
        "colour": named(colour, NAMES), "place": named(side, ("left", "right")),
        "shutting": named(hard.long(), ("shutting gently", "shutting hard")),
        "creaking": named(creaks.long(), ("", "creaking")), "creaks": named(creaks.long(), ("opens", "creak")),
    }
    return plan


def angle(plan, t):
    """How far the door is open at t [b, n]: 0 shut .. 1; it moves from the click of the latch to the slam."""
    _, coming = between(plan.time, t)
    left = plan.time.gather(1, coming) - t
    shut = 1 - (1 - left / plan.closing).clamp(0, 1) ** 2
    opened = ((plan.closing + plan.rest + plan.opening - left) / plan.opening).clamp(0, 1)
    return torch.where(left < plan.closing, shut, torch.sin(opened * torch.pi / 2))


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    backdrop.floor(canvas, plan.floor - .01, plan.ground)
    x, half, foot, head = plan.middle, plan.half, plan.floor, plan.floor - plan.tall
    canvas.paint(box(canvas, x - half - .045, x + half + .045, head - .045, foot), plan.frame)
    glow = (1 - .35 * (canvas.y - head[..., None, None]))[:, None]
    canvas.paint(box(canvas, x - half, x + half, head, foot), plan.beyond[..., None, None, None] * glow)
    _hanging(plan, canvas, t)
    _leaf(plan, canvas, angle(plan, t) * plan.far)


def _hanging(plan, canvas, t):
    """A picture on the wall that shakes when the door falls shut."""
    age, index = recent(plan.time, t, 1)
    age, force = age[..., 0], plan.strength.gather(1, index[..., 0])
    tilt = .32 * force * torch.exp(-age / .22) * torch.sin(2 * torch.pi * 4.5 * age)
    y = plan.floor - plan.tall * .72
    x = plan.hang - .10 * torch.sin(tilt)
    with canvas.patch(x, y, .14, .14) as near:
        near.paint(slab(near, x, y, .088, .108, tilt), plan.frame * .45)
        near.paint(slab(near, x, y, .066, .086, tilt), plan.art)


def _leaf(plan, canvas, turn):
    """The door itself at an angle in radians [b, n]: it narrows, and its free edge comes nearer or goes away."""
    full, high = 2 * plan.half, plan.tall
    hinge = plan.middle - plan.swing * plan.half
    wide = full * torch.cos(turn)
    sheer = plan.lean * torch.sin(turn)
    foot = plan.floor + 0 * turn
    with canvas.patch(plan.middle, foot - high / 2, plan.half + .02, high * .72) as near:
        def up(value):
            return value[..., None, None]

        along = (near.x - up(hinge)) * up(plan.swing) / up(wide)
        # a horizontal line of the door at height h (0 foot .. 1 head) leans towards the eye's height, one half
        stretch = 1 + up(sheer) * along.clamp(0, 1) * .5
        centre = up(foot - high / 2)
        pixel = near.pixel / up(wide)

        def part(left, right, low, top):
            across = span(along, left, right, pixel)
            return across * span(near.y, centre - (top - .5) * up(high) * stretch, centre - (low - .5) * up(high) * stretch, near.pixel)

        light = up(1 - .35 * torch.sin(turn) * plan.swing)
        body = plan.tint[..., None, None, None] * light[:, None]
        near.paint(part(0, 1, 0, 1), body.clamp(0, 1))
        near.paint(part(.93, 1, 0, 1), (body * .8).clamp(0, 1))
        panel = torch.where(up(plan.metal)[:, None], 1.18, .72) * body
        near.paint(part(.18, .80, .56, .90), panel.clamp(0, 1))
        near.paint(part(.18, .80, .10, .44), panel.clamp(0, 1))
        knob_x = hinge + plan.swing * wide * .88
        near.paint(disc(near, knob_x, foot - high * .48, plan.floor * 0 + .024), plan.knob)


def _creak(plan, rate):
    """A hinge that sticks and slips: pulses whose pitch wanders, through the resonances of the door: [b, 1, L]."""
    time = torch.arange(round(.62 * rate), device=plan.creak.device) / rate
    whole = plan.opening
    part = (time / whole).clamp(max=1)
    turns = plan.creak * (time + plan.glide * whole * part ** 2 / 2 + .04 / plan.wobble * torch.sin(2 * torch.pi * plan.wobble * time))
    pulses = torch.exp(6 * (torch.cos(2 * torch.pi * turns) - 1))
    pulses = pulses * (1 + .5 * torch.sin(2 * torch.pi * plan.wobble * 1.7 * time)) * torch.sin(torch.pi * part ** .6)
    frequency = torch.fft.rfftfreq(pulses.shape[-1], 1 / rate).to(time.device)
    body = sum(gain / (1 + ((frequency - centre) / width) ** 2)
               for centre, width, gain in ((650, 120, 1.0), (1450, 160, .8), (2600, 250, .5)))
    return torch.fft.irfft(torch.fft.rfft(pulses) * body, pulses.shape[-1])[:, None]


def sound(plan, tape):
    kind, device = plan.metal[:, 0].long(), plan.pitch.device
    base = plan.pitch[..., None] * _BASE.to(device)[kind][:, None]
    body = ring(base, _GAIN.to(device)[kind][:, None], _DECAY.to(device)[kind][:, None], 1.0, tape.rate)
    body = body / body.abs().amax(-1, keepdim=True)
    bang = burst(tape.noise("door", 1, 6000), torch.where(plan.metal, .025, .035), tape.rate, 70, 4500)
    tape.strike(plan.hits[0], mixed(body, bang / bang.std(-1, keepdim=True) * .22), .68)
    latch = ring(base * 9, _GAIN.to(device)[kind][:, None], _DECAY.to(device)[kind][:, None] * .06, .1, tape.rate)
    latch = latch / latch.abs().amax(-1, keepdim=True)
    creak = _creak(plan, tape.rate)
    creak = creak / creak.abs().amax(-1, keepdim=True) * plan.creaks[..., None]
    tape.strike(plan.hits[1], mixed(latch, creak * .75), .42)
