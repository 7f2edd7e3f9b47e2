"""The starter as the nodes run it: Encode lays clips out, Edit and Extend open them, Sampler makes them, Decode plays them.

What runs is what is behind the nodes in the headless host, many clips in one batch.
"""
import importlib
from pathlib import Path

import torch

import headless
from models.joint import checkpoint
from models.joint.config import STEMS
from models.joint.guidance import Guidance

from .clips import FRAMES, RATE

CHUNK = 10
"""Clips sampled and decoded at once."""
ALL = dict.fromkeys(STEMS, 1.0)
SECONDS = FRAMES / RATE


class Desk:
    """`fast`: the transformer computes in bfloat16, several times faster where the processor has it; the codecs stay in float32."""

    def __init__(self, weights: Path = checkpoint.WEIGHTS, steps=12, guidance=Guidance(), fast=False):
        headless.mount()
        session = _of("headless.session")
        session.current.set(session.Session(Path(), lambda done: None))
        self.host, self.encoding, self.ranges = _of("headless.host"), _of("nodes.inputs.encoding"), _of("nodes.inputs.ranges")
        self.starter = _of("models.joint.checkpoint").load(weights)
        self.fast = fast
        self.settings = dict(steps=steps, sampler="euler", scheduler="simple", denoise=1.0, takes=1, picture_guidance=guidance.picture,
                             sound_guidance=guidance.sound, sync_guidance=guidance.sync, skip_guidance=guidance.skip,
                             score_guidance=guidance.score)

    @torch.inference_mode()
    def lay_out(self, length=SECONDS, rate=RATE, **given) -> dict:
        """Encode: the LATENT of one clip. given: its optional inputs; stems [4, 2, N] or a mix [2, N] as `sound`, with `sample_rate`."""
        if "sound" in given:
            sound, sample_rate = given.pop("sound"), given.pop("sample_rate")
            one = lambda wave: {"waveform": wave[None], "sample_rate": sample_rate}
            given |= {"audio": one(sound)} if sound.ndim == 2 else {"stems": {name: one(wave) for name, wave in zip(STEMS, sound)}}
        codecs = self.starter.picture, self.starter.sound
        return self.encoding.lay_out(self.host, *codecs, length, (0, 0), 1, rate, "", given)[0]

    def edit(self, latent, start, end, picture=1.0, sound=1.0) -> dict:
        return self.ranges.edit(latent, start, end, picture, sound, ALL)[0]

    def extend(self, latent, seconds) -> dict:
        return self.ranges.extend(latent, seconds)[0]

    @torch.inference_mode()
    def make(self, latents: list[dict], prompts: list[dict], seed=0) -> dict:
        """Sampler: the LATENT of all clips, made from their LATENTs and the fields of their prompts."""
        made = []
        for first in range(0, len(latents), CHUNK):
            rows = slice(first, first + CHUNK)
            positive = torch.cat([self.host.encode_prompt(self.starter, fields)[0][0][0] for fields in prompts[rows]])
            negative = self.host.encode_prompt(self.starter, {})[0]
            with torch.autocast("cpu", torch.bfloat16, enabled=self.fast):
                made.append(self.host.sample(self.starter, [[positive, {}]], negative, joined(latents[rows]), seed=seed + first, **self.settings)[0])
        return joined(made)

    @torch.inference_mode()
    def show(self, latent) -> torch.Tensor:
        """Decode: frames [B, F, 128, 128, 3]."""
        return torch.cat([self.host.decode_picture(part, self.starter.picture, None)[0] for part in _chunks(latent)])

    @torch.inference_mode()
    def play(self, latent) -> torch.Tensor:
        """Decode: stems [B, 4, 2, N], or the mix [B, 1, 2, N], at 48 kHz."""
        parts = [self.host.decode_sound(part, None, self.starter.sound) for part in _chunks(latent)]
        return torch.cat([torch.stack([audio["waveform"] for audio in part.values()], 1) for part in parts])


PLAYED_AT = 48000


def _of(module):
    return importlib.import_module(f"{headless.PACK}.{module}")


def joined(latents: list[dict]) -> dict:
    """One LATENT of several of one length; a mask says of each what is kept."""
    nested = type(latents[0]["samples"])
    samples, masks = zip(*((one["samples"].unbind(), masks_of(one)) for one in latents))
    return {**latents[0], "samples": nested([torch.cat(part) for part in zip(*samples)]), "noise_mask": nested([torch.cat(part) for part in zip(*masks)])}


def masks_of(latent) -> list[torch.Tensor]:
    """Of picture and sound: 1 is made, 0 is kept."""
    if "noise_mask" in latent:
        return latent["noise_mask"].unbind()
    return [torch.ones_like(part[:, :1]) for part in latent["samples"].unbind()]


def kept(before: list[dict], after: dict) -> list[bool]:
    """Per clip, whether everything that its mask keeps is the same bit for bit in the LATENT that was made."""
    before = joined(before)
    same = [((a == b) | (mask > 0)).flatten(1).all(1) for a, b, mask in zip(before["samples"].unbind(), after["samples"].unbind(), masks_of(before))]
    return (same[0] & same[1]).tolist()


def _chunks(latent):
    nested = type(latent["samples"])
    for parts, masks in zip(*(zip(*(part.split(CHUNK) for part in both)) for both in (latent["samples"].unbind(), masks_of(latent)))):
        yield {**latent, "samples": nested(parts), "noise_mask": nested(masks)}
