"""The sound codec: one latent per video frame for each stereo stem.

The encoder sees what an ear needs (mel levels, where in the panorama, when within a hop, how fast low tones
turn) and no raw phase. The decoder invents phase: per bin a level left and right, one phase, and a share of
noise, so that rain is noise and a bell is not; and an opening per millisecond, since a window of 31 ms would
let a blow be heard before it falls. Spectra are always computed in float32.

While a tone is held its latents stand still, and a convolution can then only repeat itself every latent: all
tones would sit on multiples of 24 Hz. So the decoder says how fast each bin turns, and the turning is added
up over time, beginning afresh wherever the level leaps.
"""
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from . import spectrum

PER_LATENT = 4
"""Spectral frames in one latent."""
MELS, PANS, INSTANTS, TURNS = 80, 8, 10, 48
FEATURES = MELS + PANS + INSTANTS + 2 * TURNS
FLOOR = 1e-9
"""Power below which the encoder hears silence (-90 dBFS)."""
GATE = 1e-4
"""Magnitude (-80 dBFS per bin) below which the decoder expands downwards, so silence comes out silent."""


class Said(NamedTuple):
    """What the decoder wants to sound, float32.

    level [M,2,T,BINS], a full-scale sine being 1; phase [M,T,BINS], radians; advance [M,T,BINS], cycles by which
    a bin turns in one hop; share [M,1,T,BINS] of noise, 0..1; opening [M,1,10T], 0..1.
    """

    level: torch.Tensor
    phase: torch.Tensor
    advance: torch.Tensor
    share: torch.Tensor
    opening: torch.Tensor


class Block(nn.Module):
    """ConvNeXt block on [N,C,T] (Liu et al. 2022): depthwise convolution, norm, wide linear, back."""

    def __init__(self, width, kernel, operations, **place):
        super().__init__()
        self.mix = operations.Conv1d(width, width, kernel, padding=kernel // 2, groups=width, **place)
        self.norm = operations.LayerNorm(width, **place)
        self.widen = operations.Linear(width, 3 * width, **place)
        self.narrow = operations.Linear(3 * width, width, **place)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, x):
        h = self.norm(self.mix(x).transpose(1, 2))
        return x + self.narrow(F.gelu(self.widen(h))).transpose(1, 2)


