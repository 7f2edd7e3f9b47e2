"""True peak of ITU-R BS.1770-4 Annex 2: the largest value of the sound between its samples.

The sound is oversampled with windowed sincs: four times below 96 kHz, twice from there on (so 192 kHz becomes 384 kHz,
where Annex 2 would leave it). Our filters are 24 taps a phase, those of the annex 12.
"""

import functools
import math

import torch
import torch.nn.functional as F

REACH = 12                                  # samples on either side
STRETCH = 1 << 15


def factor(sample_rate):
    """How many times the meter oversamples."""
    return 4 if sample_rate < 96000 else 2


@functools.cache
def _phases(factor):
    """Filters [factor - 1, 1, 2 * REACH] for the points between sample n and n + 1."""
    fraction = torch.arange(1, factor, dtype=torch.float64)[:, None] / factor
    distance = torch.arange(1 - REACH, REACH + 1, dtype=torch.float64) - fraction
    window = torch.special.i0(8 * (1 - (distance / REACH).square()).clamp(min=0).sqrt()) / torch.special.i0(torch.tensor(8.0))
    taps = torch.sinc(distance) * window
    return (taps / taps.sum(1, keepdim=True)).float()[:, None]


def peak_envelope(waveform, sample_rate, step=1):
    """Yield the largest magnitudes over channels from each sample of waveform [C, T] up to the next, in stretches [n].

    Stretches are whole multiples of `step` long, but for the last.
    """
    filters, samples, stretch = _phases(factor(sample_rate)), waveform.shape[1], STRETCH // step * step
    for start in range(0, samples, stretch):
        end = min(start + stretch, samples)
        before, after = min(REACH - 1, start), min(REACH, samples - end)
        part = F.pad(waveform[:, start - before:end + after], (REACH - 1 - before, REACH - after))
        between = F.conv1d(part[:, None], filters.to(part.device)).abs().amax((0, 1))
        yield torch.maximum(between, part[:, REACH - 1:part.shape[1] - REACH].abs().amax(0))


def highest(waveform, sample_rate):
    """The largest magnitude of waveform [C, T] between its samples."""
    return max(float(part.max()) for part in peak_envelope(waveform, sample_rate))


def highest_of_steps(waveform, sample_rate, step):
    """The largest magnitude in each `step` samples of waveform [C, T]: [ceil(T / step)]."""
    peaks, done = torch.empty(-(-waveform.shape[1] // step)), 0
    for part in peak_envelope(waveform, sample_rate, step):
        found = F.pad(part, (0, -len(part) % step)).reshape(-1, step).amax(1)
        peaks[done:done + len(found)] = found
        done += len(found)
    return peaks


def true_peak(waveform, sample_rate):
    """True peak in dBTP of waveform [C, T], or None for digital silence."""
    return decibels(highest(waveform, sample_rate))


def decibels(amplitude):
    """20 lg of an amplitude, or None for 0."""
    return 20 * math.log10(amplitude) if amplitude > 0 else None
