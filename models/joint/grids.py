"""The grids of the joint models: how many pictures and how much sound their latents cover.

A clip of any length is laid on the next longer grid; what is beyond its true length is cut off when it is decoded.
"""
import math
from dataclasses import dataclass
from fractions import Fraction

import torch

from .config import RATE, SLAB


@dataclass(frozen=True)
class Grid:
    """One model's grid.

    first, cycle: pictures in each of the first latents, and in those that are repeated after them any number of times.
    rate: pictures per second, None where the model is told. stride: pixels of a latent cell; multiple: of which width
    and height are. size: width and height where nothing says them; the only one where `one_size`. sound_rate: Hz of the
    sound that is encoded; output_rate: Hz of the sound that comes out; sound_per_second: sound latents. sound_rows: what
    a sound latent has besides channels (stereo, frequencies), 0 for stems; time_axis: of the sound latents' shape.
    most: clips that it makes at once, 0 for any number. longest: seconds it was made for, 0 where that is not known.
    edge: sound latents at either end of a clip in which its codec writes that the sound begins or ends there: within a longer
    clip they would click.
    """

    name: str
    first: tuple[int, ...]
    cycle: tuple[int, ...]
    rate: Fraction | None
    stride: int
    multiple: int
    size: tuple[int, int]
    picture_channels: int
    sound_channels: int
    sound_rows: int
    time_axis: int
    sound_rate: int
    output_rate: int
    sound_per_second: Fraction
    one_size: bool = False
    most: int = 0
    longest: float = 0
    edge: int = 0

    @property
    def rule(self) -> str:
        return f"{sum(self.cycle)}n+{sum(self.first)}"

    def frames_for(self, frames: int) -> int:
        """The least number of pictures of the grid that holds `frames`."""
        cycles = max(0, math.ceil((frames - sum(self.first)) / sum(self.cycle)))
        return sum(self.first) + cycles * sum(self.cycle)

    def pictures_of(self, latents: int) -> int:
        """Pictures of so many picture latents."""
        cycles = (latents - len(self.first)) // len(self.cycle)
        return sum(self.first) + cycles * sum(self.cycle)

    def spans(self, frames: int) -> list[tuple[int, int]]:
        """(first picture, picture after the last) of each latent of a clip of `frames`, a number of the grid."""
        cycles = (frames - sum(self.first)) // sum(self.cycle)
        spans, start = [], 0
        for count in self.first + cycles * self.cycle:
            spans.append((start, start + count))
            start += count
        return spans

    def sound_latents(self, frames: int, rate: Fraction) -> int:
        return max(1, round(Fraction(frames) / rate * self.sound_per_second))

    def empty(self, frames, rate, width, height, batch, stems) -> tuple[torch.Tensor, torch.Tensor]:
        """Zeros for picture [B, Cv, Tv, h, w] and sound, four axes of which `time_axis` is time."""
        picture = torch.zeros(batch, self.picture_channels, len(self.spans(frames)), height // self.stride, width // self.stride)
        sound = [batch, self.sound_channels, self.sound_rows or stems]
        sound.insert(self.time_axis, self.sound_latents(frames, rate))
        return picture, torch.zeros(sound)


STARTER = Grid("the starter", (1,), (SLAB,), RATE, stride=16, multiple=16, size=(128, 128), one_size=True,
               picture_channels=24, sound_channels=32, sound_rows=0, time_axis=3,
               sound_rate=24000, output_rate=48000, sound_per_second=RATE, longest=10, edge=1)
LTX = Grid("LTX-2", (1,), (8,), None, stride=32, multiple=32, size=(768, 512),
           picture_channels=128, sound_channels=8, sound_rows=16, time_axis=2,
           sound_rate=44100, output_rate=24000, sound_per_second=Fraction(25))
H3 = Grid("MiniMax H3", (1, 4), (4, 4, 4, 1, 4), Fraction(24), stride=16, multiple=32, size=(1344, 768), most=1,
          picture_channels=24, sound_channels=32, sound_rows=2, time_axis=3,
          sound_rate=32000, output_rate=32000, sound_per_second=Fraction(40), longest=15.1)