def features(spectra):
    """What the encoder hears. Spectra [M,2,T,BINS] of stereo sound -> float32 [M,FEATURES,T], about unit scale."""
    power = spectra.real.square() + spectra.imag.square()
    mel = power @ spectrum.mel_bands(MELS, spectra.device)
    level = torch.log10(mel.mean(1) + FLOOR)
    left, right = mel.unflatten(-1, (PANS, MELS // PANS)).sum(-1).unbind(1)
    pan = (left - right) / (left + right + FLOOR)
    # Differences weigh high frequencies, where a blow begins most sharply; ten instants a hop are 1 ms each.
    slope = spectrum.centres(spectra).diff()
    energy = slope.unflatten(-1, (INSTANTS, -1)).square().mean((1, -1))
    instant = torch.log10(energy + FLOOR)
    # The phase a low bin turns from hop to hop is its pitch, finer than 32 Hz bins can tell.
    low = spectra[..., 1:TURNS + 1].sum(1)
    turn = low[:, 1:] * low[:, :-1].conj()
    turn = F.pad(turn / (turn.abs() + FLOOR), (0, 0, 1, 0))
    heard = [(level + 5) / 2, pan, (instant + 6) / 2, turn.real, turn.imag]
    return torch.cat(heard, -1).transpose(1, 2)


def around(x):
    """Sum over a bin and its two neighbours on either side [M,T,BINS]: the width of a tone."""
    return F.avg_pool1d(x, 5, 1, 2) * 5


def turning(power, drift):
    """Cycles per hop [M,T,BINS]: the bins about a tone agree on its frequency, each by its power.

    power [M,T,BINS]; drift [M,T,BINS]: how far from its own centre a bin hears its tone, in cycles per hop.
    """
    place = torch.arange(spectrum.BINS, device=power.device) * (spectrum.RATE / spectrum.BINS / 2 / spectrum.HOPS)
    return around(power * (place + drift)) / around(power)


def carried(power, advance):
    """Phase in cycles [M,T,BINS] that `advance` has added up since the last leap of the level there.

    A leap is a rise within one hop, fourfold about the bin or twofold in its 800 Hz.
    """
    near = around(power)
    wide = power.unflatten(-1, (-1, 25)).sum(-1).repeat_interleave(25, -1)
    leap = (near[:, 1:] > 4 * near[:, :-1]) | (wide[:, 1:] > 2 * wide[:, :-1])
    time = torch.arange(power.shape[1], device=power.device)[:, None]
    since = (F.pad(leap, (0, 0, 1, 0)) * time).cummax(1).values
    total = (advance - advance.round()).cumsum(1)
    return total - total.gather(1, since)


class SoundCodec(nn.Module):
    """Stereo stems to latents and back; every stem passes through the same network.

    channels: latent channels. listening, speaking: widths of encoder and decoder. operations: module that
    provides the layers.
    """

    def __init__(self, channels=32, listening=128, speaking=192, depth=4, *, operations=nn, dtype=None, device=None):
        super().__init__()
        place = {"dtype": dtype, "device": device}
        conv, linear = operations.Conv1d, operations.Linear
        self.channels = channels
        self.config = {"channels": channels, "listening": listening, "speaking": speaking, "depth": depth}
        self.encoder = nn.ModuleDict({
            "read": conv(FEATURES, listening, 3, padding=1, **place),
            "fine": Block(listening, 5, operations, **place),
            "shrink": conv(listening, listening, PER_LATENT, stride=PER_LATENT, **place),
            "coarse": nn.Sequential(*(Block(listening, 3, operations, **place) for _ in range(2))),
            "write": conv(listening, channels, 1, **place),
        })
        self.decoder = nn.ModuleDict({
            "read": conv(channels, speaking, 3, padding=1, **place),
            "coarse": nn.Sequential(*(Block(speaking, 3, operations, **place) for _ in range(2))),
            "grow": conv(speaking, PER_LATENT * speaking, 1, **place),
            "fine": nn.Sequential(*(Block(speaking, 7, operations, **place) for _ in range(depth))),
            "norm": operations.LayerNorm(speaking, **place),
            "speak": linear(speaking, 4 * spectrum.BINS, **place),
            "drift": linear(speaking, spectrum.BINS, **place),
            "open": linear(speaking, INSTANTS, **place),
        })
        for name in ("drift", "open"):
            nn.init.zeros_(self.decoder[name].weight)
        nn.init.constant_(self.decoder["open"].bias, 3)
        self.register_buffer("mean", torch.zeros(channels, dtype=dtype, device=device))
        self.register_buffer("std", torch.ones(channels, dtype=dtype, device=device))

    def analyse(self, wave, sample_rate=spectrum.RATE):
        """Stereo wave [M,2,N] -> latents before normalisation [M,C,T]."""
        net = self.encoder
        x = features(spectrum.analyse(wave, sample_rate)).to(net["read"].weight.dtype)
        return net["write"](net["coarse"](net["shrink"](net["fine"](net["read"](x)))))

    def describe(self, latents):
        """Normalised latents [M,C,T] -> Said of 4T frames."""
        net = self.decoder
        x = net["grow"](net["coarse"](net["read"](latents.to(net["read"].weight.dtype))))
        x = x.unflatten(1, (-1, PER_LATENT)).transpose(2, 3).flatten(2)
        x = net["norm"](net["fine"](x).transpose(1, 2))
        left, right, phase, share = net["speak"](x).float().unflatten(-1, (4, spectrum.BINS)).unbind(2)
        level = (torch.stack([left, right], 1) - 6).clamp(max=3).exp()
        level = level.square() / (level + GATE)
        power = level.detach().square().sum(1) + FLOOR
        advance = turning(power, net["drift"](x).float().tanh())
        # The sum over time is no way back for a gradient: a hop's turning has a distance of its own in training.
        phase = phase + 2 * torch.pi * carried(power, advance.detach())
        opening = net["open"](x).float().sigmoid().flatten(1)
        return Said(level, phase, advance, (share[:, None] - 1).sigmoid(), opening[:, None])

    @staticmethod
    def compose(said, noise, sample_rate=spectrum.RATE):
        """Wave [M,2,T*sample_rate/24] from a Said and noise [M,2,T*1000] of unit variance at 24 kHz."""
        w = spectrum.window(spectrum.RATE // spectrum.HOPS, noise.device)
        hiss = spectrum.analyse(noise, spectrum.RATE) * (w.sum() / 2 / w.square().sum().sqrt())
        tone = torch.polar((1 - said.share.square()).sqrt(), said.phase[:, None])
        wave = spectrum.synthesise(said.level * (tone + said.share * hiss), sample_rate)
        return wave * F.interpolate(said.opening, wave.shape[-1], mode="linear")

    def encode(self, wave, sample_rate=spectrum.RATE):
        """Stems [B,S,2,T*sample_rate/24] at 24 or 48 kHz, peak 1 -> latents [B,C,S,T], T one per video frame."""
        length = PER_LATENT * spectrum.hop_length(sample_rate)
        if wave.ndim != 4 or wave.shape[2] != 2:
            raise ValueError(f"sound must be [batch, stems, 2, samples], got {list(wave.shape)}")
        if not wave.shape[-1] or wave.shape[-1] % length:
            raise ValueError(f"sound must last a whole number of video frames ({length} samples each at "
                             f"{sample_rate} Hz), got {wave.shape[-1]} samples")
        raw = self.analyse(wave.flatten(0, 1), sample_rate)
        latents = (raw - self._row(self.mean, raw)) / self._row(self.std, raw)
        return latents.unflatten(0, wave.shape[:2]).transpose(1, 2)

    def decode(self, latents, sample_rate=48000):
        """Latents [B,C,S,T] -> stems [B,S,2,T*sample_rate/24], float32. The same latents give the same sound."""
        spectrum.hop_length(sample_rate)
        if latents.ndim != 4 or latents.shape[1] != self.channels or not latents.shape[-1]:
            raise ValueError(f"sound latents must be [batch, {self.channels}, stems, frames], got {list(latents.shape)}")
        said = self.describe(latents.transpose(1, 2).flatten(0, 1))
        # Drawn on the CPU from a fixed seed, so that every device and every run hears the same noise.
        noise = torch.randn(len(said.level), 2, latents.shape[-1] * spectrum.RATE // 24,
                            generator=torch.Generator().manual_seed(0))
        wave = self.compose(said, noise.to(said.level.device), sample_rate)
        return wave.unflatten(0, (latents.shape[0], latents.shape[2]))

    @staticmethod
    def _row(values, like):
        return values.to(like).reshape(1, -1, 1)
