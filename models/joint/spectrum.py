"""Short-time spectra on the codec's clock: four spectra per latent, at any sample rate.

A hop is 1/96 s and a window three hops, so bins are 32 Hz apart whatever the sample rate. Frame i is
centred in the i-th hop: frames 4j..4j+3 lie symmetrically over latent j's span [j/24, (j+1)/24) s and no
onset is biased. Only the lowest 375 bins (below 12 kHz) are kept, so reading at 48 kHz and writing at
48 kHz need no resampler. Magnitudes are scaled so that a full-scale sine has magnitude 1.
"""
from functools import lru_cache

import torch
from torch.nn import functional as F

RATE = 24000
"""The sample rate whose whole band the codec keeps, Hz."""
HOPS = 96
"""Spectral frames per second."""
BINS = 375


def hop_length(sample_rate):
    """Samples in one hop. Raises ValueError where 1/96 s is not a whole number of samples."""
    if sample_rate % HOPS or sample_rate < RATE:
        raise ValueError(f"the sound codec works at 24000 or 48000 Hz, got {sample_rate}: resample first")
    return sample_rate // HOPS


@lru_cache(maxsize=8)
def window(hop, device):
    """Periodic Hann window of three hops; its squares overlap to the constant 9/8."""
    return torch.hann_window(3 * hop, dtype=torch.float32, device=device)


def analyse(wave, sample_rate):
    """wave [..., T*hop] -> complex spectra [..., T, BINS]. Silence is assumed on either side."""
    hop = hop_length(sample_rate)
    w = window(hop, wave.device)
    frames = F.pad(wave.float(), (hop, hop)).unfold(-1, 3 * hop, hop)
    return torch.fft.rfft(frames * w)[..., :BINS] * (2 / w.sum())


def synthesise(spectra, sample_rate):
    """Complex spectra [..., T, BINS] -> wave [..., T*hop], the least-squares inverse of `analyse`."""
    hop = hop_length(sample_rate)
    w = window(hop, spectra.device)
    full = F.pad(spectra, (0, 3 * hop // 2 + 1 - BINS))
    frames = torch.fft.irfft(full * (w.sum() / 2), n=3 * hop) * w
    before, here, after = frames.unflatten(-1, (3, hop)).unbind(-2)
    wave = here + F.pad(before[..., 1:, :], (0, 0, 0, 1)) + F.pad(after[..., :-1, :], (0, 0, 1, 0))
    return (wave / _overlap(hop, spectra.shape[-2], spectra.device)).flatten(-2)


def _overlap(hop, count, device):
    """Sum of squared windows [count, hop] over each hop; smaller in the first and last, which lack a neighbour."""
    before, here, after = window(hop, device).square().reshape(3, hop).unbind(0)
    total = here.expand(count, hop).clone()
    total[:-1] += before
    total[1:] += after
    return total


def centres(spectra):
    """The band-limited signal at 24 kHz under each frame's middle: [..., T, BINS] -> [..., T, 251].

    The middle hop of a windowed frame, divided by the window, is the signal itself; one sample before it is
    included so that differences can be taken.
    """
    hop = RATE // HOPS
    w = window(hop, spectra.device)
    frames = torch.fft.irfft(F.pad(spectra, (0, 3 * hop // 2 + 1 - BINS)) * (w.sum() / 2), n=3 * hop)
    return (frames / w.clamp_min(0.1))[..., hop - 1:2 * hop]


@lru_cache(maxsize=8)
def mel_bands(count, device):
    """Triangular filters [BINS, count], equally spaced on the mel scale from 0 to 12 kHz.

    mel(f) = 2595 log10(1 + f/700) (O'Shaughnessy 1987).
    """
    top = 2595 * torch.log10(torch.tensor(1 + RATE / 2 / 700))
    edges = 700 * (10 ** (torch.linspace(0, float(top), count + 2) / 2595) - 1)
    bins = torch.arange(BINS)[:, None] * (RATE / 2 / BINS)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp_min(0).to(device)
