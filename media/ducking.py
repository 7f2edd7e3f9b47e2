"""Turning one sound down while another is heard, from a little before it begins until a little after it ends."""

from typing import NamedTuple

import torch
import torch.nn.functional as F

from .loudness import ABSOLUTE_GATE
from .weighting import k_weighted

STEP = 0.001                                # seconds from one value of the gain to the next
LEVEL_SECONDS = 0.02                        # window of the level that says whether the key is heard
QUIETEST = ABSOLUTE_GATE + 10.0             # LUFS below which a key is never heard
BELOW_KEY = 20.0                            # dB below its own level at which a key counts as a pause


class Ducking(NamedTuple):
    """`depth` in dB, 0 for none; the others in milliseconds.

    The dip begins `look_ahead` before the key, is complete `attack` later, lasts until `hold` after the key's end and is
    gone `release` later.
    """

    depth: float = 0.0
    look_ahead: float = 100.0
    attack: float = 80.0
    hold: float = 200.0
    release: float = 500.0


def duck_curve(key, sample_rate, ducking):
    """Gain [T] (float32, at most 1) for what is under the key, waveform [C, T]; None where the key is not heard.

    The key's threshold follows its own level, so that a quiet voice ducks as a loud one does.
    """
    step = max(1, round(STEP * sample_rate))
    heard = _heard(key, sample_rate, step)
    if not heard.any():
        return None
    look_ahead, attack, hold, release = (round(ms / 1000 * sample_rate / step) for ms in ducking[1:])
    heard = _widened(heard, hold, look_ahead)
    time = torch.arange(len(heard), dtype=torch.float64)
    fall, rise = time / max(release, 1), time / max(attack, 1)
    amount = ((heard + fall).cummax(0).values - fall).clamp(min=0)
    amount = (amount - rise).cummin(0).values + rise
    eased = amount.square() * (3 - 2 * amount)
    curve = 10 ** (-ducking.depth / 20 * eased)
    return F.interpolate(curve[None, None], scale_factor=step, mode="linear")[0, 0, :key.shape[1]].float()


def _heard(key, sample_rate, step):
    """Whether the key is heard in each step [n] bool, from its K-weighted power around it."""
    power = torch.cat([part.square().sum(0) for part in k_weighted(key, sample_rate)])
    power = F.pad(power, (0, -len(power) % step)).reshape(-1, step).mean(1).double()
    reach = round(LEVEL_SECONDS * sample_rate / step / 2)
    level = F.avg_pool1d(power[None], 2 * reach + 1, 1, reach)[0]
    audible = level > 10 ** (QUIETEST / 10)
    return audible & (level > level[audible].mean() * 10 ** (-BELOW_KEY / 10))


def _widened(heard, after, before):
    """True from `before` steps ahead of each True until `after` steps behind it."""
    count = F.pad(heard.long().cumsum(0), (1, 0))
    place = torch.arange(len(heard))
    return count[(place + before + 1).clamp(max=len(heard))] > count[(place - after).clamp(min=0)]
