"""The picture codec: four frames become one 8x8 latent, encoded alone and decoded beside its neighbours.

A group of four consecutive frames is folded into channels, so a two-dimensional network sees where an
edge is at four instants and can keep its sub-frame speed. Latent 0 is the first frame by itself, coded as
a group of four equal frames. As the encoder looks at one group only, a clip can be cut, kept or joined at any
latent. The decoder looks at REACH latents before and after: what is the same thing in two groups is drawn with the
same shape and colour, where errors that differ from group to group would be seen as motion six times a second.
"""
import torch
from torch import nn
from torch.nn import functional as F

GROUP = 4
"""Frames in one latent."""
STRIDE = 16
"""Pixels of the full picture along one side of a latent cell."""
REACH = 3
"""Latents before and after that the decoder looks at, where it has layers that do."""
MAGNIFIED = 4.0
"""How much the encoder magnifies what changes within a group: motion is faint beside the picture itself."""


class Block(nn.Module):
    """A pre-normalised residual pair of 3x3 convolutions. [N,C,H,W] -> [N,C,H,W]."""

    def __init__(self, width, operations, **place):
        super().__init__()
        self.norm = operations.LayerNorm(width, **place)
        self.first = operations.Conv2d(width, width, 3, padding=1, **place)
        self.second = operations.Conv2d(width, width, 3, padding=1, **place)
        nn.init.zeros_(self.second.weight)

    def forward(self, x):
        # Over channels of one pixel only: no statistic reaches across the picture, so tiles agree.
        h = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.second(F.silu(self.first(F.silu(h))))


class Along(nn.Module):
    """What neighbours in time say: a residual over three groups. [B*G,C,H,W] -> [B*G,C,H,W] for clips of `groups`."""

    def __init__(self, width, operations, **place):
        super().__init__()
        self.norm = operations.LayerNorm(width, **place)
        self.join = operations.Conv2d(3 * width, width, 1, **place)
        self.write = operations.Conv2d(width, width, 3, padding=1, **place)
        nn.init.zeros_(self.write.weight)
        nn.init.zeros_(self.write.bias)

    def forward(self, x, groups):
        h = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).unflatten(0, (-1, groups))
        none = torch.zeros_like(h[:, :1])
        near = torch.cat([torch.cat([none, h[:, :-1]], 1), h, torch.cat([h[:, 1:], none], 1)], 2).flatten(0, 1)
        return x + self.write(F.silu(self.join(near.contiguous(memory_format=torch.channels_last))))


