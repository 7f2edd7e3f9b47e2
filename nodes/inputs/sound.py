"""Sound for Encode: a mix or stems, on the model's sample rate and the clip's clock, and which latents they fix."""
from fractions import Fraction

import torch
from torch.nn import functional as F

from ...media.waveforms import whole_rate
from ...models.joint.config import STEMS

MIX = "mix"
SILENCE = 1e-4  # full scale is 1


def checked(audio, name: str) -> dict:
    """AUDIO with one or two channels of finite float32. Raises ValueError, naming the input, for anything else."""
    if audio is None:
        raise ValueError(f"{name} is connected but there is no sound: the file it comes from is silent; connect one that has sound, or nothing.")
    waveform, rate = audio["waveform"].detach().cpu().float(), whole_rate(audio["sample_rate"])
    if waveform.ndim != 3 or not waveform.numel():
        raise ValueError(f"{name} holds no sound (its shape is {list(waveform.shape)}): connect at least one sample.")
    if waveform.shape[1] > 2:
        raise ValueError(f"{name} has {waveform.shape[1]} channels: mix it down to one or two first.")
    if not torch.isfinite(waveform).all():
        raise ValueError(f"{name} holds NaN or infinity: look at what made it, or take another file.")
    return {"waveform": waveform.expand(-1, 2, -1), "sample_rate": rate}


def stems_of(stems) -> dict:
    """PHONOFILM_STEMS -> {name: AUDIO} of our four stems, or of the mix alone. Raises ValueError for other names."""
    if not stems:
        raise ValueError("stems is connected but empty: the file it comes from is silent; connect one that has sound, or nothing.")
    unknown = [name for name in stems if name not in STEMS]
    if unknown and list(stems) != [MIX]:
        raise ValueError(f"stems has {unknown[0]!r}; give {', '.join(STEMS)}, or a mix by itself. Mix Stems joins them, and audio takes what comes out.")
    found = {name: checked(audio, f"stems ({name})") for name, audio in stems.items()}
    sizes = {(audio["sample_rate"], *audio["waveform"].shape) for audio in found.values()}
    if len(sizes) > 1:
        raise ValueError("stems differ in rate or length: take them from one Split Stems, Mix Stems or Load AV.")
    return found


def seconds_of(audio) -> Fraction:
    return Fraction(audio["waveform"].shape[2], audio["sample_rate"])


def mixed(sounds: dict) -> dict:
    """The sum of stems as {"mix": AUDIO}."""
    first = next(iter(sounds.values()))
    return {MIX: {**first, "waveform": sum(sound["waveform"] for sound in sounds.values())}}


def resampled(audio, rate: int) -> torch.Tensor:
    """The waveform [B, 2, N] of an AUDIO at another sample rate."""
    if audio["sample_rate"] == rate:
        return audio["waveform"]
    import torchaudio

    return torchaudio.functional.resample(audio["waveform"], audio["sample_rate"], rate)


def sound_stream(encode, clip, empty: torch.Tensor, name: str, sounds: dict, strengths: dict):
    """(latents, mask with one channel, lines for the report); both in the shape of `empty`, the sound stream of the clip.

    encode: (waves [M, 2, N] at the grid's rate, count of latents) -> that many latents. sounds: {"mix": AUDIO} or some of
    the four stems, of the input `name`. strengths: the mask of each where it is given; elsewhere it is 1.
    """
    grid, axis = clip.grid, clip.grid.time_axis
    first = next(iter(sounds.values()))
    batch, seconds = first["waveform"].shape[0], seconds_of(first)
    if batch not in (1, clip.batch):
        raise ValueError(f"{name} holds {batch} sounds and batch_size is {clip.batch}: set batch_size to {batch}, or give one sound.")
    if seconds * grid.sound_per_second < 1:
        raise ValueError(f"{name} lasts {float(seconds) * 1000:.3g} ms, less than the {float(1000 / grid.sound_per_second):.3g} ms of one latent: give a longer sound.")
    count = empty.shape[axis]
    samples = -(-count * grid.sound_rate // grid.sound_per_second)
    given = min(count, int(seconds * grid.sound_per_second + Fraction(1, 2)))
    if seconds >= clip.seconds - Fraction(1, 2) / grid.sound_per_second:
        given = count
    latents, mask = empty.clone(), torch.ones_like(empty[:, :1])
    for stem, sound in sounds.items():
        wave = resampled(sound, grid.sound_rate)[..., :samples]
        code = encode(F.pad(wave, (0, samples - wave.shape[-1])), count).to(latents)
        row = slice(None) if stem == MIX else slice(STEMS.index(stem), STEMS.index(stem) + 1)
        latents[:, :, row] = code
        mask[:, :, row].narrow(axis, 0, given)[:] = strengths[stem]
    return latents, mask, _notes(name, sounds, seconds, given == count, clip)


def _notes(name, sounds, seconds, whole, clip):
    notes = []
    rate = next(iter(sounds.values()))["sample_rate"]
    if rate != clip.grid.sound_rate:
        notes.append(f"{name}: {rate} Hz became {clip.grid.sound_rate} Hz")
    if seconds > clip.seconds + Fraction(1, 2) / clip.grid.sound_per_second:
        notes.append(f"{name}: cut from {float(seconds):.4g} s to {float(clip.seconds):.4g} s")
    if not whole:
        notes.append(f"{name}: given to {float(seconds):.4g} s, new from there")
    if all(sound["waveform"].abs().max() < SILENCE for sound in sounds.values()):
        notes.append(f"{name}: silent throughout")
    return notes
