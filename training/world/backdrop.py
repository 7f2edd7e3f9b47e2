"""Walls, floors and the camera: what every scene stands in."""
import torch

from .canvas import below, span
from .colours import muted
from .plan import Plan


def setup(draw):
    """The look of b clips: wall colours [b, 3], its texture, and a camera that rests or drifts slowly."""
    top = muted(draw, .14, .46)
    return Plan(
        moving=draw.flag(.3),
        reach=draw.uniform(.015, .04), speed=draw.uniform(.04, .12), phase=draw.uniform(),
        top=top, bottom=(top * draw.uniform(.7, 1.25) + draw.uniform(-.04, .04, 3)).clamp(.05, .55),
        grain=draw.uniform(.0, .12), wave_x=draw.uniform(8, 40), wave_y=draw.uniform(2, 14), shift=draw.uniform(0, 6.3),
    )


def camera(look, t):
    """How far right the camera stands at t [b, n]: [b, n]."""
    swing = look.reach * torch.sin(2 * torch.pi * (look.speed * t + look.phase))
    return torch.where(look.moving, swing, torch.zeros_like(swing))


def wall(canvas, look):
    """Fill the canvas."""
    top, bottom = look.top[..., None, None, None], look.bottom[..., None, None, None]
    across = torch.sin(canvas.x * look.wave_x[..., None, None] + look.shift[..., None, None])
    down = torch.sin(canvas.y * look.wave_y[..., None, None] + 2 * look.shift[..., None, None])
    texture = 1 + look.grain[..., None, None] * across * down
    canvas.image = ((top + (bottom - top) * canvas.y) * texture[:, None]).expand_as(canvas.image).contiguous()


def floor(canvas, y, colour, soft=None):
    """A floor from y [b, 1] down in a colour [b, 3]; soft [b, 1] bool: carpet tufts in place of tiled stone."""
    depth = (canvas.y - y[..., None, None]).clamp(min=0)
    light = 1.12 - 0.9 * depth
    if soft is not None:
        tufts = 0.10 * torch.sin(canvas.x * 95) * torch.sin(canvas.y * 120)
        cell = (canvas.x / 0.22).remainder(1)
        joint = -0.30 * span(cell, 0.0, 0.06, canvas.pixel / 0.22) * torch.ones_like(canvas.y)
        edge = 0.30 * span(canvas.y, y[..., None, None], y[..., None, None] + 0.022, canvas.pixel)
        light = light + torch.where(soft[..., None, None], tufts, joint + edge)
    light = light * torch.ones_like(canvas.x)
    mask = below(canvas, y)
    canvas.paint(mask, colour[..., None, None, None] * light[:, None])


def shadow(canvas, x, y, half_width, strength):
    """A soft flat shadow under something: x, strength [b, 1 or n], y, half_width [b, 1 or n]."""
    with canvas.patch(x, y, half_width * 1.2, half_width * .35) as near:
        u = (near.x - x[..., None, None]) / half_width[..., None, None]
        v = (near.y - y[..., None, None]) / (half_width * .25)[..., None, None]
        near.shade(1 - strength[..., None, None] * (1 - u * u - v * v).clamp(0, 1))

