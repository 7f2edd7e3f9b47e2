"""The held-out clips of one scene as the directions take them, and what the codecs alone make of them."""
import copy
from functools import cached_property

import torch

from .clips import SAMPLE_RATE, truth
from .desk import PLAYED_AT, Desk, joined
from .times import heard_times, seen_times, true_times


class HeldOut:
    """frames [B, F, 128, 128, 3], stems [B, 4, 2, N] at `sample_rate`, prompts: fields per clip, `true`: times of the audible events."""

    sample_rate = SAMPLE_RATE

    def __init__(self, desk: Desk, scene: str, count: int):
        self.scene, self.desk = scene, desk
        batch, clips = truth(scene, count)
        self.frames, self.stems, self.prompts = clips.frames, clips.stems, batch.fields
        self.true = true_times(batch.events, scene)

    def __len__(self):
        return len(self.frames)

    def first(self, count: int) -> "HeldOut":
        """The first clips alone. What was found out about all of them stays known."""
        if count >= len(self):
            return self
        few = copy.copy(self)
        few.__dict__ |= {name: value[:count] for name, value in vars(self).items() if name not in ("scene", "desk")}
        return few

    def laid_out(self, *names):
        """LATENTs with what is named given: frames, stems, mix, first_image, last_image."""
        give = {
            "frames": lambda k: {"frames": self.frames[k]},
            "stems": lambda k: {"sound": self.stems[k], "sample_rate": self.sample_rate},
            "mix": lambda k: {"sound": self.stems[k].sum(0), "sample_rate": self.sample_rate},
            "first_image": lambda k: {"first_image": self.frames[k, :1]},
            "last_image": lambda k: {"last_image": self.frames[k, -1:]},
        }
        return [self.desk.lay_out(**{key: value for name in names for key, value in give[name](k).items()}) for k in range(len(self))]

    @cached_property
    def whole(self) -> list[dict]:
        """LATENTs with picture and stems given."""
        return self.laid_out("frames", "stems")

    @cached_property
    def played(self) -> torch.Tensor:
        """The stems after the codec, at PLAYED_AT."""
        return self.desk.play(joined(self.whole))

    @cached_property
    def seen_again(self):
        return seen_times(self.desk.show(joined(self.whole)), self.scene)

    @cached_property
    def heard_again(self):
        return heard_times(self.played, self.scene, PLAYED_AT)

    @cached_property
    def onsets(self):
        """Of the sound as it is given."""
        return heard_times(self.stems, self.scene)
