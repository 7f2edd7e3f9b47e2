"""Weather and crowds: noise given a spectrum and a course in time.

All functions take Gaussian noise on the 24 kHz grid [b, 2, n] and return it with mean square 1.
"""
import torch

from .modal import GRID


def unit(sound):
    """Bring the mean square over both channels to 1."""
    return sound / sound.pow(2).mean((1, 2), keepdim=True).sqrt().clamp(min=1e-6)


def filtered(noise, response):
    """Multiply the spectrum by response(frequency [f]) -> [b, f] or [f]."""
    frequency = torch.fft.rfftfreq(noise.shape[-1], 1 / GRID).to(noise.device)
    gain = response(frequency)
    gain = gain[:, None] if gain.dim() == 2 else gain
    return torch.fft.irfft(torch.fft.rfft(noise) * gain, noise.shape[-1])


def drops(noise, heavy):
    """Gaussian noise -> a hiss with single impacts; heavy [b, 1] 0 or 1 sets how many and how dense."""
    threshold = (3.1 - 0.75 * heavy)[..., None]
    single = noise * (noise.abs() > threshold)
    return single * (1.6 - 0.9 * heavy)[..., None] + (0.05 + 0.22 * heavy)[..., None] * noise


def rain(noise, heavy, kind):
    """Rain on 0 a window, 1 a metal roof, 2 pavement; heavy, kind [b, 1]."""
    def response(f):
        f = f[None]
        window = (f / (f + 500)) / (1 + (f / 2600) ** 2) + 0.5 / (1 + ((f - 1500) / 250) ** 2)
        metal = 0.12 / (1 + (f / 3000) ** 2) + sum(
            gain / (1 + ((f - centre) / width) ** 2)
            for centre, width, gain in ((840, 40, .9), (1490, 55, .8), (2630, 70, .8), (4300, 120, .5)))
        pavement = (f / (f + 900)) / (1 + (f / 7000) ** 4) ** 0.5
        return torch.where(kind == 0, window, torch.where(kind == 1, metal, pavement))

    return unit(filtered(drops(noise, heavy), response))


def gusts(noise, time, rate, phase):
    """Wind: low noise whose strength and colour swell; rate, phase [b, 1]: gusts per second, turns."""
    low = filtered(noise, lambda f: (f / (f + 60)) / (1 + (f / 320) ** 2))
    high = filtered(noise, lambda f: (f / (f + 300)) / (1 + ((f - 750) / 220) ** 2))
    swell = 0.5 + 0.5 * torch.sin(2 * torch.pi * (rate * time + phase))
    swell = (0.25 + 0.75 * swell * swell)[:, None]
    return unit(low) * swell * 0.8 + unit(high) * swell * swell * 0.6
