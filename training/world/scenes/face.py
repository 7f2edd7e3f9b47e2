"""A face that speaks syllables; the mouth opens with each of them as far as the vowel asks."""
import torch

from .. import backdrop, voice
from ..canvas import below, disc, ellipse
from ..captions import named
from ..colours import hsv, skin
from ..events import LONGEST, hits, recent
from ..layout import layout as lay_out
from ..plan import Plan

SYLLABLES = 6               # different syllables a speaker uses in one clip

PHRASES = {
    "picture": (
        "a {person} talks", "the face of a {person} speaking", "a {person} speaks {place}", "a {person} is talking",
        "a talking face of a {person}", "a {person} says something", "a {size} talking face {place}",
    ),
    "dialogue": (
        "a {register} voice speaks", "a {person} speaks with a {register} voice", "a {register} voice says syllables",
        "a {person} talks {quickly}", "{register} voice of a {person}", "{quickly} spoken syllables in a {register} voice",
    ),
}


def speech(draw, fast):
    """Syllables of a speaker: time, strength, kind [b, K]; kind is one of SYLLABLES. fast [b, 1] bool."""
    slots = int(LONGEST / .24) + 3
    step = torch.where(fast, draw.uniform(.24, .34, slots), draw.uniform(.36, .52, slots))
    pause = draw.flag(.16, slots) * draw.uniform(.25, .5, slots)
    time = draw.uniform(-.4, .25) + (step + pause).cumsum(1) - step[:, :1]
    return time, draw.uniform(.65, 1.0, slots), draw.choice(SYLLABLES, slots)


def speaker(draw, high):
    """Voice and head of a speaker; high [b, 1] bool."""
    pitch = torch.where(high, draw.uniform(200, 265), draw.uniform(95, 130))
    return Plan(
        high=high, pitch=pitch * (1 + draw.uniform(-.10, .14, SYLLABLES)), glide=draw.uniform(-.25, .15, SYLLABLES),
        vowel=draw.choice(len(voice.VOWELS), SYLLABLES), length=draw.uniform(.17, .25, SYLLABLES),
        consonant=draw.uniform(.1, .55, SYLLABLES), tract=torch.where(high, 1.16, 1.0) * draw.uniform(.96, 1.04),
        skin=skin(draw), hair=torch.where(draw.flag(.6), hsv(draw.uniform(.0, .12), draw.uniform(.2, .7), draw.uniform(.05, .20)),
                        hsv(draw.uniform(.03, .12), draw.uniform(.75, .95), draw.uniform(.55, .85))),
        lips=torch.tensor([[.70, .22, .24]]) * draw.uniform(.8, 1.15), shirt=hsv(draw.uniform(), draw.uniform(.4, .8),
        draw.uniform(.3, .7)), eye=draw.uniform(.034, .042), blink=draw.uniform(0, 3), nod=draw.uniform(0, 6.3),
        beard=draw.flag(.5) & ~high,
    )


def setup(draw, look):
    high, fast, big, side = draw.flag(.5), draw.flag(.5), draw.flag(.5), draw.choice(3)
    who = speaker(draw, high)
    time, strength, kind = speech(draw, fast)
    middle = torch.tensor([.37, .50, .63])[side] + draw.uniform(-.03, .03)
    plan = Plan(
        who=who, fast=fast, time=time, strength=strength, kind=kind, middle=middle, y=draw.uniform(.42, .48),
        size=torch.where(big, draw.uniform(.31, .34), draw.uniform(.25, .27)),
    )
    plan.hits = [hits("dialogue", time, strength, middle - backdrop.camera(look, time), kind)]
    plan.slots = {
        "person": named(high.long(), ("man", "woman")), "register": named(high.long(), ("low", "high")),
        "size": named(big.long(), ("small", "big")), "place": named(side, ("left", "", "right")),
        "quickly": named(fast.long(), ("slowly", "quickly")),
    }
    return plan


