"""Models with random weights, small enough to run in a second."""

import importlib
from contextlib import contextmanager

import pytest
import torch

import headless
from models.joint import checkpoint
from models.joint.config import JointConfig
from models.joint.picture_codec import PictureCodec
from models.joint.sound_codec import SoundCodec
from models.joint.text import TextEncoder, Tokenizer
from models.joint.transformer import JointTransformer
from models.stems import checkpoint as stems_checkpoint
from models.stems.config import StemsConfig
from models.stems.network import Separator

WORDS = "|picture:|dialogue:|music:|effects:|ambience:|a|the|red|rubber|ball|bounces|on|stone|floor|hits|rain".split("|")


def save_tiny(folder, name="tiny.safetensors"):
    """Write it into `folder` under `name` and return its path."""
    torch.manual_seed(0)
    config = JointConfig(dim=64, depth=4, heads=4, slopes=(0.0, 0.0, 6.0, 20.0))
    vocabulary = Tokenizer(WORDS).to_bytes()
    text = TextEncoder(len(WORDS), config.dim, len(vocabulary))
    text.vocabulary.copy_(vocabulary)
    picture = PictureCodec(config.picture_channels, 16, 16, 16)
    for layer in picture.decoder["along"]:
        torch.nn.init.normal_(layer.write.weight, std=0.01)
    parts = {"transformer": JointTransformer(config), "text": text, "picture": picture, "sound": SoundCodec(config.sound_channels, 16, 16, 1)}
    checkpoint.save(folder, {part: module.state_dict() for part, module in parts.items()}, {})
    (shard,) = folder.glob("starter-*.safetensors")
    return shard.rename(folder / name)


def save_separator(folder, name="tiny_separator.safetensors"):
    """Write a separator with random weights into `folder` under `name` and return its path."""
    torch.manual_seed(0)
    network = Separator(StemsConfig(dim=16, tokens=(6, 34, 20), bins=(16, 16, 64), spans=(1, 3)))
    stems_checkpoint.save(folder / name, network.state_dict(), {})
    return folder / name


def save_hdemucs(folder, name="hdemucs_tiny.pt"):
    """Write a small HDemucs with random weights as torchaudio publishes its own, and return its path."""
    from torchaudio.models import HDemucs

    torch.manual_seed(0)
    torch.save(HDemucs(["drums", "bass", "other", "vocals"], nfft=4096, depth=6, channels=4).state_dict(), folder / name)
    return folder / name


@contextmanager
def in_headless(models, out):
    """The headless host with a tiny starter, written into `models`: (its node classes, VAE, audio VAE)."""
    torch.set_num_threads(1)
    save_tiny(models)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PHONOFILM_CHECKPOINTS", str(models))
        classes = headless.mount().node_classes()
        session = importlib.import_module("phonofilm.headless.session")
        token = session.current.set(session.Session(out, lambda done: None))
        _, _, vae, audio_vae = importlib.import_module("phonofilm.headless.host").load_model("tiny.safetensors")
        yield classes, vae, audio_vae
        session.current.reset(token)
