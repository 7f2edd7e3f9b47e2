"""A canvas of b clips and n frames, and shapes with soft edges one pixel wide.

All lengths are in picture heights; x runs right, y runs down, (0, 0) is the top left corner when the camera rests.
Shape parameters are [b, 1] (still) or [b, n] (moving); masks are coverages [b, n, h, w] in 0..1.
"""
import math

import torch


def _up(value):
    return value[..., None, None] if isinstance(value, torch.Tensor) else value


class Canvas:
    """image [b, 3, n, h, w] (n = 1 while nothing has moved); x, y: world coordinates of the pixel centres."""

    def __init__(self, image, x, y, camera, pixel):
        self.image, self.x, self.y, self.camera, self.pixel = image, x, y, camera, pixel

    @classmethod
    def blank(cls, clips, size, camera):
        """A black canvas; camera [b, n] or [b, 1]: how far right the camera stands."""
        centres = (torch.arange(size, device=camera.device) + 0.5) / size
        image = torch.zeros(clips, 3, camera.shape[1], size, size, device=camera.device)
        return cls(image, centres + _up(camera), centres[None, None, :, None], camera, 1 / size)

    def unfold(self, frames):
        """Give every frame a picture of its own."""
        if self.image.shape[2] < frames:
            self.image = self.image.expand(-1, -1, frames, -1, -1).contiguous()

    def paint(self, mask, colour):
        """Lay a colour over the picture; colour [b, 3], [b, 3, n] or [b, 3, n, h, w]."""
        colour = colour[(...,) + (None,) * (5 - colour.dim())]
        mask = mask[:, None]
        if mask.shape[2] > self.image.shape[2] or colour.shape[2] > self.image.shape[2]:
            self.unfold(max(mask.shape[2], colour.shape[2]))
        self.image.lerp_(colour.expand_as(self.image), mask.expand_as(self.image))

    def shade(self, factor):
        """Multiply all colours by factor [b, n, h, w]."""
        self.unfold(factor.shape[1])
        self.image *= factor[:, None]

    def shine(self, light, colour):
        """Add light [b, n, h, w] of a colour [b, 3]."""
        self.unfold(light.shape[1])
        self.image += light[:, None] * colour[..., None, None, None]

    def patch(self, x, y, half_width, half_height):
        """A small canvas around (x, y) [b, 1 or n]: `with canvas.patch(...) as near:`; written back at the end.

        The halves are numbers or tensors; the largest counts for all, so that every patch has the same shape.
        """
        return _Patch(self, x, y, half_width, half_height)

    def sparkle(self, x, y, radius, amount, colour):
        """Add m soft round dots: x, y, amount [b, n, m]; radius: a number; colour [b, 3]."""
        frames, size = x.shape[1], self.image.shape[-1]
        self.unfold(frames)
        reach = math.ceil(2 * radius / self.pixel) + 1
        offset = torch.arange(-reach, reach + 1, device=x.device)
        column = ((x - self.camera[..., None]) / self.pixel).floor().long()[..., None] + offset
        row = (y / self.pixel).floor().long()[..., None] + offset
        wide = torch.exp(-(((column + 0.5) * self.pixel + self.camera[..., None, None] - x[..., None]) / radius) ** 2)
        high = torch.exp(-(((row + 0.5) * self.pixel - y[..., None]) / radius) ** 2)
        wide = wide * ((column >= 0) & (column < size))
        high = high * ((row >= 0) & (row < size)) * amount[..., None]
        light = (high[..., None] * wide[..., None, :]).flatten(2)
        index = (row.clamp(0, size - 1)[..., None] * size + column.clamp(0, size - 1)[..., None, :]).flatten(2)
        sheet = torch.zeros(*x.shape[:2], size * size, device=x.device).scatter_add_(2, index, light)
        self.shine(sheet.view(*x.shape[:2], size, size), colour)


