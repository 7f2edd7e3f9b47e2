"""A speaking voice: harmonics of a gliding pitch, shaped by vowel formants, after a consonant."""
import torch

from .modal import burst, mixed

VOWELS = ("ah", "ee", "oo", "eh", "oh")
_FORMANTS = torch.tensor([
    [750., 1150., 2500.], [290., 2250., 2950.], [330., 850., 2250.], [560., 1800., 2500.], [450., 880., 2400.],
])
OPENING = torch.tensor([1.0, .45, .40, .80, .70])       # how far the mouth opens for each vowel
WIDTH = torch.tensor([1.0, 1.25, .60, 1.1, .75])        # how wide it is
_HARMONICS = 44


def syllables(pitch, vowel, tract, glide, length, consonant, noise, rate):
    """Responses [b, V, L].

    pitch [b, V] hertz; vowel [b, V] index into VOWELS; tract [b, 1] formant scale (about 1.15 for a high voice);
    glide [b, V] relative change of pitch over the syllable; length [b, V] seconds (<= 0.3); consonant [b, V] strength
    of the opening noise; noise [b, V, n] on the grid.
    """
    device = pitch.device
    time = torch.arange(round(0.3 * rate), device=device) / rate
    part = (time / length[..., None]).clamp(max=1)
    angle = 2 * torch.pi * pitch[..., None] * (time + glide[..., None] * length[..., None] * part ** 2 / 2)
    formant = _FORMANTS.to(device)[vowel] * tract[..., None]
    order = torch.arange(1, _HARMONICS + 1, device=device)
    hertz = pitch[..., None] * order
    gap = (hertz[..., None] - formant[:, :, None]) / torch.tensor([80., 110., 160.], device=device)
    gain = (torch.tensor([1., .55, .3], device=device) / (1 + gap ** 2)).sum(-1) + 0.01
    gain = gain * hertz ** -0.25 * (hertz < 7000)
    # sin((h + 1) a) = 2 cos(a) sin(h a) - sin((h - 1) a): every harmonic from one sine and one cosine
    twice, before, now = 2 * torch.cos(angle), torch.zeros_like(angle), torch.sin(angle)
    voiced = torch.zeros_like(angle)
    for harmonic in range(_HARMONICS):
        voiced += gain[..., harmonic, None] * now
        before, now = now, twice * now - before
    envelope = (time / 0.006).clamp(max=1) * torch.cos(part * torch.pi / 2).clamp(min=0) ** 0.6
    voiced = voiced * envelope
    voiced = voiced / voiced.abs().amax(-1, keepdim=True).clamp(min=1e-6)
    hiss = burst(noise, torch.full_like(length, 0.012), rate, 1800, 9000)
    hiss = hiss / hiss.abs().amax(-1, keepdim=True) * consonant[..., None]
    return mixed(voiced, hiss)
