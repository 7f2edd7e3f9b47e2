"""The one clock: frames, seconds and samples as exact rationals.

Frame k at rate r is shown over [k/r, (k+1)/r) seconds; sample n at rate s is at n/s.
"""

import math
from fractions import Fraction

from .errors import MediaError

_NTSC = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))


def snap_rate(rate):
    """The exact frame rate (Fraction, frames per second) that a number stands for.

    `rate`: int, float, Fraction or text such as "24000/1001". 23.976, 23.98 and 2997/125 give
    24000/1001, likewise 29.97, 47.95, 59.94 and 119.88; other numbers keep their value, floats to
    the nearest fraction with a denominator up to 1001. MediaError outside 0.01 to 1000.
    """
    try:
        exact = Fraction(rate)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        exact = Fraction(0)
    if not Fraction(1, 100) <= exact <= 1000:
        raise MediaError(f"The frame rate is {rate}; give one between 0.01 and 1000 frames per second.")
    for ntsc in _NTSC:
        if abs(exact - ntsc) < 1e-3 or abs(exact - round(float(ntsc), 2)) < 1e-6:
            return ntsc
    return exact.limit_denominator(1001) if isinstance(rate, float) else exact


def seconds_of(frame, rate):
    """Time in seconds (Fraction) at which frame number `frame` appears."""
    return Fraction(frame) / rate


def frame_at(seconds, rate):
    """Number of the frame shown at `seconds`."""
    return math.floor(Fraction(seconds) * rate)


def samples_for(frames, rate, sample_rate):
    """Sound samples in a clip of `frames` frames: round(frames * sample_rate / rate)."""
    return round(Fraction(frames) * sample_rate / rate)


def frames_for(seconds, rate):
    """Frames nearest to a duration in seconds, at least one."""
    return max(1, round(Fraction(seconds) * rate))
