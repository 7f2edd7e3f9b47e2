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
    `candidates`: offsets that fit, best first. `period`: of a steady beat, where `seconds` is the least of the offsets
    that fit and any multiple of the period away from it fits too.
    """

    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    pairs: tuple = ()
    chance: float | None = None
    candidates: tuple = ()
    period: float | None = None
    reason: str | None = None


def find_offset(seen, heard, strengths=None):
    """Offset of two lists of times in seconds; `strengths`: (of seen, of heard), each on a scale of its own, alike if None.

    Every pair (seen, heard) proposes its difference, with the weight that both have; where the proposals crowd within
    +-1 s lies the offset. It is believed where at least 3 events match one-to-one and make up half of what is seen or
    half of what is heard, where fewer than 1 % of sounds with the same onsets at random times crowd as much, and where no
    other offset within +-2.5 s comes near. A steady beat fits one beat later nearly as well: there the offset nearest to
    0 is given, and the period with it.
    """
    if min(len(seen), len(heard)) < FEWEST:
        return Offset(reason=_too_few(seen, heard))
    seen, heard = np.asarray(seen, float), np.asarray(heard, float)
    weights = [_weights(strength) for strength in strengths or (np.ones(len(seen)), np.ones(len(heard)))]
    crowd = _crowd(seen, heard, weights, HORIZON)
    near = _within_range(crowd)
    best = int(near.argmax())
    offset = best * STEP - RANGE
    chance = _chance(seen, heard, weights, near[best])
    if chance >= CHANCE:
        return Offset(chance=chance, reason="what is heard agrees with what is seen no better than chance")
    candidates, period = _candidates(crowd, near[best]), None
    if len(candidates) > 1:
        period = _period(candidates, seen)
        if period is None:
            return Offset(chance=chance, candidates=candidates, reason=f"{len(candidates)} offsets fit nearly as well as each other")
        offset = min(candidates, key=abs)
    pairs = _pairs(seen, heard, offset)
    if len(pairs) < FEWEST or max(_share(pairs, 0, seen, weights[0]), _share(pairs, 1, heard, weights[1])) < SHARE:
        return Offset(chance=chance, reason=f"only {len(pairs)} events of {len(seen)} seen and {len(heard)} heard match")
    return Offset(*median_with_interval([b - a for a, b in pairs]), tuple(pairs), chance, candidates, period)


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


def _weights(strengths):
    """What a strength counts, 0.2 to 1: a weak event is often none, and the strongest are no surer than the strong."""
    strengths = np.asarray(strengths, float)
    return (strengths / np.quantile(strengths, 0.75)).clip(0.2, 1.0)


def _share(pairs, side, times, weights):
    """How much of the weight of `times` is in the pairs."""
    return weights[np.isin(times, [pair[side] for pair in pairs])].sum() / weights.sum()


def _crowd(seen, heard, weights, reach):
    """How much weight proposes each offset from -reach to reach in steps of STEP, blurred."""
    gaps = (heard[None] - seen[:, None]).ravel()
    inside = np.abs(gaps) <= reach
    places = np.rint((gaps[inside] + reach) / STEP).astype(int)
    counts = np.bincount(places, np.outer(*weights).ravel()[inside], round(2 * reach / STEP) + 1)
    return np.convolve(counts, _KERNEL, "same")


_KERNEL = np.exp(-0.5 * (np.arange(-48, 49) * STEP / BLUR) ** 2)


def _within_range(crowd):
    middle, reach = len(crowd) // 2, round(RANGE / STEP)
    return crowd[middle - reach:middle + reach + 1]


def _chance(seen, heard, weights, peak):
    """Share of sounds with as many onsets, thrown at random over the same stretch, that crowd at least as much.

    The throws end as soon as the share is sure to be no less than CHANCE.
    """
    random = np.random.default_rng(0)
    first, last = heard.min(), heard.max()
    gap, as_good = (last - first) / (len(heard) - 1), 0
    for tries in range(1, SHUFFLES + 1):
        strewn = random.uniform(first - gap, last + gap, len(heard))
        as_good += _crowd(seen, strewn, weights, RANGE).max() >= peak
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


def _period(candidates, seen):
    """The period of what is seen, where that is why the candidates fit: their spacing, and nearly each event one later."""
    ordered = np.sort(candidates)
    period = float(np.diff(ordered).min())
    steps = (ordered - ordered[0]) / period
    if np.abs(steps - np.rint(steps)).max() * period > 3 * BLUR:
        return None
    apart = [period + time - later for time, later in match(seen.tolist(), (seen + period).tolist(), WINDOW)]
    return float(np.median(apart)) if len(apart) > 1 and len(apart) >= RIVAL * (len(seen) - 1) else None


def _pairs(seen, heard, offset):
    """The matching about an offset, made again about the median of what it matched."""
    for _ in range(2):
        index = {time + offset: time for time in seen.tolist()}
        pairs = [(index[moved], time) for moved, time in match(index, heard.tolist(), WINDOW)]
        offset = float(np.median([b - a for a, b in pairs])) if pairs else offset
    return pairs
