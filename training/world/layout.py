"""Where the things of a scene are on the screen: the truth that the network's layout tokens learn from."""
from typing import NamedTuple

import torch


class Layout(NamedTuple):
    """Two things of b clips at n instants, and the colours of the scene.

    things [b, n, 2, 4]: x and y in picture heights from the top left corner, size in picture heights, and a state
    of 0..1 (an angle in radians for what swings) that the scene gives its meaning; colours [b, 3, 3] in 0..1.
    """

    things: torch.Tensor
    colours: torch.Tensor


def layout(t, first, second, *colours):
    """Of tuples (x, y, size, state) of numbers or tensors [b, 1 or n], and three colours [b or 1, 3]."""
    def rows(thing):
        return torch.stack([torch.as_tensor(value, device=t.device).float().expand_as(t) for value in thing], -1)

    stacked = torch.stack([colour.to(t.device).expand(len(t), 3) for colour in colours], 1)
    return Layout(torch.stack([rows(first), rows(second)], 2), stacked.clamp(0, 1))
