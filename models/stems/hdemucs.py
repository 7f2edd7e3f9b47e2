"""torchaudio's HDemucs (Defossez 2021) as a separator, with weights such as HDEMUCS_HIGH_MUSDB_PLUS publishes.

The file is hdemucs_high_trained.pt: a state dict for 44.1 kHz stereo with the sources drums, bass, other, vocals. vocals become
dialogue; drums, bass and other become music; effects stay silent, as it was trained on songs and knows none; ambience is
what these leave of the input.
"""
import pickle
from pathlib import Path

import torch
from torch import nn

RATE = 44100
SOURCES = ["drums", "bass", "other", "vocals"]
FIRST = "freq_encoder.0.conv.weight"
SUFFIXES = ".pt", ".pth", ".th"


def is_named(name: str) -> bool:
    """Whether a file's name says that it holds an HDemucs."""
    return "hdemucs" in name.lower() and name.lower().endswith(SUFFIXES)


def read(path: Path) -> dict[str, torch.Tensor]:
    """The state dict in a file; nothing in the file is executed. ValueError where it is something else."""
    path = Path(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(f"{path.name} cannot be read as weights ({reason}): take hdemucs_high_trained.pt of torchaudio.") from error
    if not isinstance(state, dict) or FIRST not in state:
        raise ValueError(f"{path.name} holds no HDemucs of torchaudio: take hdemucs_high_trained.pt.")
    return state


class SongSeparator(nn.Module):
    """Stereo [B, 2, N] at 44.1 kHz -> dialogue, music, effects (silent) and ambience [B, 4, 2, N], summing to the input."""

    def __init__(self, state: dict[str, torch.Tensor]):
        super().__init__()
        from torchaudio.models import HDemucs

        depth = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("freq_encoder."))
        self.net = HDemucs(SOURCES, nfft=4096, depth=depth, channels=state[FIRST].shape[0])
        try:
            self.net.load_state_dict(state)
        except RuntimeError as error:
            raise ValueError("The weights do not fit HDemucs as torchaudio's hdemucs_high builds it: take hdemucs_high_trained.pt.") from error
        self.eval().requires_grad_(False)

    def forward(self, wave):
        songs = self.net(wave)
        dialogue, music = songs[:, 3], songs[:, :3].sum(1)
        return torch.stack([dialogue, music, torch.zeros_like(wave), wave - dialogue - music], 1)
