"""Voices that say nothing: laughs, screams, sobs, breaths, hums by a source and a filter; whispers from speech by a vocoder."""
import torch

from ...world import sample
from ..sound import RATE, band, clock, curve, humped, painted, place, pulses, samples, unit
from . import speech

# First four formants in hertz of a man's vowels: a, e, i, o, u, the neutral one.
VOWELS = ((730, 1090, 2440, 3400), (530, 1840, 2480, 3500), (270, 2290, 3010, 3700), (570, 840, 2410, 3300), (300, 870, 2240, 3300),
          (500, 1500, 2500, 3500))


def tract(dice, vowel, size, to=None, speed=3.0):
    """A mask for `painted`: the formants of VOWELS[vowel], moving towards those of `to` and back."""
    start, end = torch.tensor(VOWELS[vowel]) * size, torch.tensor(VOWELS[vowel if to is None else to]) * size
    phase, widths = dice.uniform(0, 6.3), torch.tensor([70., 95., 140., 220.]) * dice.uniform(.8, 1.5)

    def mask(f, t):
        part = (1 + torch.sin(speed * t * 6.28 + phase)) / 2
        total = .015
        for number, weight in enumerate((1., .6, .35, .2)):
            centre = torch.lerp(start[number], end[number], part)
            total = total + weight / (1 + ((f - centre) / widths[number]) ** 2)
        return total * (f / (f + 60))
    return mask


def body(dice):
    """Whose voice: size of the tract against a man's, and pitch in hertz."""
    kind = dice.random()
    if kind < .45:
        return dice.uniform(.92, 1.06), dice.uniform(85, 150)
    if kind < .85:
        return dice.uniform(1.08, 1.2), dice.uniform(170, 260)
    return dice.uniform(1.2, 1.4), dice.uniform(260, 400)


def world(dice):
    """Syllables of the faces of the project's procedural world."""
    clips = sample(1, 97, dice.getrandbits(40), ("face", "faces"), sample_rate=RATE, picture=False, overlays=False)
    return clips.stems[0, 0].mean(0)


def laugh(dice):
    """Ha ha ha: bursts of breath and voice that fall in pitch and strength."""
    size, pitch = body(dice)
    count, step = dice.randint(2, 11), dice.uniform(.13, .24)
    track = torch.zeros(samples(count * step + .6))
    vowel, high = dice.choice((0, 0, 1, 2, 5)), dice.uniform(1.3, 2.4)
    for number in range(count):
        n = samples(step * dice.uniform(.75, 1.0))
        t = clock(n)
        course = pitch * (high - (high - 1) * number / count) * (1 + .25 * torch.exp(-t / .03) - .6 * t)
        voice = pulses(course * (1 + .02 * dice.noise(n).cumsum(0) / 50), dice.uniform(.5, 1.2)) * humped(n, .03, step * .3)
        breath = dice.noise(n) * humped(n, .02, .04) * dice.uniform(.1, .5)
        place(track, (unit(voice) + breath) * (1 - .6 * number / count), samples(number * step * dice.uniform(.97, 1.03)))
    return painted(track, tract(dice, vowel, size, 5, 1.0))


def scream(dice):
    """A sustained cry: high, rough, pressed."""
    size, pitch = body(dice)
    n = samples(dice.uniform(.4, 2.2))
    t = clock(n)
    rise = torch.sin(t / t[-1] * 3.14) ** .5
    course = pitch * dice.uniform(2.0, 3.6) * (.8 + .25 * rise) * (1 + dice.uniform(0, .03) * torch.sin(6.28 * dice.uniform(4, 8) * t))
    rough = 1 + dice.uniform(0, .7) * torch.sin(6.28 * (course / dice.choice((2, 3))).cumsum(0) / RATE)
    source = unit(pulses(course * (1 + .01 * curve(dice, n, 60, -1, 1)), 2.0) * rough) + dice.uniform(.1, .6) * dice.noise(n)
    return torch.tanh(dice.uniform(.5, 2) * unit(painted(source, tract(dice, dice.choice((0, 0, 1, 2)), size * 1.1)))) * rise


def breath(dice):
    """Breaths, sighs, gasps and coughs."""
    size, pitch = body(dice)
    n = samples(dice.uniform(.25, 1.4))
    if dice.flag(.3):
        envelope = humped(n, .005, dice.uniform(.04, .12))
        source = dice.noise(n) + dice.uniform(.3, 1.5) * unit(pulses(pitch * torch.ones(n), 1.2))
    else:
        envelope = torch.sin(clock(n) / clock(n)[-1] * 3.14) ** dice.uniform(.7, 3)
        source = dice.noise(n)
    return painted(source * envelope, tract(dice, dice.randrange(6), size, 5, .4))


def hum(dice):
    """Hm, aha, groans, moans, sobs: one or a few closed vowels with a course of pitch."""
    size, pitch = body(dice)
    track = torch.zeros(samples(3))
    start = 0
    for _ in range(dice.randint(1, 4)):
        n = samples(dice.uniform(.2, .9))
        course = pitch * curve(dice, n, 3, .75, 1.4)
        voice = unit(pulses(course * (1 + .008 * curve(dice, n, 80, -1, 1)), dice.uniform(.2, .9))) + dice.uniform(0, .3) * dice.noise(n)
        envelope = (torch.sin(clock(n) / clock(n)[-1] * 3.14) + 1e-4) ** .6
        place(track, painted(voice * envelope, tract(dice, dice.choice((3, 4, 5)), size)), start)
        start += n + samples(dice.uniform(.02, .25))
    return track[:max(start, 4800)]


def chant(dice):
    """Someone sings without words: long vowels on steady notes, with vibrato; still a voice act."""
    size, pitch = body(dice)
    steps, parts = (0, 2, 4, 5, 7, 9, 12), []
    for _ in range(dice.randint(2, 6)):
        n = samples(dice.uniform(.3, 1.0))
        t = clock(n)
        vibrato = 1 + dice.uniform(.004, .02) * torch.sin(6.28 * dice.uniform(4.5, 6.5) * t) * (t / .3).clamp(max=1)
        voice = pulses(pitch * 2 ** (dice.choice(steps) / 12) * vibrato, dice.uniform(.4, 1.0))
        edge = (t / .05).clamp(max=1) * ((t[-1] - t) / .06).clamp(0, 1)
        parts.append(painted(unit(voice) * edge, tract(dice, dice.randrange(6), size, dice.randrange(6), .8)))
    return torch.cat(parts)


def whisper(dice):
    """Speech whose excitation is replaced by noise: the envelope of the spectrum, smoothed over frequency, is kept."""
    talk = dice.choice((speech.espeak, speech.flite))(dice)
    window = torch.hann_window(1024)
    power = torch.stft(talk, 1024, 256, window=window, return_complex=True).abs()
    smooth = torch.nn.functional.avg_pool1d(power.T[None], 15, 1, 7, count_include_pad=False)[0].T
    hiss = torch.stft(dice.noise(len(talk)), 1024, 256, window=window, return_complex=True)
    return band(torch.istft(hiss * smooth, 1024, 256, window=window, length=len(talk)), dice.uniform(150, 500), 16000)
