"""Writing a clip as VideoHelperSuite does: raw frames through a pipe into the ffmpeg binary, then the sound in a second pass."""
import subprocess

import numpy as np

from .scenery import RATE, SAMPLE_RATE
from .usage import memory


def write(ffmpeg, path, frames, waveform, settings):
    """`settings`: {"preset", "crf", "audio_bit_rate"}. Returns the most bytes that the binary held.

    That is seen while frames are still sent; the kernel keeps nothing of a process that has ended.
    """
    height, width = frames.shape[1:3]
    silent = path.with_name("silent.mp4")
    base = [ffmpeg, "-y", "-v", "error"]
    encode = [*base, "-f", "rawvideo", "-pix_fmt", "rgb24", "-color_range", "pc", "-s", f"{width}x{height}", "-r", str(RATE), "-i", "-", "-c:v", "libx264", "-pix_fmt", "yuv420p",
              "-preset", settings["preset"], "-crf", settings["crf"], "-vf", "scale=out_color_matrix=bt709", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", silent]
    with subprocess.Popen(encode, stdin=subprocess.PIPE) as process:
        for frame in frames:
            process.stdin.write(np.clip(frame.numpy() * 255 + 0.5, 0, 255).astype(np.uint8).tobytes())
        most = memory(process.pid)[1]
    add = [*base, "-i", silent, "-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", "-", "-c:v", "copy", "-c:a", "aac",
           "-b:a", settings["audio_bit_rate"], "-movflags", "+faststart", path]
    with subprocess.Popen(add, stdin=subprocess.PIPE) as process:
        data = memoryview(waveform.T.contiguous().numpy().tobytes())
        for at in range(0, len(data), 1 << 16):
            process.stdin.write(data[at:at + (1 << 16)])
    silent.unlink()
    if process.returncode:
        raise RuntimeError(f"ffmpeg ended with {process.returncode}.")
    return most
