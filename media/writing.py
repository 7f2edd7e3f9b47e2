"""Muxing: pictures and sound into one file that starts at zero and plays, in any form of `formats`."""

import json
import math
from collections import Counter
from contextlib import closing
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
from av.stream import Disposition

from . import formats
from .clock import samples_for, snap_rate
from .copying import CopiedPictures
from .encoding import EncodedPictures
from .errors import MediaError
from .naming import in_place_of
from .reading import STEM, TRACKS
from .soundtrack import Soundtrack, sound_frame
from .waveforms import whole_rate

POLICIES = ("picture", "sound", "longest")
MIX = "Mix"
BLOCK = 1024


class Written(NamedTuple):
    """What a finished file holds: `frames` at `rate` (Fraction) of `width` x `height`, `samples` of sound at `sample_rate`.

    `notes`: one line for each thing that was changed on the way, () where nothing was. `copied`: the
    picture's packets are the source's own.
    """

    frames: int
    rate: Fraction
    width: int
    height: int
    samples: int
    sample_rate: int | None = None
    notes: tuple = ()
    copied: bool = False


def write_clip(path, frames, rate, waveform=None, sample_rate=None, *, form=None, policy="picture", stems=None,
               metadata=None, finish=None, options=None, progress=None):
    """Write a file under `path` and return a Written.

    `frames`: [F, H, W, C] in 0..1, C 3, 4 or 1, or an iterable of such chunks, which is then read as it is
    written, so that a long clip is never in memory at once; or a CopySource of `copying`, whose packets are
    taken as they are (then `rate` is its own). Where the pixel format needs even sides, odd ones get their last row or column
    doubled. `rate`: frames per second, see `clock.snap_rate`. `waveform`: [C, N], a tensor or a Sound of `pieces`, about -1..1, at
    `sample_rate`; it starts with the first frame. `form`: see `formats.choose`, by default what the suffix of
    `path` says. `options`: encoder settings over those of the quality.

    `policy` says how long the clip is: as its `picture` (the sound is padded with silence or cut with a fade of
    10 ms), as its `sound` (the last frame is held or frames are left out), or as the `longest`. A file of F frames
    has round(F * sample_rate / rate) samples.

    `stems`: {name: waveform} at `sample_rate`, further tracks after the mix, not played by default.
    `metadata`: names to text or JSON values, kept as tags, as ComfyUI keeps `prompt` and `workflow`.
    `finish(path)` may work on the whole file before it gets its name.

    `progress(frames_done)` is called after each frame; what it raises cancels the writing. The file
    appears under `path` in one move when it is whole; after any failure nothing is left. MediaError for
    pictures or sound that cannot be written and for a disk that cannot take them.
    """
    notes = Counter()
    picture = None
    try:
        # Everything inside, so that a name claimed for this clip does not stay behind, empty.
        with in_place_of(path) as fresh:
            form = form or formats.choose(Path(path).suffix[1:].lower())
            if policy not in POLICIES:
                raise MediaError(f"The duration is that of the picture, the sound or the longest, not {policy!r}.")
            sounds = _soundtracks(waveform, sample_rate, stems, form, notes)
            if hasattr(frames, "packets"):
                picture = CopiedPictures(frames)
            else:
                picture = EncodedPictures(frames, snap_rate(rate), form, options or {}, notes)
                picture.least, picture.most = _limits(policy, sounds, picture.rate)
            with _container(fresh, form, picture.rate, sounds, metadata or {}) as container:
                video = picture.open(container)
                tracks = [(sound, _sound_stream(container, form, sound, number)) for number, sound in enumerate(sounds)]
                count = _interleave(container, video, picture, tracks, progress)
            if finish:
                finish(fresh)
    except av.FFmpegError as error:
        if error.errno in (1, 13, 27, 28):  # what the system says of a disk, not the encoder
            raise
        size = f"{picture.width}x{picture.height} at {picture.rate} frames per second" if picture else "these pictures"
        raise MediaError(f"The {form.video if form else 'chosen'} encoder or its container refused pictures of {size}: {error}.") from error
    own = sounds[0].rate if sounds else None
    samples = samples_for(count, picture.rate, own) if sounds else 0
    lines = tuple(note + (f": {times}" if times > 1 or note.endswith(")") else "") for note, times in notes.items())
    return Written(count, picture.rate, picture.width, picture.height, samples, own, lines, isinstance(picture, CopiedPictures))


