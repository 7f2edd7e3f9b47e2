"""Music on instruments that are like nothing in particular: harmonics, noise and bodies drawn at random, and `textures` played on them.

No frequency modulation: that synthesis is the held-out set's.
"""
import torch

from .. import textures
from ..sound import RATE, band, clock, curve, fall, filtered, modes, peak, resonances, samples, saturated
from .synths import SECONDS, hertz, played

PARTIALS = 32


def drawn(dice):
    """A piece of textures, every player on an instrument of its own."""
    parts = textures.textures(dice, SECONDS)
    desks = {part.desk: _instrument(dice) for part in parts if part.program is not None}
    return played(dice, parts, lambda desk, *note: desks[desk](*note), _percussion)


def _instrument(dice):
    """A function (MIDI pitch, seconds) -> [n]; what is drawn here is the instrument, the same in all its tones."""
    order = torch.arange(1, PARTIALS + 1)
    gain = dice.values(PARTIALS, 0.1, 1) * order ** -dice.uniform(0.2, 2.2)
    if dice.flag(0.25):
        gain[1::2] *= dice.uniform(0, 0.2)
    stretch = dice.choice((0, 0, 0, dice.log(1e-5, 2e-3)))
    sustained, decay, dull = dice.flag(0.6), dice.log(0.08, 2.5), dice.uniform(0, 0.4)
    rise, release = dice.log(0.002, 0.25), dice.log(0.03, 0.5)
    voices, detune = dice.choice((1, 1, 2, 3)), dice.log(5e-4, 6e-3)
    vibrato, rate, late = dice.choice((0, 0, dice.log(1e-3, 1.5e-2))), dice.uniform(3.5, 8), dice.uniform(0.1, 0.6)
    scoop, tremolo = dice.choice((0, 0, dice.uniform(-0.06, 0.03))), dice.choice((0, 0, 0, dice.uniform(0.1, 0.7)))
    breath, drive = dice.choice((0, 0, dice.log(0.01, 0.4))), dice.choice((0, 0, 0, dice.uniform(1, 6)))
    sweep, corner = dice.choice((0, 0, dice.uniform(-1, 2))), dice.log(500, 8000)
    count = dice.choice((0, 0, 3, 6))
    hollows = dice.logs(count, 150, 6000).tolist()
    body = hollows, [one / dice.log(2, 20) for one in hollows], dice.values(count, 0.3, 3).tolist()

    def tone(pitch, length):
        t = clock(samples(length + 3 * release))
        course = hertz(pitch) * (1 + scoop * torch.exp(-t / 0.04) + vibrato * (t / late).clamp(max=1) * torch.sin(6.28318 * rate * t))
        sound = torch.zeros(len(t))
        for voice in range(voices):
            turn = (course * (1 + detune * (voice - (voices - 1) / 2))).double().cumsum(0) / RATE + dice.random()
            for k, share in zip(order.tolist(), gain.tolist()):
                ratio = k * (1 + stretch * k * k) ** 0.5
                if hertz(pitch) * ratio > 18000:
                    break
                sung = torch.sin(6.28318 * (turn * ratio).remainder(1).float()) * share
                sound += sung if sustained else sung * torch.exp(-t / decay * (1 + dull * k))
        if breath:
            sound = sound + breath * sound.std() * band(dice.noise(len(t)), hertz(pitch), min(20000, 6 * hertz(pitch)), 1)
        if sweep:
            dark = filtered(sound, lambda f: 1 / (1 + (f / corner) ** 2))
            sound = dark + (sound - dark) * (t / 0.3).clamp(max=1) if sweep < 0 else dark + (sound - dark) * torch.exp(-t * sweep / 0.3)
        if count:
            sound = sound + resonances(sound, *body)
        sound = saturated(sound, drive) if drive else sound
        sound = sound * (1 - tremolo * (0.5 + 0.5 * torch.sin(6.28318 * rate * t)))
        return sound * (t / rise).clamp(max=1) * torch.exp(-(t - length).clamp(min=0) / release)
    return tone


def _percussion(dice, pitch):
    """A stroke on anything: modes, noise and a drop of pitch in any proportion."""
    n = samples(dice.log(0.05, 0.8))
    t = clock(n)
    low, count = dice.log(45, 2500), dice.randint(1, 20)
    ring = peak(modes(low * dice.logs(count, 1, 8), dice.values(count, 0.1, 1), dice.logs(count, 0.01, 0.4), n))
    dropped = torch.sin(6.28318 * (dice.log(40, 200) * (1 + dice.uniform(0, 4) * torch.exp(-t / dice.log(0.005, 0.08)))).cumsum(0) / RATE) * fall(n, dice.log(0.03, 0.3))
    edge = dice.log(100, 6000)
    hiss = peak(band(dice.noise(n), edge, min(20000, edge * dice.log(2, 40)), 2)) * fall(n, dice.log(0.004, 0.25)) * (1 + 0.3 * curve(dice, n, 40, -1, 1))
    return sum(share * one for share, one in zip(dice.values(3).square().tolist(), (ring, dropped, hiss)))
