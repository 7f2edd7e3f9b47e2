"""How far the sound of a clip is from its picture, with what was measured and a grade.

An offset is the time of the sound less that of the picture: positive is late sound. ITU-R BT.1359 counts the
other way round, positive where the sound is advanced; its limits are turned here.
"""

import json
from typing import NamedTuple

import torch

from .errors import MediaError
from .onsets import find_onsets
from .pixels import shape_of
from .sync_offset import Offset, find_offset
from .visual import find_events

GRADES = (  # name, sound early and sound late by at most so many ms, source
    ("lock", 10, 10),           # no one can tell
    ("broadcast", 40, 60),      # EBU R37
    ("tolerable", 90, 185),     # ITU-R BT.1359, acceptability
)
WORST = "out of sync"
CONTACT_ERROR = 0.003           # seconds; of bounces whose truth is known, see bench/meter.py


class Sync(NamedTuple):
    """`offset` (Offset); `seen`: visual Events, `heard`: Onsets; `seconds` of the longer of the two.

    For the plot, each 0..1: `motion` [F], change from the frame before; `level` [n], peaks of the sound over equal times.
    `notes`: lines on what was mended in the picture.
    """

    offset: Offset
    seen: list
    heard: list
    seconds: float
    motion: torch.Tensor
    level: torch.Tensor
    picture_seconds: float
    sound_seconds: float
    notes: list

    @property
    def ms(self):
        """The offset in milliseconds, or None."""
        return None if self.offset.seconds is None else 1000 * self.offset.seconds

    @property
    def grade(self):
        return None if self.ms is None else grade_of(self.ms)


def measure_sync(frames, rate, waveform, sample_rate):
    """Sync of frames [F, H, W, C] (0..1) at `rate` frames per second with a waveform [C, N]; both begin at 0.

    Grey frames are as good as coloured ones, transparent ones are laid over black, NaN and infinity are black and noted.
    MediaError where there are no frames, or something else than frames.
    """
    frames, notes = _opaque(frames)
    seen, heard = find_events(frames, rate), find_onsets(waveform, sample_rate)
    picture, sound = len(frames) / float(rate), waveform.shape[1] / sample_rate
    return Sync(offset_of(seen, heard), seen, heard, max(picture, sound), _motion(frames), _level(waveform), picture, sound, notes)


def _opaque(frames):
    """(frames [F, H, W, 3], notes on what was mended)."""
    channels = shape_of(frames)[2]
    if not len(frames):
        raise MediaError("There are no frames to measure the sound against.")
    frames, notes = frames.detach(), []
    if bad := frames.numel() - int(torch.isfinite(frames).sum()):
        frames, notes = frames.nan_to_num(0.0, 0.0, 0.0), [f"the picture: {bad} values were NaN or infinite and are black now."]
    if channels == 4:
        frames = frames[..., :3] * frames[..., 3:]
    return frames.expand(-1, -1, -1, 3), notes


def offset_of(seen, heard):
    """Offset of visual Events and Onsets. Contacts of a clip err alike, which their scatter cannot show: so much wider is the interval."""
    offset = find_offset(*([event.time for event in events] for events in (seen, heard)),
                         [[event.strength for event in events] for events in (seen, heard)])
    if offset.seconds is None or seen[0].kind != "contact":
        return offset
    return offset._replace(low=offset.low - CONTACT_ERROR, high=offset.high + CONTACT_ERROR, method=f"{offset.method}, {1000 * CONTACT_ERROR:g} ms wider")


def grade_of(ms):
    """The grade of an offset in ms, positive late: lock, broadcast, tolerable or out of sync."""
    return next((name for name, early, late in GRADES if -early <= ms <= late), WORST)


def in_words(sync):
    """One line: the offset, its interval and its grade, or why there is no number."""
    if sync.ms is None:
        return f"no number: {sync.offset.reason}"
    side = "late" if sync.ms > 0 else "early"
    beat = f", give or take whole beats of {1000 * sync.offset.period:.0f} ms" if sync.offset.period else ""
    return f"sound {abs(sync.ms):.1f} ms {side} ({1000 * sync.offset.low:+.1f} to {1000 * sync.offset.high:+.1f}): {sync.grade}{beat}"


def figures(sync, nudge=0.0, notes=()):
    """The whole report as a dict; times of events in seconds, offsets in ms, None where there is no number.

    `notes`: lines on what was mended in the sound, which go before those on the picture.
    """
    offset = sync.offset

    def ms(seconds):
        return None if seconds is None else round(1000 * seconds, 2)

    return {
        "summary": in_words(sync), "offset_ms": ms(offset.seconds), "low_ms": ms(offset.low), "high_ms": ms(offset.high),
        "confidence": None if offset.method is None else 0.95, "interval": offset.method, "grade": sync.grade, "reason": offset.reason,
        "chance": offset.chance, "candidates_ms": [ms(value) for value in offset.candidates], "period_ms": ms(offset.period), "nudge_ms": nudge, "output_ms": round((sync.ms or 0.0) + nudge, 2),
        "sign": "positive: sound late", "matched": len(offset.pairs), "notes": [*notes, *sync.notes],
        "pairs": [{"seen": round(a, 4), "heard": round(b, 4), "offset_ms": ms(b - a)} for a, b in offset.pairs],
        "seen": [{"time": round(event.time, 4), "strength": round(event.strength, 3), "kind": event.kind} for event in sync.seen],
        "heard": [{"time": round(onset.time, 4), "strength": round(onset.strength, 3)} for onset in sync.heard],
    }


def as_json(sync, nudge=0.0, notes=()):
    """`figures` as JSON, an event a line."""
    lines = []
    for name, value in figures(sync, nudge, notes).items():
        rows = name in ("pairs", "seen", "heard") and [f"\n    {json.dumps(row)}" for row in value]
        lines.append(f"  {json.dumps(name)}: " + (f"[{','.join(rows)}\n  ]" if rows else json.dumps(value)))
    return "{\n" + ",\n".join(lines) + "\n}"


def _motion(frames):
    small = torch.cat([part.detach().to("cpu", torch.float32)[:, ::max(1, frames.shape[1] // 32), ::max(1, frames.shape[2] // 32), :3] for part in frames.split(16)])
    change = torch.zeros(len(frames))
    change[1:] = (small[1:] - small[:-1]).abs().mean((1, 2, 3))
    return change / change.max().clamp(min=1e-6)


def _level(waveform, parts=500):
    peaks = torch.nn.functional.adaptive_max_pool1d(waveform.abs().amax(0)[None].float(), min(parts, waveform.shape[1]))[0]
    return peaks / peaks.max().clamp(min=1e-6)
