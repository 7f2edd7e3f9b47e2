"""Things that happen in one place: a light that goes on, a key that is pressed, a mouth that opens, rings on water."""

from typing import NamedTuple

import torch
import torch.nn.functional as F

CELLS = 16
SPACING = 4
LEAST_RISE = 0.35
RAMPS = (0.0, 0.5, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
FADES = (0.3, 1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 8.0, 12.0, 100.0)
REACH = 3


class Rise(NamedTuple):
    """`frame`: instant in frames, fractional, at which it begins; `size`: change of colour, summed over the cells."""

    frame: float
    size: float


class Place(NamedTuple):
    """Rises in time order, and what they are like.

    `share`: how much of all sudden change lies in them; near 1 where nothing else happens, near 1/2
    where things move about. `ramp`: frames that they take. `busy`: share of the frames in which
    something changes.
    """

    rises: list
    share: float
    ramp: float
    busy: float


def find_rises(still):
    """Place of stabilised frames [F, 3, h, w].

    The picture is seen as coarse cells. A change counts as a rise where a cell leaves its rest quicker
    than it returns to it, which is what light, keys, mouths and rings have in common. The beginning
    within a frame follows from how far the rise has come in the first frame that shows it: in
    brightness or in colour, whichever comes on more quickly.
    """
    cells = _cells(still)
    grey = cells.mean(1)
    tint = (cells - grey[:, None]).flatten(1)
    views = [_risen(view) for view in (cells.flatten(1), grey, tint)]
    total = views[0][1].sum(1)
    # The middle frame counts a little more, so that a rise within one frame has one peak and not two.
    pair = 1.01 * total + F.pad(total[1:], (0, 1))
    peaks = _peaks(pair)
    if not peaks:
        return Place([], 0.0, 0.0, 0.0)
    telling = [view for view in views[1:] if view[1].sum() > 0.08 * total.sum()] or views[:1]
    fits = [_beginnings(torch.stack([_course(*view, k) for k in peaks])) for view in telling]
    ramp, shifts = min(fits, key=lambda fit: fit[0])
    near = {k + step for k in peaks for step in (-1, 0, 1, 2)}
    share = float(sum(total[k] for k in near) / total.sum())
    busy = float((total > 0.1 * total.max()).float().mean())
    return Place([Rise(k + float(shift), float(pair[k])) for k, shift in zip(peaks, shifts)], share, ramp, busy)


def risen_cells(still):
    """Cells [F, n] of stabilised frames [F, 3, h, w], turned so that quick changes go up, and how much each goes up [F, n]."""
    return _risen(_cells(still).flatten(1))


def _cells(still):
    return F.adaptive_avg_pool2d(still, CELLS).flatten(2)


def _risen(cells):
    """Cells [F, n], turned so that quick changes go up, and how much each goes up at each frame [F, n]."""
    step = cells.diff(dim=0, prepend=cells[:1])
    skew = (step / step.abs().mean(0).clamp(min=1e-6)).pow(3).mean(0)
    turn = torch.where(skew < 0, -1.0, 1.0)
    cells, step = cells * turn, step * turn
    quiet = 0.006 + step.abs().median(0).values
    return cells, (step - quiet).clamp(min=0)


def _peaks(pair):
    """Frames k such that what rises over frames k and k+1 is the most nearby, and much for this clip."""
    largest = F.max_pool1d(pair[None], 2 * SPACING - 1, 1, SPACING - 1)[0]
    tops = pair[(pair == largest) & (pair > LEAST_RISE)]
    if not len(tops):
        return []
    level = max(LEAST_RISE, 0.15 * float(tops.quantile(0.75)))
    return [k for k in ((pair == largest) & (pair > level)).nonzero()[:, 0].tolist() if 1 <= k < len(pair) - 2]


def _course(cells, rises, k):
    """How what rises at frame k goes over frames k-REACH..k+REACH: [2 REACH + 1], its change near 1."""
    weight = rises[k] + (rises[k + 1] if k + 1 < len(rises) else 0)
    frames = torch.arange(k - REACH, k + REACH + 1).clamp(0, len(cells) - 1)
    course = cells[frames] @ weight
    course = course - course[:REACH].min()
    return course / course.max().clamp(min=1e-9)


def _beginnings(courses):
    """Length of the rise in frames, and the instants at which each begins, in frames from its peak [n].

    A rise is a ramp of some length, then a decay; both are taken to be the same for all rises of a
    clip, and the pair that fits all courses best decides.
    """
    time = torch.arange(-REACH, REACH + 1.0)
    start = torch.arange(-1.5, 1.0, 0.05)
    best = None
    for ramp in RAMPS:
        for fade in FADES:
            age = time - start[:, None]
            shape = ((age / ramp).clamp(0, 1) if ramp else (age >= 0).float()) * torch.exp(-(age - ramp).clamp(min=0) / fade)
            error = _misfit(courses, shape)
            least, index = error.min(1)
            if best is None or least.mean() < best[0] - 1e-4:  # the shorter ramp where both fit
                best = least.mean(), ramp, start[index]
    _, ramp, shifts = best
    # Events in the world fall anywhere between frames; what always falls alike was cut in on frames.
    locked = len(shifts) > 2 and shifts.max() - shifts.min() < 0.15
    return ramp, torch.ceil(shifts + 0.1) if locked or not ramp else shifts


def _misfit(courses, shapes):
    """Squared error [n, s] of each course [n, t] against base + height * shape [s, t], the best of both."""
    shapes = shapes - shapes.mean(1, keepdim=True)
    courses = courses - courses.mean(1, keepdim=True)
    energy = shapes.square().sum(1).clamp(min=1e-9)
    return courses.square().sum(1, keepdim=True) - (courses @ shapes.T).clamp(min=0).square() / energy
