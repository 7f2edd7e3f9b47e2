"""A crowd's murmur, and the heads of its front row."""
import torch

from .. import noise
from ..canvas import disc, ellipse
from ..captions import named
from ..colours import hsv, skin
from ..modal import GRID, resample
from ..plan import Plan

HEADS = 5                   # in one row
_TALKERS, _VOWELS = 8, 3
_FORMANTS = ((700., 1150., 2500.), (320., 2100., 2900.), (430., 900., 2400.))
_CHANCE = {"crowd": 1.0, "footsteps": .10, "door": .10, "glass": .10, "faces": .08}

SYNONYMS = {"murmur quiet": ("quiet", "distant", "small"), "murmur loud": ("loud", "busy", "big")}

PHRASES = {"ambience": (
    "the murmur of a {amount} crowd", "a {amount} crowd murmurs", "a {amount} murmuring crowd", "{amount} voices of a crowd",
    "people murmur in the background", "a crowd murmurs", "the chatter of many people",
)}


def chance(scene):
    return _CHANCE.get(scene, 0.0)


def row(draw):
    """The looks of one row of heads."""
    hues, faces = [], []
    for _ in range(HEADS):
        hues.append(hsv(draw.uniform(.03, .12), draw.uniform(.2, .8), draw.uniform(.05, .5)))
        faces.append(skin(draw))
    return Plan(
        hair=torch.stack(hues, 1), skin=torch.stack(faces, 1), shirt=torch.stack(
            [hsv(draw.uniform(), draw.uniform(.3, .8), draw.uniform(.25, .7)) for _ in range(HEADS)], 1),
        x=(torch.arange(HEADS)[None] + draw.uniform(.25, .75, HEADS)) / HEADS * 1.2 - .1, y=draw.uniform(-.03, .03, HEADS),
        size=draw.uniform(.88, 1.12, HEADS), pace=draw.uniform(1.0, 3.0, HEADS), phase=draw.uniform(0, 6.3, HEADS),
        chat=draw.uniform(2.5, 4.5, HEADS),
    )


def paint_row(people, canvas, t, y, size, away=False):
    """Heads side by side at height y; `away`: seen from behind."""
    for head in range(HEADS):
        one = slice(head, head + 1)
        phase, wide = people.phase[:, one], size * people.size[:, one]
        x = people.x[:, one] + .010 * torch.sin(people.pace[:, one] * t + phase)
        high = y + people.y[:, one] + .007 * torch.sin(people.pace[:, one] * 1.7 * t + 2 * phase)
        with canvas.patch(x, high + wide * 2, wide * 1.7, wide * 3.2) as near:
            near.paint(ellipse(near, x, high + wide * 3.1, wide * 1.55, wide * 2.1), people.shirt[:, head])
            near.paint(ellipse(near, x, high - wide * .05, wide * 1.02, wide * 1.18), people.hair[:, head])
            if away:
                continue
            near.paint(ellipse(near, x, high + wide * .22, wide * .82, wide * .92), people.skin[:, head])
            for side in (-1, 1):
                near.paint(disc(near, x + side * wide * .34, high + wide * .10, wide * .15), people.hair[:, head] * .3)
            talk = torch.sin(people.chat[:, one] * t + phase).clamp(min=0) * torch.sin(4.1 * people.chat[:, one] * t) ** 2
            near.paint(ellipse(near, x, high + wide * .66, wide * .26, wide * (.07 + .22 * talk)), people.skin[:, head] * .35)


def setup(draw, look):
    busy = draw.flag(.5)
    plan = Plan(
        busy=busy, front=row(draw), level=torch.where(busy, draw.uniform(.075, .10), draw.uniform(.028, .040)),
        pitch=torch.where(draw.flag(.5, _TALKERS), draw.uniform(175, 250, _TALKERS), draw.uniform(90, 135, _TALKERS)),
        rate=draw.uniform(2.6, 4.6, _TALKERS), phase=draw.uniform(0, 6.3, _TALKERS * 4).view(-1, 4, _TALKERS),
        side=draw.uniform(.15, .85, _TALKERS), force=draw.uniform(.35, 1.0, _TALKERS),
    )
    plan.hits, plan.slots = [], {"amount": named(busy.long(), ("murmur quiet", "murmur loud"))}
    return plan


def paint(plan, look, canvas, t):
    paint_row(plan.front, canvas, t, .88, .130, away=True)


def murmur(plan, hiss):
    """Many people who speak at once: gliding pulses through vowels that change; hiss [b, 2, n] -> [b, 2, n].

    The talkers share the vowel filters: each moves from vowel to vowel by how much of it passes through which.
    """
    time = torch.arange(hiss.shape[-1], device=hiss.device) / GRID
    bus = torch.zeros(len(hiss), _VOWELS, 2, len(time), device=hiss.device)
    for talker in range(_TALKERS):
        one = slice(talker, talker + 1)
        pitch, rate, side = plan.pitch[:, one], plan.rate[:, one], plan.side[:, one]
        first, second, third, fourth = plan.phase[:, :, one].unbind(1)
        turns = pitch * (time + .10 / 2.2 * torch.sin(2.2 * time + first) + .05 / 7 * torch.sin(7 * time + second))
        pulse = torch.exp(5 * (torch.cos(2 * torch.pi * turns.remainder(1)) - 1)) - .14
        beat = torch.sin(2 * torch.pi * rate * time + first) + .7 * torch.sin(2 * torch.pi * rate * .61 * time + second)
        phrase = (.6 + torch.sin(1.9 * time + third)).clamp(0, 1)
        pulse = pulse * (beat + .3).clamp(min=0) * phrase * plan.force[:, one]
        for vowel in range(_VOWELS):
            share = (.2 + torch.cos(rate * 2.9 * time + fourth + 2.1 * vowel)).clamp(min=0)
            voice = pulse * share
            bus[:, vowel, 0] += voice * (1 - side)
            bus[:, vowel, 1] += voice * side
    frequency = torch.fft.rfftfreq(len(time), 1 / GRID).to(hiss.device)
    total = 0
    for vowel, formants in enumerate(_FORMANTS):
        gain = sum(g / (1 + ((frequency - f) / w) ** 2) for f, w, g in zip(formants, (90, 120, 180), (1, .5, .25)))
        total = total + torch.fft.rfft(bus[:, vowel]) * gain
    babble = torch.fft.irfft(total, len(time))
    breath = noise.filtered(hiss, lambda f: (f / (f + 200)) / (1 + (f / 700) ** 2))
    return noise.unit(noise.unit(babble) + .45 * noise.unit(breath))


def sound(plan, tape):
    bed = murmur(plan, tape.noise("crowd", 2, tape.grid_samples)) * plan.level[..., None]
    tape.lay("ambience", resample(bed, round(bed.shape[-1] * tape.rate / GRID)))
