"""Clips to measure on: the held-out world, its reconstruction by the codecs, and what the model makes of its prompts.

Held-out seeds lie far above those of any cache, and no clip is rejected or drawn again.
"""
import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from models.joint import checkpoint
from models.joint.config import SCORE_WIDTH, STEMS
from models.joint.grid import slabs_of
from models.joint.guidance import Guidance
from models.joint.sampling import STEPS, Conditions, draft_score, sample
from models.joint.text import join_fields
from training.joint.cache import SCENES
from training.world import sample as world

HELD_OUT = 900_000_000
FRAMES = 97
RATE = 24
SAMPLE_RATE = 24000
HEARD_IN = {"face": "dialogue", "faces": "dialogue", "light": "music", "keyboard": "music"}
"""Scene -> stem its visible events are heard in; effects where not named. Rain has no events."""

SEEN_AS = {"ball": "contact", "hammer": "contact", "drum": "contact", "clap": "contact", "drop": "contact", "light": "change", "keyboard": "change", "face": "change"}
"""Scene -> kind of its visible events, the better or equal one on true clips; the detector chooses where not named."""

KEPT = Path(__file__).parent.parent / ".cache" / "bench"
"""Latents that a bench made are kept here by weights and settings, so that the next bench need not make them again."""


def stem_of(scene: str) -> int:
    return STEMS.index(HEARD_IN.get(scene, "effects"))


def trained_scenes() -> list[str]:
    return [scene for scene in SCENES if scene != "rain"]


@dataclass
class Clips:
    """frames [B, F, 128, 128, 3] 0..1, stems [B, 4, 2, N] at SAMPLE_RATE, and the score of each."""

    frames: torch.Tensor
    stems: torch.Tensor
    scores: list

    def __add__(self, other):
        return Clips(torch.cat([self.frames, other.frames]), torch.cat([self.stems, other.stems]), self.scores + other.scores)


def truth(scene: str, count: int):
    """The held-out clips of a scene: the world's own batch (captions, events, parameters) and the same as Clips."""
    batch = world(count, frames=FRAMES, seed=HELD_OUT + list(SCENES).index(scene), scene=scene, size=128)
    return batch, Clips(batch.video.permute(0, 2, 3, 4, 1), batch.stems, batch.events)


class Maker:
    """The starter and the ways the benches run it, a few clips at a time. `fast`: the transformer computes in bfloat16, several
    times faster where the processor has it; the codecs stay in float32."""

    def __init__(self, weights: Path = checkpoint.WEIGHTS, steps=STEPS, guidance=Guidance(), chunk=10, scored=True, fast=False):
        self.starter = checkpoint.load(weights)
        files = sorted(weights.glob("starter-*.safetensors")) if weights.is_dir() else [weights]
        self.digest = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
        self.steps, self.guidance, self.chunk, self.scored, self.fast = steps, guidance, chunk, scored, fast

    @torch.inference_mode()
    def encode(self, clips: Clips):
        pairs = [
            (self.starter.picture.encode(v.permute(0, 4, 1, 2, 3)), self.starter.sound.encode(s, SAMPLE_RATE))
            for v, s in zip(clips.frames.split(self.chunk), clips.stems.split(self.chunk))
        ]
        return tuple(torch.cat(x) for x in zip(*pairs))

    @torch.inference_mode()
    def decode(self, picture, sound, scores) -> Clips:
        frames = torch.cat([self.starter.picture.decode(p).clamp(0, 1) for p in picture.split(self.chunk)])
        stems = torch.cat([self.starter.sound.decode(s, SAMPLE_RATE) for s in sound.split(self.chunk)])
        return Clips(frames.permute(0, 2, 3, 4, 1), stems, scores)

    def reconstruct(self, clips: Clips) -> Clips:
        return self.decode(*self.encode(clips), clips.scores)

    @torch.inference_mode()
    def make(self, texts: list[str], picture=None, sound=None, seed=0, frames=FRAMES):
        """Latents of picture and sound and the score tokens; picture or sound latents that are given are kept."""
        config, made = self.starter.transformer.config, []
        for first in range(0, len(texts), self.chunk):
            rows = slice(first, first + self.chunk)
            tokens = torch.tensor([self.starter.tokenizer(t)[0] for t in texts[rows]])
            text, slabs = self.starter.text(tokens), slabs_of(frames)
            p = torch.zeros(len(tokens), config.picture_channels, slabs, 8, 8) if picture is None else picture[rows]
            s = torch.zeros(len(tokens), config.sound_channels, len(STEMS), frames) if sound is None else sound[rows]
            masks = torch.full_like(p[:, :1], float(picture is None)), torch.full_like(s[:, :1], float(sound is None))
            with torch.autocast("cpu", torch.bfloat16, enabled=self.fast):
                if self.scored:
                    score = draft_score(self.starter.transformer, text, p, s, *masks, seed + first)
                else:
                    score = torch.randn(len(tokens), slabs, SCORE_WIDTH, generator=torch.Generator().manual_seed(seed + first))
                conditions = Conditions(text, torch.zeros_like(text), score, 0.0 if self.scored else 1.0)
                out = sample(self.starter.transformer, p, s, conditions, seed=seed + first, steps=self.steps,
                             guidance=self.guidance, mask_picture=masks[0], mask_sound=masks[1])
            made.append((*out, score))
        return tuple(torch.cat(x) for x in zip(*made))


    def text_to_av(self, scene: str, count: int, batch) -> tuple:
        """Picture and sound latents and score tokens made from the captions of `truth(scene, count)`."""
        return self._kept(f"{scene}-{count}-text", lambda: self.make(prompts(batch)))

    def video_to_sound(self, scene: str, count: int, batch, picture) -> tuple:
        """The same with the true picture given."""
        return self._kept(f"{scene}-{count}-video", lambda: self.make(prompts(batch), picture=picture))

    def _kept(self, name, make):
        g = self.guidance
        path = KEPT / self.digest / f"{name}-{self.steps}-{g.picture}-{g.sound}-{g.sync}-{g.skip}-{g.score}{'-fast' * self.fast}.pt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.save(make(), path)
        return torch.load(path)


def prompts(batch) -> list[str]:
    """The world's own captions of held-out clips, as the Prompt node would pass them."""
    return [join_fields(fields) for fields in batch.fields]
