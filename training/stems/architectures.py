"""The separator and what it is compared with, all stereo [B, 2, N] at 48 kHz -> [B, 4, 2, N] that sum to the input."""
import torch
from torch import nn

from models.joint.config import STEMS
from models.stems.config import BINS, StemsConfig
from models.stems.network import Separator
from models.stems.spectrum import analyse


class Demucs(nn.Module):
    """torchaudio's HDemucs (Defossez 2021), what it leaves shared among the stems."""

    def __init__(self, channels):
        super().__init__()
        from torchaudio.models import HDemucs

        self.net = HDemucs(list(STEMS), nfft=4096, depth=6, channels=channels)

    def forward(self, wave):
        made = self.net(wave)
        return made + (wave[:, None] - made.sum(1, keepdim=True)) / made.shape[1]


ARCHITECTURES = {
    "separator": lambda: Separator(StemsConfig()).reset(),
    "hdemucs": lambda: Demucs(48),  # the width of hdemucs_high, 84 M parameters
    "hdemucs-small": lambda: Demucs(12),
}
HEADS = "read", "where", "write"  # what AdamW trains; in HDemucs nothing has these names


def spectra(network, wave, frames, device):
    """What is made of [B, 2, N], as real and imaginary parts of some frames of the spectra [B, 4, 2, T, BINS]; in half
    precision where the network is made for it."""
    wave = wave.to(device)
    if not isinstance(network, Separator):
        return parts_of(network(wave), frames)
    mixture = analyse(wave)
    with torch.autocast(torch.device(device).type, torch.bfloat16):
        made = network.parts(mixture, frames)
    whole = mixture[:, None, :, frames, :BINS]
    return tuple(torch.cat([part, all_ - part.sum(1, keepdim=True)], 1) for part, all_ in zip(made, (whole.real, whole.imag)))


def parts_of(stems, frames=slice(None)):
    """Real and imaginary parts of some frames of the spectra of [B, 4, 2, N]."""
    heard = analyse(stems)[..., frames, :BINS]
    return heard.real, heard.imag


def run(network, wave, device):
    """A forward pass; in half precision where the network is made for it. HDemucs' spectra are not."""
    half = isinstance(network, Separator)
    with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=half):
        return network(wave)
