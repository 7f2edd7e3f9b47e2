"""Effects and ambiences that are like nothing in particular: random patches of a modular synthesiser.

What the other generators make has a name, and a network can learn the names. Here source, course of pitch, filter, envelope and
gesture are drawn independently, so that what stays in common is what makes an effect: an event that begins and ends.

A source is a function dice -> (n, course) -> [n], course being its pitch in hertz [n]; a filter dice -> [n] -> [n]; an envelope
dice -> n -> [n]. What they draw from the outer dice belongs to the patch and stays the same when a gesture repeats it; noise is new each time.
"""
import torch

from ..sound import RATE, at, band, clock, coloured, curve, filtered, loop, modes, painted, peak, place, pulses, resonances, samples, saturated, unit
from .beds import SECONDS


def effect(dice):
    """One gesture of one patch, or of two at once: [n] of up to 3 s."""
    one = _gesture(dice, _patch(dice))
    if dice.flag(.3):
        other = _gesture(dice, _patch(dice)) * dice.log(.1, 1)
        place(one, other, dice.randrange(len(one)) if dice.flag(.5) else 0)
    return one


def bed(dice):
    """An ambience of one to three layers that repeats without a seam, as long as those of `beds`."""
    return loop(sum(unit(dice.choice(_LAYERS)(dice, samples(SECONDS))) * dice.log(.1, 1) for _ in range(dice.choice((1, 2, 2, 3)))))


def _hiss(dice, n):
    """Noise of any colour that comes and goes, through any filter."""
    sound = dice.choice(_FILTERS)(dice)(coloured(dice, n, dice.uniform(-10, 4)))
    return sound * curve(dice, n, dice.log(.1, 6), dice.choice((.1, .5, .9)), 1)


def _swarm(dice, n):
    """The same small sound again and again, at random or in step, so often that no single one counts."""
    play, per_second, steady = _patch(dice), dice.log(4, 120), dice.flag(.25)
    kept, track = [play()[:samples(.7)] for _ in range(12)], torch.zeros(n)
    for k in range(int(n / RATE * per_second)):
        place(track, dice.choice(kept) * dice.log(.1, 1), round(k * RATE / per_second) if steady else dice.randrange(n))
    return track


def _hum(dice, n):
    """A few partials that hardly move, as of a machine or a wire."""
    low, wander = dice.log(35, 900), dice.log(.1, 3)
    turns = [_phase(low * dice.choice((k, k * dice.uniform(.97, 1.03))) * (1 + dice.log(1e-4, 2e-2) * curve(dice, n, wander, -1, 1))) for k in range(1, dice.randint(2, 12))]
    return sum(torch.sin(turn) * curve(dice, n, wander, .2, 1) * dice.log(.05, 1) for turn in turns)


_LAYERS = _hiss, _hiss, _swarm, _swarm, _hum


def _patch(dice):
    """A function that plays the patch once, a little otherwise each time: -> [n]."""
    seconds, middle = dice.log(.02, 1.8), dice.log(40, 5000)
    wander, depth = dice.log(.3, 40), dice.choice((0, .02, .1, .4))
    glide = dice.choice((1, 1, dice.log(.25, 4)))
    tremolo, rate = dice.choice((0, 0, dice.random())), dice.log(2, 130)
    source, envelope, heard = (dice.choice(kinds)(dice) for kinds in (_SOURCES, _ENVELOPES, _FILTERS))
    drive = dice.choice((0, 0, 0, dice.uniform(1, 8)))

    def play():
        n = samples(seconds * dice.uniform(.8, 1.25))
        t = clock(n)
        course = middle * dice.uniform(.95, 1.05) * glide ** (t / t[-1]) * 2 ** (depth * curve(dice, n, wander, -1, 1))
        sound = heard(source(n, course.clamp(20, 9000)))
        sound = sound * (1 - tremolo * (.5 + .5 * torch.sin(6.28318 * rate * t)))
        return peak(saturated(sound, drive) if drive else sound) * envelope(n)
    return play


def _gesture(dice, play):
    """The sound once, or again and again: evenly, faster, slower, at random."""
    count = dice.choice((1, 1, 1, 2, 3, 5, 9, 20))
    gap, change, loose, fade = dice.log(.03, .6), dice.choice((1, 1, dice.uniform(.75, 1.3))), dice.choice((0, .1, .8)), dice.uniform(.7, 1.05)
    track, start, level = torch.zeros(samples(3)), 0.0, 1.0
    for _ in range(count):
        place(track, play() * level * dice.uniform(.5, 1), samples(start))
        start, gap, level = start + gap * (1 + loose * dice.uniform(-1, 1)), gap * change, level * fade
        if start > 2.6:
            break
    return track


