"""Things that ring: damped sines excited at fractional sample positions.

Every response is [b, V, L]: V different sounds of a clip. Noise is drawn on a grid of 24 kHz and carried over to
other rates, so that a clip sounds the same at any of them.
"""
import math

import torch

GRID = 24000                # hertz: the rate at which noise is drawn
_TAPS = 16                  # length of the sinc that places an impulse between samples


def fast_length(count):
    """The next length whose Fourier transform is quick."""
    return min(odd * 2 ** math.ceil(math.log2(count / odd)) for odd in (1, 3, 5, 9, 15))


def resample(noise, samples):
    """[..., n] on one grid -> [..., samples] over the same time, by its spectrum (no new content is made)."""
    if noise.shape[-1] == samples:
        return noise
    spectrum = torch.fft.rfft(noise)[..., :samples // 2 + 1]
    return torch.fft.irfft(spectrum, samples) * (samples / noise.shape[-1])


def ring(frequency, gain, decay, seconds, rate):
    """Sum of damped sines: frequency, gain, decay [b, V, M] (hertz, -, seconds to 1/e) -> [b, V, L].

    Sines above 45 % of the grid are left out. Written as a product of coarse and fine steps: one small matrix
    product in place of a sine per sample.
    """
    samples, fine = round(seconds * rate), 128
    coarse = -(-samples // fine)
    gain = gain * (frequency < 0.45 * GRID)
    turn = 2 * math.pi * frequency.double()[..., None] / rate
    loss = 1 / (decay.double()[..., None] * rate)

    def steps(n):
        size, angle = torch.exp(-loss * n), turn * n
        return (size * torch.sin(angle)).float(), (size * torch.cos(angle)).float()

    sin_far, cos_far = steps(torch.arange(coarse, device=gain.device, dtype=torch.float64) * fine)
    sin_near, cos_near = steps(torch.arange(fine, device=gain.device, dtype=torch.float64))
    far = torch.cat([sin_far, cos_far], 2) * torch.cat([gain, gain], 2)[..., None]
    near = torch.cat([cos_near, sin_near], 2)
    return torch.matmul(far.transpose(2, 3), near).flatten(2)[..., :samples]


def burst(noise, decay, rate, low=0.0, high=11000.0):
    """A puff of noise: noise [b, V, n] on the grid, decay [b, V] seconds, band limits in hertz -> [b, V, L]."""
    n = noise.shape[-1]
    frequency = torch.fft.rfftfreq(n, 1 / GRID).to(noise.device)
    band = torch.sigmoid((frequency - low) / (0.1 * low + 30)) * torch.sigmoid((high - frequency) / (0.1 * high))
    noise = resample(torch.fft.irfft(torch.fft.rfft(noise) * band, n), round(n * rate / GRID))
    time = torch.arange(noise.shape[-1], device=noise.device) / rate
    return noise * torch.exp(-time / decay[..., None])


def mixed(*parts):
    """Add responses of different lengths."""
    total = max(parts, key=lambda part: part.shape[-1]).clone()
    for part in parts:
        if part.shape[-1] < total.shape[-1] or part is not total:
            total[..., :part.shape[-1]] += part
    return total


def levelled(response, rate, attack=0.0004, fade=0.03):
    """Peak 1, with a rise of `attack` seconds and a fade at the end so that it neither clicks nor is cut off."""
    rise, fall = max(2, round(attack * rate)), round(fade * rate)
    shape = torch.ones(response.shape[-1], device=response.device)
    shape[:rise] = torch.linspace(0, 1, rise + 1, device=response.device)[1:]
    shape[-fall:] *= torch.linspace(1, 0, fall, device=response.device)
    response = response * shape
    return response / response.abs().amax(-1, keepdim=True).clamp(min=1e-6)


def impulses(time, gain, voice, voices, samples, rate):
    """Trains of impulses: time [b, K] seconds, gain [b, K, C], voice [b, K] long -> [b, C, voices, samples]."""
    clips, slots, channels = gain.shape
    position = time.double() * rate
    inside = (position >= 0) & (position < samples - 1)
    position = position.clamp(0, samples - 1)
    whole = position.floor()
    tap = torch.arange(1 - _TAPS // 2, 1 + _TAPS // 2, device=time.device)
    offset = tap - (position - whole).float()[..., None]
    weight = torch.sinc(offset) * torch.cos(math.pi * offset / (_TAPS + 1)) ** 2 * inside[..., None]
    index = whole.long()[..., None] + tap
    weight = weight * ((index >= 0) & (index < samples))
    index = (voice[..., None] * samples + index.clamp(0, samples - 1)).flatten(1)
    train = torch.zeros(clips, channels, voices * samples, device=time.device)
    value = (weight[:, None] * gain.transpose(1, 2)[..., None]).flatten(2)
    train.scatter_add_(2, index[:, None].expand(-1, channels, -1), value)
    return train.view(clips, channels, voices, samples)
