"""Core's AV latent, {"samples": picture and sound nested, "noise_mask"?}: what holds for one of any joint model."""
from fractions import Fraction

import torch

from .config import STEMS
from .grids import H3, LTX, STARTER, Grid


def streams(latent) -> list[torch.Tensor]:
    """[picture, sound] of a LATENT. Raises ValueError for one of picture or sound alone."""
    samples = latent["samples"]
    if not samples.is_nested or len(samples.unbind()) != 2:
        raise ValueError("This latent does not hold picture and sound together: use Phonofilm's Empty Latent or Encode, or join the two with Concat AV Latent.")
    return list(samples.unbind())


def clip_entry(rate: Fraction, frames: int, sample_rate: int) -> dict:
    """The `phonofilm` entry of a LATENT: the true length and rate of its pictures and its sound."""
    return {"rate": [rate.numerator, rate.denominator], "frames": frames, "sample_rate": sample_rate, "samples": round(frames * sample_rate / rate)}


def chosen(latent, index: list[int]) -> dict:
    """The LATENT of some clips of a batch. A mask for fewer clips than there are goes for those after them too, as in core."""
    samples, mask = latent["samples"], latent.get("noise_mask")
    parts = samples.unbind()
    out = {**latent, "samples": type(samples)([part[index] for part in parts])}
    if mask is not None:
        given = mask.unbind() if mask.is_nested else [mask]
        # one of fewer axes than its stream is for every clip
        given = [one[[i % len(one) for i in index]] if one.ndim == part.ndim else one for one, part in zip(given, parts)]
        out["noise_mask"] = type(mask)(given) if mask.is_nested else given[0]
    return out


def batched(latents: list[dict], masks: list[list[torch.Tensor]]) -> dict:
    """One LATENT of the clips of several, one batch after another; masks: those of each latent, in its streams' shapes.

    Raises ValueError for clips that differ in shape, length or rate.
    """
    first, parts = latents[0], [streams(latent) for latent in latents]
    for number, (latent, pair) in enumerate(zip(latents[1:], parts[1:]), 2):
        if [part.shape[1:] for part in pair] != [part.shape[1:] for part in parts[0]] or latent.get("phonofilm") != first.get("phonofilm"):
            raise ValueError(f"latent {number} is {_described(latent)}, and latent 1 is {_described(first)}: clips of a batch are alike; Cut AV Latent makes lengths equal.")
    nested = type(first["samples"])
    out = {**first, "samples": nested([torch.cat(same) for same in zip(*parts)])}
    if any("noise_mask" in latent for latent in latents):
        out["noise_mask"] = nested([torch.cat([mask[:, :1] for mask in same]) for same in zip(*masks)])
    return out


def _described(latent):
    sizes, clip = [list(part.shape[1:]) for part in streams(latent)], latent.get("phonofilm")
    length = f"{clip['frames']} pictures at {Fraction(*clip['rate'])} per second, " if clip else ""
    return f"{length}latents {sizes[0]} and {sizes[1]}"


def is_of(grid: Grid, picture, sound) -> bool:
    """Whether the two streams have the axes and channels of this grid."""
    if (picture.ndim, sound.ndim) != (5, 4) or (picture.shape[1], sound.shape[1]) != (grid.picture_channels, grid.sound_channels):
        return False
    rows = sound.shape[5 - grid.time_axis]  # the axis that is neither batch, channels nor time
    return rows == grid.sound_rows if grid.sound_rows else rows in (1, len(STEMS))


def grid_of_latent(latent) -> Grid:
    """The grid of the model that a LATENT is for, by its shape. Raises ValueError where it is for none."""
    for grid in (STARTER, H3, LTX):
        if is_of(grid, *streams(latent)):
            return grid
    raise ValueError(f"latent is of no joint model ({[list(part.shape) for part in streams(latent)]}): make it with Encode.")


def check_latent(latent, grid: Grid):
    """Raises ValueError, saying what is wrong and what helps, unless the latent and its mask are for a model of this grid."""
    picture, sound = streams(latent)
    if not is_of(grid, picture, sound):
        raise ValueError(f"latent is of another model than {grid.name}: make it with Encode and the VAEs of this model.")
    if len(picture) != len(sound):
        raise ValueError(f"latent holds {len(picture)} pictures and {len(sound)} sounds: their batches must be equal.")
    if len(picture) > (grid.most or len(picture)):
        raise ValueError(f"latent holds {len(picture)} clips, and {grid.name} makes one at a time: set the batch to 1 and use takes.")
    for name, part in (("picture", picture), ("sound", sound)):
        if not torch.isfinite(part).all():
            raise ValueError(f"latent holds NaN or infinity in its {name}: look at what made it, and load its VAE in float32.")
    check_mask(latent.get("noise_mask"), (picture, sound))


def check_mask(mask, parts):
    """The same for a noise mask: core stretches any size to fit, but a batch or a number of streams it would cut or repeat."""
    if mask is None:
        return
    given = mask.unbind() if mask.is_nested else [mask]
    if mask.is_nested and len(given) != len(parts):
        raise ValueError(f"noise_mask has {len(given)} parts for picture and sound: give one mask for each.")
    for name, one, part in zip(("picture", "sound"), given, parts):
        own_batch = len(one) if one.ndim == part.ndim else 1
        if one.ndim < 2 or own_batch not in (1, len(part)):
            raise ValueError(f"noise_mask of the {name} has the shape {list(one.shape)}, which does not fit {list(part.shape)}: give one for the clip, at the latent's size.")
        if not torch.isfinite(one).all() or one.min() < 0 or one.max() > 1:
            raise ValueError(f"noise_mask of the {name} has values outside 0 (keep) to 1 (make): clamp it.")
