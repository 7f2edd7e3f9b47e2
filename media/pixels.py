"""Float pictures to what an encoder takes."""

import numpy as np
import torch

from .errors import MediaError

BLACK_UNDER = "alpha laid over black, which the codec cannot keep (frames)"
REPAIRED = "pictures with NaN or infinity, those pixels now black (frames)"


def shape_of(chunk):
    """(height, width, channels) of a chunk [F, H, W, C]. MediaError where it is no chunk of pictures."""
    if chunk.dim() != 4 or chunk.shape[-1] not in (1, 3, 4) or 0 in chunk.shape[1:3]:
        raise MediaError(f"Frames must be [F, H, W, C], C 3 (RGB), 4 (with alpha) or 1 (grey); these are {list(chunk.shape)}.")
    return tuple(chunk.shape[1:])


def whole_frames(frames):
    """Yield single frames [H, W, C] of a tensor [F, H, W, C] or of an iterable of such chunks.

    MediaError for another shape, for frames of changing size and where there are none.
    """
    size, number = None, 0
    for chunk in [frames] if isinstance(frames, torch.Tensor) else frames:
        size = size or shape_of(chunk)
        if shape_of(chunk) != size:
            raise MediaError(f"All frames of a clip must be of one size; frame {number} is not {size[1]}x{size[0]}x{size[2]}.")
        yield from chunk
        number += len(chunk)
    if not number:
        raise MediaError("There are no frames to write; give at least one.")


class Quantiser:
    """Frames [H, W, C] in 0..1 to integer arrays [h, w, 3 or 4]: clamped, and rounded to the nearest step.

    uint8, or uint16 over the whole 16 bits where `depth` is above 8. `multiple` (height, width): each side is made a multiple of
    it by giving the last row or column once more. Without `alpha` a fourth channel is laid over black.
    `notes` counts what had to be repaired. The array is valid until the next call.
    """

    def __init__(self, shape, depth, alpha, multiple, notes):
        height, width, _ = shape
        self.alpha, self.notes = alpha, notes
        self.scale, self.kind = (255, torch.uint8) if depth == 8 else (65535, torch.uint16)
        self.height, self.width = (-(-side // step) * step for side, step in zip((height, width), multiple))
        self.half = torch.tensor(0.5)  # to be rounded down later
        self.floats = torch.empty(height, width, 4 if alpha else 3)
        self.whole = torch.empty(self.height, self.width, 4 if alpha else 3, dtype=self.kind)

    def __call__(self, frame):
        frame, out = frame.detach().to("cpu", torch.float32), self.floats
        if frame.shape[-1] == 4 and not self.alpha:
            self.notes[BLACK_UNDER] += 1
            frame = frame[..., :3] * frame[..., 3:]
        torch.add(self.half, frame.expand_as(out), alpha=self.scale, out=out)
        # NaN and infinity survive a sum, and one sum is cheaper than a mask.
        if not torch.isfinite(out.sum()) and not torch.isfinite(out).all():
            self.notes[REPAIRED] += 1
            torch.nan_to_num_(out, 0.0, 0.0, 0.0)
        out.clamp_(0, self.scale)
        height, width = out.shape[:2]
        self.whole[:height, :width] = out
        pixels = self.whole.numpy()
        pixels[:height, width:] = pixels[:height, width - 1:width]
        pixels[height:] = pixels[height - 1:height]
        return np.ascontiguousarray(pixels)
