"""Voices that say nothing, made another way than in `voices`: cut, stretched and turned out of spoken syllables."""
import torch
from torchaudio.functional import lfilter, phase_vocoder

from ..sound import RATE, band, clock, place, samples, saturated, unit
from . import speech


def _stretched(sound, times):
    """The same pitch, `times` as long (phase vocoder)."""
    window = torch.hann_window(1024)
    spectrum = torch.stft(sound, 1024, 256, window=window, return_complex=True)
    advance = torch.linspace(0, torch.pi * 256, 513)[:, None]
    return torch.istft(phase_vocoder(spectrum, 1 / times, advance), 1024, 256, window=window)


def _turned(sound, times):
    """Read `times` as fast: pitch and formants rise together."""
    size = max(2, round(len(sound) / times))
    return torch.nn.functional.interpolate(sound[None, None], size=size, mode="linear", align_corners=True)[0, 0]


def _syllable(dice):
    """The loudest quarter of a second of something said."""
    talk = unit(speech.festival_others(dice))
    n = min(len(talk), samples(dice.uniform(.18, .3)))
    power = torch.nn.functional.avg_pool1d((talk ** 2)[None, None], n, 480)[0, 0]
    start = int(power.argmax()) * 480
    part = talk[start:start + n]
    return part * torch.hann_window(len(part)) ** .3


def laughter(dice):
    """One syllable again and again, faster or slower, falling."""
    part, count, step = _syllable(dice), dice.randint(3, 9), dice.uniform(.15, .25)
    high = dice.uniform(1.1, 1.6)
    track = torch.zeros(samples(count * step + .5))
    for number in range(count):
        one = _turned(part, high * (1 - .35 * number / count) * dice.uniform(.96, 1.04))
        place(track, one * (1 - .5 * number / count), samples(number * step))
    return track


def cry(dice):
    """A syllable stretched, raised and overdriven."""
    long = _stretched(_syllable(dice), dice.uniform(4, 9))
    high = _turned(long, dice.uniform(1.5, 2.3))
    return band(saturated(high, dice.uniform(1, 6)), 120, 16000) * (clock(len(high)) / .05).clamp(max=1)


def murmured(dice):
    """A syllable stretched and darkened: hums and moans."""
    return band(_turned(_stretched(_syllable(dice), dice.uniform(2, 5)), dice.uniform(.75, 1.0)), 60, dice.uniform(600, 2000))


def whispered(dice):
    """Speech by linear prediction, 1 / A(z) of order 24 in frames of 30 ms, excited by noise."""
    talk = torch.nn.functional.interpolate(speech.festival_others(dice)[None, None], scale_factor=1 / 3)[0, 0]   # LPC at 16 kHz
    frame, hop, order = 512, 256, 24
    pieces = torch.nn.functional.pad(talk, (0, frame)).unfold(0, frame, hop) * torch.hann_window(frame)
    power = torch.fft.rfft(pieces, 2 * frame).abs() ** 2
    lags = torch.fft.irfft(power)[:, :order + 1].double()
    lags[:, 0] = lags[:, 0] * 1.001 + 1e-9
    toeplitz = lags[:, (torch.arange(order)[:, None] - torch.arange(order)).abs()]
    ahead = torch.linalg.solve(toeplitz, lags[:, 1:])
    error = (lags[:, 0] - (ahead * lags[:, 1:]).sum(1)).clamp(min=0).sqrt()
    coefficients = torch.cat([torch.ones(len(ahead), 1), -ahead.float()], 1)
    hiss = dice.noise(len(pieces), frame) * torch.hann_window(frame).sqrt() * error[:, None].float()
    voiced = lfilter(hiss, coefficients, torch.eye(1, order + 1).expand(len(pieces), -1), clamp=False)
    out = torch.zeros(len(pieces) * hop + frame)
    for number, piece in enumerate(voiced):
        out[number * hop:number * hop + frame] += piece
    wide = torch.nn.functional.interpolate(out[None, None], scale_factor=RATE / 16000, mode="linear")[0, 0]
    return speech.widened(dice, band(wide, 200, 7600), 7400)
