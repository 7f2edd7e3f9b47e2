"""Soft chords under a scene; nothing of them is seen."""
import torch

from .. import notes
from ..captions import named
from ..events import hits, rhythm
from ..plan import Plan

_STEPS = torch.tensor([[0., -4., 3.], [0., 5., 7.]])
_UNDER = ("hammer", "face", "faces", "clap", "ball", "drop", "footsteps", "door", "glass", "crowd")

PHRASES = {"music": (
    "soft {mode} {timbre} music", "quiet {mode} chords", "gentle {mode} {timbre} chords", "a soft {timbre} in {mode}",
    "{mode} background music",
)}


def chance(scene):
    return .15 if scene in _UNDER else 0.0


def setup(draw, look):
    major, timbre = draw.flag(.5), draw.choice(3)
    time = rhythm(draw, draw.uniform(.85, 1.5), .85, jitter=.02)
    voice = draw.choice(3, time.shape[1])
    roots = 52 + draw.choice(12) + _STEPS[major.long()[:, 0]]
    plan = Plan(major=major, timbre=timbre, roots=roots)
    plan.hits = [hits("music", time, draw.uniform(.35, .55, time.shape[1]), torch.full_like(time, .5), voice,
                      roots.gather(1, voice))]
    plan.slots = {"mode": named(major.long(), ("minor", "major")), "timbre": named(timbre, notes.TIMBRES)}
    return plan


def paint(plan, look, canvas, t):
    pass


def sound(plan, tape):
    decay = torch.full_like(plan.roots[:, :1], .55)
    chord = notes.tones(notes.triads(plan.roots, plan.major), plan.timbre, decay, 1.3, tape.rate)
    tape.strike(plan.hits[0], notes.hammered(chord, tape, "bed"), .38, attack=.002, fade=.4)
