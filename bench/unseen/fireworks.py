"""Fireworks over a town at night: shells that burst into sparks, which fall and go out. Near enough to be heard at once."""
from fractions import Fraction

import numpy as np

from .camera import Camera, mottled

RATE = Fraction(50)
PROMPT = {"picture": "bright fireworks flash at night", "effects": "loud bangs"}
SPARKS = 140


def filmed(random, instants, seconds):
    """(pictures [F, H, W, 3], times of the bursts)."""
    camera = Camera(256, 144, (0, 1.6, 0), -0.35, 0.9)
    behind, there = camera.plane(2, 60.0)
    roofs = 5 + 4 * np.floor(1.5 * (1 + np.sin(np.floor(there[..., 0] / 6) * 12.9 + random.uniform(0, 6))))
    town = (there[..., 1] < roofs) | ~np.isfinite(behind)
    night = np.where(town, 0.01, 0.03 + 0.006 * mottled(there[..., :2], random, 25.0))[..., None] * random.uniform(0.5, 1.2, 3)
    times = [random.uniform(0.2, 0.8)]
    while times[-1] < seconds:
        times.append(times[-1] + random.uniform(0.35, 1.1))
    bursts = []
    for time in times:
        middle = np.array([random.uniform(-9, 9), random.uniform(18, 32), random.uniform(45, 55)])
        speed = random.normal(size=(SPARKS, 3))
        speed *= random.uniform(14, 22) / np.linalg.norm(speed, axis=1, keepdims=True) * random.uniform(0.75, 1, (SPARKS, 1))
        bursts.append((time, middle, speed, random.uniform(0.3, 1.0, 3), random.uniform(0.3, 0.5)))
    pictures = []
    for t in instants:
        picture = night.astype(np.float32)
        for time, middle, speed, colour, life in bursts:
            age = t - time
            if 0 <= age < 5 * life:
                glow = np.exp(-age / life)
                picture += (~town * 0.25 * np.exp(-age / 0.05))[..., None] * colour  # the sky lights up
                slowed = (1 - np.exp(-2.5 * age)) / 2.5
                _sparkle(camera, picture, middle + speed * slowed - np.array([0, 1.2 * age * age, 0]), (colour + 0.6 * np.exp(-age / 0.08)) * glow * 1.6)
        pictures.append(picture)
    return np.stack(pictures), [float(time) for time in times if time < seconds - 0.05]


def _sparkle(camera, picture, points, light):
    """Add points [N, 3] of `light` [3] to the picture, each spread over two pixels squared."""
    row, column, _ = camera.project(points)
    for down in (0, 1):
        for right in (0, 1):
            y, x = np.floor(row - 0.5).astype(int) + down, np.floor(column - 0.5).astype(int) + right
            share = (1 - abs(row - 0.5 - y)) * (1 - abs(column - 0.5 - x))
            inside = (y >= 0) & (y < camera.height) & (x >= 0) & (x < camera.width)
            np.add.at(picture, (y[inside], x[inside]), share[inside, None] * light)
