"""A gain over time, kept coarsely: at 0.5 ms a step ten minutes of it take 5 MB, whatever the sample rate."""

import torch


class Gain:
    """A factor for sound, 1-D float32 `ends`: one value, or one for each edge of stretches of `step` samples, with straight lines between.

    After the last edge the last value goes on.
    """

    def __init__(self, ends, step=1):
        self.ends, self.step = ends, step
        self.place = (torch.arange(step, dtype=torch.float32) + 0.5) / step

    def over(self, start, end):
        """Factors for samples start to end [end - start], or [1] where it is one value."""
        if len(self.ends) == 1:
            return self.ends
        first, last = start // self.step, -(-end // self.step)
        ends = self.ends[torch.arange(first, last + 1).clamp_(max=len(self.ends) - 1)]
        return torch.lerp(ends[:-1, None], ends[1:, None], self.place).flatten()[start - first * self.step:end - first * self.step]
