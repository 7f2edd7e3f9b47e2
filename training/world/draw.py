"""Random numbers of the world: every clip has its own streams.

Clip `i` of a call with seed `s` reads numbers that depend on (s, i, stream name) alone, so neither the batch size
nor the scene of a neighbour changes it. All numbers are drawn on the CPU.
"""
import math

import torch

_MASK = (1 << 64) - 1


def _mix(*parts):
    """Integers or short strings -> one 63-bit seed (splitmix64 finaliser over a running sum)."""
    state = 0
    for part in parts:
        number = int.from_bytes(part.encode(), "little") if isinstance(part, str) else int(part)
        state = (state + (number & _MASK) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state >> 1


class Draw:
    """Uniform numbers for b clips, read one after the other; scalars come as [b, 1] so that they meet [b, n]."""

    LENGTH = 1024

    def __init__(self, seed, clips, stream):
        """seed: int; clips: list of clip indices in the call; stream: short name of what the numbers are for."""
        self.seed, self.clips, self.stream = seed, list(clips), stream
        self._table = self._each(lambda generator: torch.rand(self.LENGTH, generator=generator), stream)
        self._cursor = 0

    def _each(self, draw, stream):
        generator = torch.Generator()
        rows = []
        for clip in self.clips:
            generator.manual_seed(_mix(self.seed, clip, stream))
            rows.append(draw(generator))
        return torch.stack(rows)

    def uniform(self, low=0.0, high=1.0, count=1):
        """[b, count] in [low, high); the bounds may be tensors [b, 1]."""
        values = self._table[:, self._cursor:self._cursor + count]
        self._cursor += count
        return low + (high - low) * values

    def choice(self, options, count=1):
        """[b, count] long in 0..options-1."""
        return (self.uniform(count=count) * options).long()

    def flag(self, probability, count=1):
        """[b, count] bool."""
        return self.uniform(count=count) < probability

    def noise(self, name, *shape):
        """[b, *shape] Gaussian noise of this clip and this name."""
        size = math.prod(shape)
        return self._each(lambda generator: torch.randn(size, generator=generator), name).view(-1, *shape)
