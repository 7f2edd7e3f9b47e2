"""A waveform handed out in encoder blocks, at the encoder's rate, made exactly as long as the picture."""

from fractions import Fraction

import av
import torch

from .errors import MediaError
from .formats import LAYOUTS
from .waveforms import floats

FADE_SECONDS = 0.010
_READ = 1 << 14


class Soundtrack:
    """Blocks of a waveform [C, N] (a tensor, or a Sound of `pieces`) at `sample_rate`, following a picture whose length need not be known beforehand.

    `rate` is the rate of the blocks; where it is another one the sound is resampled on the way, piece by
    piece. Where the picture is longer the sound goes on as silence; where it is shorter the sound is
    cut, with a fade of 10 ms before the cut. The input is never changed. `channels` is how many to write: 2 folds any number
    to stereo, odd ones left and even ones right, 6 for 5 adds a silent LFE, 8 for 7 gives the rear channel to both sides.
    NaN and infinity become 0. `notes` (a Counter) takes a
    line for each of these. MediaError for another shape.
    """

    def __init__(self, waveform, sample_rate, rate, channels, block, notes, name="the sound"):
        if len(waveform.shape) != 2 or not waveform.shape[0]:
            raise MediaError(f"A waveform must be [channels, samples]; this one is {list(waveform.shape)}.")
        self.waveform, self.sample_rate, self.rate = waveform, sample_rate, rate
        self.notes, self.name, self.block, self.position = notes, name, block, 0
        self.channels = channels
        self.length = round(Fraction(waveform.shape[1] * rate, self.sample_rate))
        self.fade = round(FADE_SECONDS * rate)
        self._read = self._pieces()
        self._held = torch.zeros(self.channels, 0)
        if channels != waveform.shape[0]:
            change = "folded to stereo" if channels == 2 else f"written as {LAYOUTS[channels]}"
            notes[f"{name}: {waveform.shape[0]} channels {change}"] += 1
        if not waveform.shape[1]:
            notes[f"{name} was empty and is silent"] += 1
        if rate != self.sample_rate:
            notes[f"{name}: resampled from {self.sample_rate} to {rate} Hz, which the codec needs"] += 1

    def until(self, sample):
        """Yield (position, [C, block]) for whole blocks that end at or before `sample`, less a fade's length."""
        while self.position + self.block <= sample - self.fade:
            yield self._give(self._take(self.block))

    def finish(self, total):
        """Yield the rest of the blocks so that `total` samples have been given in all; the last may be short."""
        tail = self._take(total - self.position)
        if self.length > total + 1 + self.rate // self.sample_rate:  # a sample is rounding, not a cut
            fade = min(self.fade, tail.shape[1])
            tail = torch.cat([tail[:, :-fade], tail[:, -fade:] * torch.linspace(1, 0, fade)], 1)
        for block in tail.split(self.block, dim=1):
            yield self._give(block)

    def _give(self, block):
        position = self.position
        self.position += block.shape[1]
        return position, block

    def _take(self, count):
        """The next `count` samples, [C, count]; silence after the end."""
        parts, have = [self._held], self._held.shape[1]
        while have < count:
            piece = next(self._read, None)
            if piece is None:
                piece = torch.zeros(self.channels, count - have)
            parts.append(piece)
            have += piece.shape[1]
        held = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
        self._held = held[:, count:]
        return held[:, :count]

    def _pieces(self):
        pieces = (self._clean(self.waveform[:, at:at + _READ]) for at in range(0, self.waveform.shape[1], _READ))
        return pieces if self.rate == self.sample_rate else resampled(pieces, self.sample_rate, self.rate)

    def _clean(self, piece):
        piece = floats(piece)
        if not torch.isfinite(piece.sum()):
            bad = int((~torch.isfinite(piece)).sum())
            if bad:
                self.notes[f"{self.name}: NaN or infinity, now 0 (samples)"] += bad
                piece = torch.nan_to_num(piece, 0.0, 0.0, 0.0)
        return piece if piece.shape[0] == self.channels else _rerouted(piece, self.channels)


def _rerouted(piece, channels):
    if channels == 2:
        return torch.stack([piece[0::2].sum(0), piece[1::2].sum(0)]) / ((piece.shape[0] + 1) // 2) ** 0.5
    if channels == 6:
        return torch.cat([piece[:3], torch.zeros_like(piece[:1]), piece[3:]])
    rear = piece[4:5] * 0.5**0.5
    return torch.cat([piece[:4], rear, rear, piece[5:]])


def resampled(pieces, old, new):
    """Blocks [C, n] at `old` Hz as blocks at `new` Hz, without delay. Any whole rates."""
    resampler, position = None, 0
    for piece in pieces:
        layout = LAYOUTS[piece.shape[0]]
        resampler = resampler or av.AudioResampler(format="flt", layout=layout, rate=new)
        for frame in resampler.resample(sound_frame(piece, layout, old, position)):
            yield _samples(frame, piece.shape[0])
        position += piece.shape[1]
    for frame in resampler.resample(None) if resampler else ():
        yield _samples(frame, frame.layout.nb_channels)


def sound_frame(block, layout, rate, position):
    """An AudioFrame of [C, n], `position` samples into the clip. Packed: PyAV 18 cannot take 8 planar channels."""
    frame = av.AudioFrame.from_ndarray(block.T.reshape(1, -1).contiguous().numpy(), format="flt", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, position, Fraction(1, rate)
    return frame


def _samples(frame, channels):
    return torch.from_numpy(frame.to_ndarray().reshape(-1, channels).T.copy())
