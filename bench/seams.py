"""Whether a sound that was put together clicks: how abruptly it goes from sample to sample at a seam, and elsewhere."""
import torch
import torch.nn.functional as F

NEAR, AROUND = 0.001, 0.02
"""Seconds on either side of a seam: what is measured, and what it is compared with."""
FLOOR = 1e-9


def abruptness(waveform, sample_rate, places):
    """(energy, prominence) in dB of a waveform [C, N] at sample indices `places`, two tensors of as many.

    Energy: mean square of the difference between neighbouring samples (a high-pass filter) within 1 ms. Prominence: the same
    over that within 20 ms, so that a click is found in quiet too.
    """
    power = F.pad(waveform.diff().square().sum(0), (1, 0))
    total = F.pad(power.double().cumsum(0), (1, 0))

    def mean(reach):
        reach = round(reach * sample_rate)
        low, high = (places - reach).clamp(min=0), (places + reach).clamp(max=len(power))
        return (total[high] - total[low]) / (high - low)

    near = mean(NEAR) + FLOOR
    return (10 * near.log10()).float(), (10 * (near / (mean(AROUND) + FLOOR)).log10()).float()


def borders(mask, sample_rate):
    """Sample indices at which a sound mask [1, S, T] turns from kept to made or back, and those of all other borders of latents."""
    changed = (mask.diff(dim=-1) != 0).flatten(0, 1).any(0)
    every = (torch.arange(len(changed)) + 1) * (sample_rate // 24)
    return every[changed], every[~changed]
