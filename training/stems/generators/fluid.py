"""Pieces played by FluidSynth with a free General MIDI soundfont; each desk of the piece is a channel of the take."""
import struct
import subprocess
import tempfile
from pathlib import Path

import torch

from .. import compose, textures
from ..sound import RATE, samples
from .speech import read_wav

SOUNDFONTS = Path("/usr/share/sounds")
SECONDS = 24
_TICKS = 960                # a second, at the tempo that the file states


def fluid_r3(dice):
    """Chord loops through the soundfont of fluid-soundfont-gm."""
    return _played(compose.loops(dice, SECONDS), "sf2/FluidR3_GM.sf2")


def fluid_textures(dice):
    """Textures through the same."""
    return _played(textures.textures(dice, SECONDS), "sf2/FluidR3_GM.sf2")


def general(dice):
    """Chord loops or textures through the soundfont of musescore-general-soundfont-lossless, which shares no sample with the held-out set's."""
    return _played(dice.choice((compose.loops, textures.textures))(dice, SECONDS), "sf2/MuseScore_General_Full.sf2")


def tim(dice):
    """Modal pieces through the soundfont of timgm6mb-soundfont."""
    return _played(compose.modes(dice, SECONDS), "sf2/TimGM6mb.sf2")


def _played(parts, font):
    take = torch.zeros(compose.DESKS, samples(SECONDS))
    with tempfile.TemporaryDirectory() as folder:
        for desk in range(compose.DESKS):
            mine = [part for part in parts if part.desk == desk and part.notes]
            if not mine:
                continue
            midi, out = Path(folder) / f"{desk}.mid", str(Path(folder) / f"{desk}.wav")
            midi.write_bytes(midi_file(mine))
            subprocess.run(["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(RATE), "-F", out, str(SOUNDFONTS / font), str(midi)],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            sound = read_wav(out)[0].mean(0)[:take.shape[1]]
            take[desk, :len(sound)] = sound
    return take[take.abs().amax(1) > 0]


def midi_file(parts):
    """Parts -> the bytes of a standard MIDI file, format 0; drums on channel 10."""
    events, channel = [], 0
    for part in parts:
        drum = part.program is None
        here = 9 if drum else channel
        channel += not drum
        if not drum:
            events.append((0, bytes([0xC0 | here, part.program])))
        for start, length, pitch, loud in part.notes:
            events.append((round(start * _TICKS), bytes([0x90 | here, pitch, max(1, min(127, round(loud * 127)))])))
            events.append((round((start + length) * _TICKS), bytes([0x80 | here, pitch, 0])))
    body, now = b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big"), 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        body += _variable(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS) + b"MTrk" + struct.pack(">I", len(body)) + body


def _variable(number):
    groups = [number & 127]
    while number := number >> 7:
        groups.append(number & 127 | 128)
    return bytes(reversed(groups))
