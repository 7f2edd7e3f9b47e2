"""Mixtures of four stems, as many as there are seeds, out of the dry sounds of a library."""
from dataclasses import dataclass
from pathlib import Path

import torch

from media.weighting import response

from . import bus, config, shelf
from .dice import Dice
from .sound import RATE, place

_LEAD = 0.36                        # seconds that are made before the clip begins and cut off, so that it begins amid its reverberation
_CENTRES = (70.0, 170.0, 400.0, 1000.0, 2400.0, 5800.0, 13000.0)        # hertz of the equaliser's bumps


@dataclass
class _Source:
    """A sound of one stem of one clip: mono [n] as it is read, its gains left and right, and which place of the room it has."""

    row: int
    sound: torch.Tensor
    left: float
    right: float
    spot: int = 0


class Mixtures:
    """`batch(seeds)`: mixtures of `seconds` at 48 kHz; the same seed gives the same clip from the same library.

    `split`: "train" or "held_out". FileNotFoundError where the library lacks a stem.
    """

    def __init__(self, library, split, seconds):
        self.split, self.samples = split, round(seconds * RATE)
        self._lead = round(_LEAD * RATE)
        self._size = _smooth(self.samples + self._lead, most=False)
        self._stock = {stem: shelf.read(Path(library), split, stem) for stem in config.STEMS}
        self._share = {stem: [sum(take.shape[-1] for take in takes) for takes in stock.values()] for stem, stock in self._stock.items()}
        self._rooms = [take for takes in shelf.read(Path(library), split, "rooms").values() for take in takes]
        self._sizes = {speed: _smooth(round(self._size * speed)) for speed in config.SPEEDS}
        frequency = torch.fft.rfftfreq(self._size, 1 / RATE)
        self._weight = response(RATE, len(frequency)).abs().float() ** 2
        octaves = frequency.clamp(min=20)[None].log2() - torch.tensor(_CENTRES)[:, None].log2()
        self._bumps = torch.exp(-(octaves / 0.9) ** 2)
        self._telephone = 1 / (1 + (300 / frequency.clamp(min=1)) ** 8 + (frequency / 3400) ** 8)

    def batch(self, seeds):
        """seeds: list of int -> float32 [B, 4, 2, samples], stems in the order of config.STEMS; their sum is the mixture."""
        dice = [Dice(self.split, seed) for seed in seeds]
        stems = len(config.STEMS)
        sources, speeds = [], []
        for clip, one in enumerate(dice):
            for row, name in self._sounding(one):
                speed = one.choice(config.SPEEDS)
                new = getattr(self, "_" + name)(one, clip * stems + row, self._sizes[speed])
                sources += new
                speeds += [speed] * len(new)
        spectra = self._spectra(sources, speeds)
        mixed = torch.zeros(len(seeds) * stems, 2, spectra.shape[1], dtype=spectra.dtype)
        before = torch.zeros(len(seeds) * stems)
        rooms = {}
        for source, spectrum in zip(sources, spectra):
            clip, row = divmod(source.row, stems)
            if source.row not in rooms:
                rooms[source.row] = self._room(dice[clip], config.STEMS[row])
            room = rooms[source.row]
            for ear, gain in enumerate((source.left, source.right)):
                mixed[source.row, ear] += spectrum * gain if room is None else spectrum * (room[2 * source.spot + ear] * gain)
            before[source.row] += self._power(spectrum[None]) * (source.left ** 2 + source.right ** 2)
        for row in rooms:
            clip, stem = divmod(row, stems)
            mixed[row] *= self._equaliser(dice[clip], config.STEMS[stem])
            level = _level(dice[clip], *config.LEVELS[config.STEMS[stem]]) - config.TAKE_LOUDNESS
            mixed[row] *= 10 ** (level / 20) * (before[row] / self._power(mixed[row]).clamp(min=1e-20)).sqrt()
        out = torch.fft.irfft(mixed, self._size)[..., self._lead:self._lead + self.samples]
        out = out.view(len(seeds), stems, 2, self.samples)
        for clip, one in enumerate(dice):
            if one.flag(config.MONO):
                out[clip] = out[clip].mean(1, keepdim=True)
            out[clip] *= 10 ** (one.uniform(*config.PROGRAMME) / 20)
        return out * bus.gain(dice, out.sum(1))[:, None, None]

    def _sounding(self, dice):
        """(number, name) of the stems that are not silent in this clip; at least one."""
        stems = list(enumerate(config.STEMS))
        return [stem for stem in stems if not dice.flag(config.SILENT[stem[1]])] or [dice.choice(stems)]

    def _take(self, dice, stem):
        """A random take: a generator by how much there is of it, then any of its takes."""
        stock = self._stock[stem]
        return dice.choice(stock[dice.choices(list(stock), self._share[stem])[0]])

    def _dialogue(self, dice, row, n):
        sources = []
        for voice in range(1 + dice.choices((0, 1), config.VOICES)[0]):
            track, at = torch.zeros(n), round(dice.uniform(-1.0, 1.2) * RATE)
            while at < n:
                take = self._take(dice, "dialogue")[0]
                place(track, shelf.as_float(take) * 10 ** (dice.gauss(0, 1.5) / 20), at)
                at += len(take) + round(dice.expovariate(2.5) * RATE)
            pan = 0.0 if dice.flag(0.6) else dice.uniform(-0.8, 0.8)
            sources.append(_Source(row, track, *_panned(pan, -dice.uniform(0, 6) * voice), voice))
        return sources

    def _music(self, dice, row, n):
        take = self._take(dice, "music")
        start = round(dice.uniform(-0.4 * n, max(0, take.shape[1] - 0.6 * n)))
        sources = []
        for channel in take:
            track = torch.zeros(n)
            place(track, shelf.as_float(channel[max(0, start):max(0, start + n)]), max(0, -start))
            sources.append(_Source(row, track, *_panned(dice.uniform(-0.7, 0.7), dice.gauss(0, 3)), dice.randrange(2)))
        return sources

    def _effects(self, dice, row, n):
        tracks = [torch.zeros(n) for _ in range(dice.randint(1, 3))]
        low, high = config.EVENTS
        for _ in range(max(1, round(dice.randint(low, high) * self.samples / RATE / 3))):
            take = shelf.as_float(self._take(dice, "effects")[0])
            place(dice.choice(tracks), take * 10 ** (_level(dice, 0, config.EVENT_SPREAD) / 20), round(dice.uniform(-0.1, 0.95) * n))
        return [_Source(row, track, *_panned(dice.uniform(-1, 1), 0), dice.randrange(2)) for track in tracks]

    def _ambience(self, dice, row, n):
        sources = []
        for bed in range(dice.choice((1, 1, 2))):
            take, level, across = self._take(dice, "ambience")[0], 10 ** (-dice.uniform(0, 8) * bed / 20), dice.uniform(0, 0.8)
            for left, right in ((1, across), (across, 1)):
                start = dice.randrange(len(take))
                index = torch.arange(start, start + n).remainder(len(take))
                sources.append(_Source(row, shelf.as_float(take[index]), left * level / 2 ** 0.5, right * level / 2 ** 0.5))
        return sources

    def _spectra(self, sources, speeds):
        """The spectra of all sources on the grid of the clip [S, F]: each is transformed at the length at which it is read."""
        spectra = torch.zeros(len(sources), self._size // 2 + 1, dtype=torch.complex64)
        for speed in set(speeds):
            rows = [number for number, one in enumerate(speeds) if one == speed]
            size = self._sizes[speed]
            part = torch.fft.rfft(torch.stack([sources[row].sound for row in rows]))[:, :spectra.shape[1]]
            spectra[rows, :part.shape[1]] = part * (self._size / size)
        return spectra

    def _room(self, dice, stem):
        """Spectra of the four ears of a random room [4, F], or None: no room."""
        if not dice.flag(config.ROOM[stem]):
            return None
        return torch.fft.rfft(shelf.as_float(dice.choice(self._rooms)), self._size)

    def _equaliser(self, dice, stem):
        bumps = torch.tensor([dice.gauss(0, config.EQ) for _ in _CENTRES])
        gain = torch.exp(bumps @ self._bumps * 0.1151)                       # dB as a power of e
        return gain * self._telephone if stem in ("dialogue", "music") and dice.flag(config.TELEPHONE) else gain

    def _power(self, spectrum):
        """K-weighted energy of [C, F], from every fifth bin."""
        return (torch.view_as_real(spectrum[:, ::5]).square().sum(-1) @ self._weight[::5]).sum()


def _smooth(count, most=True):
    """A length near `count` (or the next above) that is 1024 times a number without prime factors above 7: quick to transform."""
    def quick(number):
        for factor in (2, 3, 5, 7):
            while number % factor == 0:
                number //= factor
        return number == 1
    above = next(k for k in range(-(-count // 1024), 10 ** 6) if quick(k))
    if not most:
        return above * 1024
    below = next((k for k in range(count // 1024, 0, -1) if quick(k)), above)
    return min((above, below), key=lambda k: abs(k * 1024 - count)) * 1024


def _panned(pan, decibels):
    """Constant power gains for pan -1..1."""
    gain, angle = 10 ** (decibels / 20), torch.tensor((pan + 1) * torch.pi / 4)
    return gain * float(torch.cos(angle)), gain * float(torch.sin(angle))


def _level(dice, mean, spread):
    return mean + max(-config.SPREAD, min(config.SPREAD, dice.gauss(0, 1))) * spread