def to_groups(video):
    """Fold a clip into groups of four frames.

    video: [B,3,4n+1,H,W]. Returns [B*(n+1),12,H,W], channels ordered colour, then frame.
    """
    b, c, f, h, w = video.shape
    first = video[:, :, :1, None].expand(b, c, 1, GROUP, h, w)
    rest = video[:, :, 1:].reshape(b, c, (f - 1) // GROUP, GROUP, h, w)
    groups = torch.cat([first, rest], 2).permute(0, 2, 1, 3, 4, 5)
    return groups.reshape(-1, c * GROUP, h, w)


def from_groups(groups, batch):
    """Unfold [B*G,12,H,W] into [B,3,4G,H,W]: every group gives its four frames."""
    _, c, h, w = groups.shape
    split = groups.reshape(batch, -1, c // GROUP, GROUP, h, w).permute(0, 2, 1, 3, 4, 5)
    return split.reshape(batch, c // GROUP, -1, h, w)


class PictureCodec(nn.Module):
    """Video to latents and back.

    channels: latent channels. wide, middle, narrow: widths of the network at 1/16, 1/8 and 1/4 of the
    full picture's side. along: whether the decoder looks at neighbours in time. operations: module that provides
    the layers (torch.nn, or a host's casting ones).
    """

    def __init__(self, channels=24, wide=128, middle=96, narrow=64, along=True, *, operations=nn, dtype=None, device=None):
        super().__init__()
        place = {"dtype": dtype, "device": device}
        conv = operations.Conv2d
        self.channels = channels
        self.config = {"channels": channels, "wide": wide, "middle": middle, "narrow": narrow, "along": along}
        self.encoder = nn.ModuleDict({
            "read": conv(3 * GROUP * 16, middle, 1, **place),
            "fine": nn.Sequential(Block(middle, operations, **place), Block(middle, operations, **place)),
            "shrink": conv(middle, wide, 2, stride=2, **place),
            "coarse": Block(wide, operations, **place),
            "write": conv(wide, channels, 1, **place),
        })
        self.decoder = nn.ModuleDict({
            "read": conv(channels, wide, 3, padding=1, **place),
            "coarse": nn.Sequential(Block(wide, operations, **place), Block(wide, operations, **place)),
            "grow": conv(wide, 4 * middle, 1, **place),
            "fine": nn.Sequential(Block(middle, operations, **place), Block(middle, operations, **place)),
            "grow_again": conv(middle, 4 * narrow, 1, **place),
            "finer": nn.Sequential(Block(narrow, operations, **place), Block(narrow, operations, **place)),
            "paint": conv(narrow, 3 * GROUP * 16, 3, padding=1, **place),
        })
        if along:
            self.decoder["along"] = nn.ModuleList([Along(width, operations, **place) for width in (wide, wide, middle)])
        nn.init.constant_(self.decoder["paint"].bias, 0.5)
        # Measured once, when the encoder is frozen; from then on part of the latent's definition.
        self.register_buffer("mean", torch.zeros(channels, dtype=dtype, device=device))
        self.register_buffer("std", torch.ones(channels, dtype=dtype, device=device))

    def analyse(self, groups):
        """Half-size groups [N,12,h,w] in 0..1 -> latents before normalisation [N,C,h/8,w/8]."""
        net = self.encoder
        frames = (groups * 2 - 1).unflatten(1, (3, GROUP))
        frames = torch.lerp(frames.mean(2, keepdim=True), frames, MAGNIFIED).flatten(1, 2)
        x = F.pixel_unshuffle(frames.to(net["read"].weight.dtype), 4)
        x = net["read"](x.contiguous(memory_format=torch.channels_last))
        return net["write"](net["coarse"](net["shrink"](net["fine"](x))))

    def synthesise(self, latents, groups):
        """Normalised latents [B*groups,C,h,w], those of a clip after one another -> full-size groups [B*groups,12,16h,16w],
        about 0..1, not clamped."""
        net = self.decoder
        x = latents.to(net["read"].weight.dtype).contiguous(memory_format=torch.channels_last)
        first, second, third = net["along"] if "along" in net else (lambda x, _: x,) * 3
        x = second(net["coarse"][0](first(net["read"](x), groups)), groups)
        x = third(F.pixel_shuffle(net["grow"](net["coarse"][1](x)), 2), groups)
        x = F.pixel_shuffle(net["grow_again"](net["fine"](x)), 2)
        return F.pixel_shuffle(net["paint"](net["finer"](x)), 4).contiguous()

    def encode(self, video):
        """Video [B,3,F,H,W] in 0..1, F = 4n+1, H and W multiples of 16 -> latents [B,C,n+1,H/16,W/16]."""
        self._check(video, STRIDE)
        b, c, f, h, w = video.shape
        half = F.avg_pool2d(video.reshape(b, c * f, h, w), 2)
        return self.encode_half(half.reshape(b, c, f, h // 2, w // 2))

    def encode_half(self, video):
        """The same for a picture already at half size: [B,3,F,h,w], h and w multiples of 8."""
        self._check(video, STRIDE // 2)
        b, _, f, h, w = video.shape
        raw = self.analyse(to_groups(video))
        latents = (raw - self._row(self.mean, raw)) / self._row(self.std, raw)
        return latents.reshape(b, (f - 1) // GROUP + 1, self.channels, h // 8, w // 8).transpose(1, 2)

    def decode(self, latents):
        """Latents [B,C,n+1,h,w] -> video [B,3,4n+1,16h,16w] in 0..1. Latent 0 gives one frame."""
        return self.decode_groups(latents)[:, :, GROUP - 1:]

    def decode_groups(self, latents):
        """Any run of latents [B,C,G,h,w] -> all its frames [B,3,4G,16h,16w] in 0..1.

        For streaming and tiling: a run that does not begin with latent 0 has four frames in its first group, and its first and
        last REACH latents lack neighbours.
        """
        if latents.ndim != 5 or latents.shape[1] != self.channels or latents.shape[2] < 1:
            raise ValueError(f"picture latents must be [batch, {self.channels}, groups, height, width], "
                             f"got {list(latents.shape)}")
        flat = latents.transpose(1, 2).reshape(-1, self.channels, *latents.shape[3:])
        return from_groups(self.synthesise(flat, latents.shape[2]), latents.shape[0]).clamp(0, 1)

    @staticmethod
    def _row(values, like):
        return values.to(like).reshape(1, -1, 1, 1)

    @staticmethod
    def _check(video, stride):
        if video.ndim != 5 or video.shape[1] != 3:
            raise ValueError(f"video must be [batch, 3, frames, height, width], got {list(video.shape)}")
        f, h, w = video.shape[2:]
        if f % GROUP != 1:
            raise ValueError(f"the number of frames must be 4n+1 (1, 5, 9, ...), got {f}")
        if h % stride or w % stride or not h or not w:
            raise ValueError(f"height and width must be multiples of {stride}, got {h}x{w}")
