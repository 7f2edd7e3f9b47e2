"""Tools of the generators: tones that decay, coloured noise, filters that move, curves that wander. All at 48 kHz, mono [n]."""
import math

import torch

RATE = 48000
_FINE = 256
_FFT, _HOP = 1024, 256


def samples(seconds):
    return max(1, round(seconds * RATE))


def clock(n):
    """Seconds of each sample [n]."""
    return torch.arange(n) / RATE


def modes(hertz, gain, decay, n, phase=None):
    """Sum of damped sines [n]: hertz, gain, decay (seconds to 1/e), phase (radians), all [M]. Those above 21 kHz are left out."""
    hertz, gain, decay = (torch.as_tensor(x, dtype=torch.float64).flatten() for x in torch.broadcast_tensors(
        *(torch.as_tensor(x, dtype=torch.float64) for x in (hertz, gain, decay))))
    turn = torch.complex(-1 / (decay * RATE), 2 * math.pi * hertz / RATE)
    start = torch.zeros_like(hertz) if phase is None else torch.as_tensor(phase, dtype=torch.float64)
    weight = torch.polar(gain * (hertz < 21000), start)
    far = weight * torch.exp(turn * _FINE * torch.arange(-(-n // _FINE))[:, None])
    near = torch.exp(turn[:, None] * torch.arange(_FINE))
    return (far.to(torch.complex64) @ near.to(torch.complex64)).imag.flatten()[:n]


def filtered(sound, gain):
    """Multiply the spectrum by gain(frequency [f]) -> [f], hertz."""
    n = sound.shape[-1]
    size = fast(n)
    return torch.fft.irfft(torch.fft.rfft(sound, size) * gain(torch.fft.rfftfreq(size, 1 / RATE)), size)[..., :n]


def fast(count):
    """The next length whose Fourier transform is quick."""
    return min(odd * 2 ** math.ceil(math.log2(max(2, count) / odd)) for odd in (1, 3, 5, 9, 15))


def band(sound, low, high, order=4):
    """Band pass with Butterworth slopes, zero phase; 0 and 24000 leave an end open."""
    def gain(f):
        f = f.clamp(min=1)
        below = 1 if low <= 0 else (1 + (low / f) ** (2 * order)) ** -0.5
        above = 1 if high >= 24000 else (1 + (f / high) ** (2 * order)) ** -0.5
        return below * above * torch.ones_like(f)
    return filtered(sound, gain)


def coloured(dice, n, slope):
    """Noise that rises by `slope` dB per octave (-3 pink, -6 brown) from 30 Hz, mean square 1."""
    noise = filtered(dice.noise(n), lambda f: (f.clamp(min=30) / 1000) ** (slope / 6.02))
    return noise / rms(noise)


def resonances(sound, hertz, width, gain):
    """A bank of resonances side by side; hertz, width, gain: equally long."""
    return filtered(sound, lambda f: sum(g / (1 + ((f - h) / w) ** 2) for h, w, g in zip(hertz, width, gain)))


def painted(sound, mask):
    """A filter that moves: multiply the short-time spectrum by mask(frequency [F, 1], seconds [1, T])."""
    window = torch.hann_window(_FFT)
    spectrum = torch.stft(sound, _FFT, _HOP, window=window, return_complex=True)
    frequency = torch.fft.rfftfreq(_FFT, 1 / RATE)[:, None]
    seconds = torch.arange(spectrum.shape[1])[None] * _HOP / RATE
    return torch.istft(spectrum * mask(frequency, seconds), _FFT, _HOP, window=window, length=sound.shape[-1])


def curve(dice, n, per_second, low, high):
    """A smooth wander between low and high with about `per_second` turns a second, [n]."""
    knots = dice.values(max(4, int(n / RATE * per_second) + 3), low, high)
    place = torch.linspace(0, len(knots) - 1.001, n)
    part = (1 - torch.cos(math.pi * (place - place.floor()))) / 2
    return torch.lerp(knots[place.long()], knots[place.long() + 1], part)


def at(seconds, curve_):
    """Values of a curve [n] at seconds [1, T] of `painted`."""
    return curve_[(seconds * RATE).long().clamp(max=len(curve_) - 1)]


def fall(n, seconds):
    """exp(-t / seconds) [n]."""
    return torch.exp(-clock(n) / seconds)


def humped(n, rise, decay):
    """An envelope that rises in `rise` seconds and then dies away, [n]."""
    t = clock(n)
    return (t / max(rise, 1e-4)).clamp(max=1) * torch.exp(-(t - rise).clamp(min=0) / decay)


def pulses(hertz, brightness=1.0, phase=0.0):
    """A train of pulses whose pitch is hertz [n]; brightness 0.2 (hum) .. 2 (buzz). Without aliasing: each is a sum of bells."""
    turn = 2 * math.pi * (hertz.double().cumsum(0) / RATE + phase).remainder(1).float()
    middle = hertz.mean().item()
    out = 0
    for width, weight in ((500, 1.0), (1600 * brightness, .45), (4500 * brightness, .18 * brightness)):
        sharp = max(1.0, (width / middle) ** 2)
        pulse = torch.exp(sharp * (torch.cos(turn) - 1)) * sharp ** 0.25
        out = out + weight * (pulse - pulse.mean())
    return out


def place(track, sound, start):
    """Add sound to track from sample `start` on, in place; what does not fit is left out."""
    begin, end = max(0, start), min(len(track), start + len(sound))
    if begin < end:
        track[begin:end] += sound[begin - start:end - start]


def grains(dice, n, count, grain):
    """`count` grains at random places of n samples; grain(dice) -> a short sound."""
    track = torch.zeros(n)
    for _ in range(count):
        place(track, grain(dice), dice.randrange(n))
    return track


def rms(sound):
    return sound.pow(2).mean().sqrt().clamp(min=1e-9)


def unit(sound):
    return sound / rms(sound)


def peak(sound):
    return sound / sound.abs().amax().clamp(min=1e-9)


def joined(*parts):
    """Add sounds of different lengths."""
    total = torch.zeros(max(len(part) for part in parts))
    for part in parts:
        total[:len(part)] += part
    return total


def loop(sound, seconds=0.5):
    """Cross-fade the end into the beginning (equal power): the result, shorter by `seconds`, repeats without a seam."""
    n = samples(seconds)
    up = torch.sin(torch.linspace(0, math.pi / 2, n))
    head = sound[..., :n] * up + sound[..., -n:] * up.flip(0)
    return torch.cat([head, sound[..., n:-n]], -1)


def saturated(sound, drive):
    return torch.tanh(drive * peak(sound))
