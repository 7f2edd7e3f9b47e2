"""A made clip opened again: a range of time to redo, or more time at its end."""
import math
from fractions import Fraction

import torch

from ...models.joint.config import STEMS
from ...models.joint.latents import clip_entry, grid_of_latent, streams

DEFAULT_RATE = Fraction(25)  # pictures per second where neither model nor latent says it
HAIR = 1e-6  # seconds on a widget are not whole in binary


class Timed:
    """A LATENT with its place in time: `grid`, `rate`, `frames` (true length), `seconds`, the two streams,
    and `indices`: (first picture, picture after the last) -> picture latent."""

    def __init__(self, latent: dict):
        self.latent, self.grid = latent, grid_of_latent(latent)
        self.picture, self.sound = streams(latent)
        clip = latent.get("phonofilm")
        self.rate = Fraction(*clip["rate"]) if clip else self.grid.rate or DEFAULT_RATE
        self.laid = self.grid.pictures_of(self.picture.shape[2])
        self.frames = clip["frames"] if clip else self.laid
        self.seconds = self.frames / self.rate
        self.indices = {span: index for index, span in enumerate(self.grid.spans(self.laid))}

    def output(self, picture, sound, masks, frames=None) -> dict:
        """The LATENT of new streams and masks; `frames` where its true length is another."""
        nested = type(self.latent["samples"])
        out = {**self.latent, "samples": nested([picture, sound]), "noise_mask": nested(masks)}
        if frames:
            output = self.latent.get("phonofilm", {}).get("sample_rate", self.grid.output_rate)
            out["phonofilm"] = clip_entry(self.rate, frames, output)
        return out


def edit(latent: dict, start: float, end: float, picture_strength: float, sound_strength: float, stems: dict) -> tuple[dict, str]:
    """(LATENT whose mask opens the range, line for the report).

    start, end in seconds; end 0 is that of the clip. Every latent that the range touches is opened by the strength of its
    modality (1 redoes it, 0 keeps it), on the starter's stems by `stems` (name -> strength) times it. The rest is kept.
    Raises ValueError for a range that is not within the clip.
    """
    clip = Timed(latent)
    end = end or float(clip.seconds)
    if not 0 <= start < end <= float(clip.seconds) + 1e-3:
        raise ValueError(f"start {start:g} s to end {end:g} s is no range of this clip, which goes from 0 to {float(clip.seconds):.4g} s: change start or end.")
    masks = [torch.zeros_like(part[:, :1]) for part in (clip.picture, clip.sound)]
    first, after = start * clip.rate + HAIR, end * clip.rate - HAIR
    touched = [index for index, (a, b) in enumerate(clip.grid.spans(clip.laid)) if a < after and b > first]
    masks[0][:, :, touched] = picture_strength
    per_second, axis = clip.grid.sound_per_second, clip.grid.time_axis
    a, b = int(start * per_second + HAIR), min(math.ceil(end * per_second - HAIR), clip.sound.shape[axis])
    opened = masks[1].narrow(axis, a, b - a)
    opened[:] = sound_strength
    if clip.sound.shape[2] == len(STEMS) and not clip.grid.sound_rows:
        opened *= torch.tensor([stems[name] for name in STEMS]).to(opened)[:, None]
    spans = clip.grid.spans(clip.laid)
    line = (f"picture from {float(spans[touched[0]][0] / clip.rate):.4g} s to {float(min(spans[touched[-1]][1], clip.frames) / clip.rate):.4g} s, "
            f"sound from {float(a / per_second):.4g} s to {float(min(b / per_second, clip.seconds)):.4g} s")
    return clip.output(clip.picture, clip.sound, masks), line


def extend(latent: dict, seconds: float) -> tuple[dict, str]:
    """(LATENT that is `seconds` longer, line for the report): what was there is kept, what is new is open.

    Latents that reach beyond the clip's true end are made anew, as they hold what nobody has seen or heard, and so is the sound
    that says that it ends there.
    """
    clip = Timed(latent)
    frames = clip.frames + max(1, round(Fraction(seconds) * clip.rate))
    laid = clip.grid.frames_for(frames)
    spans, per_second, axis = clip.grid.spans(laid), clip.grid.sound_per_second, clip.grid.time_axis
    kept = sum(end <= clip.frames for _, end in spans)
    heard = min(int(clip.seconds * per_second), clip.sound.shape[axis] - clip.grid.edge)
    count = clip.grid.sound_latents(laid, clip.rate)
    picture = clip.picture.new_zeros(*clip.picture.shape[:2], len(spans), *clip.picture.shape[3:])
    picture[:, :, :kept] = clip.picture[:, :, :kept]
    shape = list(clip.sound.shape)
    shape[axis] = count
    sound = clip.sound.new_zeros(shape)
    sound.narrow(axis, 0, heard).copy_(clip.sound.narrow(axis, 0, heard))
    masks = [torch.ones_like(part[:, :1]) for part in (picture, sound)]
    masks[0][:, :, :kept] = 0
    masks[1].narrow(axis, 0, heard).zero_()
    line = f"{float(clip.seconds):.4g} s became {float(frames / clip.rate):.4g} s; picture new from {float(spans[kept][0] / clip.rate):.4g} s, sound from {float(heard / per_second):.4g} s"
    if clip.grid.longest and frames / clip.rate > clip.grid.longest:
        line += f"; {clip.grid.name} was made for clips of up to {clip.grid.longest:g} s, longer ones may fall apart"
    return clip.output(picture, sound, masks, frames), line
