"""Reading a clip back: pictures, sound and the exact rate, on one clock that starts with the first picture."""

from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
import torch
from av.video.reformatter import Interpolation, VideoReformatter

from .clock import snap_rate
from .errors import MediaError

# The default path rounds down: pictures come out a step darker than they are.
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


class Clip(NamedTuple):
    """`frames` float32 [F, H, W, 3] in 0..1 at `rate`; `waveform` float32 [C, N] at `sample_rate`, or None.

    Sample 0 of the waveform sounds when frame 0 appears.
    """

    frames: torch.Tensor
    rate: Fraction
    waveform: torch.Tensor | None
    sample_rate: int | None
    metadata: dict


def read_clip(path):
    """Decode a file that PyAV can open, its first video and first audio stream, whole, into a Clip.

    A sound that starts later than the picture is padded with silence in front, one that starts
    earlier is cut; sound past the stream's declared end (encoder padding) is dropped.
    MediaError for a file without pictures or one that cannot be decoded.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise MediaError(f"{path} holds no pictures.")
            video = container.streams.video[0]
            video.thread_type = "AUTO"
            audio = next((s for s in container.streams.audio if s.codec_context is not None), None)
            frames, chunks = _decode(container, video, audio)
            if not frames:
                raise MediaError(f"No picture of {path} could be decoded.")
            start = min(time for time, _ in frames)
            waveform = _lay_out(chunks, audio, start) if chunks else None
            return Clip(torch.stack([picture for _, picture in frames]), snap_rate(video.average_rate),
                        waveform, audio.rate if chunks else None, dict(container.metadata))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"Cannot read {path}: {error}.") from error


def _decode(container, video, audio):
    """All pictures as (time, [H, W, 3]) and all sound as (time, [n, C])."""
    frames, chunks, reformatter = [], [], VideoReformatter()
    # Packed output: PyAV 18 walks off the end of a planar frame of 8 channels.
    packed = av.AudioResampler(format="flt")
    for frame in container.decode([stream for stream in (video, audio) if stream]):
        if isinstance(frame, av.VideoFrame):
            rgb = reformatter.reformat(frame, format="rgb24", interpolation=_EXACT)
            pixels = rgb.to_ndarray()
            frames.append((frame.pts * frame.time_base, torch.from_numpy(pixels).float() / 255))
        else:
            for block in packed.resample(frame):
                samples = block.to_ndarray().reshape(-1, block.layout.nb_channels)
                chunks.append((frame.pts * frame.time_base, samples))
    return frames, chunks


def _lay_out(chunks, audio, start):
    """Put the blocks of sound where their timestamps say, seconds after `start`; float32 [C, N]."""
    at = [round((time - start) * audio.rate) for time, _ in chunks]
    end = max(position + len(samples) for position, (_, samples) in zip(at, chunks))
    if audio.duration is not None:
        begin = (audio.start_time or 0) * audio.time_base - start
        end = min(end, round((begin + audio.duration * audio.time_base) * audio.rate))
    laid = np.zeros((max(end, 0), chunks[0][1].shape[1]), np.float32)
    for position, (_, samples) in zip(at, chunks):
        cut = samples[max(-position, 0):max(end - position, 0)]
        laid[max(position, 0):max(position, 0) + len(cut)] = cut
    return torch.from_numpy(laid.T.copy())
