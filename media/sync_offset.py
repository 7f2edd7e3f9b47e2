"""The one offset between what is seen and what is heard, or why there is none that can be trusted.

All times in seconds. An offset is the time of the sound less that of the picture: positive is late sound.
"""

import math
from typing import NamedTuple

import numpy as np

from .sync import match

RANGE = 1.0                                 # offsets are looked for within +- this
HORIZON = 2.5                               # and rivals within +- this: the next beat of a slow rhythm is one
STEP = 0.001
BLUR = 0.012                                # standard deviation of an event's time as the detectors give it, with room
WINDOW = 0.045
FEWEST = 3
SHARE = 0.5
SHUFFLES = 399
CHANCE = 0.01
RIVAL = 0.65
_STUDENT = {3: 4.303, 4: 3.182, 5: 2.776}   # 97.5 % points with n - 1 degrees of freedom


class Offset(NamedTuple):
    """`seconds`, or None with the `reason`; `low`, `high`: 95 % interval by `method`.

    `pairs`: matched (seen, heard) times, one-to-one. `chance`: share of unrelated sounds that agree as well.
    `candidates`: offsets that fit, best first; more than one only where that is why there is no number.
    """

    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    pairs: tuple = ()
    chance: float | None = None
    candidates: tuple = ()
    reason: str | None = None


def find_offset(seen, heard):
    """Offset of two lists of times in seconds.

    Every pair (seen, heard) proposes its difference; where the proposals crowd within +-1 s lies the offset. It
    is believed where at least 3 events and half of the shorter list match one-to-one, where fewer than 1 % of
    sounds with the same number of onsets at random crowd as much, and where no other offset within +-2.5 s
    comes near: a steady beat fits one beat later nearly as well, so it alone proves nothing.
    """
    if min(len(seen), len(heard)) < FEWEST:
        return Offset(reason=_too_few(seen, heard))
    seen, heard = np.sort(np.asarray(seen, float)), np.sort(np.asarray(heard, float))
    crowd = _crowd(seen, heard, HORIZON)
    near = _within_range(crowd)
    best = int(near.argmax())
    chance = _chance(seen, heard, near[best])
    if chance >= CHANCE:
        return Offset(chance=chance, reason="what is heard agrees with what is seen no better than chance")
    candidates = _candidates(crowd, near[best])
    if len(candidates) > 1:
        return Offset(chance=chance, candidates=candidates, reason=f"{len(candidates)} offsets fit nearly as well as each other, as in a steady beat")
    pairs = _pairs(seen, heard, best * STEP - RANGE)
    if len(pairs) < max(FEWEST, SHARE * min(len(seen), len(heard))):
        return Offset(chance=chance, reason=f"only {len(pairs)} events of {len(seen)} seen and {len(heard)} heard match")
    return Offset(*median_with_interval([b - a for a, b in pairs]), tuple(pairs), chance, candidates)


def median_with_interval(values):
    """(median, low, high, method) of at least 3 values, with a 95 % confidence interval.

    From 6 values on, order statistics: the interval between the k-th smallest and the k-th largest, exact
    whatever the distribution. Fewer values have no such interval; there Student's t of the mean, which always
    takes in their median.
    """
    values = np.sort(values)
    count, middle = len(values), float(np.median(values))
    if count in _STUDENT:
        mean, reach = float(values.mean()), _STUDENT[count] * float(values.std(ddof=1)) / math.sqrt(count)
        return middle, mean - reach, mean + reach, "student t of the mean"
    rank, tail = 0, 0.5 ** count
    while tail <= 0.025:
        rank += 1
        tail += math.comb(count, rank) * 0.5 ** count
    return middle, float(values[rank - 1]), float(values[count - rank]), "order statistics of the median"


def _too_few(seen, heard):
    return " and ".join(f"{'only ' if times else ''}{len(times) or 'no'} event{'s' if len(times) != 1 else ''} {how}"
                        for times, how in ((seen, "seen"), (heard, "heard")) if len(times) < FEWEST)


def _crowd(seen, heard, reach):
    """How many pairs propose each offset from -reach to reach in steps of STEP, blurred."""
    gaps = (heard[None] - seen[:, None]).ravel()
    places = np.rint((gaps[np.abs(gaps) <= reach] + reach) / STEP).astype(int)
    counts = np.bincount(places, minlength=round(2 * reach / STEP) + 1)
    return np.convolve(counts, _KERNEL, "same")


_KERNEL = np.exp(-0.5 * (np.arange(-48, 49) * STEP / BLUR) ** 2)


def _within_range(crowd):
    middle, reach = len(crowd) // 2, round(RANGE / STEP)
    return crowd[middle - reach:middle + reach + 1]


def _chance(seen, heard, peak):
    """Share of sounds with as many onsets, thrown at random over the same stretch, that crowd at least as much.

    The throws end as soon as the share is sure to be no less than CHANCE.
    """
    random = np.random.default_rng(0)
    gap, as_good = (heard[-1] - heard[0]) / (len(heard) - 1), 0
    for tries in range(1, SHUFFLES + 1):
        strewn = random.uniform(heard[0] - gap, heard[-1] + gap, len(heard))
        as_good += _crowd(seen, strewn, RANGE).max() >= peak
        if 1 + as_good >= CHANCE * (SHUFFLES + 1):
            break
    return float(1 + as_good) / (tries + 1)


def _candidates(crowd, peak):
    """Offsets within +-HORIZON that crowd RIVAL times as much as the best, at least 5 blurs apart, best first."""
    crowd, found, apart = crowd.copy(), [], round(5 * BLUR / STEP)
    while crowd.max() >= RIVAL * peak:
        place = int(crowd.argmax())
        found.append(round(place * STEP - HORIZON, 3))
        crowd[max(0, place - apart):place + apart + 1] = 0
    return tuple(found)


def _pairs(seen, heard, offset):
    """The matching about an offset, made again about the median of what it matched."""
    for _ in range(2):
        index = {time + offset: time for time in seen.tolist()}
        pairs = [(index[moved], time) for moved, time in match(index, heard.tolist(), WINDOW)]
        offset = float(np.median([b - a for a, b in pairs])) if pairs else offset
    return pairs
