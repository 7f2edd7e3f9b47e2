"""One transformer over picture, sound, score and text tokens: shared attention on one time axis.

Rectified flow between noise (sigma 1) and data (sigma 0), z = (1 - sigma) x + sigma n. The network
estimates x from z (Li & He 2025, "Back to Basics: Let Denoising Generative Models Denoise") and returns
the velocity n - x that samplers integrate. Noise levels are independent for every latent and stem.
Rotary embedding: Su et al. 2021, in seconds and in latent rows and columns. Time-distance bias: as ALiBi
(Press et al. 2021), in seconds. Modulation by noise level: Peebles & Xie 2022, shared between blocks as in
Chen et al. 2023 (PixArt).
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

from .config import EVENT_WIDTH, LAYOUT_WIDTH, SLAB, STEMS, JointConfig
from .grid import slab_times
from .layout import PLACE_FEATURES, TOKEN_FEATURES, place_features, token_features

MIN_SIGMA = 0.05  # the velocity is (z - x) / max(sigma, MIN_SIGMA)
MIX = len(STEMS)  # stem index of a mix of unknown make-up
GROUPS = len(STEMS) + 4  # picture, four stems, mix, score, text: rows of the modulation tables
PICTURE, SOUND, SCORE, TEXT = 0, 1, MIX + 2, MIX + 3


def fused_attention(q, k, v, heads, mask=None, skip_reshape=True, **_):
    """softmax(q k^T / sqrt(d) + mask) v of [B, heads, N, d] -> [B, N, heads * d]."""
    return F.scaled_dot_product_attention(q, k, v, mask.to(q.dtype)[None]).transpose(1, 2).flatten(2)


def plain_attention(q, k, v, heads, mask=None, skip_reshape=True, **_):
    """The same, written out: the fused kernel's backward pass is several times slower on CPU in bfloat16."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    weights = torch.softmax(scores + mask.to(scores.dtype), -1).to(v.dtype)
    return (weights @ v).transpose(1, 2).flatten(2)


