"""Two faces that speak in turn, one with a high and one with a low voice; only the speaker's mouth moves."""
import torch

from .. import backdrop
from ..captions import named
from ..events import LONGEST, hits, recent
from ..plan import Plan
from . import face

SYNONYMS = {
    "high first": ("a woman and a man", "a lady and a man"), "low first": ("a man and a woman", "a man and a lady"),
}

PHRASES = {
    "picture": (
        "{pair} talk in turn", "two people talk {quickly}", "{pair} talk to each other", "the faces of {pair} speaking",
        "two talking faces", "{pair} have a conversation", "two faces speak in turn",
    ),
    "dialogue": (
        "{pair} talk {quickly}", "a high and a low voice in turn", "two voices talk to each other",
        "a {quick} conversation of {pair}", "two people speak {quickly} in turn", "a dialogue of {pair}",
    ),
}


def setup(draw, look):
    swapped, fast = draw.flag(.5), draw.flag(.5)
    slots = int(LONGEST / .26) + 3
    step = torch.where(fast, draw.uniform(.26, .34, slots), draw.uniform(.36, .50, slots))
    # a turn holds three to five syllables, and the other one answers after a pause
    turn_of = (draw.uniform(3, 5.99, slots).long().cumsum(1)[:, None] <= torch.arange(slots)[:, None]).sum(2)
    change = torch.nn.functional.pad(turn_of.diff(dim=1) > 0, (1, 0))
    time = draw.uniform(-.5, .2) + (step + change * draw.uniform(.28, .45, slots)).cumsum(1) - step[:, :1]
    kind, strength = draw.choice(face.SYLLABLES, slots), draw.uniform(.65, 1.0, slots)
    who = [face.speaker(draw, swapped), face.speaker(draw, ~swapped)]       # left, right
    for one in who:
        one.eye = one.eye * .58
    first = draw.choice(2)
    plan = Plan(
        swapped=swapped, fast=fast, who=who, time=time, strength=strength, kind=kind, speaker=(turn_of + first) % 2,
        places=torch.tensor([[.27, .73]]) + draw.uniform(-.025, .025, 2), heights=draw.uniform(.42, .52, 2),
        sizes=draw.uniform(.165, .190, 2),
    )
    place = plan.places.gather(1, plan.speaker) - backdrop.camera(look, time)
    plan.hits = [hits("dialogue", time, strength, place, plan.speaker * face.SYLLABLES + kind)]
    plan.slots = {
        "pair": named(swapped.long(), ("low first", "high first")), "quick": named(fast.long(), ("slow", "fast")),
        "quickly": named(fast.long(), ("slowly", "quickly")),
    }
    return plan


def paint(plan, look, canvas, t):
    backdrop.wall(canvas, look)
    speaking = plan.speaker.gather(1, recent(plan.time, t, 1)[1][..., 0])
    for side, who in enumerate(plan.who):
        opening, spread = face.mouth(who, plan.time, plan.strength, plan.kind, t)
        own = (speaking == side).float()
        one = slice(side, side + 1)
        face.head(who, canvas, plan.places[:, one], plan.heights[:, one], plan.sizes[:, one], t, opening * own,
                  1 + (spread - 1) * own)


def sound(plan, tape):
    voices = [face.responses(who, tape, name) for who, name in zip(plan.who, ("left speaker", "right speaker"))]
    tape.strike(plan.hits[0], torch.cat(voices, 1), .48, attack=.002)
