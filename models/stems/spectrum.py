"""Short-time spectra on a grid of frames that begins with the sound, as tensors [..., frames, bins]."""
import torch
from torch.nn import functional as F

from .config import HOP, WINDOW


def window(device, dtype=torch.float32):
    """Periodic Hann; at four hops its squares add up to 3/2 everywhere."""
    return torch.hann_window(WINDOW, device=device, dtype=dtype)


def analyse(wave):
    """[..., N] -> complex [..., T, WINDOW / 2 + 1]; T covers every sample four times. Frame t begins at sample HOP * (t - 3)."""
    samples = wave.shape[-1]
    wave = F.pad(wave, (WINDOW - HOP, WINDOW - HOP + -samples % HOP))
    return torch.fft.rfft(wave.unfold(-1, WINDOW, HOP) * window(wave.device))


def synthesise(spectra, samples):
    """The inverse of `analyse`: complex [..., T, WINDOW / 2 + 1] -> [..., samples]."""
    frames = torch.fft.irfft(spectra, WINDOW) * (window(spectra.device) / 1.5)
    parts = frames.unflatten(-1, (WINDOW // HOP, HOP)).unbind(-2)
    steps = len(parts)
    hops = frames.shape[-2] - steps + 1
    wave = sum(part[..., steps - 1 - i : steps - 1 - i + hops, :] for i, part in enumerate(parts))
    return wave.flatten(-2)[..., :samples]