def _fourier(x: torch.Tensor, width: int, lowest: float, highest: float) -> torch.Tensor:
    """cos and sin of x at `width`/2 geometrically spaced angular frequencies, [..., width]."""
    f = torch.exp(torch.linspace(math.log(lowest), math.log(highest), width // 2, device=x.device))
    angle = x[..., None] * f
    return torch.cat([angle.cos(), angle.sin()], -1)


def _rotate(x, cos, sin):
    """[B, N, heads, d] turned by cos, sin [N, 1, d]; the first half of sin is negative."""
    return torch.addcmul(x * cos, x.roll(x.shape[-1] // 2, -1), sin).to(x.dtype)


class FeedForward(nn.Module):
    def __init__(self, dim, operations, **kw):
        super().__init__()
        self.rise = operations.Linear(dim, 4 * dim, **kw)
        self.fall = operations.Linear(4 * dim, dim, **kw)

    def forward(self, x):
        return self.fall(F.gelu(self.rise(x)))


class Block(nn.Module):
    """Attention over all tokens; feed-forward and modulation of each modality's own."""

    def __init__(self, dim, heads, attention, operations, **kw):
        super().__init__()
        self.heads, self.attention = heads, attention
        self.qkv = operations.Linear(dim, 3 * dim, bias=False, **kw)
        self.out = operations.Linear(dim, dim, bias=False, **kw)
        self.norm_q = operations.RMSNorm(dim // heads, **kw)
        self.norm_k = operations.RMSNorm(dim // heads, **kw)
        self.picture = FeedForward(dim, operations, **kw)
        self.sound = FeedForward(dim, operations, **kw)
        self.event = FeedForward(dim, operations, **kw)  # score and text
        self.table = nn.Parameter(torch.zeros(GROUPS, 6 * dim, **kw))

    def forward(self, streams, modulation, cos, sin, bias, transformer_options):
        """streams, modulation: lists [picture, sound, score, text] that broadcast against each other."""
        dim = streams[0].shape[-1]
        batch = streams[0].shape[0]
        shapes = [s.shape for s in streams]
        mods = []
        for m, rows in zip(modulation, _table_rows(self.table, streams)):
            mods.append((m + rows).unflatten(-1, (6, dim)).unbind(-2))
        hidden = [_modulate(s, m[0], m[1]) for s, m in zip(streams, mods)]
        sizes = [h.numel() // (batch * dim) for h in hidden]
        h = torch.cat([h.reshape(batch, -1, dim) for h in hidden], 1)
        q, k, v = self.qkv(h).unflatten(-1, (3, self.heads, -1)).unbind(2)
        q, k = _rotate(self.norm_q(q), cos, sin), _rotate(self.norm_k(k), cos, sin)
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        h = self.attention(q, k, v, self.heads, mask=bias, skip_reshape=True, transformer_options=transformer_options)
        h = self.out(h).split(sizes, 1)
        streams = [torch.addcmul(s, a.reshape(shape), 1 + m[2]) for s, m, a, shape in zip(streams, mods, h, shapes)]
        experts = (self.picture, self.sound, self.event, self.event)
        return [torch.addcmul(s, f(_modulate(s, m[3], m[4])), 1 + m[5]) for s, m, f in zip(streams, mods, experts)]


def _modulate(x, shift, scale):
    return torch.addcmul(shift, F.layer_norm(x, x.shape[-1:]), 1 + scale)


def _table_rows(table, streams):
    """The rows of a [GROUPS, width] table for the picture, sound, score and text streams, ready to broadcast."""
    table = table.to(streams[0].device, streams[0].dtype)
    stems = streams[1].shape[1]
    sound = table[SOUND + MIX : SOUND + MIX + 1] if stems == 1 else table[SOUND : SOUND + stems]
    return table[PICTURE], sound[:, None], table[SCORE], table[TEXT]


class JointTransformer(nn.Module):
    """See `forward`. `operations` supplies the layers (torch.nn or comfy.ops), `attention` a function with the
    signature of `plain_attention`."""

    def __init__(self, config: JointConfig = JointConfig(), operations=nn, attention=plain_attention, dtype=None, device=None):
        super().__init__()
        self.config, self.dtype = config, dtype
        kw = {"dtype": dtype, "device": device}
        dim = config.dim
        values = config.picture_channels * config.patch[0] * config.patch[1]
        self.picture_in = operations.Linear(values, dim, **kw)
        self.sound_in = operations.Linear(config.sound_channels * SLAB, dim, **kw)
        self.score_in = operations.Linear(EVENT_WIDTH, dim, **kw)
        self.layout_in = operations.Linear(TOKEN_FEATURES, dim, bias=False, **kw)
        self.layout_time = operations.Linear(128, dim, bias=False, **kw)
        self.layout_rise = operations.Linear(PLACE_FEATURES, dim, **kw)
        self.layout_fall = operations.Linear(dim, dim, bias=False, **kw)
        self.place_in = operations.Linear(32, dim, bias=False, **kw)
        self.time_in = operations.Linear(128, dim, **kw)
        self.time_out = operations.Linear(dim, dim, **kw)
        self.pool = operations.Linear(dim, dim, **kw)
        self.modulation = operations.Linear(dim, 6 * dim, **kw)
        self.kinds = nn.Parameter(torch.randn(GROUPS, dim, **kw) * 0.02)
        self.blocks = nn.ModuleList([Block(dim, config.heads, attention, operations, **kw) for _ in range(config.depth)])
        self.final = operations.Linear(dim, 2 * dim, **kw)
        self.picture_out = operations.Linear(dim, values, bias=False, **kw)
        self.picture_bias = nn.Parameter(torch.zeros(config.picture_channels, *config.patch, **kw))
        self.sound_out = operations.Linear(dim, config.sound_channels * SLAB, **kw)
        self.score_out = operations.Linear(dim, EVENT_WIDTH, **kw)
        self.layout_out = operations.Linear(dim, LAYOUT_WIDTH, **kw)
        self.register_buffer("slopes", torch.tensor(config.slopes, device=device))

    def reset(self):
        """Initial values for training: residual branches and outputs start at zero."""
        for block in self.blocks:
            for layer in (block.out, block.picture.fall, block.sound.fall, block.event.fall):
                nn.init.zeros_(layer.weight)
        for layer in (self.modulation, self.final, self.picture_out, self.sound_out, self.score_out, *self._of_layout()):
            nn.init.zeros_(layer.weight)
        return self

    def _of_layout(self):
        return self.layout_in, self.layout_time, self.layout_fall, self.layout_out

    def _rotary(self, slabs, rows, columns, stems, device):
        """cos, sin [N, 1, head_dim] for `_rotate` and attention bias [heads, N, N] for picture, sound, score, text."""
        half = self.config.dim // self.config.heads // 2
        times = slab_times(slabs, device)
        y = torch.arange(rows, device=device, dtype=torch.float32) + 1
        x = torch.arange(columns, device=device, dtype=torch.float32) + 1
        grid = torch.cartesian_prod(times, y, x)
        one = torch.zeros(slabs, 3, device=device)
        one[:, 0] = times
        place = torch.cat([grid, one.repeat(stems, 1), one])
        fast = 2 * math.pi / torch.exp(torch.linspace(math.log(16.0), math.log(0.35), half // 2, device=device))
        near = 2 * math.pi / torch.exp(torch.linspace(math.log(16.0), math.log(2.5), half // 4, device=device))
        angle = torch.cat([place[:, :1] * fast, place[:, 1:2] * near, place[:, 2:] * near], 1)
        text = torch.zeros(self._text_length, half, device=device)
        angle = torch.cat([angle, text])
        bias = torch.zeros(self.config.heads, len(angle), len(angle), device=device)
        timed = len(place)
        distance = (place[:, 0, None] - place[None, :, 0]).abs()
        bias[:, :timed, :timed] = -self.slopes.to(device).view(-1, 1, 1) * distance
        cos, sin = angle.cos(), angle.sin()
        return torch.cat([cos, cos], 1)[:, None], torch.cat([-sin, sin], 1)[:, None], bias

    def forward(self, picture, sound, score, text, sigma_picture, sigma_sound, sigma_score, transformer_options={}):
        """Velocities (noise minus data) of picture, sound and score.

        picture [B, Cv, Tv, h, w], h and w multiples of the patch; sound [B, Ca, S, 4 Tv - 3], S = 4 stems or
        1 mix; score [B, Tv, SCORE_WIDTH]; text [B, L, dim] from TextEncoder.
        sigma_picture [B, 1, 1 | Tv, 1 | h, 1 | w], sigma_sound [B, 1, 1 | S, 1 | Ta], sigma_score [B, 1, 2]
        (of the events and of the layout): noise levels in 0..1. A token's level is the highest inside it.
        transformer_options: as in ComfyUI's models; its replacements of blocks ("dit", "double_block") get and
        give the four streams as "img".
        """
        patch, dtype = self.config.patch, text.dtype
        batch, _, slabs, rows, columns = picture.shape
        stems = sound.shape[2]
        self._text_length = text.shape[1]
        rows, columns = rows // patch[0], columns // patch[1]

        tokens = picture.unflatten(4, (columns, patch[1])).unflatten(3, (rows, patch[0])).permute(0, 2, 3, 5, 1, 4, 6)
        h_picture = self.picture_in(tokens.flatten(4).to(dtype)).flatten(2, 3)
        padded = F.pad(sound, (SLAB - 1, 0)).unflatten(3, (slabs, SLAB)).permute(0, 2, 3, 1, 4)
        h_sound = self.sound_in(padded.flatten(3).to(dtype))
        kinds = _table_rows(self.kinds, [h_picture, h_sound])
        y = (torch.arange(rows, device=picture.device) + 0.5) / rows
        x = (torch.arange(columns, device=picture.device) + 0.5) / columns
        place = self.place_in(_fourier(torch.cartesian_prod(y, x), 16, 1.0, 30.0).flatten(1).to(dtype))
        events, layout = score.split([EVENT_WIDTH, LAYOUT_WIDTH], -1)
        layout = layout * (sigma_score[..., 1:] < 1)  # pure noise says nothing: so level 1 hides a layout
        stage = self.layout_fall(F.silu(self.layout_rise(place_features(layout, y, x).to(dtype))))
        h_picture = h_picture + stage * (1 - sigma_score[:, :, 1:, None]).to(dtype)
        h_score = self.score_in(events.to(dtype)) + self.layout_in(token_features(layout).to(dtype))
        streams = [h_picture + kinds[0] + place, h_sound + kinds[1], h_score + kinds[2], text + kinds[3]]

        level_picture = _pool_max(sigma_picture[:, 0], patch).flatten(2)
        level_sound = sigma_sound[:, 0]
        if level_sound.shape[-1] > 1:
            level_sound = F.pad(level_sound, (SLAB - 1, 0)).unflatten(-1, (slabs, SLAB)).amax(-1)
        pooled = self.pool(text.sum(1) / 8)
        modulation, final = [], []
        done = torch.zeros_like(sigma_score[..., 0])
        waves = [_fourier(1 - level, 128, 1.0, 1000.0).to(dtype) for level in (level_picture, level_sound, *sigma_score.unbind(-1), done)]
        of_layout = self.layout_time(waves.pop(3))
        for index, wave in enumerate(waves):
            t = self.time_in(wave)
            t = self.time_out(F.silu(t + of_layout if index == 2 else t))
            t = F.silu(t + pooled.view(batch, *[1] * (t.ndim - 2), -1))
            modulation.append(self.modulation(t))
            final.append(self.final(t).chunk(2, -1))

        cos, sin, bias = self._rotary(slabs, rows, columns, stems, picture.device)
        cos, sin, bias = cos.to(dtype), sin.to(dtype), bias.to(dtype)
        replaced = transformer_options.get("patches_replace", {}).get("dit", {})
        for index, block in enumerate(self.blocks):

            def original(args, block=block):
                return {"img": block(args["img"], modulation, cos, sin, bias, transformer_options)}

            args = {"img": streams}
            instead = replaced.get(("double_block", index))
            streams = (instead(args, {"original_block": original}) if instead else original(args))["img"]

        h_picture, h_sound, h_score = (_modulate(s, *m) for s, m in zip(streams[:3], final))
        clean = self.picture_out(h_picture).unflatten(2, (rows, columns)).unflatten(4, (-1, *patch))
        clean = (clean + self.picture_bias.to(clean)).permute(0, 4, 1, 2, 5, 3, 6).flatten(5).flatten(3, 4)
        heard = self.sound_out(h_sound).unflatten(3, (-1, SLAB)).permute(0, 3, 1, 2, 4).flatten(3)[..., SLAB - 1 :]
        events = torch.cat([self.score_out(h_score), self.layout_out(h_score)], -1)
        sigma_score = sigma_score.repeat_interleave(torch.tensor([EVENT_WIDTH, LAYOUT_WIDTH], device=score.device), -1)
        return (
            (picture - clean) / sigma_picture.clamp_min(MIN_SIGMA),
            (sound - heard) / sigma_sound.clamp_min(MIN_SIGMA),
            (score - events) / sigma_score.clamp_min(MIN_SIGMA),
        )


def _pool_max(level, patch):
    """[B, 1 | Tv, 1 | h, 1 | w] -> [B, 1 | Tv, 1 | rows, 1 | columns], the highest in each patch."""
    if level.shape[-1] > 1:
        level = F.max_pool2d(level, patch)
    return level
