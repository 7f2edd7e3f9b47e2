"""Counting what moves: connected regions of a picture that differ from the still background."""
import torch
import torch.nn.functional as F


def label(mask: torch.Tensor) -> torch.Tensor:
    """Connected regions (8 neighbours) of masks [N, H, W]: each pixel gets its region's largest index, 0 outside."""
    n, h, w = mask.shape
    index = (torch.arange(1, h * w + 1).view(1, h, w) * mask).float()
    while True:
        grown = F.max_pool2d(index[:, None], 3, 1, 1)[:, 0] * mask
        if torch.equal(grown, index):
            return index.long()
        index = grown


def count(frames: torch.Tensor, threshold=0.16, share=0.35) -> list[int]:
    """Moving regions per frame of [F, H, W, 3] in 0..1.

    Counted are regions that are no shadow and at least `share` of the clip's median largest region, which leaves shadows' rims,
    rain and codec noise out.
    """
    small = F.avg_pool2d(frames.permute(0, 3, 1, 2), 2)
    still = background(small)
    change = (small - still).abs().amax(1)
    labels = label((change > threshold) & ~_shadow(small, still))
    sizes = [row[row > 0].unique(return_counts=True)[1] for row in labels]
    largest = torch.tensor([s.max().item() if len(s) else 0 for s in sizes]).float()
    limit = max(6.0, share * largest[largest > 0].median().item()) if (largest > 0).any() else 6.0
    return [int((s >= limit).sum()) for s in sizes]


def background(frames):
    """The still background [3, H, W] of frames [F, 3, H, W]: of each pixel's values, the one nearest its row's colour.

    The median over time alone would take a thing that rests for half the clip as background.
    """
    row = frames.median(0).values.median(2, keepdim=True).values
    nearest = (frames - row).abs().sum(1, keepdim=True).argmin(0, keepdim=True)
    return frames.gather(0, nearest.expand(1, *frames.shape[1:]))[0]


def _shadow(frames, still):
    """Where a frame is the background with less light: darker by one factor in all colours."""
    factor = (frames * still).sum(1) / still.square().sum(0).clamp_min(1e-4)
    rest = (frames - factor[:, None] * still).abs().amax(1)
    return (factor < 0.97) & (rest < 0.07)


def one_object(frames: torch.Tensor) -> bool:
    """Whether a clip shows a single moving thing: one region in most frames, more than one in hardly any."""
    counts = torch.tensor(count(frames))
    return bool((counts > 1).float().mean() <= 0.1 and (counts == 1).float().mean() >= 0.6)
