"""Mixing stems: gain, mute, solo, pan, delay, ducking, fades, and the loudness of the whole.

The mix is the sum of the stems as they come out, so what is done to the whole (fades, levelling, limiting) is done to each
stem by the same gain curve. With every setting at rest the stems pass through untouched.
"""

import math
from typing import NamedTuple

import torch

from .ducking import Ducking, duck_curve
from .errors import MediaError
from .levelling import levelled
from .shifting import shifted
from .strips import DEFAULTS, Strip
from .waveforms import tidy

# Channels that a pan moves against each other, by channel count, in FFmpeg's order; the others stay.
_SIDES = {2: ((0, 1),), 3: ((0, 1),), 4: ((0, 1), (2, 3)), 5: ((0, 1), (3, 4)), 6: ((0, 1), (4, 5)),
          7: ((0, 1), (5, 6)), 8: ((0, 1), (4, 5), (6, 7))}


class Mixed(NamedTuple):
    """`audio`: the mix as AUDIO; `stems`: dict name -> AUDIO that sums to it; `notes`: lines a person should see."""

    audio: dict
    stems: dict
    notes: list


def mix(stems, strips=None, ducking=Ducking(), fade_in=0.0, fade_out=0.0, target=None, ceiling=None, progress=lambda done: None):
    """Mix an ordered dict name -> AUDIO, all of one rate, channel count and length -> Mixed.

    strips: dict name -> Strip, over the defaults; fades in seconds, cut to the length of the sound; target in LUFS and
    ceiling in dBTP, or None; progress(i) is told when i of len(stems) + 1 steps are done. Clips of a batch are ducked and
    levelled each by itself. Mono stems become stereo where one of them is panned. The inputs are not changed.
    MediaError for stems that do not belong together and for strips of stems that are not there.
    """
    sounds, rate, notes = together(stems)
    strips = {**DEFAULTS, **(strips or {})}
    unknown = [name for name in strips if name not in sounds and name not in DEFAULTS]
    if unknown:
        raise MediaError(f"There is no stem {unknown[0]!r}; there are {', '.join(sounds)}.")
    strips = {name: strips.get(name, Strip()) for name in sounds}

    widen = next(iter(sounds.values())).shape[1] == 1 and any(strip.pan for strip in strips.values())
    for done, (name, strip) in enumerate(strips.items()):
        sounds[name] = _through(sounds[name], strip, rate, widen)
        progress(done + 1)
    curve = _ducking_curve(sounds, strips, rate, ducking)
    soloed = any(strip.solo for strip in strips.values())
    for name, strip in strips.items():
        if strip.silent or soloed and not strip.solo:
            sounds[name] = torch.zeros_like(sounds[name])
        elif strip.duck and curve is not None:
            sounds[name] = sounds[name] * curve

    sounds = _faded(sounds, round(fade_in * rate), round(fade_out * rate))
    if target is not None or ceiling is not None:
        bus = [levelled(clip, rate, target, ceiling, lambda: progress(len(strips))) for clip in _sum(sounds)]
        short = max(level.short_by for level in bus)
        if short:
            notes.append(f"The mix is {short:.1f} LU below its loudness target: more would only be squashed under the ceiling.")
        samples = next(iter(sounds.values())).shape[2]
        gain = torch.stack([level.gain.over(0, samples).expand(samples) for level in bus])[:, None]
        sounds = {name: sound * gain for name, sound in sounds.items()}
    mixed = _sum(sounds)
    progress(len(strips) + 1)
    return Mixed(as_audio(mixed, rate), {name: as_audio(sound, rate) for name, sound in sounds.items()}, notes)


def as_audio(waveform, rate):
    return {"waveform": waveform, "sample_rate": rate}


def together(stems):
    """Stems as (dict name -> waveform [B, C, T], rate, warnings). MediaError unless rate and shape are the same in all."""
    if not stems:
        raise MediaError("There are no stems.")
    tidied = {name: tidy(audio, name) for name, audio in stems.items()}
    first, (waveform, rate, _) = next(iter(tidied.items()))
    for name, (other, its_rate, _) in tidied.items():
        if its_rate != rate or other.shape != waveform.shape:
            raise MediaError(f"The stems {first} and {name} do not belong together: {_described(waveform, rate)} and {_described(other, its_rate)}.")
    return {name: sound for name, (sound, _, _) in tidied.items()}, rate, [line for *_, lines in tidied.values() for line in lines]


def _described(waveform, rate):
    batch, channels, samples = waveform.shape
    return f"{samples} samples in {channels} channels at {rate} Hz" + (f", batch of {batch}" if batch > 1 else "")


def _sum(sounds):
    return sum(sounds.values())


def _through(waveform, strip, rate, widen):
    """One stem through delay, gain and pan."""
    if widen:
        waveform = waveform.expand(-1, 2, -1)
    if strip.delay:
        waveform = shifted(waveform, rate, strip.delay)
    if strip.gain and not strip.silent:
        waveform = waveform * 10 ** (strip.gain / 20)
    if strip.pan or widen:
        waveform = waveform * pan_gains(waveform.shape[1], strip.pan, mono=widen)[:, None]
    return waveform


def pan_gains(channels, pan, mono=False):
    """Gains of the channels [C] for a pan from -1 to 1, by the constant-power law.

    A mono sound on two channels has -3 dB on both in the middle; sound that is stereo already has 0 dB there and +3 dB at
    the end it is panned to, so that its power stays what it was. MediaError where left and right are not known.
    """
    if channels not in _SIDES:
        raise MediaError(f"Pan needs 1 to 8 channels; this sound has {channels}. Leave pan at 0 or mix it down first.")
    angle = (pan + 1) * math.pi / 4
    scale = 1.0 if mono else math.sqrt(2)
    gains = torch.ones(channels)
    for left, right in _SIDES[channels]:
        gains[left], gains[right] = scale * math.cos(angle), scale * math.sin(angle)
    return gains


def _ducking_curve(sounds, strips, rate, ducking):
    """Gains [B, 1, T] of what ducks under the keys that are not muted, or None. Solo elsewhere does not silence a key."""
    keys = {name: sounds[name] for name, strip in strips.items() if strip.key and not strip.silent}
    if not ducking.depth or not keys:
        return None
    curves = [duck_curve(clip, rate, ducking) for clip in _sum(keys)]
    ones = torch.ones(next(iter(keys.values())).shape[2])
    return torch.stack([ones if curve is None else curve for curve in curves])[:, None]


def _faded(sounds, fade_in, fade_out):
    """The sounds with a raised-cosine fade over that many samples at either end."""
    samples = next(iter(sounds.values())).shape[2]
    fade_in, fade_out = min(fade_in, samples), min(fade_out, samples)
    if not fade_in and not fade_out:
        return sounds
    gain = torch.ones(samples)
    gain[:fade_in] *= _ramp(fade_in)
    gain[samples - fade_out:] *= _ramp(fade_out).flip(0)
    return {name: sound * gain for name, sound in sounds.items()}


def _ramp(samples):
    return 0.5 - 0.5 * torch.cos(math.pi * (torch.arange(samples) + 0.5) / max(samples, 1))
