"""Ambiences for training: beds of fifteen seconds that repeat without a seam. Noise with a colour and a course, and many small sounds."""
import torch

from ...world import sample
from ..sound import (RATE, at, band, clock, coloured, curve, fall, filtered, grains, loop, modes, painted, peak, place, pulses, resonances, samples,
                     unit)
from . import speech

SECONDS = 15


def world(dice):
    """Rain, wind and murmur of the project's procedural world."""
    clips = sample(1, 241, dice.getrandbits(40), dice.choice(("rain", "crowd")), sample_rate=RATE, picture=False, overlays=False)
    return loop(clips.stems[0, 3].mean(0))


def rain(dice):
    """Rain from drizzle to downpour on leaves, roofs, panes, puddles; hail; drips near by."""
    n = samples(SECONDS)
    hiss = filtered(dice.noise(n), lambda f: (f / (f + dice.log(300, 3000))) / (1 + (f / dice.log(3000, 14000)) ** 2)) * curve(dice, n, .5, .7, 1)
    sharp = dice.noise(n) * (dice.values(n) < dice.log(2e-4, 2e-2)) * dice.values(n) ** 3
    if dice.flag(.6):
        count = dice.randint(2, 6)
        sharp = resonances(sharp, dice.logs(count, 300, 6000).tolist(), dice.logs(count, 60, 900).tolist(), dice.values(count, .2, 1).tolist())
    else:
        sharp = band(sharp, dice.log(300, 1500), dice.log(4000, 18000), 1)
    return loop(unit(hiss) + unit(sharp) * dice.log(.2, 2))


def wind(dice):
    """Wind in the open, in trees, through cracks: noise in wandering bands."""
    n = samples(SECONDS)
    gust = curve(dice, n, .4, .1, 1) * curve(dice, n, 2, .7, 1)
    low = coloured(dice, n, dice.uniform(-9, -5)) * gust
    out = unit(low)
    for _ in range(dice.randrange(4)):
        centre, width = dice.log(200, 1500) * 2 ** (gust - .5), dice.uniform(.06, .6)
        howl = painted(dice.noise(n), lambda f, t: torch.exp(-((f.clamp(min=20) / at(t, centre)).log() / width) ** 2)) * gust ** 1.5
        out = out + unit(howl) * dice.log(.05, .8)
    if dice.flag(.4):
        leaves = band(dice.noise(n), 2000, 12000, 1) * gust ** 2 * curve(dice, n, 12, .3, 1)
        out = out + unit(leaves) * dice.log(.05, .6)
    return loop(out)


def room(dice):
    """The tone of an empty room: soft coloured noise, hum of the mains, a fan, a far rumble, air conditioning."""
    n = samples(SECONDS)
    out = unit(coloured(dice, n, dice.uniform(-8, -2)))
    for _ in range(dice.randint(0, 3)):
        middle = dice.log(80, 4000)
        out = out + unit(band(dice.noise(n), middle, middle * dice.uniform(1.1, 3), 1)) * dice.log(.02, .5)
    if dice.flag(.5):
        mains, t = dice.choice((50., 60.)), clock(n)
        hum = sum(dice.random() / k * torch.sin(6.28318 * mains * k * t + dice.uniform(0, 6.28)) for k in range(1, 12))
        out = out + unit(hum) * dice.log(.05, 1)
    return loop(out)


