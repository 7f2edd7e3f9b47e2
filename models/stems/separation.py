"""A soundtrack of any rate, length and channel count through a separator that knows stereo at one rate.

The sound passes in pieces of whole seconds on a grid that begins with it, so that resampling is exact at any rate and frames fall in
the same place in every piece. A piece has context on either side, and neighbours are cross-faded by weights that sum to one.
The statistics are those of the whole sound, and the last stem is what the others leave of the input at the input's
own rate: it takes what the network cannot hear, above its highest frequency, at 0 Hz, and in the silence of rounding.
"""
from dataclasses import dataclass
from typing import Callable

import torch

from ..joint.config import STEMS
from .resampling import resampled

PAIRS = {1: ((0,),), 2: ((0, 1),), 3: ((0, 1), (2,)), 4: ((0, 1), (2, 3)), 5: ((0, 1), (2,), (3, 4)), 6: ((0, 1), (2,), (3,), (4, 5)),
         7: ((0, 1), (2,), (3,), (4,), (5, 6)), 8: ((0, 1), (2,), (3,), (4, 5), (6, 7))}
"""What is heard together, by channel count, in FFmpeg's order: left and right, and each of the others alone."""
SILENCE = 1e-8  # deviation below which there is nothing to separate (-160 dBFS)
QUIET = 1  # seconds of silence shown on either side of the sound
BLOCK = 1 << 20


@dataclass
class Engine:
    """A network and how it wants its sound: `network` [M, 2, N] at `rate` Hz -> [M, 4, 2, N], of which the last is not used.

    Whole seconds: `step` from piece to piece, `fade` between neighbours, `context` beyond what is used.
    """

    network: Callable
    rate: int = 48000
    step: int = 18
    fade: int = 0
    context: int = 1


def separate(waveform, rate, engine, progress=lambda share: None, origin=0):
    """waveform [B, C, N] float32, finite, at `rate` Hz (whole) -> stems {name: [B, C, N]} that sum to it, on the CPU.

    Channels are taken in pairs (PAIRS; from nine on as they come), single ones as two alike. `progress(share)` is told, piece
    by piece, how much is done (0..1), and ends the work by raising. `origin`: whole seconds before the sound at which the grid of pieces begins.
    """
    batch, channels, samples = waveform.shape
    pairs = PAIRS.get(channels) or tuple(tuple(range(i, min(i + 2, channels))) for i in range(0, channels, 2))
    spans = list(_spans(-(-samples // rate), engine, origin))
    stems = torch.zeros(len(STEMS), *waveform.shape)
    total = batch * len(pairs) * len(spans)
    progress(0.0)
    done = 0
    for clip in range(batch):
        for pair in pairs:
            sound = waveform[clip, list(pair)]
            mean, deviation = _statistics(sound)
            for span in spans:
                if deviation > SILENCE:
                    _add(stems[:-1, clip], sound, pair, span, (mean, deviation), rate, engine)
                done += 1
                progress(done / total)
    stems[-1] = waveform
    for stem in stems[:-1]:
        stems[-1] -= stem
    return dict(zip(STEMS, stems))


def _spans(seconds, engine, origin):
    """(first, last, rises, falls): the seconds a piece gives, and whether it is faded at its ends."""
    start = -origin
    while start < seconds:
        end = start + engine.step
        if end > 0:
            yield max(start - engine.fade, 0), min(end, seconds), start > 0, end < seconds
        start = end


def _add(stems, sound, pair, span, statistics, rate, engine):
    """Separate one piece of `sound` [1 | 2, N] and add it to `stems` [3, C, N]."""
    first, last, rises, falls = span
    mean, deviation = statistics
    samples = sound.shape[-1]
    ahead, after = max(-QUIET, first - engine.context), last + max(QUIET, engine.context)
    piece = torch.zeros(2, (after - ahead) * rate)
    heard = slice(max(ahead, 0) * rate, min(after * rate, samples))
    piece[:, heard.start - ahead * rate : heard.stop - ahead * rate] = (sound[:, heard] - mean) / deviation
    made = engine.network(resampled(piece, rate, engine.rate)[None])[0, :-1].float().cpu()
    made = resampled(made, engine.rate, rate) * deviation
    made = made[..., (first - ahead) * rate : (last - ahead) * rate]
    if len(pair) == 1:
        made = made.mean(1, keepdim=True)
    fade = engine.fade * rate
    ramp = (torch.arange(fade) + 0.5) / max(fade, 1)
    if rises and fade:
        made[..., :fade] *= ramp
    if falls and fade:
        made[..., -fade:] *= ramp.flip(0)
    used = slice(first * rate, min(last * rate, samples))
    stems[:, pair, used] += made[..., : used.stop - used.start]


def _statistics(sound):
    """Mean of every channel [C, 1] and the deviation of all together, in blocks, of sound [C, N]."""
    mean = sum(block.double().sum(-1, keepdim=True) for block in sound.split(BLOCK, -1)) / sound.shape[-1]
    power = sum((block.double() - mean).square().sum().item() for block in sound.split(BLOCK, -1)) / sound.numel()
    return mean.float(), power**0.5