def _phase(course):
    return 6.28318 * (course.double().cumsum(0) / RATE).remainder(1).float()


def _sine(dice):
    return lambda n, course: torch.sin(_phase(course))


def _pulses(dice):
    brightness = dice.uniform(.3, 2)
    return lambda n, course: pulses(course, brightness)


def _phase_modulation(dice):
    """By a partner at any ratio."""
    index, ratio = dice.uniform(.3, 5), dice.choice((.5, 1, 2, dice.log(.1, 6)))
    return lambda n, course: torch.sin(_phase(course) + index * torch.sin(_phase(course * ratio)))


def _partials(dice):
    """A handful of partials, harmonic or not, each with a course of loudness of its own."""
    stretch, rolloff, rate = dice.choice((0, 0, dice.uniform(-.1, .3))), dice.uniform(0, 1.5), dice.log(.5, 60)
    numbers = range(1, dice.randint(2, 14))

    def play(n, course):
        total = torch.zeros(n)
        for k in numbers:
            hertz = course * k ** (1 + stretch)
            total += (hertz < 21000) * curve(dice, n, rate, 0, 1) * torch.sin(_phase(hertz)) / k ** rolloff
        return total
    return play


def _noise(dice):
    slope = dice.uniform(-9, 5)
    return lambda n, course: coloured(dice, n, slope)


def _dust(dice):
    """Single impulses, from a few to a crackle."""
    density = dice.log(3e-4, .05)
    return lambda n, course: dice.noise(n) * (dice.values(n) < density)


def _saw(dice):
    """A ramp whose period is never quite the same: what sticks and slips, flaps, purrs."""
    slower, jitter, power = dice.uniform(4, 30), dice.random() * .5, dice.choice((1, 3))

    def play(n, course):
        turn = (course / slower * (1 + jitter * curve(dice, n, 200, -1, 1))).cumsum(0) / RATE
        return (turn - turn.floor() - .5) ** power
    return play


def _ring(dice):
    """Struck modes."""
    count = dice.randint(1, 24)
    ratios, gains, decays = dice.logs(count, .5, 12), dice.values(count, .1, 1), dice.logs(count, .004, .8)
    return lambda n, course: modes(course[0].item() * ratios, gains, decays, n)


_SOURCES = _sine, _pulses, _phase_modulation, _partials, _partials, _noise, _noise, _dust, _saw, _ring, _ring


def _open(dice):
    return lambda sound: sound


def _band(dice):
    low = dice.log(40, 5000)
    high = low * dice.log(1.5, 30)
    return lambda sound: band(sound, low, high, 1)


def _body(dice):
    """Resonances, as of a thing the sound comes through."""
    count = dice.randint(2, 10)
    hertz = dice.logs(count, 80, 9000)
    width, gain = (hertz / dice.logs(count, 2, 60)).tolist(), dice.values(count, .1, 1).tolist()
    return lambda sound: resonances(sound, hertz.tolist(), width, gain)


def _comb(dice):
    """The sound and one echo of it some milliseconds later."""
    late, share = dice.log(.0005, .02), dice.uniform(-.95, .95)
    return lambda sound: filtered(sound, lambda f: 1 + share * torch.exp(-6.28318j * f * late))


def _sweep(dice):
    """A band that wanders."""
    width, low, high, pace = dice.log(.1, 1), dice.log(80, 1500), dice.log(800, 9000), dice.log(.5, 12)

    def moved(sound):
        centre = low * (high / low) ** curve(dice, len(sound), pace, 0, 1)
        return painted(sound, lambda f, t: torch.exp(-((f.clamp(min=20) / at(t, centre)).log() / width) ** 2))
    return moved


_FILTERS = _open, _open, _band, _body, _body, _comb, _sweep


def _struck(dice):
    decay, rise = dice.uniform(3, 12), dice.log(.0003, .02)
    return lambda n: torch.exp(-clock(n) / (n / RATE) * decay) * (clock(n) / rise).clamp(max=1)


def _swell(dice):
    power = dice.uniform(.3, 2)
    return lambda n: torch.hann_window(n) ** power


def _held(dice):
    edge = dice.uniform(.02, .3)
    return lambda n: torch.minimum(torch.linspace(0, 1, n), torch.linspace(1, 0, n)).div(edge).clamp(max=1)


def _reversed(dice):
    struck = _struck(dice)
    return lambda n: struck(n).flip(0)


def _gusty(dice):
    held, rate = _held(dice), dice.log(2, 20)
    return lambda n: curve(dice, n, rate, 0, 1) ** 2 * held(n)


_ENVELOPES = _struck, _struck, _struck, _swell, _held, _held, _reversed, _gusty
