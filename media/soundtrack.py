"""A waveform handed out in encoder blocks, made exactly as long as the picture."""

import torch

from .errors import MediaError

LAYOUTS = {1: "mono", 2: "stereo"}
FADE_SECONDS = 0.010


class Soundtrack:
    """Blocks of a waveform [C, N], following a picture whose length need not be known beforehand.

    Where the picture is longer the sound goes on as silence; where it is shorter the sound is cut,
    with a fade of 10 ms before the cut. The input is never changed.
    MediaError for an empty or non-finite waveform and for channel counts other than 1 and 2.
    """

    def __init__(self, waveform, sample_rate, block):
        if waveform.dim() != 2:
            raise MediaError(f"A waveform must be [channels, samples]; this one is {list(waveform.shape)}.")
        if waveform.shape[0] not in LAYOUTS:
            raise MediaError(f"This muxer writes 1 or 2 sound channels, not {waveform.shape[0]}; mix down first.")
        if waveform.shape[1] == 0:
            raise MediaError("The sound is empty (0 samples); leave it out to write a silent clip.")
        self.waveform = waveform.detach().to("cpu", torch.float32)
        if not torch.isfinite(self.waveform.sum()):
            raise MediaError("The sound holds NaN or infinity; the model that made it has overflowed.")
        self.layout = LAYOUTS[waveform.shape[0]]
        self.sample_rate, self.block, self.position = sample_rate, block, 0
        self.fade = round(FADE_SECONDS * sample_rate)

    def until(self, sample):
        """Yield (position, [C, block]) for whole blocks that end at or before `sample`, less a fade's length."""
        while self.position + self.block <= sample - self.fade:
            yield self._advance(self._silence_padded(self.position + self.block))

    def finish(self, total):
        """Yield the rest of the blocks so that `total` samples have been given in all; the last may be short."""
        tail = self._silence_padded(total)
        if self.waveform.shape[1] > total + 1:  # one sample is rounding, not a cut
            fade = min(self.fade, tail.shape[1])
            tail = torch.cat([tail[:, :-fade], tail[:, -fade:] * torch.linspace(1, 0, fade)], 1)
        for block in tail.split(self.block, dim=1):
            yield self._advance(block)

    def _silence_padded(self, end):
        part = self.waveform[:, self.position:end]
        missing = end - self.position - part.shape[1]
        return torch.nn.functional.pad(part, (0, missing)) if missing else part

    def _advance(self, block):
        position = self.position
        self.position += block.shape[1]
        return position, block
