"""Pictures and sounds whose sync is known to the sample: flashes with beeps, bounces and hits with knocks.

Drawn from a seed and independent of the training world. Instants are seconds from the first frame and sample.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch

KINDS = ("flash", "bounce", "hit")
BEDS = ("clean", "noise", "music")
RATES = (24, 25, 30, 50, 60, Fraction(24000, 1001), Fraction(30000, 1001))
SAMPLE_RATE = 48000
SECONDS = 6.0
HEIGHT, WIDTH = 72, 96


class Pattern(NamedTuple):
    """`frames` [F, 72, 96, 3] in 0..1 at `rate` (a number or Fraction); `times`: instants that are seen, in order."""

    frames: torch.Tensor
    rate: int | Fraction
    times: list


def picture(kind, seed, rate=None, times=None):
    """A Pattern of 6 s. The rate and, but for bounces, the times are drawn from the seed where they are not given.

    "flash": light that is there at once, and whole, in the frame of its time. "bounce": balls that fall and bounce lower
    and lower. "hit": a beater that swings down. Both of these meet between frames.
    """
    random = np.random.default_rng([KINDS.index(kind), seed])
    drawn = RATES[random.integers(len(RATES))]
    rate = rate or drawn
    irregular = rhythm(random)
    scene, times = {"flash": _flashes, "bounce": _bounces, "hit": _hits}[kind](random, rate, times or irregular)
    grain = torch.from_numpy(random.normal(0, random.uniform(0, 0.012), scene.shape).astype(np.float32))
    return Pattern((scene + grain).clamp(0, 1), rate, times)


def rhythm(random):
    """Instants with gaps from 0.25 to 1.1 s."""
    times = [random.uniform(0.3, 0.9)]
    while times[-1] < SECONDS - 0.3:
        times.append(times[-1] + random.uniform(0.25, 1.1))
    return times[:-1]


def sound(kind, times, seed, late=0.0, bed="clean"):
    """[1, 288000] at 48 kHz: a beep (flash) or a knock (others) at each time + `late` seconds, over a bed.

    "noise": pink or white, 10 to 30 dB below what is heard. "music": held chords and plucked notes, 6 to 24 dB below.
    """
    random = np.random.default_rng([KINDS.index(kind), seed, BEDS.index(bed)])
    struck = _beep() if kind == "flash" else _knock(random)
    wave = np.zeros(round((SECONDS + 1) * SAMPLE_RATE))
    for time in times:
        start = (time + late) * SAMPLE_RATE
        if 0 <= start < SECONDS * SAMPLE_RATE:
            whole = math.ceil(start)
            heard = struck((np.arange(len(wave) - whole)[:SAMPLE_RATE // 2] + whole - start) / SAMPLE_RATE)
            wave[whole:whole + len(heard)] += random.uniform(0.4, 1.0) * heard
    wave *= 0.4 / max(np.abs(wave).max(), 1e-9)
    under = {"clean": lambda: 1e-4 * random.normal(size=len(wave)), "noise": lambda: _noise(random, len(wave)), "music": lambda: _music(random, len(wave))}[bed]()
    return torch.from_numpy((wave + under)[:round(SECONDS * SAMPLE_RATE)]).float()[None]


def _beep():
    """1 kHz for 10 ms, with edges of 0.25 ms."""
    return lambda t: np.sin(2 * math.pi * 1000 * t) * np.minimum(1, np.minimum(t, 0.01 - t) / 0.00025).clip(0)


def _knock(random):
    """Wood, metal or skin: partials that ring out."""
    base, partials, decay = [(380, (1, 2.15, 3.7, 5.4), 0.05), (720, (1, 1.51, 2.32, 3.12), 0.2), (105, (1, 1.59, 2.14, 2.65), 0.12)][random.integers(3)]
    base = base * random.uniform(0.8, 1.25)
    return lambda t: np.minimum(1, t / 0.0007) * sum(np.exp(-t * p ** 0.5 / decay) * np.sin(2 * math.pi * base * p * t) / p for p in partials)


def _noise(random, length):
    white = np.fft.rfft(random.normal(size=length))
    colour = np.maximum(np.arange(len(white)), 20) ** (-0.5 * random.integers(2))
    noise = np.fft.irfft(white * colour, length)
    return noise / noise.std() * 0.14 * 10 ** (-random.uniform(10, 30) / 20)


def _music(random, length):
    beat, root, wave = random.uniform(0.4, 0.7), random.uniform(90, 180), np.zeros(length)
    scale = root * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
    t = np.arange(length) / SAMPLE_RATE
    for first in np.arange(0, t[-1], 4 * beat):
        age = t - first
        swell = np.clip(age / 0.3, 0, 1) * np.clip((4 * beat + 0.2 - age) / 0.2, 0, 1)
        for step in random.integers(0, 4) + np.array([0, 2, 4]):
            wave += 0.15 * swell * sum(np.sin(2 * math.pi * scale[step] * p * t) / p ** 2 for p in (1, 2, 3))
    for k in range(int(t[-1] / beat * 2)):
        if random.random() < 0.6:
            start = int((k * beat / 2 + random.normal(0, 0.006) + 0.02) * SAMPLE_RATE)
            age = t[:length - start][:SAMPLE_RATE]
            pitch = 2 * scale[random.integers(len(scale))]
            wave[start:start + len(age)] += np.clip(age / 0.006, 0, 1) * np.exp(-age / 0.25) * sum(np.sin(2 * math.pi * pitch * p * age) / p ** 1.5 for p in (1, 2, 3, 4))
    return wave / np.abs(wave).max() * 0.4 * 10 ** (-random.uniform(6, 24) / 20)


def _grid():
    return np.meshgrid(np.arange(HEIGHT) + 0.5, np.arange(WIDTH) + 0.5, indexing="ij")


def _wall(random):
    """[72, 96, 3]: something to see behind."""
    y, x = _grid()
    shade = random.uniform(0.15, 0.45) + 0.06 * np.sin(x / random.uniform(2, 9) + random.uniform(0, 6)) * np.sin(y / random.uniform(2, 9))
    return (shade[..., None] * random.uniform(0.7, 1.3, 3)).astype(np.float32)


def _over(wall, covers, colour):
    """Frames [F, 72, 96, 3] of a wall under what covers it [72, 96] per frame."""
    frames = np.empty((len(covers), *wall.shape), np.float32)
    for frame, cover in zip(frames, covers):
        frame[:] = wall + cover[..., None].astype(np.float32) * (np.asarray(colour, np.float32) - wall)
    return torch.from_numpy(frames)


def _flashes(random, rate, times):
    """The whole picture, a box or a lamp; for 1 to 4 frames, or fading away."""
    numbers = sorted({round(time * float(rate)) for time in times})
    age = np.arange(round(SECONDS * float(rate)))[:, None] - np.array(numbers)
    length, fade = random.integers(1, 5), random.uniform(0.5, 8)
    level = np.where(age >= 0, np.exp(-age.clip(0) / fade) if random.random() < 0.5 else age < length, 0).max(1)
    y, x = _grid()
    middle = random.uniform(0.25, 0.75, 2) * (HEIGHT, WIDTH)
    where = [np.ones((HEIGHT, WIDTH)), (abs(y - middle[0]) < 12) & (abs(x - middle[1]) < 16),
             np.exp(-((y - middle[0]) ** 2 + (x - middle[1]) ** 2) / random.uniform(150, 600))][random.integers(3)]
    return _over(_wall(random), [one * where for one in level], random.uniform(0.8, 1.0, 3)), [number / float(rate) for number in numbers]


def _bounces(random, rate, _):
    t = np.arange(round(SECONDS * float(rate))) / float(rate)
    height, across, times, fall = np.full(len(t), 200.0), np.full(len(t), WIDTH / 2), [], random.uniform(0.2, 0.6)
    radius, bounce = random.uniform(4, 8), random.uniform(0.62, 0.85)
    while fall < SECONDS - 1:
        top, gravity = random.uniform(40, 70), random.uniform(150, 450)
        place, drift = random.uniform(25, WIDTH - 25), random.uniform(-6, 6)
        first = fall + math.sqrt(2 * top / gravity)
        now = (t >= fall - 0.3) & (t < first)
        height[now] = top - gravity * (t[now] - fall) * abs(t[now] - fall) / 2
        across[t >= fall - 0.3] = place + drift * (t[t >= fall - 0.3] - first)
        speed, time = gravity * (first - fall) * bounce, first
        while speed > 0.08 * gravity and time < SECONDS - 0.1:
            times.append(time)
            age = t - time
            now = age >= 0
            height[now] = (speed * age[now] - gravity * age[now] ** 2 / 2).clip(0)
            time, speed = time + 2 * speed / gravity, speed * bounce
        fall = time + random.uniform(0.5, 0.9)
    y, x = _grid()
    floor = HEIGHT - 8
    covers = [(radius - np.hypot(x - a, y - (floor - radius - h)) + 0.5).clip(0, 1) for a, h in zip(across, height)]
    return _over(_wall(random), covers, random.uniform(0.5, 1.0, 3)), times


def _hits(random, rate, times):
    """A beater on an arm, in rest between; it comes down ever faster, turns at once and swings back."""
    t = np.arange(round(SECONDS * float(rate))) / float(rate)
    rest, swing, back = random.uniform(0.5, 0.9), random.uniform(0.14, 0.2), random.uniform(0.07, 0.12)
    angle = np.full(len(t), rest)
    for before, time in zip([-9.0, *times], times):
        length = min(swing, 0.55 * (time - before))
        high = rest * (1 - math.exp(-(time - length - before) / back))
        age = t - time
        down = (age >= -length) & (age < 0)
        angle[down] = high * (1 - (1 + age[down] / length) ** 2)
        angle[age >= 0] = rest * (1 - np.exp(-age[age >= 0] / back))
    y, x = _grid()
    pivot, arm, size = (HEIGHT * 0.7, WIDTH * 0.25), random.uniform(36, 46), random.uniform(5, 8)
    covers = []
    for one in angle:
        head_y, head_x = pivot[0] - arm * math.sin(one), pivot[1] + arm * math.cos(one)
        head = (size - np.maximum(abs(y - head_y), abs(x - head_x)) + 0.5).clip(0, 1)
        along = ((y - pivot[0]) * (head_y - pivot[0]) + (x - pivot[1]) * (head_x - pivot[1])) / arm ** 2
        share = along.clip(0, 1)
        stick = (2 - np.hypot(y - pivot[0] - share * (head_y - pivot[0]), x - pivot[1] - share * (head_x - pivot[1])) + 0.5).clip(0, 1)
        covers.append(np.maximum(head, stick))
    return _over(_wall(random), covers, random.uniform(0.5, 1.0, 3)), list(times)
