"""The one formula of guidance, for ComfyUI's guider and for our own loop.

Classifier-free guidance (Ho & Salimans 2022) with a scale of its own for each modality, plus sync guidance:
the prediction with the other modality minus the prediction without it, where "without" shows the network
pure noise in its place. All terms may be denoised estimates or velocities: the formula is linear.
"""
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Guidance:
    """Scales; 1 is the plain conditional prediction. Each must be finite."""

    picture: float = 1.0
    sound: float = 2.0
    sync: float = 1.0

    def of_open(self, mask_picture, mask_sound) -> "Guidance":
        """The same scales for what is made; a modality that is kept throughout (its mask is 0) has no prompt to follow."""
        return replace(self, picture=self.picture if mask_picture.any() else 1.0, sound=self.sound if mask_sound.any() else 1.0)

    @property
    def needs_negative(self) -> bool:
        return self.picture != 1.0 or self.sound != 1.0

    @property
    def needs_alone(self) -> bool:
        return self.sync != 1.0


def guide(scale, sync, positive, negative=None, alone=None):
    """One modality's guided prediction.

    positive: with the prompt and the other modality; negative: with the negative prompt; alone: with the
    prompt, the other modality replaced by noise. Those whose scale is 1 may be None.
    """
    result = positive
    if scale != 1.0:
        result = result + (scale - 1.0) * (positive - negative)
    if sync != 1.0:
        result = result + (sync - 1.0) * (positive - alone)
    return result
