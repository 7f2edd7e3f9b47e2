"""Sizes of the joint model and the constants of its one clock."""
from dataclasses import asdict, dataclass
from fractions import Fraction

STEMS = ("dialogue", "music", "effects", "ambience")
TRACKS = ("dialogue", "music", "effects")  # the stems that carry score events
RATE = Fraction(24)  # pictures, and sound latents, per second
SLAB = 4  # pictures per picture latent after the first
BINS = 16  # score bins per slab: 10.4 ms each
EVENT_WIDTH = BINS * (len(TRACKS) + 1)  # strength per track, and one row of pitch
THINGS, VALUES = 2, 4  # in a layout: two things per picture, each with x, y, size and state
COLOURS = 3 * 3  # and three colours for all
LAYOUT_WIDTH = SLAB * THINGS * VALUES + COLOURS
SCORE_WIDTH = EVENT_WIDTH + LAYOUT_WIDTH
TEXT_LENGTH = 32  # words per prompt
SHIFT = 3.0  # of the noise schedule: what many latents repeat is only open at high noise (Esser et al. 2024, eq. 23)
MIN_SECONDS, MAX_SECONDS = 1.0, 10.0  # lengths seen in training


@dataclass(frozen=True)
class JointConfig:
    """Sizes of the transformer; everything in it can be read off the shapes of the weights."""

    dim: int = 256
    depth: int = 6
    heads: int = 4
    picture_channels: int = 24
    sound_channels: int = 32
    patch: tuple[int, int] = (2, 4)  # rows and columns of latents that a picture token covers
    slopes: tuple[float, ...] = (0.0, 0.0, 6.0, 20.0)  # time-distance attention bias per head, 1/s

    def asdict(self) -> dict:
        return asdict(self)
