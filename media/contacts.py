"""Contacts of something that moves: the instants at which its motion turns round or stops all at once."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

THRESHOLD = 0.10
CAP = 0.30
FAINT = 4.0
LEAST_MASS = 1.0
COMES_AND_GOES = 2.5
LEAST_SEEN = 0.2
LEAST_SPEED = 0.20
LEAST_TURN = 0.45
LEAP = 13.0
PART = 0.5


class Contact(NamedTuple):
    """`frame`: instant in frames, fractional; `turn`: change of speed in pixels (of 64) per frame."""

    frame: float
    turn: float


class Motion(NamedTuple):
    """Contacts in time order, and how far to trust them.

    `steadiness`: correlation of the speed with that of the frame before; near 1 for things that
    travel, near or below 0 for flicker and for what changes in place. `clarity`: 1 less the ratio of
    the path's jitter to its turns; near 1 for clean turns, below 0 for none. `unrest`: the speed that
    is exceeded in three quarters of the frames, over the greatest; near 0 where there is rest between.
    """

    contacts: list
    steadiness: float
    clarity: float
    unrest: float


def find_contacts(still):
    """Motion in stabilised frames [F, 3, h, w].

    A bounce or a blow changes the speed at once and against the pull that bends the rest of the path.
    Of what the moving thing's outline does (its centre and its spread, along x and y), that is taken
    in which such turns are plainest; their instants are where the motion before meets that after.
    """
    paths = outline_paths(still)
    if not paths:
        return Motion([], 0.0, -1.0, 0.0)
    x, y, spread_x, spread_y, part_x, part_y = paths
    # Parts meet where the spread is least, and things fall more often than they rise.
    ways = [(x, 1), (-x, 1), (y, 1), (-y, PART), (-spread_x, 1), (-spread_y, 1),
            (part_x, PART), (-part_x, PART), (part_y, PART), (-part_y, PART ** 2)]
    found = [(motion_of(path), weight) for path, weight in ways]
    return max(found, key=lambda one: plainness(one[0]) * one[1])[0]


def plainness(motion):
    """How much is to be made of a Motion beside others of the same clip."""
    force = sum(min(contact.turn, LEAP) ** 2 for contact in motion.contacts)
    return force * max(motion.steadiness, 0.05) * max(motion.clarity, 0.0) ** 2


def motion_of(path):
    """Motion along a path [F] in pixels that rises towards its contacts."""
    contacts = _turns(path)
    turns = np.array([contact.turn for contact in contacts])
    jitter = np.median(np.abs(np.diff(path, 3)))
    clarity = 1 - jitter * turns.sum() / (turns @ turns) if len(turns) else -1.0
    return Motion(contacts, _steadiness(path), float(clarity), _unrest(path))


def _steadiness(path):
    speed = np.diff(path)
    calm = np.abs(speed) <= LEAP
    speed = speed - speed[calm].mean()
    both = calm[:-1] & calm[1:]
    before, after = speed[:-1][both], speed[1:][both]
    return float((before * after).sum() / max((before * before).sum(), 1e-9))


def _unrest(path):
    speed = np.abs(np.diff(path))
    return float(np.quantile(speed, 0.25) / max(np.quantile(speed, 0.95), 1e-9))


def outline_paths(still):
    """float64 arrays [F]: centre x, y and spread x, y of the outlines that differ from the median frame.

    Outlines (fine detail) and not areas, because glows, shadows and flashes have none. The centre is
    given twice: of everything, and of the densest part alone, which follows one thing among others
    (a drop among rings, a ball in the rain). [] where nearly all frames show next to nothing.
    """
    detail = still - F.conv2d(F.pad(still, (2, 2, 2, 2), mode="replicate"), _BLUR.expand(3, 1, 5, 5), groups=3)
    change = (detail - detail.median(0).values).abs().sum(1)
    weight, mass = _outlines(change, THRESHOLD)
    if mass.median() < FAINT:
        fainter = _outlines(change, THRESHOLD / 2)
        # a faint thing keeps about its size; what a panning camera leaves comes and goes
        if mass.median() > LEAST_MASS or fainter[1].quantile(0.9) < COMES_AND_GOES * fainter[1].median():
            weight, mass = fainter
    seen = mass > torch.clamp(0.15 * mass.median(), min=LEAST_MASS)
    if seen.float().mean() < LEAST_SEEN:
        return []
    dense = F.avg_pool2d(F.avg_pool2d(weight[:, None], 7, 1, 3), 7, 1, 3)[:, 0]
    dense = dense / dense.amax((1, 2), keepdim=True).clamp(min=1e-9)
    paths = [*_moments(weight), *_moments(weight * dense**4)[:2]]
    return [_bridged(path, seen).double().numpy() for path in paths]


def _outlines(change, threshold):
    """What of the change [F, h, w] counts as an outline, and how much there is of it in each frame [F]."""
    weight = (change - threshold - 2 * change.median()).clamp(0, CAP)
    return weight, weight.sum((1, 2))


def _moments(weight):
    """Centre x, y and mean distance from it along x, y, in pixels, each [F], of weight [F, h, w]."""
    mass = weight.sum((1, 2)).clamp(min=1e-6)
    x, y = torch.arange(weight.shape[2]) * 1.0, torch.arange(weight.shape[1]) * 1.0
    columns, rows = weight.sum(1) / mass[:, None], weight.sum(2) / mass[:, None]
    centre_x, centre_y = columns @ x, rows @ y
    away_x = (columns * (x - centre_x[:, None]).abs()).sum(1)
    return centre_x, centre_y, away_x, (rows * (y - centre_y[:, None]).abs()).sum(1)


_ROW = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
_BLUR = _ROW[:, None] * _ROW


def _bridged(path, seen):
    """A straight line over the frames in which too little is seen."""
    index = torch.arange(len(path))[seen].double().numpy()
    return torch.from_numpy(np.interp(np.arange(len(path)), index, path[seen].double().numpy()))


def _turns(path):
    """Contacts of a path [F] that rises towards them. What leaps is no motion but another thing that came into view."""
    speed = np.diff(path)
    # Between frames k-1 and k: the loss of speed from the step before to the step after.
    loss = np.zeros(len(path))
    loss[2:-1] = speed[:-2] - speed[2:]
    noise = np.quantile(np.abs(np.diff(path, 3)), 0.25)
    gaps = [
        k for k in range(2, len(path) - 1)
        if loss[k] >= max(LEAST_TURN, 3 * noise, loss[max(0, k - 2):k + 3].max())
        and speed[k - 2] >= max(LEAST_SPEED, 0.25 * loss[k]) and speed[max(0, k - 3)] >= -0.15 * loss[k]
        and speed[k - 2] <= LEAP
    ]
    return [Contact(float(instant), float(loss[k])) for k, instant in zip(gaps, _meetings(path, gaps))]


def _meetings(path, gaps):
    """Where the path up to frame k-1 meets the path from frame k on, for each gap k.

    Three frames on each side say little about how a path bends; all contacts of a clip together say
    more, and they are alike. So the bends are their medians, before and after apart.
    """
    bends = np.array([_bend(path, k) for k in gaps if 3 <= k <= len(path) - 3]).reshape(-1, 2)
    shared = np.median(bends, 0) if len(bends) > 2 else None
    return [_meeting(path, k, shared) for k in gaps]


def _bend(path, k):
    return np.diff(path[k - 3:k], 2)[0] / 2, np.diff(path[k:k + 3], 2)[0] / 2


def _meeting(path, k, shared):
    """One meeting; the neighbouring gaps are tried too, as a contact near a frame may count to either side."""
    options = []
    for gap in (k, k - 1, k + 1):
        if gap < 3 or gap + 3 > len(path):
            continue
        bend = _bend(path, gap) if shared is None else shared
        before = _parabola(np.arange(-3, 0), path[gap - 3:gap], bend[0])
        after = _parabola(np.arange(0, 3), path[gap:gap + 3], bend[1])
        for root in np.roots(before - after):
            if abs(root.imag) < 1e-9 and -1.2 <= root.real <= 0.2:
                options.append((np.polyval(before, root.real), gap + root.real))
    return max(options)[1] if options else k - 0.5


def _parabola(at, values, bend):
    """Coefficients of the parabola of a given bend through points, by least squares."""
    return np.array([bend, *np.polyfit(at, values - bend * at * at, 1)])
