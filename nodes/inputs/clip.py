"""How long and how large the clip is that Encode lays out."""
from dataclasses import dataclass
from fractions import Fraction

import torch

from ...models.joint.grids import Grid
from ...models.joint.latents import clip_entry

DEFAULT_SECONDS = Fraction(4)


@dataclass(frozen=True)
class Clip:
    """A clip of `frames` pictures at `rate` per second on a model's grid, `batch` times."""

    grid: Grid
    rate: Fraction
    frames: int
    width: int
    height: int
    batch: int

    @property
    def laid(self) -> int:
        """Pictures on the grid; those after `frames` are cut off when the clip is decoded."""
        return self.grid.frames_for(self.frames)

    @property
    def seconds(self) -> Fraction:
        return self.frames / self.rate

    @property
    def spans(self) -> list[tuple[int, int]]:
        return self.grid.spans(self.laid)

    def empty(self, stems: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Zeros for picture and sound."""
        return self.grid.empty(self.laid, self.rate, self.width, self.height, self.batch, stems)

    def entry(self) -> dict:
        return clip_entry(self.rate, self.frames, self.grid.output_rate)

    def described(self) -> str:
        laid = f", {self.laid} on the model's grid of {self.grid.rule}" if self.laid != self.frames else ""
        return f"clip for {self.grid.name}: {self.frames} pictures of {self.width}x{self.height} at {self.rate} per second ({float(self.seconds):.4g} s){laid}"


def plan(grid: Grid, length: float, size: tuple[int, int], batch: int, picture=None, rate=None, sound_seconds=None) -> tuple[Clip, list[str]]:
    """(Clip, lines for the report).

    `length` in seconds, 0 for that of `picture` ([F, H, W, C] of a video at `rate`), else of the sound, else 4 s.
    `size`: width and height, 0 for those of `picture` (a video or an image), else the model's. Raises ValueError for what
    the model does not make.
    """
    clip_rate = grid.rate or rate
    video = picture is not None and len(picture) > 1
    seconds = Fraction(length) or (len(picture) / rate if video else sound_seconds or DEFAULT_SECONDS)
    if batch > (grid.most or batch):
        raise ValueError(f"{grid.name} makes one clip at a time, not {batch}: set batch_size to 1; Sampler's takes make more.")
    notes = []
    width, height = size if all(size) else _size_of(grid, picture)
    if grid.one_size and (width, height) != grid.size:
        raise ValueError(f"{grid.name.capitalize()} makes {grid.size[0]}x{grid.size[1]} pictures, not {width}x{height}: set width and height to 0.")
    snapped = tuple(max(grid.multiple, round(side / grid.multiple) * grid.multiple) for side in (width, height))
    if snapped != (width, height):
        notes.append(f"size: {width}x{height} became {snapped[0]}x{snapped[1]}, multiples of {grid.multiple}")
    if grid.longest and seconds > grid.longest:
        notes.append(f"length: {grid.name} was made for clips of up to {grid.longest:g} s; longer ones may fall apart")
    return Clip(grid, clip_rate, max(1, round(seconds * clip_rate)), *snapped, batch), notes


def _size_of(grid, picture):
    if grid.one_size or picture is None:
        return grid.size
    return picture.shape[2], picture.shape[1]
