"""A room to film in: a floor of tiles or boards and a wall of bricks or plaster, lit unevenly, and shadows on the floor."""
import numpy as np

from .camera import mottled


class Room:
    """picture [H, W, 3] and depth [H, W] of floor (y = 0) and wall (z = `wall` metres) as the camera sees them."""

    def __init__(self, camera, random, wall):
        far, points = camera.plane(1, 0.0)
        behind, there = camera.plane(2, wall)
        self.on_floor, self.points = far < behind, points
        tile = random.uniform(0.25, 0.6)
        checker = (np.floor(points[..., 0] / tile) + np.floor(points[..., 2] / tile)) % 2
        floor = random.uniform(0.12, 0.3) * (1 + random.uniform(0.1, 0.5) * checker + 0.16 * mottled(points[..., ::2], random, 0.3))
        row = np.floor(there[..., 1] / 0.12)
        joint = ((there[..., 1] % 0.12) < 0.012) | (((there[..., 0] + 0.13 * (row % 2)) % 0.26) < 0.012)
        bricks = random.uniform(0.15, 0.4) * (1 - random.uniform(0, 0.45) * joint + 0.14 * mottled(there[..., :2], random, 0.5))
        tints = random.uniform(0.6, 1.2, (2, 3))
        self.picture = np.where(self.on_floor[..., None], floor[..., None] * tints[0], bricks[..., None] * tints[1]).astype(np.float32)
        self.depth = np.minimum(far, behind).astype(np.float32)

    def taken(self, x, z, height, radius):
        """(picture, depth) to paint on, with the shadow of a thing `height` metres over the floor at x, z."""
        picture, off = self.picture.copy(), self.points[..., ::2] - np.array([x, z], np.float32)
        shadow = 0.6 / (1 + 3 * height) * np.exp(-((off / (radius * (1 + height))) ** 2).sum(-1))
        picture *= np.where(self.on_floor, 1 - shadow, 1)[..., None]
        return picture, self.depth.copy()
