"""A picture like a photograph. None can be shipped, so one is made by code that shares nothing with the training's world.

A dead-leaves picture (Lee, Mumford and Huang 2001): opaque things of all sizes, sizes drawn by the inverse cube, that hide one
another, which gives the edges and the 1/f spectrum of natural images; each thing has a grain of 1/f noise and light from one side. Over
a sky of 1/f cloud; then the blur of a lens, a vignette, grain and display gamma. The size is that of a camera, not of a codec.
"""
import numpy as np
import torch
import torch.nn.functional as F

HEIGHT, WIDTH = 427, 640
THINGS, SMALLEST, LARGEST = 260, 9, 150  # radii in pixels


def photograph(seed: int) -> torch.Tensor:
    """[427, 640, 3] in 0..1."""
    random = np.random.default_rng([11, seed])
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    horizon, cloud = random.uniform(0.25, 0.5) * HEIGHT, _cloud(random)
    sky = np.array([0.35, 0.5, 0.8]) * (1.2 - 0.5 * y / HEIGHT)[..., None] + 0.12 * cloud[..., None]
    ground = random.uniform(0.1, 0.35, 3) * (1 + 0.3 * cloud[::-1, ::-1, None])
    picture = np.where((y < horizon)[..., None], sky, ground)
    radii = np.sort((random.uniform(LARGEST**-2.0, SMALLEST**-2.0, THINGS)) ** -0.5)[::-1]
    palette = random.uniform(0.04, 0.7, (7, 3))
    for radius in radii:
        row, column = random.uniform(horizon * 0.7, HEIGHT), random.uniform(0, WIDTH)
        turn, flat, corners = random.uniform(0, np.pi), random.uniform(0.4, 1.0), random.choice([2, 2, 4, 8])
        u, v = (x - column) * np.cos(turn) + (y - row) * np.sin(turn), (y - row) * np.cos(turn) - (x - column) * np.sin(turn)
        u, v = u / radius, v / radius / flat
        inside = abs(u) ** corners + abs(v) ** corners < 1  # a leaf, or a stone with corners
        light = 0.75 - 0.3 * (u * np.cos(turn) - v * np.sin(turn)) - 0.2 * v
        grain = 1 + random.uniform(0.05, 0.3) * np.roll(cloud, random.integers(WIDTH, size=2), (0, 1))
        colour = palette[random.integers(len(palette))] * random.uniform(0.8, 1.2, 3)
        picture[inside] = (colour * (light * grain)[..., None])[inside]
    far = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2)[..., None]
    lens = torch.from_numpy(picture.clip(0, 1) * (1 - 0.5 * far)).float().movedim(-1, 0)[None]
    lens = F.avg_pool2d(F.pad(lens, (1, 1, 1, 1), mode="replicate"), 3, 1)[0].movedim(0, -1)
    noise = torch.from_numpy(random.standard_normal(lens.shape, dtype=np.float32))
    return (lens + noise * (0.0006 * lens + 0.00002).sqrt()).clamp(0, 1) ** (1 / 2.2)


def _cloud(random):
    """1/f noise of unit variance over the picture."""
    spectrum = np.fft.rfft2(random.standard_normal((HEIGHT, WIDTH)))
    row, column = np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)
    cloud = np.fft.irfft2(spectrum / np.maximum(np.hypot(row, column), 1 / WIDTH), (HEIGHT, WIDTH))
    return (cloud / cloud.std()).astype(np.float32)
