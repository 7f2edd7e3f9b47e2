"""Broad still pictures, so that a codec trained on the world also keeps a user's photograph recognisable.

Dead leaves (Lee, Mumford and Huang 2001: occlusion gives natural images' edges and scales), 1/f noise, soft
gradients, and strokes like writing; each is seen still or slowly panned, turned and zoomed.
"""
import math

import torch
from torch.nn import functional as F

SIDE = 224


def uniform(shape, low, high, device):
    return torch.rand(shape, device=device) * (high - low) + low


def clouds(count, device):
    """1/f^a noise [count,3,SIDE,SIDE]: a common cloud with some colour of its own."""
    y = torch.fft.fftfreq(SIDE, device=device)[:, None] * SIDE
    x = torch.fft.rfftfreq(SIDE, device=device) * SIDE
    radius = (x.square() + y.square()).sqrt().clamp_min(1)
    slope = uniform((count, 1, 1, 1), 0.9, 2.0, device)
    noise = torch.randn(count, 4, SIDE, SIDE, device=device)
    field = torch.fft.irfft2(torch.fft.rfft2(noise) * radius ** -slope, s=(SIDE, SIDE))
    field = field / field.std((2, 3), keepdim=True)
    colour = uniform((count, 1, 1, 1), 0.0, 0.8, device)
    mixed = field[:, :1] + colour * field[:, 1:]
    return (uniform((count, 3, 1, 1), 0.2, 0.8, device) + uniform((count, 1, 1, 1), 0.05, 0.25, device) * mixed).clamp(0, 1)


def leaves(count, device, layers=70):
    """Opaque discs and bars of all sizes [count,3,SIDE,SIDE], shaded, over a cloud; the last laid is on top."""
    picture = clouds(count, device)
    texture = clouds(count, device) - 0.5
    at = torch.linspace(-1, 1, SIDE, device=device)
    y, x = at[:, None], at[None, :]
    for layer in range(layers):
        cx, cy = uniform((2, count, 1, 1, 1), -1.1, 1.1, device)
        size = 0.9 * (1 + 20 * torch.rand(count, 1, 1, 1, device=device)).reciprocal() + 0.015
        angle = uniform((count, 1, 1, 1), 0, math.pi, device)
        squash = uniform((count, 1, 1, 1), 0.15, 1.0, device)
        u = (x - cx) * angle.cos() + (y - cy) * angle.sin()
        v = ((y - cy) * angle.cos() - (x - cx) * angle.sin()) / squash
        reach = (u.square() + v.square()).sqrt() if layer % 3 else torch.maximum(u.abs(), v.abs())
        cover = ((size - reach) * SIDE / 2 * squash).clamp(0, 1)
        colour = uniform((count, 3, 1, 1), 0, 1, device) + uniform((count, 1, 1, 1), -0.4, 0.4, device) * u / size
        colour = colour + texture * uniform((count, 1, 1, 1), 0, 0.5, device)
        picture = torch.lerp(picture, colour, cover)
    return picture.clamp(0, 1)


def strokes(count, device, lines=40):
    """Thin dark or light strokes in rows, like writing, on a gradient [count,3,SIDE,SIDE]."""
    at = torch.linspace(-1, 1, SIDE, device=device)
    y, x = at[:, None], at[None, :]
    tilt = uniform((count, 3, 1, 1), -0.3, 0.3, device)
    picture = uniform((count, 3, 1, 1), 0.1, 0.9, device) + tilt * x + uniform((count, 3, 1, 1), -0.3, 0.3, device) * y
    ink = uniform((count, 3, 1, 1), 0, 1, device)
    row = uniform((count, 1, 1, 1), 0.08, 0.3, device)
    for _ in range(lines):
        cx = uniform((count, 1, 1, 1), -1, 1, device)
        cy = (uniform((count, 1, 1, 1), -1, 1, device) / row).round() * row
        angle = (torch.randint(0, 4, (count, 1, 1, 1), device=device) * math.pi / 4)
        u = (x - cx) * angle.cos() + (y - cy) * angle.sin()
        v = (y - cy) * angle.cos() - (x - cx) * angle.sin()
        reach = torch.maximum((u.abs() - row * 0.35).clamp_min(0), v.abs())
        cover = ((0.012 - reach) * SIDE / 2 + 0.5).clamp(0, 1)
        picture = torch.lerp(picture, ink, cover)
    return picture.clamp(0, 1)


class Album:
    """A stock of pictures that is renewed a few at a time."""

    def __init__(self, count=96, device="cpu"):
        self.device = device
        self.stock = torch.cat([self._draw(kind, 12) for kind in range(count // 12)])

    def _draw(self, kind, count):
        return (leaves, clouds, strokes, leaves)[kind % 4](count, self.device)

    def renew(self, turn):
        """Replace four pictures; `turn` counts the calls."""
        begin = turn * 4 % len(self.stock)
        self.stock[begin:begin + 4] = self._draw(begin // 12, 4)

    def groups(self, count, size):
        """Groups of four frames [count,12,size,size]: a third still, the others moving slowly."""
        chosen = self.stock[torch.randint(0, len(self.stock), (count,), device=self.device)]
        time = torch.arange(4, device=self.device).float() - 1.5
        moving = (torch.rand(count, 1, device=self.device) > 1 / 3).float()

        def path(spread, speed):
            return uniform((count, 1), -spread, spread, self.device) + moving * time * uniform((count, 1), -speed, speed, self.device)
        zoom = (path(0.35, 0.015) - 0.75).exp()
        angle = path(0.6, 0.02)
        across, down = path(0.35, 0.03), path(0.35, 0.03)
        cos, sin = zoom * angle.cos(), zoom * angle.sin()
        turn = torch.stack([cos, -sin, across, sin, cos, down], -1).reshape(count * 4, 2, 3)
        grid = F.affine_grid(turn, (count * 4, 3, size, size), align_corners=False)
        frames = F.grid_sample(chosen.repeat_interleave(4, 0), grid, padding_mode="reflection", align_corners=False)
        return frames.reshape(count, 4, 3, size, size).transpose(1, 2).reshape(count, 12, size, size)
