"""Muxing: frames and a waveform into one mp4 that starts at zero and plays anywhere."""

import json
import math
from contextlib import closing
from fractions import Fraction
from typing import NamedTuple

import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from .clock import samples_for, snap_rate
from .errors import MediaError
from .naming import in_place_of
from .pixels import rgb_frames
from .soundtrack import Soundtrack

AAC_BLOCK = 1024
AAC_RATES = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
BT709 = 1
STUDIO_RANGE = 1


class Written(NamedTuple):
    """What a finished file holds: `frames` at `rate` (Fraction) of `width` x `height`, `samples` of sound."""

    frames: int
    rate: Fraction
    width: int
    height: int
    samples: int


def write_clip(path, frames, rate, waveform=None, sample_rate=None, *, metadata=None, crf=18,
               preset="medium", progress=None):
    """Write an mp4 (H.264 4:2:0 BT.709, AAC, index first) under `path` and return what it holds.

    `frames`: [F, H, W, 3] in 0..1, or an iterable of such chunks, which is then read as it is
    written, so that a long clip is never in memory at once. Odd sizes get their last row or column
    doubled. `rate`: frames per second, see `clock.snap_rate`. `waveform`: [C, N], C 1 or 2, about
    -1..1, at `sample_rate` (one of AAC_RATES); it starts with the first frame and is padded with
    silence or cut to round(F * sample_rate / rate) samples. `metadata`: names to text or JSON
    values, kept as tags of the file, as ComfyUI keeps `prompt` and `workflow`.

    `progress(frames_done)` is called after each frame; what it raises cancels the writing. The file
    appears under `path` in one move when it is whole; after any failure nothing is left.
    MediaError for pictures or sound that cannot be written and for a disk that cannot take them.
    """
    try:
        # Everything inside, so that a name claimed for this clip does not stay behind, empty.
        with in_place_of(path) as fresh:
            rate = snap_rate(rate)
            sound = None
            if waveform is not None:
                if sample_rate not in AAC_RATES:
                    raise MediaError(f"AAC cannot hold sound at {sample_rate} Hz; resample it to one of {AAC_RATES}.")
                sound = Soundtrack(waveform, sample_rate, AAC_BLOCK)
            pictures = rgb_frames(frames)
            first = next(pictures)
            with _container(fresh, rate, sound, metadata or {}) as container:
                video = _video_stream(container, rate, first.shape, crf, preset)
                audio = _audio_stream(container, sound) if sound else None
                count = _interleave(container, video, audio, first, pictures, rate, sound, progress)
    except av.FFmpegError as error:
        size = f"{first.shape[1]}x{first.shape[0]}"
        raise MediaError(f"The encoder refused pictures of {size} at {rate} frames per second: {error}.") from error
    samples = samples_for(count, rate, sample_rate) if sound else 0
    return Written(count, rate, first.shape[1], first.shape[0], samples)


def _container(path, rate, sound, metadata):
    timescale = _timescale(rate, sound.sample_rate if sound else 1)
    options = {"movflags": "use_metadata_tags+faststart", "movie_timescale": str(timescale)}
    container = av.open(str(path), "w", format="mp4", options=options)
    for name, value in metadata.items():
        container.metadata[name] = value if isinstance(value, str) else json.dumps(value)
    return closing(container)


def _timescale(rate, sample_rate):
    # Edit lists are counted in the movie's timescale; the usual 1/1000 s would round the durations.
    exact = math.lcm(rate.numerator, sample_rate, 1000)
    return exact if exact < 2**24 else 90000


def _video_stream(container, rate, shape, crf, preset):
    stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": preset})
    stream.height, stream.width = shape[:2]
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = STUDIO_RANGE
    return stream


def _audio_stream(container, sound):
    stream = container.add_stream("aac", rate=sound.sample_rate, layout=sound.layout)
    channels = sound.waveform.shape[0]
    stream.bit_rate = min(128_000, 4 * sound.sample_rate) * channels
    return stream


def _interleave(container, video, audio, first, pictures, rate, sound, progress):
    """Encode frame by frame, each followed by the sound that goes with it; return the frame count."""
    reformatter, count = VideoReformatter(), 0

    def show(pixels):
        frame = _picture(reformatter, pixels)
        frame.pts, frame.time_base = count, 1 / rate
        container.mux(video.encode(frame))

    def hear(blocks):
        for position, block in blocks:
            container.mux(audio.encode(_sound_frame(sound, position, block)))

    while first is not None:
        show(first)
        count += 1
        if sound:
            hear(sound.until(samples_for(count, rate, sound.sample_rate)))
        if progress:
            progress(count)
        first = next(pictures, None)
    container.mux(video.encode(None))
    if sound:
        hear(sound.finish(samples_for(count, rate, sound.sample_rate)))
        container.mux(audio.encode(None))
    return count


def _picture(reformatter, pixels):
    return reformatter.reformat(
        av.VideoFrame.from_ndarray(pixels, format="rgb24"), format="yuv420p",
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP,
        src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709, dst_color_trc=BT709, dst_color_primaries=BT709)


def _sound_frame(sound, position, block):
    frame = av.AudioFrame.from_ndarray(block.contiguous().numpy(), format="fltp", layout=sound.layout)
    frame.sample_rate = sound.sample_rate
    frame.pts, frame.time_base = position, Fraction(1, sound.sample_rate)
    return frame
