"""Bringing a mix to a loudness target under a true-peak ceiling.

One gain for the whole sound does the levelling. Where peaks would then pass the ceiling a look-ahead limiter of our own
turns them down: offline and without delay, so that its gain is a curve that any part of the mix can be multiplied with.
The sound is read from beginning to end several times, piece by piece; only its peaks and the gain are kept, one each STEP.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F

from .errors import MediaError
from .gain import Gain
from .loudness import ABSOLUTE_GATE, integrated
from .pieces import Clean, Turned
from .true_peak import highest, highest_of_steps

# What platforms and broadcasters play at. Only the broadcasters' figures are delivery requirements.
TARGETS = {
    "off": None,
    "-14 LUFS (YouTube, Spotify, Tidal playback)": -14.0,
    "-16 LUFS (Apple, podcast playback)": -16.0,
    "-23 LUFS (EBU R128)": -23.0,
    "-24 LKFS (ATSC A/85)": -24.0,
    "-27 LKFS (Netflix, which measures dialogue only)": -27.0,
}
CUSTOM = "custom"

STEP = 0.0005                               # seconds from one value of the limiter's gain to the next
ATTACK = 0.005                              # seconds before a peak at which the gain begins to fall
RELEASE = 40.0                              # dB a second at which it rises again
NEAR = 0.05                                 # LU from the target that will do
MOST_MAKE_UP = 12.0                         # dB of gain to make up for what limiting takes from the loudness
TOLD = 0.1                                  # LU below the target that are worth telling
ROUNDS = 8                                  # attempts to find it
STRETCH = 1 << 14                           # steps the limiter works on at once


class Levelled(NamedTuple):
    """`gain` for the sound; `short_by`: LU that limiting left the sound below the target, 0 where they are too few to tell."""

    gain: Gain
    short_by: float


def target_of(choice, custom):
    """The target in LUFS, or None for off, that a label of TARGETS or CUSTOM with a number stands for."""
    if choice == CUSTOM:
        return float(custom)
    if choice not in TARGETS:
        raise MediaError(f"There is no loudness target {choice!r}; choose one of: {', '.join([*TARGETS, CUSTOM])}.")
    return TARGETS[choice]


def levelled(waveform, sample_rate, target=None, ceiling=None, progress=lambda: None):
    """The gain that brings waveform [C, T] (a tensor, or a Sound of `pieces`) to `target` LUFS with true peaks at or below `ceiling` dBTP.

    Either may be None. Silence, and sound shorter than 0.4 s, has no loudness and is not levelled, only limited. NaN and infinity count as 0.
    `progress()` is called along the way; what it raises cancels.
    """
    sound, factor, wanted = Clean(waveform, progress), 1.0, None
    if target is not None:
        loudness = integrated(sound, sample_rate)
        if loudness is not None:
            factor, wanted = 10 ** ((target - loudness) / 20), target
    limit = math.inf if ceiling is None else 10 ** (ceiling / 20)
    if ceiling is None or (peaks := highest_of_steps(sound, sample_rate, step_of(sample_rate))).max() * factor <= limit:
        return Levelled(Gain(torch.tensor([factor])), 0.0)
    best = _best(sound, sample_rate, peaks, factor, limit, wanted)
    return Levelled(limiter(peaks, sample_rate, limit, best.factor, best.trim), best.short_by if best.short_by >= TOLD else 0.0)


class _Attempt(NamedTuple):
    """What the limiter is given, and how far that leaves the sound below the target."""

    factor: float
    trim: float
    short_by: float


def _best(sound, sample_rate, peaks, factor, limit, wanted):
    """The _Attempt that comes nearest to `wanted` LUFS."""
    least = _attempt(sound, sample_rate, peaks, factor, limit, wanted)
    if wanted is None or least.short_by < NEAR:
        return least._replace(short_by=0.0)
    most = _attempt(sound, sample_rate, peaks, factor * 10 ** (MOST_MAKE_UP / 20), limit, wanted)
    for _ in range(ROUNDS):
        if most.short_by > -NEAR or least.short_by < NEAR:
            break
        share = least.short_by / (least.short_by - most.short_by)
        between = least.factor * (most.factor / least.factor) ** min(max(share, 0.1), 0.9)
        attempt = _attempt(sound, sample_rate, peaks, between, limit, wanted)
        if attempt.short_by > 0:
            least = attempt
        else:
            most = attempt
    return min(least, most, key=lambda attempt: abs(attempt.short_by))


def _attempt(sound, sample_rate, peaks, factor, limit, wanted):
    trim = min(1.0, limit / highest(Turned(sound, limiter(peaks, sample_rate, limit, factor)), sample_rate))
    if wanted is None:
        return _Attempt(factor, trim, 0.0)
    reached = integrated(Turned(sound, limiter(peaks, sample_rate, limit, factor, trim)), sample_rate)
    return _Attempt(factor, trim, wanted - (ABSOLUTE_GATE if reached is None else reached))


def step_of(sample_rate):
    """Samples in a STEP."""
    return max(1, round(STEP * sample_rate))


def limiter(peaks, sample_rate, limit, factor=1.0, trim=1.0):
    """The Gain factor * trim, and less where `factor` would take peaks [n], the largest magnitudes of steps, above `limit`.

    It falls over ATTACK seconds before a peak along a raised cosine and then rises by RELEASE dB a second. The wanted
    attenuation is spread by a running maximum as wide as the smoothing after it, so smoothing never lets a peak through.
    """
    step, count = step_of(sample_rate), len(peaks)
    reach = max(1, round(ATTACK * sample_rate / step / 2))
    smooth = torch.hann_window(2 * reach + 3, periodic=False, dtype=torch.float64)[1:-1]
    smooth = (smooth / smooth.sum())[None, None]
    halo, before, ends = 2 * reach + 1, 0.0, torch.empty(count + 1)
    for start in range(0, count, STRETCH):
        first, last = max(0, start - halo), min(count, start + STRETCH + halo)
        wanted = (peaks[first:last].double() * (factor / limit)).clamp(min=1).log()
        fall = torch.arange(1, len(wanted) + 1, dtype=torch.float64) * (RELEASE * math.log(10) / 20 * step / sample_rate)
        held = ((wanted + fall).cummax(0).values.clamp(min=before) - fall).clamp(min=0)
        before = held[:start + STRETCH - halo - first][-1]
        spread = F.max_pool1d(held[None, None], 2 * reach + 1, 1, reach)
        eased = F.conv1d(F.pad(spread, (reach, reach), mode="replicate"), smooth)
        edges = -F.max_pool1d(F.pad(eased, (1, 1), mode="replicate"), 2, 1)[0, 0]
        stop = min(count, start + STRETCH)
        ends[start:stop + 1] = factor * trim * edges.exp()[start - first:stop - first + 1]
    return Gain(ends, step)
