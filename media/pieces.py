"""Sounds that are worked out where they are read, so that no copy of a long one is made.

Each has a `shape` (channels, samples) and gives `sound[:, start:end]`, as a tensor [C, N] does. They take tensors and one another.
"""

import torch

from .waveforms import floats


class Sound:
    """What they share; a subclass has `read(start, end)` -> [C, n]."""

    def __init__(self, channels, samples):
        self.shape = (channels, samples)

    def __getitem__(self, where):
        return self.read(*where[1].indices(self.shape[1])[:2])


class InARow(Sound):
    """The sounds of a batch [B, C, T] one after another."""

    def __init__(self, batch):
        count, channels, self.length = batch.shape
        super().__init__(channels, count * self.length)
        self.batch = batch

    def read(self, start, end):
        numbers = range(start // self.length, -(-end // self.length))
        return torch.cat([self.batch[k, :, max(0, start - k * self.length):end - k * self.length] for k in numbers], 1)


class Sum(Sound):
    """Sounds of one shape, float32."""

    def __init__(self, parts):
        super().__init__(*parts[0].shape)
        self.parts = parts

    def read(self, start, end):
        return sum(floats(part[:, start:end]) for part in self.parts)


class Turned(Sound):
    """A sound under a Gain, float32."""

    def __init__(self, sound, gain):
        super().__init__(*sound.shape)
        self.sound, self.gain = sound, gain

    def read(self, start, end):
        return floats(self.sound[:, start:end]) * self.gain.over(start, end)


class Clean(Sound):
    """A sound with 0 for NaN and infinity, float32; `progress()` is called at each reading, and what it raises cancels."""

    def __init__(self, sound, progress=lambda: None):
        super().__init__(*sound.shape)
        self.sound, self.progress = sound, progress

    def read(self, start, end):
        self.progress()
        return torch.nan_to_num(floats(self.sound[:, start:end]), 0.0, 0.0, 0.0)
