"""From what the scene gives to what a hand-held camera records: shake, vignette, grain."""
import numpy as np
import torch
import torch.nn.functional as F

from .camera import MARGIN


def developed(pictures: np.ndarray, instants: np.ndarray, random) -> torch.Tensor:
    """Pictures [F, H, W, 3] with MARGIN at the instants (s) -> frames [F, H - 2 MARGIN, W - 2 MARGIN, 3] in 0..1."""
    frames = torch.from_numpy(pictures).movedim(-1, 1)
    height, width = frames.shape[2:]
    sway = [sum(random.uniform(0.2, 1.0) / k * np.sin(6.283 * (k * random.uniform(0.4, 0.7) * instants + random.uniform())) for k in (1, 2, 4)) for _ in range(3)]
    across, down, roll = (torch.tensor(s, dtype=torch.float32) * size for s, size in zip(sway, (2.4 / width, 2.4 / height, 0.006)))
    rows = [torch.stack([torch.cos(roll), -torch.sin(roll) * height / width, across], -1), torch.stack([torch.sin(roll) * width / height, torch.cos(roll), down], -1)]
    frames = F.grid_sample(frames, F.affine_grid(torch.stack(rows, 1), list(frames.shape), align_corners=False), align_corners=False, padding_mode="border")
    frames = frames[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN].clamp(0, 1)
    y, x = torch.meshgrid(torch.linspace(-1, 1, frames.shape[2]), torch.linspace(-1, 1, frames.shape[3]), indexing="ij")
    frames = frames * (1 - 0.22 * (x * x + y * y))
    noise = torch.from_numpy(random.standard_normal(frames.shape, dtype=np.float32))
    return (frames + noise * (0.0007 * frames + 0.00006).sqrt()).clamp(0, 1).sqrt().movedim(1, -1)
