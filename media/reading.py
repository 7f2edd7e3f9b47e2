"""Reading any file back: pictures, sound and the exact rate, on one clock that starts with the first picture."""

import math
from contextlib import ExitStack, closing, contextmanager
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

import av
import numpy as np
import torch
from av.stream import Disposition
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from .clock import snap_rate
from .errors import MediaError
from .laid import Laid

# The default path rounds down: pictures come out a step darker than they are.
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_STANDARD = tuple(map(snap_rate, (10, 12, 15, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 100, 119.88, 120)))
_LOOK = 240  # packets that tell whether the stated rate is true
_PREROLL = Fraction(1, 2)  # seconds decoded before a window, so that a lossy codec has settled
_FAR = 6 * 3600  # seconds; where a picture stands longer or sound starts later than that, the times are wrong
_GAP = Fraction(3, 1000)  # Matroska rounds times to 1 ms; what is nearer than this follows without a gap
STEM = "Stem: "  # begins the name of a track that is a stem
TRACKS = "sound_tracks"  # tag of the file: the names of its sound tracks, one a line
CODEC_NAMES = {"h264": "h264", "libx264": "h264", "hevc": "h265", "av1": "av1", "libdav1d": "av1", "vp9": "vp9", "libvpx-vp9": "vp9",
               "prores": "prores", "ffv1": "ffv1"}


class Track(NamedTuple):
    """A sound track: its name, "" where it has none, Hz and channels."""

    name: str
    sample_rate: int
    channels: int


class Info(NamedTuple):
    """What a file holds, without decoding: its `rate`, `even` (False: a variable rate), about how many `seconds`."""

    rate: Fraction
    even: bool
    seconds: float
    tracks: tuple
    metadata: dict


class Clip(NamedTuple):
    """`frames` float32 [F, H, W, 3] in 0..1 at `rate`, both None of a file of sound alone; `waveform` float32 [C, N] at `sample_rate`, or None.

    Sample 0 of the waveform sounds when frame 0 appears. `stems`: {name: waveform}, {} where the file has none of ours.
    """

    frames: torch.Tensor | None
    rate: Fraction | None
    waveform: torch.Tensor | None
    sample_rate: int | None
    metadata: dict
    stems: dict = {}


def probe(path):
    """The Info of a file. MediaError for a file without pictures or one that cannot be read."""
    with _opened(path) as container:
        video = _video(container, path)
        rate, even = _rate(container, video)
        seconds = video.duration * video.time_base if video.duration else Fraction(container.duration or 0, av.time_base)
        tracks = tuple(Track(name, s.rate, s.channels) for name, s in zip(_names(container), _sounds(container)))
        return Info(rate, even, float(seconds), tracks, dict(container.metadata))


def read_clip(path, start=0, duration=None, track=1, stems=False, progress=None):
    """Decode a file that PyAV can open into a Clip: its first pictures and sound track number `track`.

    `start`, `duration`: seconds of the clip to read, None to its end; what lies before is skipped, not decoded.
    The first frame is the one shown at `start`. A clip of variable rate is brought to a constant one by its
    timestamps, a rotation is applied. Sound that starts later than the picture is padded with silence in front, one that
    starts earlier is cut; sound past the stream's declared end (encoder padding) is dropped. `track`: 1 is
    the first, 0 reads no sound. `stems`: also the tracks that our muxer named as stems.
    `progress(frames_done)` is called all along; what it raises cancels. MediaError for a file without pictures, without that track, or one that cannot be decoded.
    """
    reader = Pictures(path, start, duration)
    pixels = []

    def again():
        if progress:
            progress(len(pixels))

    for frame in reader:
        pixels.append(frame)
        again()
    frames = torch.empty(len(pixels), *pixels[0].shape)
    for number, frame in enumerate(pixels):
        frames[number] = as_float(frame)
        pixels[number] = None
        again()
    waveforms, sample_rate = read_sound(path, reader.origin, len(frames) / reader.rate if duration else None, track, stems, again)
    waveform = waveforms.pop(None, None)
    return Clip(frames, reader.rate, waveform, sample_rate, reader.metadata, waveforms)


