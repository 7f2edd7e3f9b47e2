"""A cube that spins about its upright axis while it falls, bounces lower and lower, and is dropped again."""
from fractions import Fraction

import numpy as np

from .camera import Camera, Solid, turned
from .room import Room

RATE = Fraction(30)
PROMPT = {"picture": "a wooden cube bounces on a stone floor", "effects": "a wooden cube hits the floor"}
GRAVITY, SLOWEST = 9.81, 0.7  # m/s2, and m/s below which it stays down


def filmed(random, instants, seconds):
    """(pictures [F, H, W, 3], times of the impacts)."""
    side, bounce = random.uniform(0.10, 0.15), random.uniform(0.6, 0.75)
    camera = Camera(240, 136, (0.1, random.uniform(0.7, 1.1), 0), random.uniform(0.12, 0.25), random.uniform(1.1, 1.3))
    room = Room(camera, random, random.uniform(3.4, 4.5))
    z, x, drift, turn, spin = random.uniform(2.0, 2.6), random.uniform(-0.2, 0.2), random.uniform(-0.1, 0.1), random.uniform(0, 1.5), random.uniform(-3, 3)
    up, yaw, times = np.zeros(len(instants)), np.zeros(len(instants)), []
    fall = random.uniform(-0.2, 0.3)
    while fall < seconds:
        top = random.uniform(0.7, 1.1)
        landing = fall + np.sqrt(2 * top / GRAVITY)
        now = (instants >= fall - 0.4) & (instants < landing)
        up[now] = top - GRAVITY / 2 * np.maximum(instants[now] - fall, 0) ** 2
        speed = GRAVITY * (landing - fall) * bounce
        times.append(landing)
        while speed > SLOWEST:
            now, age = instants >= landing, instants - landing
            up[now] = np.maximum(speed * age[now] - GRAVITY / 2 * age[now] ** 2, 0)
            spin *= -random.uniform(0.5, 1.1)
            yaw[now] += spin * age[now]
            landing, speed = landing + 2 * speed / GRAVITY, speed * bounce
            times.append(landing)
            up[instants >= landing] = 0
        fall = landing + random.uniform(0.6, 1.0)
    colour = random.uniform(0.15, 0.7, 3).astype(np.float32)
    pictures = []
    for t, height, angle in zip(instants, up, yaw):
        place = np.array([x + drift * t, height + side, z], np.float32)
        picture, depth = room.taken(place[0], z, height, 1.2 * side)
        camera.paint(picture, depth, Solid(place, np.full(3, side, np.float32), colour, turned(1, turn + angle)))
        pictures.append(picture)
    return np.stack(pictures), [float(time) for time in times if 0 <= time < seconds - 0.05]
