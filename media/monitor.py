"""What a browser plays beside a mixer: stems that it reads piece by piece, their outlines, and the picture."""

import hashlib
from fractions import Fraction
from pathlib import Path

import av

from . import formats
from .delivery import pictures_of
from .reading import CODEC_NAMES, Pictures
from .writing import write_clip

COLUMNS = 600
FULL = 1000  # full scale, in the whole numbers of an outline
_MOST = 8.0
_FRAMES = 8


def outline(sound, columns=COLUMNS):
    """([lowest, highest, lowest, ...] of `columns` equal parts of a Sound [C, N], over its channels; a digest of its samples).

    The values are whole thousandths of full scale, held within -8 and 8. There are fewer columns where there are fewer
    samples. One part is in memory at a time.
    """
    channels, samples = sound.shape
    columns = min(columns, samples)
    edges = [k * samples // columns for k in range(columns + 1)]
    digest, values = _digest(channels, samples), []
    for start, end in zip(edges, edges[1:]):
        part = sound[:, start:end].contiguous()
        digest.update(part.numpy())
        values += [round(FULL * float(value.clamp(-_MOST, _MOST))) for value in part.aminmax()]
    return values, digest.hexdigest()


def digest_of(frames, rate):
    """A digest of pictures [F, H, W, C] at a rate."""
    digest = _digest(frames.shape, rate)
    for chunk in frames.split(_FRAMES):
        digest.update(chunk.contiguous().cpu().numpy())
    return digest.hexdigest()


def digest_of_file(path, start, duration):
    """A digest of what is to be seen of a file, from its place, size and age; its content is not read."""
    state = Path(path).stat()
    return _digest(path, state.st_size, state.st_mtime_ns, start, duration).hexdigest()


def _digest(*facts):
    return hashlib.blake2b(repr(facts).encode(), digest_size=10)


def shown_from(path, start=0):
    """When the picture at `start` (seconds, as `reading.read_clip` has it) comes on the clock of a browser that plays the file itself, in seconds.

    None where browsers do not show it, and where it has sound: then they play it by the clock of that sound, muted as it is, and Chromium's
    loses time whenever the computer is busy. MediaError for a file without pictures.
    """
    pictures, (codec, bits, begin, silent) = Pictures(path, start), _facts(path)
    shows = silent and formats.shows_picture(Path(path).suffix[1:].lower(), codec, bits)
    return float(pictures.origin - begin) if shows else None


def write_shown(path, source, start=0, duration=0, progress=None):
    """Write under `path`, an mp4 without sound, what browsers show of the file `source` from `start` for `duration` seconds (0: to its end).

    Pictures that only need another container are copied as they are, others encoded in draft quality.
    """
    codec, bits, *_ = _facts(source)
    pictures = pictures_of(source, start, duration, "mp4", "auto" if formats.shows_picture("mp4", codec, bits) else "h264", "picture")
    write_frames(path, pictures.pictures, pictures.rate, progress)


def _facts(path):
    """(name of the codec in `formats` or None, bits, the time of the file's first packet in seconds, whether it has no sound) of a file with pictures."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        begin = Fraction(container.start_time or 0, av.time_base)
        return CODEC_NAMES.get(stream.codec_context.name), stream.format.components[0].bits, begin, not container.streams.audio


def write_frames(path, frames, rate, progress=None):
    """Write pictures (see `writing.write_clip`) under `path`, an mp4 without sound that browsers show."""
    write_clip(path, frames, rate, form=formats.choose("mp4", quality="draft"), progress=progress)
