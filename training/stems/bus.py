"""The bus: a compressor and a limiter as one gain over time, got from the mixture and put on every stem, so that the stems still sum to the mixture."""
import torch
from torch.nn.functional import avg_pool1d, interpolate, max_pool1d, pad

from . import config

BLOCK = 48                          # samples for which one level is taken: 1 ms
_LEVEL, _AHEAD = 21, 7              # blocks over which loudness is averaged; blocks before and after a peak that its limiting takes


def gain(dice, mix):
    """Gain [B, T] for mixtures [B, 2, T]; `dice`: one for each of them, from which ratio, threshold and speed are drawn."""
    samples = mix.shape[-1]
    padded = pad(mix, (0, -samples % BLOCK))
    power = avg_pool1d(padded.square().mean(1, keepdim=True), BLOCK)
    level = 10 * torch.log10(_averaged(power, _LEVEL) + 1e-10)
    cut = torch.zeros_like(level)
    for clip, one in enumerate(dice):
        if one.flag(config.COMPRESSED):
            ratio, threshold, blocks = one.uniform(*config.RATIO), one.uniform(*config.THRESHOLD), one.choice((15, 41, 101, 201))
            down = (level[clip] - threshold).clamp(min=0) * (1 / ratio - 1)
            down = _averaged(down[None], blocks)[0]
            cut[clip] = down - one.uniform(0, 0.8) * down.mean()             # part of what is lost is made up
    compressed = 10 ** (cut / 20)
    peaks = max_pool1d(padded.abs().amax(1, keepdim=True), BLOCK) * _highest(compressed, 1)
    limited = (10 ** (config.CEILING / 20) / peaks.clamp(min=1e-6)).clamp(max=1)
    limited = _averaged(-_highest(-limited, _AHEAD + 2), 2 * _AHEAD + 1)
    return interpolate(compressed * limited, scale_factor=BLOCK, mode="linear")[:, 0, :samples]


def _averaged(curve, blocks):
    return avg_pool1d(pad(curve, (blocks // 2, blocks // 2), mode="replicate") if curve.shape[-1] > 1 else curve.expand(-1, -1, blocks), blocks, 1)[..., :curve.shape[-1]]


def _highest(curve, reach):
    return max_pool1d(curve, 2 * reach + 1, 1, reach)
