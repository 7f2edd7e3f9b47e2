"""Pictures for Encode: a video or single images, on the clip's size and clock, and which latents they fix."""
import re
from fractions import Fraction

import torch
from torch.nn import functional as F

CHUNK = 16  # pictures scaled at once


def checked(images, name: str) -> torch.Tensor:
    """IMAGE as [F, H, W, 3] float32. Raises ValueError, naming the input, where there is none or a value is not finite."""
    if images is None:
        raise ValueError(f"{name} is connected but empty: what it comes from has no picture.")
    if images.ndim != 4 or not images.numel():
        raise ValueError(f"{name} holds no picture (its shape is {list(images.shape)}): connect at least one.")
    bad = ~torch.isfinite(images).flatten(1).all(1)
    if bad.any():
        raise ValueError(f"{name} holds NaN or infinity in picture {int(bad.nonzero()[0])}: look at what made it; Clamp or another file helps.")
    return images[..., :3].expand(*images.shape[:3], 3).float()


def one(images, name: str) -> torch.Tensor:
    """The one picture of an input. Raises ValueError for several."""
    images = checked(images, name)
    if len(images) > 1:
        raise ValueError(f"{name} holds {len(images)} pictures: give one; several go into images with image_times, a video into frames.")
    return images


def parse_times(text: str, count: int) -> list[Fraction]:
    """Seconds from text such as "0.5, 1.25 3". Raises ValueError unless there are `count`."""
    words = re.split(r"[,;\s]+", text.strip()) if text.strip() else []
    try:
        times = [Fraction(word) for word in words]
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"image_times is {text!r}: give the seconds as numbers, such as 0.5, 2") from None
    if len(times) != count:
        raise ValueError(f"image_times has {len(times)} times for {count} images: give one second for each.")
    return times


def fitted(frames: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """[F, H, W, 3] scaled to cover width x height, the middle of it kept."""
    old_height, old_width = frames.shape[1:3]
    if (old_width, old_height) == (width, height):
        return frames
    scale = max(width / old_width, height / old_height)
    rows, columns = min(old_height, round(height / scale)), min(old_width, round(width / scale))
    top, left = (old_height - rows) // 2, (old_width - columns) // 2
    middle = frames[:, top : top + rows, left : left + columns].movedim(-1, 1)
    parts = [F.interpolate(part, (height, width), mode="bicubic", antialias=True) for part in middle.split(CHUNK)]
    return torch.cat(parts).clamp(0, 1).movedim(1, -1)


def resampled(frames: torch.Tensor, rate: Fraction, clip) -> tuple[torch.Tensor, int]:
    """(pictures for the whole grid of `clip`, how many of them are given) of a video at `rate`.

    Each is the picture that the video shows in the middle of the time it stands for; after the end the last one stays.
    """
    given = min(clip.laid, max(1, round(len(frames) / rate * clip.rate)))
    times = [(k + Fraction(1, 2)) / clip.rate for k in range(clip.laid)]
    return frames[[min(len(frames) - 1, int(time * rate)) for time in times]], given


def picture_stream(encode, clip, empty: torch.Tensor, video=None, rate=None, stills=(), strength=0.0):
    """(latents [B, Cv, T, h, w], mask [B, 1, T, h, w], lines for the report).

    encode: [F, H, W, 3] -> latents [1, Cv, T, h, w]. video: [F, H, W, 3] at `rate`, fixed as far as it goes. stills: list of
    (name, [1, H, W, 3], seconds or None for the end); the latent in whose time one falls shows it, held still for as long as that
    latent lasts. The mask is `strength` where something is given, else 1.
    """
    latents, notes = empty, []
    mask = torch.ones_like(empty[:, :1])
    if video is not None:
        needed = video[: int(clip.laid / clip.rate * rate) + 1]
        frames, given = resampled(fitted(needed, clip.width, clip.height), rate, clip)
        latents = encode(frames).expand_as(empty).clone()
        for index, (_, end) in enumerate(clip.spans):
            if min(end, clip.frames) <= given:
                mask[:, :, index] = strength
        notes += _video_notes(video, rate, given, clip, mask, strength)
    taken = {}
    for name, image, seconds in stills:
        index, note = _place(name, seconds, clip)
        if index in taken:
            raise ValueError(f"{name} and {taken[index]} fall into one latent, the pictures from {_shown(clip, index)}: move them apart.")
        taken[index] = name
        latents[:, :, index] = _still(encode, fitted(image, clip.width, clip.height), clip.spans, index)
        mask[:, :, index] = strength
        notes.append(note)
    return latents, mask, notes


def _place(name, seconds, clip):
    """(latent in which a time lies, None for the end of the clip; line for the report)."""
    seconds = clip.seconds if seconds is None else seconds
    frame = min(clip.frames - 1, int(seconds * clip.rate + Fraction(1, 2)))
    if not 0 <= seconds <= clip.seconds:
        raise ValueError(f"{name} is wanted at {float(seconds):g} s, but the clip goes from 0 to {float(clip.seconds):.4g} s: change the time or the length.")
    index = next(i for i, (_, end) in enumerate(clip.spans) if frame < end)
    return index, f"{name}: shown at {_shown(clip, index)}"


def _shown(clip, index):
    start, end = clip.spans[index]
    return f"{float(start / clip.rate):.4g} s" + (f" to {float(end / clip.rate):.4g} s, held still" if end - start > 1 else "")


def _still(encode, image, spans, index):
    """The latent of one picture held still: alone where the latent has one picture, else after itself."""
    alone = spans[index][1] - spans[index][0] == 1
    return encode(image if alone else image.expand(spans[1][1], -1, -1, -1))[:, :, 0 if alone else 1]


def _video_notes(video, rate, given, clip, mask, strength):
    notes = []
    if rate != clip.rate:
        notes.append(f"frames: {len(video)} at {rate} per second became {given} at {clip.rate}")
    if (video.shape[2], video.shape[1]) != (clip.width, clip.height):
        notes.append(f"frames: {video.shape[2]}x{video.shape[1]} scaled to {clip.width}x{clip.height}")
    seconds = len(video) / rate
    if seconds > clip.seconds + Fraction(1, 2) / clip.rate:
        notes.append(f"frames: cut from {float(seconds):.4g} s to {float(clip.seconds):.4g} s")
    kept = int((mask[0, 0, :, 0, 0] < 1).sum())
    if strength < 1 and kept < mask.shape[2]:
        notes.append(f"frames: given to {float(clip.spans[kept - 1][1] / clip.rate):.4g} s, new from there" if kept else "frames: too short to fix a latent")
    return notes
