"""Where pictures, sound latents and score bins lie on the one clock.

A clip has F = 4n+1 pictures at 24 per second. Latent 0 is picture 0 alone, latent k covers pictures
4k-3 .. 4k. Sound has one latent per picture. Slab k, the unit of a token, covers the seconds
[(4k-3)/24, (4k+1)/24) for picture, sound and score alike.
"""
import torch

from .config import BINS, MAX_SECONDS, RATE, SLAB


def snap_frames(seconds: float) -> int:
    """The number of pictures of the form 4n+1 nearest to `seconds` (> 0)."""
    if not 0 < seconds <= 60 * MAX_SECONDS:
        raise ValueError(f"A clip of {seconds:g} s cannot be made: give a length above 0 s, best 1 to {MAX_SECONDS:g} s.")
    return 1 + SLAB * max(0, round((seconds * float(RATE) - 1) / SLAB))


def slabs_of(frames: int) -> int:
    """Picture latents of a clip of 4n+1 pictures. Raises ValueError for other counts."""
    if frames < 1 or (frames - 1) % SLAB:
        raise ValueError(f"{frames} pictures do not fit the grid: the starter takes 4n+1 (1, 5, 9, ... 97 for 4 s).")
    return 1 + (frames - 1) // SLAB


def frames_of(slabs: int) -> int:
    return 1 + SLAB * (slabs - 1)


def slab_times(slabs: int, device=None) -> torch.Tensor:
    """Centres of the slabs in seconds, [slabs] float32."""
    return (SLAB * torch.arange(slabs, device=device, dtype=torch.float32) - 1) / float(RATE)


def bin_times(slabs: int, device=None) -> torch.Tensor:
    """Centres of the score bins in seconds, [slabs * BINS] float32; the first 12 lie before the clip."""
    index = torch.arange(slabs * BINS, device=device, dtype=torch.float32)
    return (index + 0.5) / (float(RATE) / SLAB * BINS) - (SLAB - 1) / float(RATE)
