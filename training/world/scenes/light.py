"""A lamp that lights up with every chord."""
import torch

from .. import backdrop, notes
from ..canvas import box, soft
from ..captions import named
from ..colours import NAMES, named as colour_named
from ..events import hits, recent, rhythm
from ..layout import layout as lay_out
from ..plan import Plan

_STEPS = torch.tensor([[0., -4., 3.], [0., 5., 7.]])     # roots of the chords: minor i VI III, major I IV V

PHRASES = {
    "picture": (
        "a {colour} light pulses {quickly}", "a {fast} pulsing {colour} lamp", "a {colour} lamp flashes {place}",
        "a {size} {colour} lamp glows in the dark", "{colour} light flashing {quickly}",
        "a {size} round lamp lights up {colour}", "a glowing {colour} lamp",
    ),
    "music": (
        "{fast} {mode} chords", "{mode} {timbre} chords", "{mode} chords played {quickly} on a {timbre}",
        "a {timbre} plays {mode} chords", "{fast} {mode} music", "{mode} harmony on a {timbre}",
    ),
}


def setup(draw, look):
    fast, major, big, side = draw.flag(.5), draw.flag(.5), draw.flag(.5), draw.choice(3)
    period = torch.where(fast, draw.uniform(.38, .52), draw.uniform(.72, 1.0))
    time = rhythm(draw, period, .38, jitter=.04)
    voice = draw.choice(3, time.shape[1])
    timbre, colour = draw.choice(3), draw.choice(len(NAMES))
    root = 55 + draw.choice(12).float()
    roots = root + _STEPS[major.long()[:, 0]]
    middle = torch.tensor([.32, .50, .68])[side] + draw.uniform(-.05, .05)
    plan = Plan(
        fast=fast, major=major, roots=roots, timbre=timbre, middle=middle, y=draw.uniform(.38, .52),
        radius=torch.where(big, draw.uniform(.19, .23), draw.uniform(.12, .145)), time=time,
        strength=draw.uniform(.65, 1.0, time.shape[1]), tint=colour_named(draw, colour), fade=draw.uniform(.14, .22),
        dim=draw.uniform(.30, .55), decay=torch.where(fast, .32, .50),
    )
    place = middle - backdrop.camera(look, time)
    plan.hits = [hits("music", time, plan.strength, place, voice, roots.gather(1, voice))]
    plan.slots = {
        "size": named(big.long(), ("small", "big")), "fast": named(fast.long(), ("slow", "fast")),
        "quickly": named(fast.long(), ("slowly", "quickly")), "mode": named(major.long(), ("minor", "major")),
        "timbre": named(timbre, notes.TIMBRES), "colour": named(colour, NAMES),
        "place": named(side, ("left", "", "right")),
    }
    return plan


def glow(time, strength, t, fade):
    """Brightness [b, n]: up within one frame of each event, then dying away; so a frame tells the time inside it."""
    age, index = recent(time, t, 4)
    level = strength[:, None].expand(-1, t.shape[1], -1).gather(2, index)
    pulse = (age * 24).clamp(0, 1) * torch.exp(-(age - 1 / 24).clamp(min=0) / fade[..., None])
    return (pulse * level).amax(-1)


def layout(plan, look, t):
    lamp = plan.middle, plan.y, plan.radius, glow(plan.time, plan.strength, t, plan.fade)
    return lay_out(t, lamp, (plan.middle, 0, 0, 0), plan.tint, plan.tint, look.top * plan.dim)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    canvas.image *= plan.dim[..., None, None, None]
    x, y, radius = plan.middle, plan.y, plan.radius
    lit = glow(plan.time, plan.strength, t, plan.fade)
    canvas.paint(box(canvas, x - .012, x + .012, torch.zeros_like(y) - 1, y - radius), plan.tint * .12)
    canvas.paint(box(canvas, x - .05, x + .05, y - radius - .06, y - radius + .02), plan.tint * .0 + .30)
    distance = torch.sqrt((canvas.x - x[..., None, None]) ** 2 + (canvas.y - y[..., None, None]) ** 2)
    distance = distance - radius[..., None, None]
    halo = torch.exp(-distance.clamp(min=0) / .16)
    canvas.shine(halo * (.55 * lit)[..., None, None], plan.tint)
    core = (-distance / radius[..., None, None]).clamp(0, 1)
    level = lit[..., None, None]
    bulb = plan.tint[..., None, None, None] * (.16 + .80 * level)[:, None] + (.45 * core * level)[:, None]
    canvas.paint(soft(canvas, distance), bulb.clamp(0, 1))


def sound(plan, tape):
    chord = notes.tones(notes.triads(plan.roots, plan.major), plan.timbre, plan.decay, 1.2, tape.rate)
    tape.strike(plan.hits[0], notes.hammered(chord, tape, "chord"), .42, attack=.0008, fade=.3)
