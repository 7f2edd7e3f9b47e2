"""Pieces played by synthesis of our own: additive and subtractive for training, frequency modulation for the held-out set."""
import torch

from .. import compose
from ..sound import RATE, band, clock, curve, fall, filtered, humped, joined, modes, painted, peak, place, samples, unit

SECONDS = 20


def hertz(pitch):
    return 440 * 2 ** ((pitch - 69) / 12)


def additive(dice):
    """Chord loops on plucked, struck, bowed, blown and swept sounds and drums, all sums of sines and shaped noise."""
    sounds = {desk: dice.choice((_pluck, _bar, _organ, _saw)) for desk in range(compose.DESKS)}
    colour = {desk: dice.random() for desk in range(compose.DESKS)}
    return played(dice, compose.loops(dice, SECONDS), lambda desk, *note: sounds[desk](dice, colour[desk], *note), _drum)


def modulated(dice):
    """Modal pieces on voices of frequency modulation (Chowning 1973), drums of the same."""
    voices = {desk: (dice.choice((1, 1, 2, .5, 3, 1.41, 3.5, 7)), dice.uniform(.5, 6), dice.log(.1, 1.5), dice.flag(.5)) for desk in range(compose.DESKS)}
    return played(dice, compose.modes(dice, SECONDS), lambda desk, *note: _fm(dice, *voices[desk], *note), _fm_drum)


def pad(dice):
    """A slow drone or cluster of detuned voices under a moving filter, with a sub bass that beats: underscore for suspense."""
    n, root = samples(SECONDS), dice.randint(33, 50)
    cluster = dice.choice(((0, 7, 12), (0, 3, 7, 12), (0, 1, 7), (0, 5, 12, 14), (0, 12, 24), (0, 6, 11)))
    out = torch.zeros(2, n)
    for channel in range(2):
        for tone in cluster:
            for _ in range(2):
                turn = (hertz(root + tone) * (1 + dice.uniform(-.004, .004)) * (1 + .002 * curve(dice, n, 2, -1, 1))).double().cumsum(0) / RATE
                saw = sum(torch.sin(6.283185 * (turn * k).remainder(1)).float() / k for k in range(1, 13))
                out[channel] += saw * curve(dice, n, .3, .2, 1)
    corner, depth = dice.log(300, 2500), curve(dice, n, .2, .4, 2.0)
    out = torch.stack([painted(one, lambda f, t: 1 / (1 + (f / (corner * depth[(t * RATE).long().clamp(max=n - 1)])) ** 4)) for one in out])
    if dice.flag(.5):
        beat = dice.uniform(.4, 1.1)
        thump = sum(torch.exp(-(clock(n) - late).remainder(beat) / .12) for late in (0, beat * .3))
        out = torch.cat([out, (peak(thump * torch.sin(6.28 * dice.uniform(38, 60) * clock(n))) * out.abs().amax())[None]])
    return out


def bells(dice):
    """Sparse tones of struck metal and glass over silence: a music box, a celesta, gongs, in a scale with wide gaps."""
    scale, root = dice.choice((compose.WHOLE, compose.PHRYGIAN, (0, 2, 5, 7, 9))), dice.randint(48, 60)
    ratio = torch.tensor([1, 2.76, 5.40, 8.93, 2.0, .5])[:dice.randint(3, 6)] * dice.uniform(.97, 1.03)
    out, at = torch.zeros(2, samples(SECONDS)), 0.0
    while at < SECONDS - 1:
        pitch = hertz(root + dice.choice(scale) + 12 * dice.randrange(3))
        tone = modes(pitch * ratio, dice.values(len(ratio), .1, 1) / torch.arange(1, len(ratio) + 1), dice.log(.3, 2.5) / ratio ** .5, samples(3))
        place(out[dice.randrange(2)], tone * torch.linspace(1, 0, len(tone)) * dice.uniform(.3, 1), samples(at))
        at += dice.choice((.2, .2, .4, .4, .8, 1.6))
    return out


def played(dice, parts, tone, drum):
    """Parts -> a take. tone(desk, MIDI pitch, seconds) and drum(dice, MIDI pitch) give [n]; a tone or a drum is made once and repeated."""
    take = torch.zeros(compose.DESKS, samples(SECONDS))
    kit, kept = {}, {}
    for part in parts:
        for start, length, pitch, loud in part.notes:
            if part.program is None:
                sound = kit.setdefault(pitch, peak(drum(dice, pitch)))
            else:
                key = part.desk, pitch, round(length, 1)
                sound = kept[key] if key in kept else kept.setdefault(key, unit(tone(part.desk, pitch, max(.06, min(length, 3.0)))) * .2)
            place(take[part.desk], sound * loud, samples(start))
    return take[take.abs().amax(1) > 0]