def has_pictures(path) -> bool:
    """Whether a file has pictures; the cover of a record is none. MediaError for one that cannot be read."""
    with _opened(path) as container:
        return bool(_films(container))


def read_sound_alone(path, start=0, duration=None, track=1, stems=False, progress=lambda: None):
    """A Clip of the sound of a file without pictures, which begins at `start` (seconds from its first sample).

    `duration`, `track`, `stems` and `progress` as in `read_clip` and `read_sound`; what is behind the end is left out.
    MediaError for a file without sound, without that track or without sound at that time.
    """
    with _opened(path) as container:
        sounds = _sounds(container)
        if not sounds:
            raise MediaError(f"{path} holds neither pictures nor sound.")
        first = sounds[min(track, len(sounds)) - 1]
        begin = Fraction(first.start_time or 0) * first.time_base
        metadata = dict(container.metadata)
    waveforms, sample_rate = read_sound(path, begin + Fraction(start).limit_denominator(1_000_000), None, track, stems, progress)
    waveforms = {name: wave[:, : round(duration * sample_rate)] if duration else wave for name, wave in waveforms.items()}
    waveform = waveforms.pop(None, None)
    if waveform is None or not waveform.shape[1]:
        raise MediaError(f"{path} has no sound at {float(start):g} s." if start else f"No sound of {path} could be decoded.")
    return Clip(None, None, waveform, sample_rate, metadata, waveforms)


def as_float(pixels):
    """An array of `Pictures` as float32 [H, W, 3] in 0..1."""
    return torch.from_numpy(pixels.astype(np.float32) / (255 if pixels.dtype == np.uint8 else 65535))


def chunks_of(path, start=0, duration=None, size=8):
    """(Pictures, an iterator of them as float chunks [n, H, W, 3]): a long file passes through without being held."""
    reader = Pictures(path, start, duration)

    def chunks():
        held = []
        for frame in reader:
            held.append(as_float(frame))
            if len(held) == size:
                yield torch.stack(held)
                held.clear()
        if held:
            yield torch.stack(held)

    return reader, chunks()