def walla(dice):
    """A crowd: many synthetic talkers far away, darkened and smeared; laughter and clatter of a room."""
    n = samples(SECONDS)
    out = torch.zeros(n)
    for _ in range(dice.randint(3, 6)):
        talk = torch.cat([unit(dice.choice((speech.espeak, speech.espeak, speech.flite))(dice)) for _ in range(3)])
        for _ in range(dice.randint(2, 5)):                                  # as several people: other sizes, other times
            size = max(2, round(len(talk) * dice.uniform(.8, 1.25)))
            one = torch.nn.functional.interpolate(talk[None, None], size=size, mode="linear")[0, 0]
            one = one.roll(dice.randrange(size)).repeat(-(-n // size))[:n]
            out += one * dice.uniform(.3, 1)
    smear = dice.noise(samples(.6)) * fall(samples(.6), dice.uniform(.05, .25))
    size = 1 << (n + len(smear)).bit_length()
    wet = torch.fft.irfft(torch.fft.rfft(out, size) * torch.fft.rfft(smear, size), size)[:n]
    dark = dice.log(900, 5000)
    out = filtered(unit(wet) + dice.uniform(0, .3) * unit(out), lambda f: (f / (f + 150)) / (1 + (f / dark) ** 2))
    return loop(unit(out) + unit(coloured(dice, n, -5)) * dice.log(.05, .4))


def traffic(dice):
    """A road far off or near: rumble, and swells of tyre noise and motors that come and go."""
    n = samples(SECONDS)
    t = clock(n)
    out = unit(coloured(dice, n, dice.uniform(-9, -5)))
    for _ in range(dice.randint(2, 9)):
        middle, width = dice.uniform(0, SECONDS), dice.uniform(.8, 3)
        course = 1 / (1 + ((t - middle) / width) ** 2)
        low = dice.log(100, 500)
        car = unit(band(dice.noise(n), low, low * dice.uniform(3, 12), 1))
        motor = unit(resonances(pulses(dice.log(30, 110) * (1 - .05 * torch.tanh((t - middle) / width)), .5), (120, 300, 700), (60, 120, 300), (1, .5, .2)))
        out = out + (car + motor * dice.random()) * course * dice.log(.1, 1)
    return loop(band(out, 30, dice.log(1500, 12000), 1))


def water(dice):
    """Streams, fountains, the sea: bubbles by the thousand over noise that breathes."""
    n = samples(SECONDS)
    if dice.flag(.4):                                                        # waves
        surge = sum(torch.exp(-((clock(n) - late) / dice.uniform(.6, 2)) ** 2) for late in range(0, SECONDS + 3, dice.randint(3, 6)))
        noise = filtered(dice.noise(n), lambda f: 1 / (1 + (f / dice.log(300, 1500))))
        return loop(unit(noise) * (.15 + surge) + unit(band(dice.noise(n), 2000, 12000, 1)) * surge.roll(samples(.7)) ** 2 * dice.log(.1, .6))
    low, high = dice.log(200, 500), dice.log(900, 4000)

    def bubble(d):
        t = clock(samples(d.log(.01, .06)))
        return torch.sin(6.28318 * d.log(low, high) * t * (1 + d.uniform(0, 3) * t)) * torch.exp(-t * d.log(40, 200)) * (t / .001).clamp(max=1) * d.random() ** 2
    stream = grains(dice, n, dice.randint(1500, 5000), bubble)
    return loop(unit(stream) + unit(filtered(dice.noise(n), lambda f: (f / (f + 400)) / (1 + (f / 3000) ** 2))) * dice.log(.1, 1.5))


def crickets(dice):
    """Insects and frogs at night, cicadas by day: tones gated in trills, each at its own pace."""
    n = samples(SECONDS)
    t = clock(n)
    out = torch.zeros(n)
    for _ in range(dice.randint(2, 9)):
        hertz, trill, chirp, share = dice.log(2200, 8500), dice.log(18, 90), dice.log(.4, 4), dice.uniform(.15, 1)
        gate = ((t * chirp + dice.random()).remainder(1) < share).float()
        gate = torch.nn.functional.avg_pool1d(gate[None], 961, 1, 480)[0]
        tone = torch.sin(6.28318 * hertz * (t + .0002 * torch.sin(6.28 * trill * t))) * (.5 + .5 * torch.sin(6.28318 * trill * t)) ** dice.choice((1, 2, 4))
        out += tone * gate * curve(dice, n, .3, .5, 1) * dice.log(.1, 1)
    return loop(unit(out) + unit(coloured(dice, n, -6)) * dice.log(.1, 1))


def machine(dice):
    """Engines rooms, ventilators, ships, computers, refrigerators: steady harmonics, noise in time with them."""
    n = samples(SECONDS)
    t = clock(n)
    base = dice.log(18, 160) * (1 + .004 * curve(dice, n, 1, -1, 1))
    hum = pulses(base, dice.uniform(.3, 2))
    count = dice.randint(3, 8)
    hum = resonances(hum, dice.logs(count, 60, 4000).tolist(), dice.logs(count, 30, 600).tolist(), dice.values(count, .2, 1).tolist())
    beat = 1 + dice.uniform(0, .9) * torch.sin(6.28318 * dice.log(.5, 18) * t)
    noise = band(dice.noise(n), dice.log(50, 800), dice.log(1500, 15000), 1) * beat
    return loop(unit(hum) * dice.log(.2, 1) + unit(noise) * dice.log(.2, 1))


def fire(dice):
    """A fire, frying, a stove: a low roar and crackle in bursts."""
    n = samples(SECONDS)
    crackle = dice.noise(n) * (dice.values(n) < dice.log(3e-4, 6e-3) * curve(dice, n, 6, 0, 2)) * dice.values(n) ** 4
    count = dice.randint(2, 5)
    crackle = resonances(crackle, dice.logs(count, 600, 9000).tolist(), dice.logs(count, 200, 3000).tolist(), dice.values(count, .3, 1).tolist())
    return loop(unit(coloured(dice, n, -8) * curve(dice, n, 9, .4, 1)) * dice.log(.2, 1) + unit(crackle) * dice.log(.3, 1.5))


def birds(dice):
    """A wood in the morning: far birds over soft air."""
    n = samples(SECONDS)
    out = torch.zeros(n)
    for _ in range(dice.randint(2, 6)):
        hertz, calls, up = dice.log(1800, 6500), dice.randint(4, 14), dice.uniform(-.5, .5)
        length, repeats, gap = dice.uniform(.04, .25), dice.randint(1, 6), dice.uniform(.06, .2)
        t = clock(samples(length))
        note = torch.sin(6.28318 * (hertz * (1 + up * t / length + .05 * torch.sin(6.28 * dice.uniform(10, 50) * t))).cumsum(0) / RATE) * torch.hann_window(len(t))
        level = dice.log(.1, 1)
        for _ in range(calls):
            start = dice.uniform(0, SECONDS)
            for number in range(repeats):
                place(out, note * level, samples(start + number * (length + gap)))
    echo = dice.noise(samples(.8)) * fall(samples(.8), .2)
    size = 1 << (n + len(echo)).bit_length()
    wet = torch.fft.irfft(torch.fft.rfft(out, size) * torch.fft.rfft(echo, size), size)[:n]
    return loop(unit(wet) + dice.random() * unit(out) + unit(coloured(dice, n, dice.uniform(-6, -3))) * dice.log(.2, 2))


def station(dice):
    """Halls, stations, shops, kitchens: a diffuse rumble with clatter that never comes to the fore."""
    n = samples(SECONDS)
    base = dice.logs(6, 400, 4000)
    clatter = grains(dice, n, dice.randint(40, 250), lambda d: modes(base * d.uniform(.5, 2), d.values(6), d.log(.01, .15), samples(.3)) * d.log(.05, 1))
    echo = dice.noise(samples(1.2)) * fall(samples(1.2), dice.uniform(.15, .4))
    size = 1 << (n + len(echo)).bit_length()
    wet = torch.fft.irfft(torch.fft.rfft(clatter, size) * torch.fft.rfft(echo, size), size)[:n]
    dark = dice.log(1000, 6000)
    return loop(filtered(unit(wet), lambda f: 1 / (1 + (f / dark) ** 2)) + unit(coloured(dice, n, -6)) * dice.log(.2, 1.5))
