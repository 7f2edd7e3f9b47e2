"""The cache in memory, by length of clip, growing while more files are written; and the text of a sample."""
import random
from pathlib import Path

import torch

from models.joint.text import FIELDS, Tokenizer, join_fields

HELD_OUT = 2  # files of each length kept out of training


def prompt_of(fields: dict, plain: str, rng: random.Random) -> str:
    """What a user might have typed for this clip: tagged fields, some of them missing, or one plain sentence."""
    draw = rng.random()
    if draw < 0.40:
        return join_fields(fields)
    if draw < 0.60:
        return plain
    if draw < 0.80:
        return fields["picture"] if fields["picture"] else plain
    return join_fields({name: fields[name] for name in FIELDS if rng.random() < 0.6})


def motion(picture: torch.Tensor) -> torch.Tensor:
    """Squared distance from the temporal median, [n, Tv, h, w], of latents [n, Cv, Tv, h, w]."""
    x = picture.float()
    return (x - x.median(2, keepdim=True).values).square().mean(1)


def activity(sound: torch.Tensor) -> torch.Tensor:
    """Squared distance from the temporal median, [n, S, Ta], of latents [n, Ca, S, Ta]."""
    x = sound.float()
    return (x - x.median(3, keepdim=True).values).square().mean(1)


class Cache:
    """Clips of the files in a folder, one list per length."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, seed: int = 0):
        self.folder, self.tokenizer = Path(folder), tokenizer
        self.rng = random.Random(seed)
        self.seen, self.train, self.held_out = set(), {}, {}
        self.refresh()

    def refresh(self):
        for file in sorted(self.folder.glob("f*.pt")):
            if file.name in self.seen:
                continue
            self.seen.add(file.name)
            made = torch.load(file, weights_only=False)
            made["motion"], made["activity"] = motion(made["picture"]).half(), activity(made["sound"]).half()
            frames = int(file.name[1:].split("-")[0])
            held_out = self.held_out.setdefault(frames, [])
            (held_out if len(held_out) < HELD_OUT else self.train.setdefault(frames, [])).append(made)

    def clips(self, frames: int) -> int:
        return sum(len(made["scene"]) for made in self.train.get(frames, []))

    def batch(self, frames: int, size: int, files=None) -> dict:
        """A random batch of clips of one length; picture, sound, score, layout, motion, activity as float32, and tokens."""
        files = files or self.train[frames]
        picks = [(made, self.rng.randrange(len(made["scene"]))) for made in self.rng.choices(files, k=size)]
        batch = {k: torch.stack([m[k][i] for m, i in picks]).float() for k in ("picture", "sound", "score", "layout", "motion", "activity")}
        texts = [prompt_of(m["fields"][i], m["plain"][i], self.rng) for m, i in picks]
        batch["tokens"] = torch.tensor([self.tokenizer(text)[0] for text in texts])
        return batch
