"""How loud a programme is: ITU-R BS.1770-4, EBU Tech 3341 (meter) and EBU Tech 3342 (range).

Loudness is in LUFS (the LKFS of the recommendation), differences in LU. What has no value, because the sound is silent or
too short, is None.
"""

import math
from typing import NamedTuple

import torch

from .true_peak import true_peak
from .weighting import channel_weights, k_weighted

SLOTS = 100                                 # energies are kept for each 10 ms: the grid on which maxima are looked for
UPDATE = 10                                 # slots from one value of a curve to the next (Tech 3341: at least 10 Hz)
MOMENTARY, SHORT_TERM = 40, 300             # slots in a window of 0.4 s and of 3 s
ABSOLUTE_GATE = -70.0
RELATIVE_GATE, RANGE_GATE = -10.0, -20.0


class Loudness(NamedTuple):
    """A measured programme. Curves are tensors of LUFS (-inf for silence), 10 a second; the first value of `momentary`
    belongs to 0.4 s, that of `short_term` to 3 s, the ends of their windows. Both are empty where the sound is shorter.
    """

    integrated: float | None
    range: float | None
    momentary_max: float | None
    short_term_max: float | None
    true_peak: float | None
    seconds: float
    momentary: torch.Tensor
    short_term: torch.Tensor


def measure(waveform, sample_rate):
    """Loudness of waveform [C, T] float. MediaError for more than 8 channels and for rates below 4000 Hz."""
    edges, energy = _energy(waveform, sample_rate)
    momentary, short_term = (_window(edges, energy, slots) for slots in (MOMENTARY, SHORT_TERM))
    blocks, curve = momentary[::UPDATE], short_term[::UPDATE]
    return Loudness(
        integrated=_lufs(_gated(blocks, RELATIVE_GATE).mean()),
        range=_range(curve),
        momentary_max=_lufs(momentary.max()) if len(momentary) else None,
        short_term_max=_lufs(short_term.max()) if len(short_term) else None,
        true_peak=true_peak(waveform, sample_rate),
        seconds=waveform.shape[1] / sample_rate,
        momentary=_curve(blocks),
        short_term=_curve(curve),
    )


def integrated(waveform, sample_rate):
    """Integrated loudness alone, or None (Annex 1: blocks of 0.4 s every 0.1 s, both gates)."""
    return _lufs(_gated(_window(*_energy(waveform, sample_rate), MOMENTARY)[::UPDATE], RELATIVE_GATE).mean())


def _energy(waveform, sample_rate):
    """Sample numbers of the slot edges [n + 1], and the weighted energy before each of them [n + 1], float64."""
    weights = channel_weights(waveform.shape[0]).float()
    edges = (torch.arange(waveform.shape[1] * SLOTS // sample_rate + 1) * (sample_rate / SLOTS)).round().long()
    edges = edges[edges <= waveform.shape[1]]
    total, position, done = 0.0, 0, 1
    energy = torch.zeros(len(edges), dtype=torch.float64)  # filled in place: small tensors kept between large ones would split the heap up
    for part in k_weighted(waveform, sample_rate):
        grown = (weights.to(part.device) @ part.square_()).cumsum(0, dtype=torch.float64).cpu()
        inside = edges[(edges > position) & (edges <= position + len(grown))]
        energy[done:done + len(inside)] = total + grown[inside - position - 1]
        total, position, done = total + grown[-1], position + len(grown), done + len(inside)
    return edges, energy


def _window(edges, energy, slots):
    """Mean weighted power of each complete window, one per slot."""
    return ((energy[slots:] - energy[:-slots]) / (edges[slots:] - edges[:-slots])).clamp(min=0)


def _gated(powers, relative):
    """The powers that pass the absolute gate, and then the one `relative` LU below the mean of those."""
    loud = powers[powers > _power(ABSOLUTE_GATE)]
    return loud[loud > loud.mean() * 10 ** (relative / 10)]


def _range(powers):
    """Loudness range in LU: between the 10th and the 95th percentile of gated short-term loudness (Tech 3342)."""
    gated = _gated(powers, RANGE_GATE).sort().values
    if not len(gated):
        return None
    low, high = (gated[round((len(gated) - 1) * share)] for share in (0.10, 0.95))
    return _lufs(high) - _lufs(low)


def _power(lufs):
    return 10 ** ((lufs + 0.691) / 10)


def _lufs(power):
    power = float(power)
    return -0.691 + 10 * math.log10(power) if power > 0 else None


def _curve(powers):
    return -0.691 + 10 * powers.log10()
