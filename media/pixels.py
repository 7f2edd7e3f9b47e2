"""Float pictures to what an encoder takes."""

import numpy as np
import torch
import torch.nn.functional as F

from .errors import MediaError


def rgb_frames(frames):
    """Yield uint8 arrays [h, w, 3], one per frame, ready for a 4:2:0 encoder.

    `frames`: a tensor [F, H, W, 3], values 0..1 of any float type and device, or an iterable of
    such tensors (chunks of a longer clip). Values are clamped and rounded to the nearest of 256
    steps. An odd height or width gets its last row or column once more (h, w even).
    MediaError for another shape, for frames of changing size and for NaN or infinity.
    """
    size, number = None, 0
    for chunk in [frames] if isinstance(frames, torch.Tensor) else frames:
        if chunk.dim() != 4 or chunk.shape[-1] != 3 or 0 in chunk.shape[1:3]:
            raise MediaError(f"Frames must be [F, H, W, 3] (RGB); these are {list(chunk.shape)}.")
        size = size or chunk.shape[1:3]
        if chunk.shape[1:3] != size:
            raise MediaError(f"All frames of a clip must be of one size; frame {number} is not {size[1]}x{size[0]}.")
        for frame in chunk:
            yield _eight_bits(frame, number)
            number += 1
    if not number:
        raise MediaError("There are no frames to write; give at least one.")


def _eight_bits(frame, number):
    scaled = frame.detach().to("cpu", torch.float32) * 255
    # NaN and infinity survive a sum, and one sum is cheaper than a mask.
    if not torch.isfinite(scaled.sum()):
        raise MediaError(f"Frame {number} holds NaN or infinity; the model that made it has overflowed.")
    pixels = scaled.add_(0.5).clamp_(0, 255).to(torch.uint8)
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        pixels = F.pad(pixels.permute(2, 0, 1)[None].float(), (0, width % 2, 0, height % 2), mode="replicate")
        pixels = pixels[0].permute(1, 2, 0).to(torch.uint8)
    return np.ascontiguousarray(pixels.numpy())
