"""Resampling of whole seconds in the frequency domain: any two whole rates, no delay, and no filter to design."""
import math

import torch

SHARE = 0.96  # of the lower Nyquist frequency is passed untouched; above it a raised cosine falls, so that ringing is short


def resampled(wave, old, new):
    """[..., seconds * old] -> [..., seconds * new]. The ends are taken to be joined: leave silence or context there."""
    if old == new:
        return wave
    seconds = wave.shape[-1] // old
    low = min(old, new)
    kept = seconds * low // 2 + 1
    frequency = torch.arange(kept, device=wave.device) / (seconds * low / 2)
    fall = 0.5 + 0.5 * torch.cos(math.pi * ((frequency - SHARE) / (1 - SHARE)).clamp(0, 1))
    return torch.fft.irfft(torch.fft.rfft(wave)[..., :kept] * (fall * (new / old)), seconds * new)
