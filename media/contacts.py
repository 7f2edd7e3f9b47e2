"""Contacts of something that moves: the instants at which its motion turns round or stops all at once."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

THRESHOLD = 0.10
CAP = 0.30
LEAST_SPEED = 0.20
LEAST_TURN = 0.45


class Contact(NamedTuple):
    """`frame`: instant in frames, fractional; `turn`: change of speed in pixels (of 64) per frame."""

    frame: float
    turn: float


class Motion(NamedTuple):
    """Contacts in time order, and how far to trust them.

    `steadiness`: correlation of the speed with that of the frame before; near 1 for things that
    travel, near or below 0 for flicker and for what changes in place. `clarity`: 1 less the ratio of
    the path's jitter to its turns; near 1 for clean turns, below 0 for none.
    """

    contacts: list
    steadiness: float
    clarity: float


def find_contacts(still):
    """Motion in stabilised frames [F, 3, h, w].

    A bounce or a blow changes the speed at once and against the pull that bends the rest of the path.
    Of what the moving thing's outline does (its centre and its spread, along x and y), that is taken
    in which such turns are plainest; their instants are where the motion before meets that after.
    """
    paths = [sign * path for path in outline_paths(still) for sign in (1, -1)]
    found = [Motion(_turns(path), _steadiness(path), 0.0) for path in paths]
    weights = [sum(turn * turn for _, turn in m.contacts) * max(m.steadiness, 0.05) for m in found]
    best = int(np.argmax(weights))
    jitter = np.quantile(np.abs(np.diff(paths[best], 3)), 0.75)
    turns = [turn for _, turn in found[best].contacts]
    return found[best]._replace(clarity=float(1 - jitter / np.median(turns)) if turns else -1.0)


def _steadiness(path):
    speed = np.diff(path)
    before, after = speed[:-1] - speed.mean(), speed[1:] - speed.mean()
    return float((before * after).sum() / max((before * before).sum(), 1e-9))


def outline_paths(still):
    """float64 arrays [F]: centre x, y and spread x, y of the outlines that differ from the median frame.

    Outlines (fine detail) and not areas, because glows, shadows and flashes have none.
    """
    detail = still - F.conv2d(F.pad(still, (2, 2, 2, 2), mode="replicate"), _BLUR.expand(3, 1, 5, 5), groups=3)
    change = (detail - detail.median(0).values).abs().sum(1)
    weight = (change - THRESHOLD - 2 * change.median()).clamp(0, CAP)
    mass = weight.sum((1, 2)).clamp(min=1e-6)
    y, x = torch.arange(weight.shape[1]) * 1.0, torch.arange(weight.shape[2]) * 1.0
    centre_x, centre_y = (weight.sum(1) @ x) / mass, (weight.sum(2) @ y) / mass
    spread_x = ((weight.sum(1) * (x - centre_x[:, None]).abs()).sum(1)) / mass
    spread_y = ((weight.sum(2) * (y - centre_y[:, None]).abs()).sum(1)) / mass
    seen = mass > 0.15 * mass.median()
    return [_bridged(path, seen).double().numpy() for path in (centre_x, centre_y, spread_x, spread_y)]


_ROW = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
_BLUR = _ROW[:, None] * _ROW


def _bridged(path, seen):
    """A straight line over the frames in which too little is seen."""
    index = torch.arange(len(path))[seen].double().numpy()
    return torch.from_numpy(np.interp(np.arange(len(path)), index, path[seen].double().numpy()))


def _turns(path):
    """Contacts of a path [F] that rises towards them."""
    speed = np.diff(path)
    # Between frames k-1 and k: the loss of speed from the step before to the step after.
    loss = np.zeros(len(path))
    loss[2:-1] = speed[:-2] - speed[2:]
    noise = np.quantile(np.abs(np.diff(path, 3)), 0.25)
    gaps = [
        k for k in range(2, len(path) - 1)
        if loss[k] >= max(LEAST_TURN, 3 * noise, loss[max(0, k - 2):k + 3].max())
        and speed[k - 2] >= max(LEAST_SPEED, 0.25 * loss[k]) and speed[max(0, k - 3)] >= -0.15 * loss[k]
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
