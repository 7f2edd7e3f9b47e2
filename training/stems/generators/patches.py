"""Effects that are like nothing in particular: random patches of a modular synthesiser.

What the other generators make has a name, and a network can learn the names. Here source, course of pitch, filter, envelope and
gesture are drawn independently, so that what stays in common is what makes an effect: an event that begins and ends.
"""
import torch

from ..sound import RATE, at, band, clock, coloured, curve, filtered, modes, painted, peak, place, pulses, resonances, samples, saturated, unit


def effect(dice):
    """One gesture of one patch, or of two at once."""
    one = _gesture(dice, _patch(dice))
    if dice.flag(.3):
        other = _gesture(dice, _patch(dice)) * dice.log(.1, 1)
        place(one, other, dice.randrange(len(one)) if dice.flag(.5) else 0)
    return one


def _patch(dice):
    """A function dice -> one sound: what it draws here is the same in every repetition, what it draws later is not."""
    seconds, middle = dice.log(.02, 1.8), dice.log(40, 5000)
    wander, depth, rate = dice.log(.3, 40), dice.choice((0, .02, .1, .4)), dice.log(.5, 60)
    glide = dice.choice((1, 1, dice.log(.25, 4)))
    shake, shake_rate = dice.choice((0, 0, dice.random())), dice.log(2, 130)
    source, shape, filter_ = dice.choice(_SOURCES), dice.choice(_SHAPES), dice.choice(_FILTERS)(dice, middle)
    drive = dice.choice((0, 0, 0, dice.uniform(1, 8)))

    def play(d):
        n = samples(seconds * d.uniform(.8, 1.25))
        t = clock(n)
        course = middle * d.uniform(.95, 1.05) * glide ** (t / t[-1].clamp(min=1e-4)) * 2 ** (depth * curve(d, n, wander, -1, 1))
        sound = filter_(d, source(d, n, course.clamp(20, 9000), rate))
        sound = sound * (1 - shake * (.5 + .5 * torch.sin(6.28318 * shake_rate * t)))
        return peak(saturated(sound, drive) if drive else sound) * shape(d, n)
    return play


def _gesture(dice, play):
    """The sound once, or again and again: evenly, faster, slower, at random."""
    count = dice.choice((1, 1, 1, 2, 3, 5, 9, 20))
    gap, change, loose, fade = dice.log(.03, .6), dice.choice((1, 1, dice.uniform(.75, 1.3))), dice.choice((0, .1, .8)), dice.uniform(.7, 1.05)
    track, start, level = torch.zeros(samples(3)), 0.0, 1.0
    for _ in range(count):
        place(track, play(dice) * level * dice.uniform(.5, 1), samples(start))
        start, gap, level = start + gap * (1 + loose * dice.uniform(-1, 1)), gap * change, level * fade
        if start > 2.6:
            break
    return track


def _phase(course):
    return 6.28318 * (course.double().cumsum(0) / RATE).remainder(1).float()


def _sine(dice, n, course, rate):
    return torch.sin(_phase(course))


def _pulses(dice, n, course, rate):
    return pulses(course, dice.uniform(.3, 2))


def _turned(dice, n, course, rate):
    """Phase modulation by a partner at any ratio."""
    return torch.sin(_phase(course) + dice.uniform(.3, 5) * torch.sin(_phase(course * dice.choice((.5, 1, 2, dice.log(.1, 6))))))


def _partials(dice, n, course, rate):
    """A handful of partials, harmonic or not, each with a course of loudness of its own."""
    stretch = dice.choice((0, 0, dice.uniform(-.1, .3)))
    parts = [curve(dice, n, rate, 0, 1) * torch.sin(_phase((course * k ** (1 + stretch)).clamp(max=21000))) / k ** dice.uniform(0, 1.5)
             for k in range(1, dice.randint(2, 14))]
    return sum(parts)


def _noise(dice, n, course, rate):
    return coloured(dice, n, dice.uniform(-9, 5))


def _dust(dice, n, course, rate):
    """Single impulses, from a few to a crackle."""
    return dice.noise(n) * (dice.values(n) < dice.log(3e-4, .05))


def _saw(dice, n, course, rate):
    """A ramp whose period is never quite the same: what sticks and slips, flaps, purrs."""
    turn = (course / dice.uniform(4, 30) * (1 + dice.random() * .5 * curve(dice, n, 200, -1, 1))).cumsum(0) / RATE
    return (turn - turn.floor() - .5) ** dice.choice((1, 3))


def _ring(dice, n, course, rate):
    """Struck modes."""
    count = dice.randint(1, 24)
    return modes(course[0].item() * dice.logs(count, .5, 12), dice.values(count, .1, 1), dice.logs(count, .004, .8), n)


_SOURCES = _sine, _pulses, _turned, _partials, _partials, _noise, _noise, _dust, _saw, _ring, _ring


def _open(dice, middle):
    return lambda d, sound: sound


def _bands(dice, middle):
    low = dice.log(40, 5000)
    high = low * dice.log(1.5, 30)
    return lambda d, sound: band(sound, low, high, 1)


def _body(dice, middle):
    """Resonances, as of a thing the sound comes through."""
    count = dice.randint(2, 10)
    hertz = dice.logs(count, 80, 9000)
    width, gain = (hertz / dice.logs(count, 2, 60)).tolist(), dice.values(count, .1, 1).tolist()
    return lambda d, sound: resonances(sound, hertz.tolist(), width, gain)


def _comb(dice, middle):
    """The sound and its echo some milliseconds later."""
    late, share = dice.log(.0005, .02), dice.uniform(-.95, .95)
    return lambda d, sound: filtered(sound, lambda f: 1 / (1 - share * torch.exp(-6.28318j * f * late)))


def _sweep(dice, middle):
    width, low, high, pace = dice.log(.1, 1), dice.log(80, 1500), dice.log(800, 9000), dice.log(.5, 12)

    def moved(d, sound):
        centre = low * (high / low) ** curve(d, len(sound), pace, 0, 1)
        return painted(sound, lambda f, t: torch.exp(-((f.clamp(min=20) / at(t, centre)).log() / width) ** 2))
    return lambda d, sound: moved(d, sound) if len(sound) > 2048 else sound


_FILTERS = _open, _open, _bands, _body, _body, _comb, _sweep


def _struck(dice, n):
    return torch.exp(-clock(n) / (n / RATE) * dice.uniform(3, 12)) * (clock(n) / dice.log(.0003, .02)).clamp(max=1)


def _swell(dice, n):
    return torch.hann_window(n) ** dice.uniform(.3, 2)


def _held(dice, n):
    edge = torch.linspace(0, 1, n) / dice.uniform(.02, .3)
    return torch.minimum(edge, edge.flip(0)).clamp(max=1)


def _sucked(dice, n):
    return _struck(dice, n).flip(0)


def _gusty(dice, n):
    return curve(dice, n, dice.log(2, 20), 0, 1) ** 2 * _held(dice, n)


_SHAPES = _struck, _struck, _struck, _swell, _held, _held, _sucked, _gusty
