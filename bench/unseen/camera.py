"""A pinhole camera and what it sees: textured planes, boxes and balls, by casting a ray through every pixel.

World: metres, x to the right, y up, z away from the camera, the ground at y = 0. Pictures are float32 [H, W, 3], linear 0..1.
"""
from dataclasses import dataclass

import numpy as np

MARGIN = 8
"""Pixels drawn beyond each edge, for the camera to shake in (film.py)."""
LIGHT = np.array([0.45, 0.8, -0.4], np.float32)


def turned(axis: int, angle: float) -> np.ndarray:
    """Rotation [3, 3] about x (0), y (1) or z (2), radians."""
    a, b = [i for i in range(3) if i != axis]
    matrix = np.eye(3, dtype=np.float32)
    matrix[a, a] = matrix[b, b] = np.cos(angle)
    matrix[a, b], matrix[b, a] = -np.sin(angle), np.sin(angle)
    return matrix


@dataclass
class Solid:
    """A box or a ball (ellipsoid): middle [3] and half sizes [3] in metres, rotation [3, 3] from its own axes to the world's."""

    middle: np.ndarray
    half: np.ndarray
    colour: np.ndarray
    rotation: np.ndarray
    box: bool = True
    grain: float = 7.0  # radians of its texture per metre, times 10


class Camera:
    """At `eye` [3], pitched down by `pitch` radians, `focal` in pictures' heights. rays [H, W, 3] of unit depth, with MARGIN."""

    def __init__(self, width, height, eye, pitch, focal):
        self.width, self.height = width + 2 * MARGIN, height + 2 * MARGIN
        self.eye, self.focal, self.rotation = np.asarray(eye, np.float32), focal * height, turned(0, pitch)
        row, column = np.mgrid[: self.height, : self.width].astype(np.float32)
        rays = np.stack([(column + 0.5 - self.width / 2) / self.focal, (self.height / 2 - row - 0.5) / self.focal, np.ones_like(row)], -1)
        self.rays = rays @ self.rotation.T

    def window(self, middle, radius):
        """Slices of rows and columns in which a ball of `radius` round `middle` can be seen."""
        x, y, z = self.rotation.T @ (middle - self.eye)
        reach = radius * self.focal / max(z - radius, 0.1) + 2
        column, row = self.width / 2 + x / z * self.focal, self.height / 2 - y / z * self.focal
        return tuple(slice(int(np.clip(m - reach, 0, n)), int(np.clip(m + reach + 1, 0, n))) for m, n in ((row, self.height), (column, self.width)))

    def project(self, points):
        """Points [N, 3] -> (row [N], column [N], depth [N])."""
        x, y, z = (self.rotation.T @ (points - self.eye).T)
        return self.height / 2 - y / z * self.focal, self.width / 2 + x / z * self.focal, z

    def plane(self, axis, level):
        """(depth [H, W], points [H, W, 3]) of the plane where coordinate `axis` is `level`; depth is infinite where it is not seen."""
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = (level - self.eye[axis]) / self.rays[..., axis]
        depth = np.where(depth > 0, depth, np.inf)
        return depth, self.eye + self.rays * np.minimum(depth, 1e3)[..., None]

    def paint(self, picture, depth, solid):
        """Draw a Solid over picture and depth, in place."""
        where = self.window(solid.middle, np.linalg.norm(solid.half))
        rays = (self.rays[where] @ solid.rotation) / solid.half
        start = (solid.rotation.T @ (self.eye - solid.middle)) / solid.half
        far, normal = _box(rays, start) if solid.box else _ball(rays, start)
        seen = far < depth[where]
        local = (start + rays * np.where(seen, far, 0)[..., None]) * solid.half
        shade = 0.35 + 0.65 * np.clip((normal / solid.half) @ solid.rotation.T @ LIGHT / np.linalg.norm(normal / solid.half + 1e-9, axis=-1), 0, 1)
        texture = 1 + 0.12 * np.sin(local * solid.grain * 10).sum(-1)
        picture[where] = np.where(seen[..., None], solid.colour * (shade * texture)[..., None], picture[where])
        depth[where] = np.where(seen, far, depth[where])


def _box(rays, start):
    """(depth, normal) of the cube from -1 to 1, infinite where it is missed."""
    rays = np.where(np.abs(rays) < 1e-6, 1e-6, rays)
    first, second = (-1 - start) / rays, (1 - start) / rays
    near, far = np.minimum(first, second), np.maximum(first, second).min(-1)
    side, enter = near.argmax(-1), near.max(-1)
    normal = np.zeros_like(rays)
    np.put_along_axis(normal, side[..., None], -np.sign(np.take_along_axis(rays, side[..., None], -1)), -1)
    return np.where((enter < far) & (enter > 0), enter, np.inf), normal


def _ball(rays, start):
    """The same of the ball of radius 1."""
    a, b, c = (rays * rays).sum(-1), rays @ start, start @ start - 1
    root = b * b - a * c
    enter = np.where(root > 0, (-b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
    return enter, start + rays * np.where(np.isfinite(enter), enter, 0)[..., None]


def mottled(points, random, scale, octaves=4):
    """A texture of about unit variance at points [H, W, 2] in metres: waves in random directions, finer ones fainter."""
    texture = np.zeros(points.shape[:-1], np.float32)
    for octave in range(octaves):
        for _ in range(6):
            direction = random.normal(size=2) * 2**octave / scale
            texture += np.sin(points @ direction + random.uniform(0, 6.3)) / 1.6**octave
    return texture / 2.5
