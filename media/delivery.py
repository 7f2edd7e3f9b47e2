"""What Mux does around the writing of a file: where the pictures come from, levels, stems beside the file, a proxy."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from . import formats
from .copying import CopySource
from .errors import MediaError
from .levelling import levelled
from .pieces import Clean, InARow, Sum, Turned
from .reading import chunks_of, probe
from .writing import write_clip, write_sound

_READ = 1 << 16


class Source(NamedTuple):
    """Pictures for `write_clip` at `rate`, about `frames` of them; `video` is the codec to write them in.

    `origin`: seconds (Fraction) on the file's own clock at which they begin.
    """

    pictures: object
    rate: Fraction
    frames: int
    video: str
    origin: Fraction


def pictures_of(path, start, duration, container, video, policy):
    """The Source for a file's pictures from `start` for `duration` seconds (0: to the end).

    Packets are copied as they are where the whole clip is wanted, `video` is "auto", the clip is as long as its
    picture, and the container takes the file's codec; otherwise the pictures are decoded, as they are needed.
    """
    if video == "auto" and policy == "picture" and not start and not duration:
        source = CopySource(path)
        if source.for_container(container):
            return Source(source, source.rate, source.packets, source.codec, source.start)
    info = probe(path)
    reader, chunks = chunks_of(path, start, duration)
    seconds = duration or max(0.0, info.seconds - start)
    return Source(chunks, reader.rate, max(1, round(seconds * reader.rate)), video, reader.origin)


def sum_of(stems):
    """(Sound, sample rate) of stems, name -> AUDIO, played together. MediaError where they differ in shape or rate."""
    kinds = {name: (tuple(sound["waveform"].shape), sound["sample_rate"]) for name, sound in stems.items()}
    if len(set(kinds.values())) > 1:
        told = "; ".join(f"{name} {list(shape)} at {rate} Hz" for name, (shape, rate) in kinds.items())
        raise MediaError(f"These stems do not sum to a mix, since they differ: {told}. Connect an audio, or make them alike first.")
    return Sum([in_a_row(sound["waveform"]) for sound in stems.values()]), next(iter(stems.values()))["sample_rate"]


def in_a_row(waveform):
    """The sounds of a batch [B, C, T] one after another, as the frames of a batch are, as a Sound. MediaError for another shape."""
    if waveform.dim() != 3:
        raise MediaError(f"A waveform must be [batch, channels, samples]; this one is {list(waveform.shape)}.")
    return InARow(waveform)


def level(waveform, stems, sample_rate, target, ceiling, clips, progress=lambda: None):
    """(waveform [C, N], {name: waveform}, notes) brought to `target` LUFS (None: left as it is) under `ceiling` dBTP.

    Without a target only sound beyond full scale is turned down, where the codec would cut it off (`clips`). One gain
    goes over the mix and the stems, so that they still sum to it. Waveforms are tensors [C, N] or Sounds of `pieces`; what
    comes back is worked out as it is read. `progress()` is called along the way; what it raises cancels.
    """
    if 0 in waveform.shape or target is None and not (clips and _passes_full_scale(waveform, progress)):
        return waveform, stems, []
    gain, short_by = levelled(waveform, sample_rate, target, ceiling, progress)
    notes = []
    if target is None:
        notes.append(f"the sound passed full scale and was limited to {ceiling:g} dBTP")
    if short_by:
        notes.append(f"the sound is {short_by:.1f} LU below the target, as far as the ceiling of {ceiling:g} dBTP allows")
    return Turned(waveform, gain), {name: Turned(wave, gain) for name, wave in stems.items()}, notes


def _passes_full_scale(waveform, progress):
    sound, samples = Clean(waveform, progress), waveform.shape[1]
    return any(float(sound[:, at:at + _READ].abs().max()) > 1 for at in range(0, samples, _READ))


def write_beside(path, stems, sample_rate, progress=None):
    """Write each stem as `<name of path><stem>.flac`, 24 bits, and return the Paths. All of them or none.

    `progress(samples_done)` is called along each; what it raises cancels the writing.
    """
    path, done = Path(path), []
    try:
        for name, waveform in stems.items():
            safe = "".join(letter if letter.isalnum() or letter in "-_ " else "_" for letter in name)
            done.append(path.with_name(f"{path.stem}{safe}.flac"))
            write_sound(done[-1], waveform, sample_rate, progress)
    except BaseException:
        discard(done)
        raise
    return done


def discard(paths):
    """Remove files that belong to a clip which could not be written."""
    for path in paths:
        path.unlink(missing_ok=True)


def write_proxy(path, clip, waveform, sample_rate, progress=None):
    """Write under `path` what a browser shows in place of the file `clip`: H.264 and AAC, draft quality."""
    reader, chunks = chunks_of(clip)
    write_clip(path, chunks, reader.rate, waveform, sample_rate, form=formats.choose("mp4", quality="draft"), progress=progress)