def mouth(who, time, strength, kind, t):
    """Opening and width of the mouth, 0..1 each [b, n]; it begins to open at the syllable's instant."""
    age, index = recent(time, t, 2)
    which = kind[:, None].expand(-1, t.shape[1], -1).gather(2, index)

    def of(values):
        return values[:, None].expand(-1, t.shape[1], -1).gather(2, which)

    length = of(who.length)
    phase = (age / .06).clamp(0, 1) * (1 - ((age - .06) / (length - .05)).clamp(0, 1) ** 2)
    loud = strength[:, None].expand(-1, t.shape[1], -1).gather(2, index)
    shape, width = voice.OPENING.to(t.device)[who.vowel], voice.WIDTH.to(t.device)[who.vowel]
    best = (phase * loud).argmax(-1, keepdim=True)
    opening = (phase * of(shape) * (.55 + .45 * loud)).gather(2, best)[..., 0]
    spread = 1 + (of(width).gather(2, best)[..., 0] - 1) * phase.gather(2, best)[..., 0]
    return opening, spread


def nod(who, x, y, t, opening):
    """Where the head of a speaker at (x, y) [b, 1] is at t [b, n]."""
    down = .010 * torch.sin(2.1 * t + who.nod) + .010 * opening
    return x + .008 * torch.sin(1.3 * t + 2 * who.nod), y + down


def head(who, canvas, x, y, size, t, opening, spread):
    """Paint a speaker: x, y, size [b, 1]; opening, spread [b, n]."""
    x, y = nod(who, x, y, t, opening)
    canvas.paint(ellipse(canvas, x, y + size * 2.05, size * 1.25, size * .95), who.shirt)
    with canvas.patch(x, y + size * .15, size * 1.22, size * 1.5) as near:
        long = torch.where(who.high, 1.0, 0.0)
        near.paint(ellipse(near, x, y + size * .16 * long, size * (.98 + .12 * long), size * (1.22 + .10 * long)), who.hair)
        near.paint(ellipse(near, x, y + size * .22, size * .86, size * 1.0), who.skin)
        beard = ellipse(near, x, y + size * .62, size * .74, size * .66) * below(near, y + size * .42)
        near.paint(beard * who.beard[..., None, None], who.hair * .9)
        closed = ((t + who.blink).remainder(3.1) < .12).float()
        for side in (-1, 1):
            eye_x, eye_y = x + side * size * .36, y - size * .02
            tall = (size * .17 * (1 - .85 * closed)).clamp(min=.012)
            near.paint(ellipse(near, eye_x, eye_y, size * .19, tall), who.skin * 0 + .95)
            near.paint(disc(near, eye_x, eye_y, torch.minimum(who.eye, tall)), who.hair * .3)
            near.paint(ellipse(near, eye_x, eye_y - size * .25, size * .22, size * .055), who.hair * .8)
        near.paint(ellipse(near, x, y + size * .30, size * .09, size * .13), who.skin * .84)
        mouth_y, wide = y + size * .68, size * .36 * spread
        tall = size * (.030 + .30 * opening)
        near.paint(ellipse(near, x, mouth_y, wide + size * .07, tall + size * .06), who.lips)
        near.paint(ellipse(near, x, mouth_y, wide, tall), who.lips * .16)
        teeth = ellipse(near, x, mouth_y - tall * .55, wide * .7, tall * .3) * (opening > .25)[..., None, None]
        near.paint(teeth * .9, who.skin * 0 + .93)


def layout(plan, look, t):
    opening, spread = mouth(plan.who, plan.time, plan.strength, plan.kind, t)
    x, y = nod(plan.who, plan.middle, plan.y, t, opening)
    lips = x, y + plan.size * .68, plan.size * .36 * spread, opening
    return lay_out(t, (x, y, plan.size, opening), lips, plan.who.skin, plan.who.hair, plan.who.shirt)


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    opening, spread = mouth(plan.who, plan.time, plan.strength, plan.kind, t)
    head(plan.who, canvas, plan.middle, plan.y, plan.size, t, opening, spread)


def responses(who, tape, name):
    """The speaker's syllables as responses for Tape.strike."""
    return voice.syllables(
        who.pitch, who.vowel, who.tract, who.glide, who.length, who.consonant, tape.noise(name, SYLLABLES, 1200),
        tape.rate)


def sound(plan, tape):
    tape.strike(plan.hits[0], responses(plan.who, tape, "speaker"), .48, attack=.002)
