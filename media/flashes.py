"""Light that comes on or goes off at once: whole in the first frame that shows it, at any frame rate."""

from typing import NamedTuple

import torch
import torch.nn.functional as F

CELLS = 16
PART = 0.3                  # of the greatest step
WHOLE = 0.93
SHARE = 0.93
FEWEST = 2


class Flash(NamedTuple):
    """`frame`: the first that shows it; `size`: how far the picture goes from its rest, 1 for the farthest of the clip."""

    frame: int
    size: float


def find_flashes(frames):
    """Flashes of frames [F, H, W, 3] (0..1), or [] where they are not what most of the sudden change is.

    The picture at rest is its median; a flash is a step away from it that comes from a level that held still and
    grows no more. How it ends, at once or slowly, does not matter. What moves, or takes its time, is none.
    """
    level = _level(frames)
    step = level.diff(prepend=level[:1])
    rises = (step - 3 * step.abs().median()).clamp(min=0)
    before = F.pad(step.abs(), (1, 0))[:-1]
    after = F.max_pool1d(F.pad(level, (0, 3))[None], 4, 1)[0]
    flash = (step > PART * step.max()) & (before < 0.15 * step) & (level >= WHOLE * after) & (rises > 0)
    if flash.sum() < FEWEST or rises[flash].sum() < SHARE * rises.sum():
        return []
    return [Flash(k, float(level[k])) for k in flash.nonzero()[:, 0].tolist()]


def _level(frames):
    """How far each frame is from the picture at rest, in the places and towards the colours that go farthest: [F], at most 1."""
    cells = torch.cat([_cells(part) for part in frames.split(16)])
    away = cells - cells.median(0).values
    level = away @ (away * away.abs()).mean(0)
    return level / level.max().clamp(min=1e-12)


def _cells(frames):
    frames = frames.detach().to("cpu", torch.float32).permute(0, 3, 1, 2)
    return F.interpolate(frames, (min(CELLS, frames.shape[2]), min(CELLS, frames.shape[3])), mode="area").flatten(1)
