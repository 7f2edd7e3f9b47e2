"""Ambiences for the held-out set, by other means than in `beds`: autoregressive noise, sums of narrow bands, drops one by one."""
import math

import torch
from torchaudio.functional import lfilter

from ..sound import RATE, band, clock, curve, fall, filtered, loop, modes, place, samples, unit
from . import speech

SECONDS = 15


def _resonant(noise, hertz, quality):
    radius = math.exp(-math.pi * hertz / quality / RATE)
    return lfilter(noise, torch.tensor([1, -2 * radius * math.cos(2 * math.pi * hertz / RATE), radius ** 2]), torch.tensor([1., 0, -1]), clamp=False)


def downpour(dice):
    """Rain as drops one by one: thousands of short modes of random surfaces, over their own echo."""
    n = samples(SECONDS)
    surface = [modes(dice.logs(4, 400, 9000), dice.values(4), dice.log(.001, .012), 1200) * (clock(1200) / .0004).clamp(max=1) for _ in range(12)]
    hits = torch.zeros(12, n)
    count = dice.randint(2000, 30000)
    hits.view(-1)[(dice.values(count) * 12 * n).long()] = dice.values(count, .1, 1) ** 3 * dice.noise(count).sign()
    size = 1 << (n + 1200).bit_length()
    out = torch.fft.irfft((torch.fft.rfft(hits, size) * torch.fft.rfft(torch.stack(surface), size)).sum(0), size)[:n]
    return loop(unit(out) + dice.log(.1, 1) * unit(lfilter(dice.noise(n), torch.tensor([1., 0]), torch.tensor([1., -.8]), clamp=False)))


def gale(dice):
    """Wind as a leaky sum of noise through resonators that swell one after the other."""
    n = samples(SECONDS)
    out = unit(lfilter(dice.noise(n), torch.tensor([1., -dice.uniform(.97, .996)]), torch.tensor([1., 0]), clamp=False)) * curve(dice, n, .6, .3, 1)
    for hertz in dice.logs(dice.randint(2, 6), 120, 1800).tolist():
        out = out + unit(_resonant(dice.noise(n), hertz, dice.log(2, 25))) * curve(dice, n, .5, 0, 1) ** 2 * dice.log(.1, 1)
    return loop(out)


def air(dice):
    """Room tone: noise of an autoregressive filter drawn at random, a tone of a transformer, a slow breath."""
    n = samples(SECONDS)
    reflections = dice.values(8, -.5, .5)
    reflections[0] = -dice.uniform(.9, .995)
    poly = torch.ones(1)
    for k in reflections:                                                    # Levinson's recursion: always stable
        poly = torch.cat([poly, torch.zeros(1)]) + k * torch.cat([torch.zeros(1), poly.flip(0)])
    out = unit(lfilter(dice.noise(n), poly, torch.eye(1, len(poly))[0], clamp=False)) * curve(dice, n, .3, .8, 1)
    if dice.flag(.5):
        t, mains = clock(n), dice.choice((50.0, 60.0))
        out = out + dice.log(.02, .4) * torch.tanh(3 * torch.sin(6.28318 * mains * t)) * (1 + .3 * torch.sin(6.28318 * 2 * mains * t))
    return loop(out)


def murmur(dice):
    """A crowd out of the held-out voices: cut to syllables, strewn, and heard by its echoes alone."""
    n = samples(SECONDS)
    out = torch.zeros(n)
    talk = torch.cat([unit(speech.festival_others(dice)) for _ in range(dice.randint(6, 10))])
    for _ in range(dice.randint(150, 500)):
        size = min(len(talk) - 2, samples(dice.uniform(.3, 1.2)))
        start = dice.randrange(len(talk) - size)
        place(out, talk[start:start + size] * torch.hann_window(size) * dice.log(.1, 1), dice.randrange(-size, n))
    echoes = torch.zeros(samples(.5))
    late = dice.logs(80, 200, len(echoes) - 1).long()
    echoes[late] = dice.noise(80) * torch.exp(-late / RATE / .15)
    size = 1 << (n + len(echoes)).bit_length()
    out = torch.fft.irfft(torch.fft.rfft(out, size) * torch.fft.rfft(echoes, size), size)[:n]
    return loop(band(out, 120, dice.log(1200, 5000), 1))


