"""Bringing a mix to a loudness target under a true-peak ceiling.

One gain for the whole sound does the levelling. Where peaks would then pass the ceiling a look-ahead limiter of our own
turns them down: offline and without delay, so that its gain is a curve that any part of the mix can be multiplied with.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F

from .errors import MediaError
from .loudness import ABSOLUTE_GATE, integrated
from .true_peak import peak_envelope

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


class Levelled(NamedTuple):
    """`gain`: factor for the sound, a float or a curve [T]; `short_by`: LU that limiting left the sound below the target, 0 where they are too few to tell."""

    gain: float | torch.Tensor
    short_by: float


def target_of(choice, custom):
    """The target in LUFS, or None for off, that a label of TARGETS or CUSTOM with a number stands for."""
    if choice == CUSTOM:
        return float(custom)
    if choice not in TARGETS:
        raise MediaError(f"There is no loudness target {choice!r}; choose one of: {', '.join([*TARGETS, CUSTOM])}.")
    return TARGETS[choice]


def levelled(waveform, sample_rate, target=None, ceiling=None, progress=lambda: None):
    """The gain that brings waveform [C, T] to `target` LUFS with true peaks at or below `ceiling` dBTP.

    Either may be None. Silence, and sound shorter than 0.4 s, has no loudness and is not levelled, only limited.
    `progress()` is called between passes over the sound; what it raises cancels.
    """
    gain, wanted = 1.0, None
    if target is not None:
        loudness = integrated(waveform, sample_rate)
        if loudness is not None:
            gain, wanted = 10 ** ((target - loudness) / 20), target
    if ceiling is None:
        return Levelled(gain, 0.0)
    limit = 10 ** (ceiling / 20)
    progress()
    peaks = peak_envelope(waveform, sample_rate)
    if float(peaks.max()) * gain <= limit:
        return Levelled(gain, 0.0)
    low, least = gain, _limited(waveform, sample_rate, peaks, gain, limit, wanted, progress)
    if wanted is None or least.short_by < NEAR:
        return least._replace(short_by=0.0)
    high = gain * 10 ** (MOST_MAKE_UP / 20)
    most = _limited(waveform, sample_rate, peaks, high, limit, wanted, progress)
    for _ in range(ROUNDS):
        if most.short_by > -NEAR or least.short_by < NEAR:
            break
        share = least.short_by / (least.short_by - most.short_by)
        gain = low * (high / low) ** min(max(share, 0.1), 0.9)
        level = _limited(waveform, sample_rate, peaks, gain, limit, wanted, progress)
        if level.short_by > 0:
            low, least = gain, level
        else:
            high, most = gain, level
    nearest = min(least, most, key=lambda level: abs(level.short_by))
    return nearest if nearest.short_by >= TOLD else nearest._replace(short_by=0.0)


def _limited(waveform, sample_rate, peaks, gain, limit, wanted, progress):
    """The curve for one gain, and how far below `wanted` LUFS it leaves the sound."""
    progress()
    curve = gain * limiter(peaks * gain, sample_rate, limit)
    curve = curve * min(1.0, limit / float(peak_envelope(waveform * curve, sample_rate).max()))
    if wanted is None:
        return Levelled(curve, 0.0)
    progress()
    reached = integrated(waveform * curve, sample_rate)
    return Levelled(curve, wanted - (ABSOLUTE_GATE if reached is None else reached))


def limiter(peaks, sample_rate, limit):
    """Gain curve [T], at most 1, that keeps peaks [T] at or below `limit`.

    It falls over ATTACK seconds before a peak along a raised cosine and then rises by RELEASE dB a second. The wanted
    attenuation is spread by a running maximum as wide as the smoothing after it, so smoothing never lets a peak through.
    """
    step = max(1, round(STEP * sample_rate))
    samples = len(peaks)
    blocks = F.pad(peaks.double(), (0, -samples % step)).reshape(-1, step).amax(1)
    wanted = (blocks / limit).clamp(min=1).log()
    fall = torch.arange(len(wanted), dtype=torch.float64) * (RELEASE * math.log(10) / 20 * step / sample_rate)
    held = ((wanted + fall).cummax(0).values - fall).clamp(min=0)
    reach = max(1, round(ATTACK * sample_rate / step / 2))
    spread = F.max_pool1d(held[None], 2 * reach + 1, 1, reach)[0]
    smooth = torch.hann_window(2 * reach + 3, periodic=False, dtype=torch.float64)[1:-1]
    edges = F.pad(spread[None, None], (reach, reach), mode="replicate")
    eased = F.conv1d(edges, (smooth / smooth.sum())[None, None])[0, 0]
    ends = torch.exp(-torch.cat([eased[:1], torch.maximum(eased[1:], eased[:-1]), eased[-1:]]))
    place = (torch.arange(step, dtype=torch.float64) + 0.5) / step
    return torch.lerp(ends[:-1, None], ends[1:, None], place).flatten()[:samples].float()
