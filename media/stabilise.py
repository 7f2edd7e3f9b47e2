"""A clip made small and held still, as the detectors want it."""

import torch
import torch.nn.functional as F

HEIGHT = 64
LEAST = 8
STEPS = 6
TOLERANCE = 0.12
HOLD = 0.5
SLOW = 9


def prepared(frames):
    """Frames [F, H, W, 3] in 0..1 -> [F, 3, h, w], h and w at least 8, h <= 64, with the drift of the camera taken out."""
    height, width = frames.shape[1:3]
    tall = min(max(height, LEAST), HEIGHT)
    size = (tall, max(LEAST, round(width * tall / height)))
    return held(torch.cat([_small(chunk, size) for chunk in frames.split(16)]))


def _small(frames, size):
    return F.interpolate(frames.detach().to("cpu", torch.float32).permute(0, 3, 1, 2), size, mode="area")


def held(frames):
    """Shift every frame [F, 3, h, w] so that what does not move by itself stays in place.

    A camera that drifts or pans slowly gives one smooth shift, to a fraction of a pixel: least squares
    of the picture's slope against its difference from the median frame, in which pixels that differ
    much (what moves by itself) count little. Without enough detail to hold on to, nothing is shifted.
    """
    shift = torch.zeros(len(frames), 2)
    moved = frames
    for _ in range(STEPS):
        still = moved.median(0).values
        slope = _slopes(still)
        gap = moved - still
        weight = 1 / (1 + (gap / TOLERANCE) ** 2) ** 2
        weight[..., [0, 1, -2, -1]] = 0
        weight[..., [0, 1, -2, -1], :] = 0
        weighted = (weight[:, None] * slope).flatten(2)
        normal = weighted @ slope.flatten(1).T + HOLD * torch.eye(2)
        step = torch.linalg.solve(normal, weighted @ gap.flatten(1)[..., None])[..., 0]
        before, shift = shift, _smooth(shift + step)
        if shift.std(0).max() < 0.05:
            return frames
        moved = _shifted(frames, shift)
        if (shift - before).abs().max() < 0.05:
            break
    return moved


def _smooth(shift):
    """A running mean over SLOW frames, twice; [F, 2]."""
    reach = min(SLOW, len(shift) - 1) // 2
    padded = F.pad(shift.T, (2 * reach, 2 * reach), mode="replicate")
    return F.avg_pool1d(F.avg_pool1d(padded, 2 * reach + 1, 1), 2 * reach + 1, 1).T


def _slopes(picture):
    padded = F.pad(picture[None], (1, 1, 1, 1), mode="replicate")[0]
    across, down = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2], padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    return torch.stack([across, down]) / 2


def _shifted(frames, shift):
    """frames[k](x + shift x, y + shift y), edges repeated."""
    height, width = frames.shape[2:]
    grid = F.affine_grid(torch.eye(2, 3).expand(len(frames), 2, 3), frames.shape, align_corners=False)
    grid = grid - 2 * shift[:, None, None] / torch.tensor([width, height])
    return F.grid_sample(frames, grid, mode="bicubic", padding_mode="border", align_corners=False)