def road(dice):
    """Traffic as a sum of motors one by one, each with its harmonics, distance and wet tyres."""
    n = samples(SECONDS)
    t, out = clock(n), 0
    for _ in range(dice.randint(3, 8)):
        away = (dice.log(3, 40) ** 2 + (dice.uniform(5, 30) * (t - dice.uniform(-3, SECONDS + 3))) ** 2).sqrt()
        turn = (dice.log(25, 90) * curve(dice, n, .3, .9, 1.1)).double().cumsum(0) / RATE
        motor = sum(dice.random() / k * torch.sin(6.28318 * (turn * k).remainder(1)).float() for k in range(1, 10))
        tyres = lfilter(dice.noise(n), torch.tensor([1., -dice.uniform(.5, .95)]), torch.tensor([1., -1.]), clamp=False)
        out = out + (unit(motor) * dice.random() + unit(tyres)) / away
    rumble = lfilter(dice.noise(n), torch.tensor([1., -.995]), torch.tensor([1., 0]), clamp=False)
    return loop(unit(out) + unit(rumble) * dice.log(.2, 1))


def brook(dice):
    """Running water as many resonators whose pitch walks, gated at random."""
    n = samples(SECONDS)
    out = torch.zeros(n)
    for _ in range(dice.randint(20, 50)):
        turn = (dice.log(250, 3500) * curve(dice, n, 25, .7, 1.5)).double().cumsum(0) / RATE
        out += torch.sin(6.28318 * turn.remainder(1)).float() * curve(dice, n, 18, -1.5, 1).clamp(min=0) ** 2 * dice.log(.1, 1)
    return loop(unit(out) + unit(band(dice.noise(n), 300, 6000, 1)) * dice.log(.1, 1))


def insects(dice):
    """Insects as trains of ticks through sharp resonators, in chorus and out of step."""
    n = samples(SECONDS)
    out = torch.zeros(n)
    for _ in range(dice.randint(2, 7)):
        period = dice.log(RATE / 120, RATE / 15)
        when = torch.arange(0, n - 1, period)
        when = (when + dice.values(len(when), 0, period * .1)).long().clamp(max=n - 1)
        ticks = torch.zeros(n)
        ticks[when] = 1
        pace = dice.log(.3, 3)
        ticks *= (torch.sin(6.28318 * pace * clock(n) + dice.uniform(0, 6)) > dice.uniform(-1, .7))
        out += unit(_resonant(ticks, dice.log(2500, 9500), dice.log(8, 60))) * dice.log(.1, 1)
    return loop(out + unit(lfilter(dice.noise(n), torch.tensor([1., -.98]), torch.tensor([1., 0]), clamp=False)) * dice.log(.1, .8))


def plant(dice):
    """Machines that work in time: the same grain of noise and ring again and again, a whine, a hum of three phases."""
    n = samples(SECONDS)
    size = samples(dice.log(.03, .5))
    grain = dice.noise(size) * fall(size, dice.log(.005, .2)) + modes(dice.logs(4, 80, 3000), dice.values(4), dice.log(.01, .2), size)
    steady = grain.repeat(-(-n // size))[:n] * (1 + .2 * curve(dice, n, 20, -1, 1))
    t = clock(n)
    whine = torch.sin(6.28318 * dice.log(120, 2500) * t + 3 * torch.sin(6.28318 * dice.log(.1, 2) * t))
    hum = torch.sin(6.28318 * 50 * t).abs() ** dice.uniform(.5, 3)
    hiss = _resonant(dice.noise(n), dice.log(200, 4000), dice.log(1, 5))
    return loop(unit(steady) * dice.log(.2, 1) + whine * dice.log(.01, .3) + unit(hum - hum.mean()) * dice.log(.02, .4) + unit(hiss) * dice.log(.1, 1))


def shore(dice):
    """Surf: noise whose slope and level follow a saw with soft corners."""
    n = samples(SECONDS)
    period = dice.uniform(2.5, 6)
    saw = ((clock(n) / period + curve(dice, n, .2, 0, .3)).remainder(1) - dice.uniform(.2, .4)).abs()
    saw = filtered(saw, lambda f: 1 / (1 + (f / 2) ** 4))
    dark = lfilter(dice.noise(n), torch.tensor([1., -.97]), torch.tensor([1., 0]), clamp=False)
    return loop(unit(dark) * (.2 + saw) + dice.log(.05, .5) * dice.noise(n) * (1 - saw).clamp(min=0) ** 4)
