"""Where things are, as numbers that are drafted with the score before the picture and tell the picture where to put them.

Two things a scene, each with a place, a size and a state of its own for every picture, and three colours.
"""

import torch

from .config import COLOURS, LAYOUT_WIDTH, SLAB, THINGS, VALUES

CENTRE = (0.5, 0.5, 0.15, 0.25)
SCALE = (2.5, 2.5, 5.0, 1.5)
COLOUR_CENTRE, COLOUR_SCALE = 0.42, 2.5
WAVES = (4.0, 8.0, 16.0, 32.0)  # rad per picture height
TOKEN_FEATURES = LAYOUT_WIDTH * (1 + 2 * len(WAVES))
PLACE_FEATURES = SLAB * THINGS * (VALUES + 4 * len(WAVES)) + COLOURS


def encode(things: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """things [B, 4n+1, 2, 4]: x, y and size in picture heights, and a state of about 0..1; colours [B, 3, 3] in 0..1
    -> [B, n+1, LAYOUT_WIDTH], of about unit variance. Slab 0 repeats its one picture."""
    x = (things - torch.tensor(CENTRE, device=things.device)) * torch.tensor(SCALE, device=things.device)
    x = torch.cat([x[:, :1].expand(-1, SLAB - 1, -1, -1), x], 1).unflatten(1, (-1, SLAB)).flatten(2)
    tint = ((colours - COLOUR_CENTRE) * COLOUR_SCALE).flatten(1)
    return torch.cat([x, tint[:, None].expand(-1, x.shape[1], -1)], -1)


def decode(tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The inverse of `encode`; colours are means over time."""
    x, tint = tokens.float().split([SLAB * THINGS * VALUES, COLOURS], -1)
    x = x.unflatten(-1, (SLAB, THINGS, VALUES)).flatten(1, 2)[:, SLAB - 1 :]
    things = x / torch.tensor(SCALE, device=x.device) + torch.tensor(CENTRE, device=x.device)
    return things, tint.mean(1).unflatten(-1, (3, 3)) / COLOUR_SCALE + COLOUR_CENTRE


def token_features(layout: torch.Tensor) -> torch.Tensor:
    """[..., LAYOUT_WIDTH] -> [..., TOKEN_FEATURES]: the numbers and their sines and cosines."""
    angle = layout[..., None] * torch.tensor(WAVES, device=layout.device) / SCALE[0]
    return torch.cat([layout, angle.sin().flatten(-2), angle.cos().flatten(-2)], -1)


def place_features(layout: torch.Tensor, y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Where the things of each slab are as seen from each place of the picture.

    layout [B, Tv, LAYOUT_WIDTH]; y [rows], x [columns]: the places in 0..1 -> [B, Tv, rows * columns, PLACE_FEATURES].
    """
    numbers, tint = layout.split([SLAB * THINGS * VALUES, COLOURS], -1)
    numbers = numbers.unflatten(-1, (SLAB * THINGS, VALUES))
    here = (torch.cartesian_prod(x, y).view(len(x), len(y), 2).transpose(0, 1).flatten(0, 1) - CENTRE[0]) * SCALE[0]
    away = numbers[:, :, None, :, :2] - here[:, None]
    angle = away[..., None] * (torch.tensor(WAVES, device=layout.device) / SCALE[0])
    rest = numbers[:, :, None, :, 2:].expand(*away.shape[:-1], -1)
    things = torch.cat([away, rest, angle.sin().flatten(-2), angle.cos().flatten(-2)], -1).flatten(-2)
    return torch.cat([things, tint[:, :, None].expand(-1, -1, things.shape[2], -1)], -1)
