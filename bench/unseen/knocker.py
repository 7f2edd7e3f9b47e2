"""A woodpecker at a trunk: its head draws back, comes down ever faster, stops at once and springs back."""
from fractions import Fraction

import numpy as np

from .camera import Camera, Solid, turned
from .room import Room

RATE = Fraction(30000, 1001)
PROMPT = {"picture": "a bird knocks on a wooden post", "effects": "knocking on wood"}
STROKE = 0.16  # seconds of a blow, at the most


def filmed(random, instants, seconds):
    """(pictures [F, H, W, 3], times at which the beak meets the trunk)."""
    camera = Camera(176, 256, (random.uniform(-0.05, 0.05), 1.0, 0), random.uniform(-0.05, 0.05), random.uniform(1.2, 1.5))
    room = Room(camera, random, random.uniform(3, 4))
    way, times = random.choice([-1, 1]), [random.uniform(0.2, 0.7)]
    while times[-1] < seconds:
        times.append(times[-1] + random.uniform(0.28, 0.8))
    rest, back = random.uniform(0.7, 1.0), random.uniform(0.08, 0.12)
    angle = np.full(len(instants), rest)
    for before, time in zip([-9.0, *times], times):
        length = min(STROKE, 0.5 * (time - before))
        drawn = rest * (1 - np.exp(-(time - length - before) / back))
        age = instants - time
        down = (age >= -length) & (age < 0)
        angle[down] = drawn * (1 - (1 + age[down] / length) ** 2)
        angle[age >= 0] = rest * (1 - np.exp(-age[age >= 0] / back))
    z = random.uniform(1.3, 1.6)
    bark, feathers, crest = np.array([0.2, 0.13, 0.07], np.float32), random.uniform(0.02, 0.25, 3).astype(np.float32), np.array([0.65, 0.05, 0.04], np.float32)
    upright = np.eye(3, dtype=np.float32)
    trunk = Solid(np.array([way * 0.22, 1.0, z], np.float32), np.array([0.1, 1.0, 0.1], np.float32), bark, upright, grain=11)
    neck = np.array([-way * 0.10, 1.0, z], np.float32)
    body = Solid(neck + np.array([-way * 0.03, -0.14, 0], np.float32), np.array([0.075, 0.17, 0.075], np.float32), feathers, turned(2, -way * 0.3), box=False)
    pictures = []
    for one in angle:
        turn = turned(2, way * one)
        picture, depth = room.taken(neck[0], z, 1.0, 0.2)
        for solid in (trunk, body):
            camera.paint(picture, depth, solid)
        head, beak = neck + turn @ np.array([way * 0.05, 0.07, 0], np.float32), neck + turn @ np.array([way * 0.16, 0.07, 0], np.float32)
        camera.paint(picture, depth, Solid(head, np.array([0.075, 0.065, 0.06], np.float32), crest, turn, box=False))
        camera.paint(picture, depth, Solid(beak, np.array([0.06, 0.014, 0.014], np.float32), np.array([0.5, 0.45, 0.3], np.float32), turn))
        pictures.append(picture)
    return np.stack(pictures), [float(time) for time in times if time < seconds - 0.05]
