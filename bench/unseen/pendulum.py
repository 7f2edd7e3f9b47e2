"""A heavy bob on a rod that swings against a post and springs back, a little less far each time, until it is drawn aside again."""
from fractions import Fraction

import numpy as np

from .camera import Camera, Solid, turned
from .room import Room

RATE = Fraction(25)
PROMPT = {"picture": "a metal ball hits a wooden wall", "effects": "metal clangs on wood"}


def filmed(random, instants, seconds):
    """(pictures [F, H, W, 3], times at which bob and post meet)."""
    camera = Camera(224, 168, (random.uniform(-0.2, 0.2), 0.9, 0), random.uniform(-0.05, 0.08), random.uniform(1.1, 1.3))
    room = Room(camera, random, random.uniform(3.5, 5))
    z, length, size, way = random.uniform(1.9, 2.3), random.uniform(0.5, 0.75), random.uniform(0.085, 0.12), random.choice([-1, 1])
    half, left = np.pi / np.sqrt(9.81 / length), random.uniform(0.8, 0.9)  # half a period, and what of the swing is left after a blow
    swing, start, times = random.uniform(0.7, 1.0), random.uniform(-0.6, -0.1), []
    angle = np.zeros(len(instants))
    while start < seconds:
        now = (instants >= start) & (instants < start + half)
        angle[now] = swing * np.sin(np.pi * (instants[now] - start) / half)
        start, swing = start + half, swing * left
        times.append(start)
        if swing < 0.35:
            swing = random.uniform(0.7, 1.0)  # somebody pushes it
    pivot = np.array([random.uniform(-0.1, 0.1), random.uniform(1.35, 1.5), z], np.float32)
    metal, wood = random.uniform(0.25, 0.6, 3).astype(np.float32), np.array([0.3, 0.17, 0.08], np.float32) * random.uniform(0.7, 1.4)
    post = Solid(np.array([pivot[0] - way * (size + 0.06), 0.75, z], np.float32), np.array([0.06, 0.75, 0.06], np.float32), wood, np.eye(3, dtype=np.float32))
    pictures = []
    for one in angle:
        down = np.array([way * np.sin(one), -np.cos(one), 0], np.float32)
        bob = pivot + length * down
        picture, depth = room.taken(bob[0], z, bob[1], 2 * size)
        camera.paint(picture, depth, post)
        camera.paint(picture, depth, Solid(pivot + down * length / 2, np.array([0.014, length / 2, 0.014], np.float32), wood * 0.6, turned(2, way * one)))
        camera.paint(picture, depth, Solid(bob, np.full(3, size, np.float32), metal, np.eye(3, dtype=np.float32), box=False, grain=3))
        pictures.append(picture)
    return np.stack(pictures), [float(time) for time in times if 0 <= time < seconds - 0.05]
