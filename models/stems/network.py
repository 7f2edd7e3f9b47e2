"""The built-in separator: complex masks for four stems from one pass over the spectrum of a stereo sound.

As in SCNet (Tong et al. 2024) low, middle and high bands are compressed unequally and have weights of their own, and the
sequence is modelled in turn along time and across frequency. Two things differ, for speed on a CPU and for seams: a band
becomes tokens by one linear map, so that nearly all the work is in matrix products, and time is modelled by dilated
convolutions, so that what a sample depends on ends after `reach` seconds and chunks join without a trace. Frequencies
are mixed by dense layers over the tokens of a frame (Choi et al. 2020, time-distributed fully connected).
"""
import torch
from torch import nn
from torch.nn import functional as F

from ..joint.config import STEMS
from .config import BINS, StemsConfig
from .spectrum import analyse, synthesise

POWER = 0.3  # magnitudes are shown to the network to this power, about as loud as they are heard
HEARD = 6  # numbers per bin that go in: real part, imaginary part and magnitude, left and right
GATES = 2 * len(STEMS)  # numbers per bin that come out: shares of the stems, left and right,
TURNS = 4 * (len(STEMS) - 1)  # and complex corrections of all but the last
FLOOR = 1e-5


class Ranges(nn.Module):
    """A linear map of its own for the tokens of each range: [B, T, tokens, inner] -> [B, T, tokens, outer]."""

    def __init__(self, tokens, inner, outer, operations, **place):
        super().__init__()
        self.tokens = tokens
        self.maps = nn.ModuleList(operations.Linear(inner, outer, **place) for _ in tokens)

    def forward(self, x):
        return torch.cat([one(part) for one, part in zip(self.maps, x.split(self.tokens, 2))], 2)


class InTime(nn.Module):
    """Three taps `span` frames apart, widened, and back."""

    def __init__(self, config, span, operations, **place):
        super().__init__()
        self.span = span
        self.norm = operations.LayerNorm(config.dim, **place)
        self.listen = Ranges(config.tokens, 3 * config.dim, config.widen * config.dim, operations, **place)
        self.answer = Ranges(config.tokens, config.widen * config.dim, config.dim, operations, **place)

    def forward(self, x):
        h = F.pad(self.norm(x), (0, 0, 0, 0, self.span, self.span))
        taps = torch.cat([h[:, i * self.span : i * self.span + x.shape[1]] for i in range(3)], -1)
        return x + self.answer(F.relu(self.listen(taps)))


class Across(nn.Module):
    """Two dense layers over the tokens of one frame, the same for every channel."""

    def __init__(self, config, operations, **place):
        super().__init__()
        tokens = sum(config.tokens)
        self.norm = operations.LayerNorm(config.dim, **place)
        self.listen = operations.Linear(tokens, tokens, **place)
        self.answer = operations.Linear(tokens, tokens, **place)

    def forward(self, x):
        h = self.listen(self.norm(x).transpose(2, 3))
        return x + self.answer(F.relu(h)).transpose(2, 3)


class Separator(nn.Module):
    """Stereo at 48 kHz -> four stereo stems that sum to it. `operations`: module that provides the layers.

    The shares of the stems in a bin come from a softmax, and the corrections of the last stem are minus the sum of the
    others', so the masks sum to one and the last stem is what the others leave.
    """

    def __init__(self, config=StemsConfig(), operations=nn, dtype=None, device=None):
        super().__init__()
        place = {"dtype": dtype, "device": device}
        self.config = config
        self.read = nn.ModuleList(operations.Linear(bins * HEARD, config.dim, **place) for bins in config.bins)
        self.where = nn.ModuleList(operations.Embedding(count, config.dim, **place) for count in config.tokens)
        self.in_time = nn.ModuleList(InTime(config, span, operations, **place) for span in config.spans)
        self.across = nn.ModuleList(Across(config, operations, **place) for _ in config.spans)
        self.norm = operations.LayerNorm(config.dim, **place)
        self.write = nn.ModuleList(operations.Linear(config.dim, bins * (GATES + TURNS), **place) for bins in config.bins)
        self.register_buffer("spans", torch.tensor(config.spans, device=device))  # not to be seen in any shape

    def reset(self):
        """Initial values for training: every block begins as the identity, every mask as 1/4."""
        ends = [one for block in self.in_time for one in block.answer.maps] + [block.answer for block in self.across] + list(self.write)
        for layer in ends:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        return self

    def masks(self, heard):
        """[B, T, HEARD, BINS] -> logits of the shares [B, T, 2, 4, BINS] and corrections [B, T, 2, 3, 2, BINS]."""
        sizes = [count * size for count, size in zip(self.config.tokens, self.config.bins)]
        rows = []
        for read, where, part, size in zip(self.read, self.where, heard.split(sizes, -1), self.config.bins):
            place = where(torch.arange(part.shape[-1] // size, device=part.device))
            rows.append(read(part.unflatten(-1, (-1, size)).transpose(2, 3).flatten(3)) + place)
        x = torch.cat(rows, 2)
        for in_time, across in zip(self.in_time, self.across):
            x = across(in_time(x))
        parts = self.norm(x).split(self.config.tokens, 2)
        said = [write(part).unflatten(-1, (GATES + TURNS, -1)).transpose(2, 3).flatten(3) for write, part in zip(self.write, parts)]
        gates, turns = torch.cat(said, -1).split((GATES, TURNS), 2)
        return gates.unflatten(2, (2, -1)), turns.unflatten(2, (2, -1, 2))

    def spectra(self, mixture):
        """Spectra of stereo sound, complex [B, 2, T, F], -> those of all stems but the last [B, 3, 2, T, BINS]."""
        x = mixture[..., :BINS]
        level = (x.real.square() + x.imag.square() + FLOOR**2).sqrt()
        louder = level ** (POWER - 1)
        heard = torch.stack([x.real * louder, x.imag * louder, level * louder], 1).flatten(1, 2).transpose(1, 2)
        gates, turns = self.masks(heard.to(self.read[0].weight.dtype))
        shares, turns = gates.float().softmax(3)[:, :, :, :-1], turns.float()
        masks = torch.complex(shares + turns[..., 0, :], turns[..., 1, :])
        return masks.permute(0, 3, 2, 1, 4) * x[:, None]

    def forward(self, wave):
        """[B, 2, N] at 48 kHz, of about unit deviation -> [B, 4, 2, N] in the order of STEMS; the last is what the others leave."""
        made = synthesise(F.pad(self.spectra(analyse(wave.float())), (0, 1)), wave.shape[-1])
        return torch.cat([made, wave[:, None] - made.sum(1, keepdim=True)], 1)
