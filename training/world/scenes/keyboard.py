"""A row of keys; the one that sounds goes down and lights up. Higher notes lie further to the right."""
import torch

from .. import backdrop, notes
from ..canvas import box
from ..captions import named, sometimes
from ..colours import NAMES, named as colour_named
from ..events import hits, recent, rhythm
from ..layout import layout as lay_out
from ..plan import Plan

KEYS = 8
PATTERNS = ("wandering", "rising", "falling", "leaping")

PHRASES = {
    "picture": (
        "a keyboard with keys lighting up {colour}", "the keys of a keyboard light up {quickly}",
        "{colour} lit keys on a piano keyboard", "a row of keys is played {quickly}", "a keyboard plays {quickly}",
        "piano keys go down and glow {colour}",
    ),
    "music": (
        "a {fast} {mode} {shape} melody", "a {timbre} plays a {mode} melody {quickly}", "a {shape} melody on a {timbre}",
        "{mode} {timbre} notes", "a {register} {timbre} plays single notes {quickly}", "a {fast} tune in {mode}",
        "{register} {shape} notes on a {timbre}",
    ),
}


def setup(draw, look):
    fast, major, high = draw.flag(.5), draw.flag(.5), draw.flag(.5)
    period = torch.where(fast, draw.uniform(.28, .38), draw.uniform(.52, .75))
    time = rhythm(draw, period, .28, jitter=.03)
    slots = time.shape[1]
    pattern = draw.choice(4)
    start = draw.choice(KEYS)
    step = torch.tensor([-2, -1, 1, 2])[draw.choice(4, slots)]
    line = torch.arange(slots)[None] + start
    walk = (start + step.cumsum(1)).remainder(2 * KEYS - 2)
    walk = torch.minimum(walk, 2 * KEYS - 2 - walk)
    leap = draw.choice(KEYS, slots)
    key = torch.where(pattern == 0, walk, torch.where(
        pattern == 1, line.remainder(KEYS), torch.where(pattern == 2, (-line).remainder(KEYS), leap)))
    root = torch.where(high, 67, 48) + draw.choice(8)
    pitch = (root + notes.SCALES[major.long()[:, 0]]).float()
    timbre, colour = draw.choice(3), draw.choice(len(NAMES) - 1)
    width = draw.uniform(.100, .113)
    left = .5 - width * KEYS / 2 + draw.uniform(-.03, .03)
    strength = draw.uniform(.65, 1.0, slots)
    plan = Plan(
        fast=fast, major=major, high=high, pattern=pattern, pitch=pitch, timbre=timbre, width=width, left=left, key=key,
        top=draw.uniform(.34, .44), length=draw.uniform(.34, .42), time=time, strength=strength,
        tint=colour_named(draw, colour), ivory=draw.uniform(.80, .95) * torch.tensor([[1., .98, .93]]),
        case=draw.uniform(.08, .25) * torch.tensor([[1.1, .95, .9]]), decay=draw.uniform(.30, .50),
    )
    place = left + (key + .5) * width - backdrop.camera(look, time)
    plan.hits = [hits("music", time, strength, place, key, pitch.gather(1, key))]
    plan.slots = {
        "fast": named(fast.long(), ("slow", "fast")), "quickly": named(fast.long(), ("slowly", "quickly")),
        "mode": named(major.long(), ("minor", "major")), "register": named(high.long(), ("low", "high")),
        "timbre": named(timbre, notes.TIMBRES), "colour": named(colour, NAMES),
        "shape": sometimes(pattern < 3, named(pattern, PATTERNS)),
    }
    return plan


def pressed(plan, t):
    """How far each key is down, and how brightly it glows, at t [b, n]: two [b, n, KEYS].

    A key goes down in the 50 ms before its note and stops at the very instant of the note.
    """
    age, index = recent(plan.time, t + .05, 4)
    age = age - .05
    key = plan.key[:, None].expand(-1, t.shape[1], -1).gather(2, index)
    own = torch.nn.functional.one_hot(key, KEYS)
    down = torch.where(age < 0, (age + .05) / .05, torch.exp(-(age - .09).clamp(min=0) / .04)) * (age < 1)
    light = (age * 24).clamp(0, 1) * torch.exp(-(age - .10).clamp(min=0) / .10)
    return (down[..., None] * own).amax(2), (light[..., None] * own).amax(2)


def layout(plan, look, t):
    down, light = pressed(plan, t)
    key = torch.maximum(down, light).argmax(-1)
    played = plan.left + (key + .5) * plan.width, plan.top + plan.length, plan.width, down.amax(-1)
    board = plan.left + plan.width * KEYS / 2, plan.top, plan.length, light.amax(-1)
    return lay_out(t, played, board, plan.tint, plan.ivory, look.top)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    left, width, top = plan.left, plan.width, plan.top
    bottom = top + plan.length
    right = left + width * KEYS
    canvas.paint(box(canvas, left - .03, right + .03, top - .10, bottom + .08), plan.case)
    down, light = pressed(plan, t)
    # each pixel column belongs to one key: its state is looked up once, not painted key by key
    position = (canvas.x[:, :, 0] - left[..., None]) / width[..., None]
    number = position.floor().clamp(0, KEYS - 1).long().expand(-1, t.shape[1], -1)
    sink, lit = (state.gather(2, number)[:, :, None] for state in (down, light))
    within = position - number
    half = canvas.pixel / width[..., None]
    face = ((within.minimum(1 - within) - .05) / half + .5).clamp(0, 1)[:, :, None]
    drop = .045 * sink
    row = canvas.y
    end = bottom[..., None, None] + drop
    edge = ((end - row) / canvas.pixel + .5).clamp(0, 1) * ((row - top[..., None, None] - drop) / canvas.pixel + .5).clamp(0, 1)
    lip = ((row - end + .05) / canvas.pixel + .5).clamp(0, 1)
    white = (1 - .22 * sink) * (1 - .28 * lip * (1 - .6 * sink))
    base = plan.ivory[..., None, None, None] * white[:, None]
    canvas.paint(face * edge, torch.lerp(base, plan.tint[..., None, None, None].expand_as(base), .88 * lit[:, None]))
    canvas.shine(
        torch.exp(-(position - number - .5).abs()[:, :, None] * 1.2) * lit * torch.exp(-((row - end) / .08).abs()) * .35,
        plan.tint)


def sound(plan, tape):
    note = notes.tones(plan.pitch[..., None], plan.timbre, plan.decay, 1.0, tape.rate)
    tape.strike(plan.hits[0], notes.hammered(note, tape, "key"), .42, attack=.0008, fade=.3)
