"""The separator and what it is compared with, all stereo [B, 2, N] at 48 kHz -> [B, 4, 2, N] that sum to the input."""
import torch
from torch import nn

from models.joint.config import STEMS
from models.stems.config import StemsConfig
from models.stems.network import Separator


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


def run(network, wave, device):
    """A forward pass; in half precision where the network is made for it. HDemucs' spectra are not."""
    half = isinstance(network, Separator)
    with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=half):
        return network(wave)
