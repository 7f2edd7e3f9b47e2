"""Random numbers of one take or one mixture: plain ones from Python, noise from torch, both from one name."""
import math
import random

import torch


class Dice(random.Random):
    """`Dice(*parts)`: the parts, in order, are the seed."""

    def __init__(self, *parts):
        super().__init__("/".join(map(str, parts)))
        self._generator = torch.Generator().manual_seed(self.getrandbits(63))

    def __new__(cls, *parts):
        return super().__new__(cls)

    def log(self, low, high):
        """Uniform on a logarithmic scale."""
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def flag(self, probability):
        return self.random() < probability

    def noise(self, *shape):
        """Gaussian, mean square 1."""
        return torch.randn(*shape, generator=self._generator)

    def values(self, count, low=0.0, high=1.0):
        """[count] uniform numbers."""
        return low + (high - low) * torch.rand(count, generator=self._generator)

    def logs(self, count, low, high):
        """[count] numbers uniform on a logarithmic scale."""
        return self.values(count, math.log(low), math.log(high)).exp()
