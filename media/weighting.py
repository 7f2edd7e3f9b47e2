"""K-weighting and channel weights of ITU-R BS.1770-4, at any sample rate.

The recommendation gives its two filter sections as numbers for 48 kHz (Annex 1, tables 1 and 2). For another rate a
section is taken back to the analogue filter it came from and brought to the new rate by the same bilinear transform,
warped so that its corner frequency stays where it is; at 48 kHz this gives the tables themselves. Below 32 kHz that bends
the shelf (at 8 kHz, 1 kHz would read 0.2 dB low), and the curve of 48 kHz itself is taken as far as it is needed.
"""

import math

import torch

from .errors import MediaError

SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
LOWEST_RATE = 4000
BENT = 32000                                # below this rate
MEMORY = 0.08                               # seconds after which less than 1e-8 of an impulse is left
BLOCK = 1 << 15

# In the order FFmpeg and ComfyUI hand channels out. Annex 1 table 3 for up to 5.1; for more, weights by azimuth (table 4):
# 1.41 from 60 to 120 degrees, 1 behind. The LFE does not count. Four channels are taken as quad, three as L R C.
_WEIGHTS = {
    1: (1,), 2: (1, 1), 3: (1, 1, 1), 4: (1, 1, 1.41, 1.41), 5: (1, 1, 1, 1.41, 1.41), 6: (1, 1, 1, 0, 1.41, 1.41),
    7: (1, 1, 1, 0, 1, 1.41, 1.41),         # L R C LFE Cs Ls Rs
    8: (1, 1, 1, 0, 1, 1, 1.41, 1.41),      # L R C LFE Lrs Rrs Ls Rs
}


def channel_weights(channels):
    """Weights of the channels' powers [C]. MediaError for more than 8 channels, whose places are not known."""
    if channels not in _WEIGHTS:
        raise MediaError(f"Loudness is defined for 1 to 8 channels; this sound has {channels}. Mix it down first.")
    return torch.tensor(_WEIGHTS[channels], dtype=torch.float64)


def sections(sample_rate):
    """The two biquads ((b0, b1, b2), (1, a1, a2)) at `sample_rate`."""
    return tuple(_at_rate(section, sample_rate) for section in (SHELF, HIGH_PASS))


def _at_rate(section, sample_rate):
    numerator, denominator = (_bilinear(part) for part in section)
    corner = math.atan(math.sqrt(denominator[0] / denominator[2])) * 48000      # pi * f0 in s^0 + s + s^2 / K^2
    scale = math.tan(corner / 48000) / math.tan(corner / sample_rate)
    # s at 48 kHz is `scale` times s at the new rate.
    numerator, denominator = (_bilinear([c * scale ** k for k, c in enumerate(part)]) for part in (numerator, denominator))
    return tuple(c / denominator[0] for c in numerator), tuple(c / denominator[0] for c in denominator)


def _bilinear(c):
    """Coefficients of 1, x, x^2 after x -> (1 - x) / (1 + x), common factor left out; its own inverse up to a factor."""
    return c[0] + c[1] + c[2], 2 * (c[0] - c[2]), c[0] - c[1] + c[2]


def response(sample_rate, bins):
    """Complex response of K-weighting at `bins` frequencies from 0 to half the sample rate, float64 precision."""
    designed = 48000 if sample_rate < BENT else sample_rate
    delay = torch.exp(-1j * math.pi * sample_rate / designed * torch.linspace(0, 1, bins, dtype=torch.float64))
    total = torch.ones_like(delay)
    for numerator, denominator in sections(designed):
        total *= (numerator[0] + delay * (numerator[1] + delay * numerator[2])) / (denominator[0] + delay * (denominator[1] + delay * denominator[2]))
    return total


def k_weighted(waveform, sample_rate):
    """Yield the K-weighted waveform [C, T] in stretches [C, n], in order, whatever its length in flat memory. MediaError below 4000 Hz.

    Overlap-save: each block is filtered in the frequency domain after MEMORY seconds of what came before it.
    """
    if sample_rate < LOWEST_RATE:
        raise MediaError(f"Loudness cannot be measured at {sample_rate} Hz; resample the sound to {LOWEST_RATE} Hz or more.")
    before = round(MEMORY * sample_rate)
    size = max(BLOCK, 1 << (4 * before - 1).bit_length())
    hop = size - before
    weight = response(sample_rate, size // 2 + 1).to(torch.complex64)
    samples = waveform.shape[1]
    for start in range(0, samples, hop):
        end = min(start + hop, samples)
        part = torch.nn.functional.pad(waveform[:, max(0, start - before):end], (before - min(start, before), start + hop - end))
        yield torch.fft.irfft(torch.fft.rfft(part).mul_(weight.to(part.device)), size)[:, before:before + end - start]
