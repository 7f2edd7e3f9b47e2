"""What a scene decided for b clips: a bag of tensors [b, ...] and nested bags."""
from types import SimpleNamespace

import torch


class Plan(SimpleNamespace):
    """Fields: tensors whose first axis is the clip (or 1: the same for all), Plans, lists of Plans, anything else."""

    def map(self, change):
        """The same plan with `change(tensor)` for every tensor, nested ones too."""
        return type(self)(**{name: _map(value, change) for name, value in vars(self).items()})

    def to(self, device):
        return self.map(lambda tensor: tensor.to(device))

    def take(self, index):
        """The clips of a long index [m]."""
        return self.map(lambda tensor: tensor[index.to(tensor.device)])

    def spread(self, clips):
        """Repeat what is the same for all, so that every tensor has one row per clip."""
        return self.map(lambda tensor: tensor.expand(clips, *tensor.shape[1:]))

    def tensors(self):
        """name -> tensor of this level."""
        return {name: value for name, value in vars(self).items() if isinstance(value, torch.Tensor)}


def _map(value, change):
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, list):
        return [_map(one, change) for one in value]
    return value.map(change) if isinstance(value, Plan) else value
