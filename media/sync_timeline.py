"""What a timeline on the canvas shows of a Sync, and the small clip that it plays."""

import math

import torch
import torch.nn.functional as F

from . import formats
from .sync_report import GRADES, figures
from .writing import write_clip

POINTS = 500    # of a curve, at most
HEIGHT = 240    # pixels of the clip, at most
JUMP = 12       # frames between those that a player can jump to at once


def timeline(sync, rate, nudge=0.0, notes=()):
    """`sync_report.figures` and, plain JSON too, what the report has no use for: lengths in seconds and the curves.

    `motion` and `level`: at most 500 values 0..1 over `picture_seconds` and `sound_seconds`. `grades`: name, ms early and ms
    late at most, of the worst "out of sync" null. `rate`: frames per second, a Fraction.
    """
    return {
        **figures(sync, nudge, notes), "seconds": sync.seconds, "picture_seconds": sync.picture_seconds, "sound_seconds": sync.sound_seconds, "rate": float(rate),
        "grades": [list(row) for row in GRADES], "motion": _curve(sync.motion), "level": _curve(sync.level),
    }


def write_preview(path, frames, rate, waveform, sample_rate):
    """Write under `path` (.mp4) frames [F, H, W, C] and the waveform [C, N] as they were measured, to play and to jump about in.

    240 pixels high at most, as long as the longer of the two. Sound without loss, stereo at most: nothing of it may come late.
    MediaError where it cannot be written.
    """
    if len(waveform) > 2:
        waveform = waveform.mean(0, keepdim=True)
    write_clip(path, _small(frames), rate, waveform, sample_rate, form=formats.choose("mp4", "h264", "flac", "standard"), policy="longest", options={"g": str(JUMP), "bf": "0"})


def _curve(values):
    return [round(value, 3) for value in F.adaptive_max_pool1d(values[None], min(POINTS, len(values)))[0].tolist()]


def _small(frames):
    height, width = frames.shape[1:3]
    scale = min(1.0, HEIGHT / height)
    size = (max(2, round(height * scale)), max(2, round(width * scale)))
    for part in frames.split(16):
        yield F.interpolate(part.detach().to("cpu", torch.float32).movedim(-1, 1), size, mode="area").movedim(1, -1)
