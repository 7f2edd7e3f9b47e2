"""What stands still in a made picture made to stand still.

A latent of the picture codec sees four frames and no others, so what stands still has nearly the same latents all along a true
clip: half of its cells change by less than a twentieth of a deviation from one latent to the next. A sampled clip errs by a fifth,
anew in every latent, which is seen as flicker. Robust smoothing in time takes the small changes away and leaves the large ones:
least squares with the weights of Geman and McClure 1987 on the changes, iteratively reweighted (Holland and Welsch 1977).
"""
import torch

SCALE = 0.4  # change of a cell, rms over its channels, from which on it counts as real
STRENGTH = 6.0
ROUNDS = 3


def steady(picture: torch.Tensor) -> torch.Tensor:
    """Picture latents [B, C, T, h, w] with each cell's small changes over time smoothed away."""
    made = picture.movedim(2, 0)
    result = made
    for _ in range(ROUNDS):
        change = result.diff(dim=0).square().mean(2, keepdim=True)
        result = _smoothed(made, STRENGTH / (1 + change / SCALE**2) ** 2)
    return result.movedim(0, 2)


def _smoothed(y, ties):
    """The x that minimises |x - y|^2 + sum of ties * |x[t + 1] - x[t]|^2. y [T, ...], ties [T - 1, ...]: Thomas' algorithm."""
    none = torch.zeros_like(y[:1, :, :1])
    before, after = torch.cat([none, ties]), torch.cat([ties, none])
    pivots, sums = [1 + after[0]], [y[0]]
    for t in range(1, len(y)):
        factor = before[t] / pivots[-1]
        pivots.append(1 + before[t] + after[t] - factor * before[t])
        sums.append(y[t] + factor * sums[-1])
    x = [sums[-1] / pivots[-1]]
    for t in range(len(y) - 2, -1, -1):
        x.append((sums[t] + after[t] * x[-1]) / pivots[t])
    return torch.stack(x[::-1])
