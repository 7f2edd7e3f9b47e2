"""The built-in separator: complex masks for four stems from one pass over the spectrum of a stereo sound.

As in SCNet (Tong et al. 2024) low, middle and high bands are compressed unequally and have weights of their own, and the
sequence is modelled in turn along time and across frequency. Two things differ, for speed on a CPU and for seams: a band
becomes tokens by one linear map, so that nearly all the work is in matrix products, and time is modelled by dilated
convolutions, so that what a sample depends on ends after `reach` seconds and chunks join without a trace. Frequencies
are mixed by dense layers over the tokens of a frame (Choi et al. 2020, time-distributed fully connected), the same for
every channel, and after every second block by one over all channels of all tokens.
"""
import torch
from torch import nn
from torch.nn import functional as F

from ..joint.config import STEMS
from .config import BINS, StemsConfig
from .spectrum import analyse, synthesise

POWER = 0.3  # magnitudes are shown to the network to this power, about as loud as they are heard
GATES = 2 * len(STEMS)  # numbers per bin that come out: shares of the stems, left and right,
TURNS = 4 * (len(STEMS) - 1)  # and complex corrections of all but the last
FLOOR = 1e-5


def half(x):
    """x in the precision of the matrix products, once, before it is moved about."""
    return x.to(torch.get_autocast_dtype(x.device.type)) if torch.is_autocast_enabled(x.device.type) else x


def hear(x):
    """Spectra of stereo sound, complex [B, 2, T, F] -> ten numbers for each bin, real [B, T, 10, F], about as loud as they are heard.

    Real parts, imaginary parts and magnitudes, left and right; then what places a sound: the magnitudes of sum and difference, and
    the cosine and the sine of the phase between the channels at the geometric mean of their magnitudes.
    """
    level = _level(x)
    louder = level ** (POWER - 1)
    left, right = (x * louder).unbind(1)
    loud = level * louder
    between = left * right.conj() * loud.prod(1).rsqrt()
    middle, side = (_level((x[:, 0] + sign * x[:, 1]) * 0.5**0.5) ** POWER for sign in (1, -1))
    return torch.stack([left.real, right.real, left.imag, right.imag, *loud.unbind(1), middle, side, between.real, between.imag], 2)


def taps(x, span):
    """[..., T, C] -> three frames `span` apart side by side, the middle one the frame itself, [..., T, 3 * C]; silence beyond the ends."""
    padded = F.pad(x, (0, 0, span, span))
    return torch.cat([padded[..., i * span : i * span + x.shape[-2], :] for i in range(3)], -1)


def _level(x):
    return (x.real.square() + x.imag.square() + FLOOR**2).sqrt()


class Ranges(nn.Module):
    """Linear maps, one for the tokens of each range; a module for the sake of the names that weights have in files."""

    def __init__(self, sizes, operations, **place):
        super().__init__()
        self.maps = nn.ModuleList(operations.Linear(inner, outer, **place) for inner, outer in sizes)


class InTime(nn.Module):
    """Three taps `span` frames apart, widened, and back: [tokens, B, T, dim] -> the same."""

    def __init__(self, config, span, operations, **place):
        super().__init__()
        self.span, self.tokens = span, config.tokens
        self.norm = operations.LayerNorm(config.dim, **place)
        self.listen = Ranges([(3 * config.dim, widen * config.dim) for widen in config.widen], operations, **place)
        self.answer = Ranges([(widen * config.dim, config.dim) for widen in config.widen], operations, **place)

    def forward(self, x):
        heard = half(self.norm(x))
        rows = []
        for part, h, listen, answer in zip(x.split(self.tokens), heard.split(self.tokens), self.listen.maps, self.answer.maps):
            rows.append(part + answer(F.relu(listen(taps(h, self.span)), inplace=True)))
        return torch.cat(rows)


class Across(nn.Module):
    """Two dense layers over the tokens of one frame, the same for every channel."""

    def __init__(self, config, operations, **place):
        super().__init__()
        tokens = sum(config.tokens)
        self.norm = operations.LayerNorm(config.dim, **place)
        self.listen = operations.Linear(tokens, tokens, **place)
        self.answer = operations.Linear(tokens, tokens, **place)

    def forward(self, x):
        h = self.listen(half(self.norm(x)).flatten(1).T)
        return x + self.answer(F.relu(h, inplace=True)).T.view_as(x)


class WholeInTime(nn.Module):
    """Three taps of the frames as wholes, `span` frames apart, narrowed, and back: [B, T, whole] -> the same."""

    def __init__(self, config, span, operations, **place):
        super().__init__()
        self.span = span
        self.norm = operations.LayerNorm(config.whole, **place)
        self.listen = operations.Linear(3 * config.whole, config.recall, **place)
        self.answer = operations.Linear(config.recall, config.whole, **place)

    def forward(self, x):
        return x + self.answer(F.relu(self.listen(taps(half(self.norm(x)), self.span)), inplace=True))