class _Patch:
    def __init__(self, canvas, x, y, half_width, half_height):
        frames = max(x.shape[1], y.shape[1], canvas.image.shape[2])
        canvas.unfold(frames)
        clips, size, pixel = len(canvas.image), canvas.image.shape[-1], canvas.pixel
        half_width, half_height = float(torch.as_tensor(half_width).max()), float(torch.as_tensor(half_height).max())
        wide = min(size, math.ceil(2 * half_width / pixel) + 3)
        high = min(size, math.ceil(2 * half_height / pixel) + 3)
        corner_x = ((x - canvas.camera - half_width) / pixel).floor().long() - 1
        corner_y = ((y - half_height) / pixel).floor().long() - 1
        column = corner_x.clamp(0, size - wide).expand(clips, frames)[..., None] + torch.arange(wide, device=x.device)
        row = corner_y.clamp(0, size - high).expand(clips, frames)[..., None] + torch.arange(high, device=x.device)
        index = (row[..., None] * size + column[..., None, :]).flatten(2)[:, None]
        self.canvas, self.index = canvas, index.expand(clips, 3, frames, high * wide)
        image = canvas.image.flatten(3).gather(3, self.index).view(clips, 3, frames, high, wide)
        self.near = Canvas(
            image, (column[..., None, :] + 0.5) * pixel + _up(canvas.camera), (row[..., None] + 0.5) * pixel,
            canvas.camera, pixel)

    def __enter__(self):
        return self.near

    def __exit__(self, kind, *rest):
        if kind is None:
            frames = self.near.image.shape[2]
            self.canvas.unfold(frames)
            index = self.index.expand(-1, -1, frames, -1)
            self.canvas.image.flatten(3).scatter_(3, index, self.near.image.flatten(3))


def soft(canvas, distance):
    """Signed distance (negative inside) -> coverage."""
    return (0.5 - distance / canvas.pixel).clamp(0, 1)


def disc(canvas, x, y, radius):
    return soft(canvas, torch.sqrt((canvas.x - _up(x)) ** 2 + (canvas.y - _up(y)) ** 2) - _up(radius))


def ellipse(canvas, x, y, radius_x, radius_y):
    """First-order distance to an ellipse; the radii may be as small as a pixel."""
    u, v = (canvas.x - _up(x)) / _up(radius_x), (canvas.y - _up(y)) / _up(radius_y)
    slope = torch.sqrt((u / _up(radius_x)) ** 2 + (v / _up(radius_y)) ** 2) + 1e-6
    return soft(canvas, (u * u + v * v - 1) / (2 * slope))


def ring(canvas, x, y, radius_x, radius_y, width):
    """A soft elliptic line, `width` picture heights from its middle to where it has faded."""
    u, v = (canvas.x - _up(x)) / _up(radius_x), (canvas.y - _up(y)) / _up(radius_y)
    slope = torch.sqrt((u / _up(radius_x)) ** 2 + (v / _up(radius_y)) ** 2) + 1e-6
    distance = (u * u + v * v - 1) / (2 * slope)
    return torch.exp(-(distance / max(width, canvas.pixel * 0.7)) ** 2)


def span(centre, low, high, pixel):
    """Exact share of each pixel that lies between low and high along one axis."""
    top = torch.minimum(centre + pixel / 2, torch.as_tensor(high, device=centre.device))
    bottom = torch.maximum(centre - pixel / 2, torch.as_tensor(low, device=centre.device))
    return ((top - bottom) / pixel).clamp(0, 1)


def box(canvas, left, right, top, bottom):
    """An upright box."""
    across = span(canvas.x, _up(left), _up(right), canvas.pixel)
    return across * span(canvas.y, _up(top), _up(bottom), canvas.pixel)


def below(canvas, y):
    """Everything under the line y."""
    return span(canvas.y, _up(y), 2.0, canvas.pixel) * torch.ones_like(canvas.x)


def capsule(canvas, x0, y0, x1, y1, radius):
    """A thick line with round ends."""
    dx, dy = _up(x1 - x0), _up(y1 - y0)
    px, py = canvas.x - _up(x0), canvas.y - _up(y0)
    along = ((px * dx + py * dy) / (dx * dx + dy * dy + 1e-9)).clamp(0, 1)
    return soft(canvas, torch.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2) - _up(radius))


def slab(canvas, x, y, half_width, half_height, angle, corner=0.0):
    """A box turned by `angle` radians (clockwise on screen) with rounded corners."""
    sin, cos = _up(torch.sin(angle)), _up(torch.cos(angle))
    px, py = canvas.x - _up(x), canvas.y - _up(y)
    u = (px * cos + py * sin).abs() - _up(half_width) + corner
    v = (py * cos - px * sin).abs() - _up(half_height) + corner
    outside = torch.sqrt(u.clamp(min=0) ** 2 + v.clamp(min=0) ** 2)
    return soft(canvas, outside + torch.maximum(u, v).clamp(max=0) - corner)