def _released(sound, length, release):
    t = clock(len(sound))
    return sound * torch.exp(-(t - length).clamp(min=0) / release)


def _pluck(dice, colour, pitch, length):
    order = torch.arange(1, 26)
    stiff = order * (1 + 2e-4 * order ** 2) ** .5
    gain = torch.sin(order * 3.14 * (.1 + .35 * colour)).abs() / order
    return _released(modes(hertz(pitch) * stiff, gain, (.3 + 1.5 * colour) / (1 + .15 * order), samples(length + .3)), length, .06)


def _bar(dice, colour, pitch, length):
    ratio = torch.tensor([1, 3.93 + .1 * colour, 9.2, 2.0, 16.1])
    tone = modes(hertz(pitch) * ratio, torch.tensor([1, .4 * colour, .2, .2, .05]), torch.tensor([.6, .3, .12, .4, .05]) * (.5 + 2 * colour), samples(1.6))
    return joined(tone * torch.linspace(1, 0, len(tone)), .1 * colour * dice.noise(600) * fall(600, .003))


def _organ(dice, colour, pitch, length):
    t = clock(samples(length + .15))
    gain = (1, .7 * colour, .5, .3 * colour, .15, .2 * colour, .05, .1)
    vibrato = .003 * torch.sin(6.28 * 5.5 * t) * (t / .4).clamp(max=1)
    tone = sum(g * torch.sin(6.28318 * hertz(pitch) * k * (t + vibrato / 10)) for k, g in enumerate(gain, 1) if hertz(pitch) * k < 20000)
    breath = band(dice.noise(len(t)), hertz(pitch), min(20000, hertz(pitch) * 4), 2) * .08 * colour
    return _released((tone + breath) * (t / (.01 + .12 * colour)).clamp(max=1), length, .05)


def _saw(dice, colour, pitch, length):
    t = clock(samples(length + .2))
    order = range(1, max(2, min(60, int(18000 / hertz(pitch)))))
    tone = sum(torch.sin(6.28318 * hertz(pitch) * (1 + detune) * k * t + k * detune * 900) / k for k in order for detune in (-.003, .004))
    corner = 300 + 6000 * colour
    swept = filtered(tone, lambda f: 1 / (1 + (f / corner) ** 2)) + filtered(tone, lambda f: 1 / (1 + (f / (3 * corner)) ** 2)) * torch.exp(-t / .15)
    return _released(swept * (t / .008).clamp(max=1), length, .08)


def _drum(dice, pitch):
    n = samples(.5)
    t = clock(n)
    if pitch in (compose.KICK, compose.TAIKO, compose.TOM):
        low = 50 if pitch == compose.KICK else 75
        sweep = (low * (1 + 2.5 * torch.exp(-t / .03))).cumsum(0) / RATE
        return torch.sin(6.28318 * sweep) * fall(n, .15) + .2 * band(dice.noise(n), 1000, 8000) * fall(n, .004)
    if pitch in (compose.SNARE, compose.CLAP, compose.RIM):
        body = modes((185, 330), (.5, .3), (.08, .05), n)
        return body * (pitch == compose.SNARE) + .5 * band(dice.noise(n), 700, 14000) * fall(n, .02 if pitch == compose.RIM else .1)
    metal = modes(dice.logs(30, 2500, 14000), dice.values(30), torch.full((30,), .3), n) * .1
    decay = {compose.HAT: .03, compose.SHAKER: .05}.get(pitch, .35)
    return (metal + band(dice.noise(n), 5000, 18000)) * humped(n, .02 if pitch == compose.SHAKER else .001, decay)


def _fm(dice, ratio, index, decay, sustained, pitch, length):
    t = clock(samples(length + .25))
    envelope = (t / .01).clamp(max=1) * (torch.ones_like(t) if sustained else torch.exp(-t / (3 * decay)))
    deep = min(index, max(.3, 14000 / hertz(pitch) / ratio - 1)) * (.4 + .6 * torch.exp(-t / decay))
    return _released(torch.sin(6.28318 * hertz(pitch) * t + deep * torch.sin(6.28318 * hertz(pitch) * ratio * t)) * envelope, length, .07)


def _fm_drum(dice, pitch):
    n = samples(.4)
    t = clock(n)
    low, ratio = dice.log(60, 900), dice.uniform(1.2, 4.7)
    return torch.sin(6.28318 * low * t + dice.uniform(2, 12) * torch.exp(-t / .03) * torch.sin(6.28318 * low * ratio * t)) * fall(n, dice.log(.02, .15))
