"""The clock and what happens on it.

Frame k shows the world at the instant k/24 s, the first instant of the interval [k/24, (k+1)/24) in which it is on
screen; sample n is the sound at n/rate. A contact therefore lies anywhere between two frames, and its time is exact.
"""
from fractions import Fraction
from typing import NamedTuple, Optional

import torch

from .plan import Plan

RATE = Fraction(24)
STEMS = ("dialogue", "music", "effects", "ambience")
LONGEST = 241 / 24          # seconds: every schedule is laid out for the longest clip, shorter ones are its beginning
AUDIBLE = 0.08              # strength below which an event counts as unheard
TAIL = 0.03                 # seconds before the end of the clip in which a new sound cannot be made out
NEVER = 1e4                 # seconds: the time of a slot that holds nothing


class Event(NamedTuple):
    """One happening of one clip. time: seconds, exact; strength: 0..1; pitch: MIDI note number or None."""

    track: str
    time: float
    strength: float
    pitch: Optional[float]
    audible: bool


class Hits(Plan):
    """Events of b clips in K slots sorted by time.

    track: dialogue, music or effects; time [b, K] seconds; strength [b, K], 0 = silent; voice [b, K] long: which
    response of the scene sounds; place [b, K]: horizontal position in the picture, 0 left .. 1 right;
    pitch [b, K] MIDI note numbers, or None.
    """


def hits(track, time, strength, place, voice=None, pitch=None):
    """Make Hits; `place` [b, 1] or [b, K]."""
    voice = torch.zeros_like(time, dtype=torch.long) if voice is None else voice
    return Hits(track=track, time=time, strength=strength, voice=voice, place=place.expand_as(time), pitch=pitch)


def listed(happenings, seconds):
    """Hits (on the CPU) -> for each clip the list of Events with 0 <= time < seconds and strength > 0."""
    clips = len(happenings.time)
    pitch = happenings.pitch.tolist() if happenings.pitch is not None else [[None] * happenings.time.shape[1]] * clips
    rows = zip(happenings.time.double().tolist(), happenings.strength.tolist(), pitch)
    return [
        [
            Event(happenings.track, t, s, p, s >= AUDIBLE and t < seconds - TAIL)
            for t, s, p in zip(times, strengths, pitches) if 0 <= t < seconds and s > 0
        ]
        for times, strengths, pitches in rows
    ]


def rhythm(draw, period, shortest, jitter=0.05):
    """A pulse with jitter: [b, K] sorted times from about one period before zero to the longest clip's end.

    period [b, 1] seconds, never below `shortest` (which sizes K).
    """
    count = int(LONGEST / shortest) + 3
    step = torch.arange(count)[None]
    start = -draw.uniform(0.0, 0.85) * period
    return start + period * (step + jitter * draw.uniform(-1.0, 1.0, count))


def recent(time, t, depth):
    """The last `depth` slots at or before each instant.

    time [b, K] sorted, t [b, n] -> age [b, n, depth] seconds (NEVER where there is none), index [b, n, depth].
    """
    last = torch.searchsorted(time.contiguous(), t.contiguous(), right=True)[..., None] - 1
    index = last - torch.arange(depth, device=t.device)
    clipped = index.clamp(min=0)
    start = time[:, None].expand(-1, t.shape[1], -1).gather(2, clipped)
    return torch.where(index >= 0, t[..., None] - start, torch.full_like(start, NEVER)), clipped


def between(time, t):
    """Where each instant lies between two slots: progress [b, n] in 0..1, and the index [b, n] of the coming slot."""
    coming = torch.searchsorted(time.contiguous(), t.contiguous(), right=True).clamp(1, time.shape[1] - 1)
    before, after = time.gather(1, coming - 1), time.gather(1, coming)
    return ((t - before) / (after - before)).clamp(0, 1), coming
