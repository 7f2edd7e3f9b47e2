"""Moving sound in time by any number of milliseconds, exactly."""

import math
from fractions import Fraction

import torch
import torch.nn.functional as F

from .errors import MediaError

REACH = 64                                  # samples on either side; flat within 0.01 dB to 0.93 of the Nyquist frequency
LONGEST = 3600_000


def shifted(waveform, sample_rate, milliseconds):
    """waveform [..., T] later by `milliseconds` (earlier where negative), as long as before.

    What leaves at one end is cut and silence enters at the other. A shift by whole samples only copies; what is left of
    another, less than a sample, is a delay by a windowed sinc (Kaiser, -90 dB), which keeps the wave shape below Nyquist.
    MediaError for a shift that is not a number or is longer than an hour.
    """
    if not abs(milliseconds) <= LONGEST:
        raise MediaError(f"A shift by {milliseconds} ms is not possible; give -{LONGEST} to {LONGEST}.")
    delay = Fraction(milliseconds).limit_denominator(10 ** 9) * sample_rate / 1000
    whole = math.floor(delay + Fraction(1, 2))
    part = float(delay - whole)
    if abs(part) < 1e-6:
        return _moved(waveform, whole) if whole else waveform
    # Samples first, and the rest on what is still there, so that sound cut at an end does not ring into the clip.
    moved = _moved(waveform, whole)
    distance = torch.arange(-REACH, REACH + 1, dtype=torch.float64) + part
    window = torch.special.i0(9 * (1 - (distance / (REACH + 1)).square()).clamp(min=0).sqrt())
    taps = torch.sinc(distance) * window
    taps = (taps / taps.sum()).to(moved.dtype).to(moved.device)
    flat = moved.reshape(-1, 1, moved.shape[-1])
    return F.conv1d(flat, taps[None, None], padding=REACH).reshape(waveform.shape)


def _moved(waveform, samples):
    length = waveform.shape[-1]
    samples = max(-length, min(length, samples))
    return F.pad(waveform, (samples, -samples))
