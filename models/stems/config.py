"""Sizes of the separator and the constants of its spectra."""
from dataclasses import asdict, dataclass

RATE = 48000
HOP = 960  # samples: 50 frames a second, so that a whole second is a whole number of frames
WINDOW = 3840  # samples: 80 ms, four hops
BINS = 1920  # of 12.5 Hz; the one at 24 kHz is left to the residual


@dataclass(frozen=True)
class StemsConfig:
    """Sizes of the network; everything in it can be read off the shapes of the weights.

    tokens and bins: how many tokens a frame has in the low, middle and high range, and how many bins one of them covers.
    heard: numbers that go in for each bin, the first so many of `network.hear`.
    widen: how many times as wide as a token the convolution in time is inside, range by range.
    spans: frames between the taps of the convolution in time, block by block.
    share and whole: channels of a token, and numbers of a frame, through which every second block hears a frame as a whole; 0 for none.
    whole_spans and recall: frames between the taps of the convolutions in time of these numbers, dealt out to the blocks that have them,
    and how wide these convolutions are inside.
    """

    dim: int = 96
    heard: int = 10
    widen: tuple[int, ...] = (4, 2, 1)
    tokens: tuple[int, ...] = (24, 34, 20)  # 0 to 1.2, to 8, to 24 kHz
    bins: tuple[int, ...] = (4, 16, 64)
    spans: tuple[int, ...] = (1, 3, 9, 18, 6, 2)
    share: int = 24
    whole: int = 512
    whole_spans: tuple[int, ...] = (1, 2, 2, 3, 4, 6, 9, 12, 18)
    recall: int = 256

    @property
    def reach(self) -> float:
        """Seconds on either side of a sample that can have an influence on it."""
        return (sum((*self.spans, *self.whole_spans)) * HOP + WINDOW) / RATE

    def asdict(self) -> dict:
        return asdict(self)