class Pictures:
    """The pictures of a file from `start` for `duration` seconds, at the constant rate `rate`, as arrays [H, W, 3].

    uint8, or uint16 where the file has more than 8 bits. A source frame is shown from the slot nearest to its
    time until the next one. `origin` is the file's own time (Fraction, seconds) of the first frame, known once it was given.
    """

    def __init__(self, path, start=0, duration=None):
        self.path = path
        self.start = Fraction(start).limit_denominator(1_000_000)
        with _opened(path) as container:
            video = _video(container, path)
            self.metadata = dict(container.metadata)
            self.begin = Fraction(video.start_time or 0) * video.time_base
            self.rate, _ = _rate(container, video)
        self.count = None if not duration else max(1, round(Fraction(duration).limit_denominator(1_000_000) * self.rate))
        # The frame on the screen at `start`, not the next; a hair's breadth is for times given in decimals.
        self.first = math.floor(self.start * self.rate + Fraction(1, 1000))
        self.origin = self.begin + self.first / self.rate

    def __iter__(self):
        given, held, end = 0, None, 0
        with _opened(self.path) as container:
            for slot, frame in self._slots(container):
                if held is not None:
                    if self.count is None and slot - given > _FAR * self.rate:
                        raise MediaError(f"{self.path} jumps ahead by {float((slot - given) / self.rate / 3600):.0f} hours after {float(given / self.rate):g} s; its times are damaged. Give a duration to read a part.")
                    pixels = None
                    while given < slot and given != self.count:
                        pixels = self._pixels(held) if pixels is None else pixels
                        yield pixels
                        given += 1
                    if given == self.count:
                        return
                held, end = frame, slot + max(1, round((frame.duration or 0) * frame.time_base * self.rate))
            while given < end and given != self.count:
                yield self._pixels(held)
                given += 1
        if not given:
            raise MediaError(f"{self.path} has no picture at {float(self.start):g} s." if self.start else f"No picture of {self.path} could be decoded.")

    def _slots(self, container):
        """(slot, frame) in the order of showing, from the keyframe before the window."""
        video = _video(container, self.path)
        video.thread_type = "AUTO"
        if self.first > 1:
            container.seek(int((self.origin - 1 / self.rate) / video.time_base), stream=video)
        for frame in container.decode(video):
            if frame.pts is not None:
                yield round((frame.pts * frame.time_base - self.origin) * self.rate), frame

    def _pixels(self, frame):
        self._reformatter = getattr(self, "_reformatter", None) or VideoReformatter()
        deep = frame.format.components[0].bits > 8
        # An untagged picture of television size is BT.709, which swscale does not assume.
        space = Colorspace.ITU709 if frame.colorspace == 2 and frame.height >= 720 else None
        rgb = self._reformatter.reformat(frame, format="rgb48le" if deep else "rgb24", src_colorspace=space, interpolation=_EXACT)
        return np.rot90(rgb.to_ndarray(), frame.rotation // 90) if frame.rotation else rgb.to_ndarray()


def read_sound(path, origin=0, seconds=None, track=1, stems=False, progress=lambda: None):
    """The sounds of `laid_sounds`, as tensors [C, N]."""
    with laid_sounds(path, origin, seconds, track, stems, progress) as (sounds, sample_rate):
        return {name: sound.whole() for name, sound in sounds.items()}, sample_rate


@contextmanager
def laid_sounds(path, origin=0, seconds=None, track=1, stems=False, progress=lambda: None):
    """Gives ({None: Laid of track number `track`, stem name: Laid, ...}, sample rate), or ({}, None) without sound, for as long as the context lasts.

    Sounds are float32 [C, N]; sample 0 sounds at `origin` (Fraction, seconds of the file's own clock). With `seconds`
    there are exactly as many samples, otherwise as many as there are. Stems come at the rate of the first of them.
    `progress()` is called along the way; what it raises cancels.
    """
    with ExitStack() as held:
        yield _lay(held, path, origin, seconds, track, stems, progress)


def _lay(held, path, origin, seconds, track, stems, progress):
    with _opened(path) as container:
        streams = _sounds(container)
        if not streams or not track and not stems:
            return {}, None
        names = _names(container)
        if track > len(streams):
            raise MediaError(f"{path} has {len(streams)} sound track(s), not {track}: {', '.join(name or 'without a name' for name in names)}.")
        wanted = {None: streams[track - 1]} if track else {}
        if stems:
            wanted |= {name.removeprefix(STEM): s for name, s in zip(names, streams) if name.startswith(STEM)}
        takes = {stream.index: _Take(path, stream, origin, seconds, held.enter_context(closing(Laid(stream.channels)))) for stream in wanted.values()}
        if origin - _PREROLL > Fraction(container.start_time or 0, av.time_base):
            container.seek(int((origin - _PREROLL) * av.time_base))
        for packet in container.demux([stream for stream in wanted.values()]):
            if all(take.is_full for take in takes.values()):
                break
            progress()
            for frame in packet.decode():
                takes[packet.stream.index].add(frame)
        found = {name: takes[stream.index].sound() for name, stream in wanted.items()}
        rates = {stream.rate for stream in wanted.values()}
        found = {name: sound for name, sound in found.items() if sound is not None}
        if len(rates) > 1:
            raise MediaError(f"The sound tracks of {path} have several rates: {', '.join(map(str, rates))} Hz.")
        return found, rates.pop() if found else None


class _Take:
    """One sound stream of the file `path`, laid into `laid` where its times say."""

    def __init__(self, path, stream, origin, seconds, laid):
        self.path, self.laid = path, laid
        self.rate, self.origin, self.channels = stream.rate, origin, stream.channels
        self.total = None if seconds is None else round(seconds * self.rate)
        self.limit = math.inf if self.total is None else self.total
        if stream.duration is not None:
            ends = (stream.start_time or 0) + stream.duration
            self.limit = min(self.limit, round((ends * stream.time_base - origin) * self.rate))
        self.end, self.last = None, 0
        # Packed output: PyAV 18 walks off the end of a planar frame of 8 channels.
        self.packed = av.AudioResampler(format="flt")

    @property
    def is_full(self):
        return self.end is not None and self.end >= self.limit

    def add(self, frame):
        at = self.end
        if frame.pts is not None:
            stated = round((frame.pts * frame.time_base - self.origin) * self.rate)
            at = stated if at is None or abs(stated - at) > _GAP * self.rate else at
            if self.total is None and at > _FAR * self.rate + (self.end or 0):
                raise MediaError(f"The sound of {self.path} jumps ahead by hours; its times are damaged. Give a duration to read a part.")
        stop = self.total or self.limit
        for block in self.packed.resample(frame):
            at, samples = at or 0, block.to_ndarray().reshape(-1, self.channels)
            if max(at, 0) < min(at + len(samples), stop):
                self.laid.put(max(at, 0), samples[max(-at, 0):min(len(samples), stop - at)])
            self.end = at = at + len(samples)
            self.last = max(self.last, at)

    def sound(self):
        """The Laid, None where nothing was decoded."""
        if self.end is None:
            return None
        self.laid.shape = self.channels, self.total or max(0, min(self.limit, self.last))
        return self.laid


@contextmanager
def _opened(path):
    try:
        with av.open(str(path)) as container:
            yield container
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"Cannot read {path}: {error}.") from error