class Whole(nn.Module):
    """A frame as a whole: every channel of every token with every other, by way of a narrow middle, which remembers.

    Many weights and little work; it is what tells a voice by where its harmonics lie, and by what came before and comes after.
    As in Conv-TasNet (Luo and Mesgarani 2019) the middle passes through dilated convolutions in time, which are most of the depth.
    """

    def __init__(self, config, spans, operations, **place):
        super().__init__()
        self.norm = operations.LayerNorm(config.dim, **place)
        self.gather = operations.Linear(config.dim, config.share, **place)
        self.listen = operations.Linear(sum(config.tokens) * config.share, config.whole, **place)
        self.in_time = nn.ModuleList(WholeInTime(config, span, operations, **place) for span in spans)
        self.speak = operations.Linear(config.whole, sum(config.tokens) * config.share, **place)
        self.answer = operations.Linear(config.share, config.dim, **place)

    def forward(self, x):
        frame = self.listen(self.gather(half(self.norm(x))).permute(1, 2, 0, 3).flatten(2))
        for in_time in self.in_time:
            frame = in_time(frame)
        return x + self.answer(F.relu(self.speak(F.relu(frame))).unflatten(2, (len(x), -1)).permute(2, 0, 1, 3))


class Separator(nn.Module):
    """Stereo at 48 kHz -> four stereo stems that sum to it. `operations`: module that provides the layers.

    The shares of the stems in a bin come from a softmax, and the corrections of the last stem are minus the sum of the
    others', so the masks sum to one and the last stem is what the others leave.
    """

    def __init__(self, config=StemsConfig(), operations=nn, dtype=None, device=None):
        super().__init__()
        place = {"dtype": dtype, "device": device}
        self.config = config
        self.read = nn.ModuleList(operations.Linear(bins * config.heard, config.dim, **place) for bins in config.bins)
        self.where = nn.ModuleList(operations.Embedding(count, config.dim, **place) for count in config.tokens)
        self.in_time = nn.ModuleList(InTime(config, span, operations, **place) for span in config.spans)
        self.across = nn.ModuleList(Across(config, operations, **place) for _ in config.spans)
        wholes = len(config.spans) // 2 if config.whole else 0
        self.whole = nn.ModuleList(Whole(config, config.whole_spans[i::wholes], operations, **place) for i in range(wholes))
        self.norm = operations.LayerNorm(config.dim, **place)
        self.write = nn.ModuleList(operations.Linear(config.dim, bins * (GATES + TURNS), **place) for bins in config.bins)
        self.register_buffer("spans", torch.tensor(config.spans, device=device))  # not to be seen in any shape
        self.register_buffer("whole_spans", torch.tensor(config.whole_spans, dtype=torch.long, device=device))

    def reset(self):
        """Initial values for training: every block begins as the identity, every mask as 1/4."""
        ends = [one for block in self.in_time for one in block.answer.maps] + [block.answer for block in (*self.across, *self.whole)] + list(self.write)
        ends += [block.answer for whole in self.whole for block in whole.in_time]
        for layer in ends:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        return self

    def masks(self, heard, frames=slice(None)):
        """[B, T, heard, BINS] -> logits of the shares [B, T, 2, 4, BINS] and corrections [B, T, 2, 3, 2, BINS] of some frames."""
        sizes = [count * size for count, size in zip(self.config.tokens, self.config.bins)]
        rows = []
        for read, where, part, size in zip(self.read, self.where, half(heard).split(sizes, -1), self.config.bins):
            place = where(torch.arange(part.shape[-1] // size, device=part.device))
            rows.append(read(part.unflatten(-1, (-1, size)).permute(3, 0, 1, 2, 4).flatten(3)) + place[:, None, None])
        x = torch.cat(rows)
        for number, (in_time, across) in enumerate(zip(self.in_time, self.across)):
            x = across(in_time(x))
            if number % 2 and self.whole:
                x = self.whole[number // 2](x)
        parts = half(self.norm(x[:, :, frames])).split(self.config.tokens)
        said = [write(part).unflatten(-1, (GATES + TURNS, -1)).permute(1, 2, 3, 0, 4).flatten(3) for write, part in zip(self.write, parts)]
        gates, turns = torch.cat(said, -1).split((GATES, TURNS), 2)
        return gates.unflatten(2, (2, -1)), turns.unflatten(2, (2, -1, 2))

    def parts(self, mixture, frames=slice(None)):
        """Spectra of stereo sound, complex [B, 2, T, F], -> real and imaginary parts [B, 3, 2, T, BINS] of all stems but the last.

        frames: those whose masks are made; all are heard.
        """
        x = mixture[..., :BINS]
        gates, turns = self.masks(hear(x)[:, :, : self.config.heard].to(self.read[0].weight.dtype), frames)
        turns = turns.float()
        real = (gates.float().softmax(3)[:, :, :, :-1] + turns[..., 0, :]).permute(0, 3, 2, 1, 4)
        imaginary = turns[..., 1, :].permute(0, 3, 2, 1, 4)
        x = x[:, None, :, frames]
        a, b = x.real, x.imag
        return real * a - imaginary * b, real * b + imaginary * a

    def forward(self, wave):
        """[B, 2, N] at 48 kHz, of about unit deviation -> [B, 4, 2, N] in the order of STEMS; the last is what the others leave."""
        made = synthesise(F.pad(torch.complex(*self.parts(analyse(wave.float()))), (0, 1)), wave.shape[-1])
        return torch.cat([made, wave[:, None] - made.sum(1, keepdim=True)], 1)