def write_sound(path, waveform, sample_rate, progress=None):
    """Write [C, N] under `path`, whole or not at all; `progress(samples_done)`. Returns its notes.

    The suffix says how: .flac with 24 bits, or .wav with 32-bit floats, which keeps what passes full scale.
    """
    notes = Counter()
    muxer = Path(path).suffix[1:]
    with in_place_of(path) as fresh:
        form, sample_rate = formats.Form("mkv", "h264", {"flac": "flac", "wav": "pcm32f"}[muxer]), whole_rate(sample_rate)
        sound = Soundtrack(waveform, sample_rate, sample_rate, form.channels(waveform.shape[0]), BLOCK, notes)
        with closing(av.open(str(fresh), "w", format=muxer, options={"rf64": "auto"} if muxer == "wav" else {})) as container:
            stream = _sound_stream(container, form, sound, 0)
            for position, block in chain(sound.until(sound.length), sound.finish(sound.length)):
                container.mux(stream.encode(sound_frame(block, stream.layout.name, sound.rate, position)))
                if progress:
                    progress(position + block.shape[1])
            container.mux(stream.encode(None))
    return tuple(notes)


def _soundtracks(waveform, sample_rate, stems, form, notes):
    if waveform is None:
        return []
    sample_rate = whole_rate(sample_rate)
    named = [("the sound", waveform), *((STEM + name, wave) for name, wave in (stems or {}).items())]
    return [Soundtrack(wave, sample_rate, form.sample_rate(sample_rate), form.channels(wave.shape[0]), BLOCK, notes, name) for name, wave in named]


def _limits(policy, sounds, rate):
    """(least, most) frames; the sound is not cut for the sake of one sample of rounding."""
    if policy == "picture" or not sounds or not sounds[0].length:
        return 1, None
    frames = max(1, math.ceil(Fraction(sounds[0].length - 1, sounds[0].rate) * rate))
    return frames, frames if policy == "sound" else None


def _container(path, form, rate, sounds, metadata):
    options = {}
    if form.container in ("mp4", "mov"):
        timescale = _timescale(rate, sounds[0].rate if sounds else 1)
        options = {"movflags": "use_metadata_tags+faststart", "movie_timescale": str(timescale)}
    container = av.open(str(path), "w", format=formats.CONTAINERS[form.container].muxer, options=options)
    if len(sounds) > 1:
        container.metadata[TRACKS] = "\n".join([MIX, *(sound.name for sound in sounds[1:])])
    for name, value in metadata.items():
        container.metadata[name] = value if isinstance(value, str) else json.dumps(value)
    return closing(container)


def _timescale(rate, sample_rate):
    # Edit lists are counted in the movie's timescale; the usual 1/1000 s would round the durations.
    exact = math.lcm(rate.numerator, sample_rate, 1000)
    return exact if exact < 2**24 else 90000


def _sound_stream(container, form, sound, number):
    codec = formats.AUDIO[form.audio]
    stream = container.add_stream(codec.encoder, rate=sound.rate, layout=form.layout(sound.channels))
    stream.format = codec.sample
    stream.time_base = Fraction(1, sound.rate)
    bit_rate = form.bit_rate(sound.channels, sound.rate)
    if bit_rate:
        stream.bit_rate = bit_rate
    name = sound.name if number else MIX
    # mp4 keeps the one and Matroska the other.
    stream.metadata.update({"handler_name": name, "title": name})
    stream.disposition = Disposition(0) if number else Disposition.default
    return stream


def _interleave(container, video, picture, tracks, progress):
    """Mux picture by picture, each followed by the sound that goes with it; return the frame count."""
    def hear(sound, stream, blocks):
        for position, block in blocks:
            container.mux(stream.encode(sound_frame(block, stream.layout.name, sound.rate, position)))

    count = 0
    for count, packets in picture.encoded(video):
        container.mux(packets)
        for sound, stream in tracks:
            hear(sound, stream, sound.until(samples_for(count, picture.rate, sound.rate)))
        if progress:
            progress(count)
    container.mux(picture.rest(video))
    for sound, stream in tracks:
        hear(sound, stream, sound.finish(samples_for(count, picture.rate, sound.rate)))
        container.mux(stream.encode(None))
    return count