def _video(container, path):
    films = _films(container)
    if not films:
        raise MediaError(f"{path} holds no pictures.")
    return films[0]


def _films(container):
    """The video streams; the cover of a record is none."""
    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def _sounds(container):
    """The sound streams that FFmpeg has a decoder for; touching the others ends the process."""
    return [stream for stream in container.streams.audio if stream.codec_context is not None]


def _names(container):
    """Names of the sound tracks. Where another program has copied our tracks without them, the file's own tag still tells."""
    found = [stream.metadata.get("title") or stream.metadata.get("handler_name") or "" for stream in _sounds(container)]
    found = ["" if name in ("SoundHandler", "Core Media Audio") else name for name in found]
    listed = next((value for tag, value in container.metadata.items() if tag.lower() == TRACKS), "").split("\n")
    return listed if not any(found) and len(listed) == len(found) else found


def _rate(container, video):
    """(the constant rate for these pictures, whether they come at it). Moves the container's place."""
    average, base = video.average_rate, video.base_rate
    times = sorted(p.pts for p in islice(container.demux(video), _LOOK) if p.pts is not None)
    if not average or not base or len(times) < 3:
        return snap_rate(average or base or 25), True
    if abs(base / average - 1) < Fraction(1, 50):
        # Where both agree to a hair the average is the stated one; a longer last picture spoils it a little.
        stated = snap_rate(average if abs(base / average - 1) < Fraction(1, 500) else base)
        places = [(time - times[0]) * video.time_base * stated for time in times]
        if sum(abs(place - round(place)) > Fraction(3, 10) for place in places) * 20 <= len(places):
            return stated, True
    # The usual step is the rate; a pause is a picture that stays.
    steps = sorted((b - a) * video.time_base for a, b in zip(times, times[1:]) if b > a)
    usual = 1 / steps[len(steps) // 2] if steps else average
    if steps and steps[-1] - steps[0] <= Fraction(1, 500) and abs(usual / average - 1) < Fraction(1, 1000):
        return snap_rate(average), True  # even and slow, where FFmpeg is not sure of it
    return min(_STANDARD, key=lambda rate: abs(math.log(rate / usual))), False
