"""One clip by one peer of `bench.mux`, in a process of its own: prints what it took as JSON.

    python -m bench.mux_child write_clip|ffmpeg_pipe HEIGHT FRAMES [--ffmpeg PATH]
"""
import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import torch

from media.writing import write_clip

from . import mux_pipe
from .scenery import RATE, SAMPLE_RATE, Scenery, sound
from .usage import cpu_seconds, memory, reset_peak

SETTINGS = {"preset": "medium", "crf": "18", "audio_bit_rate": "256k"}  # what Mux does at high quality
WIDE = 16 / 9


def width_of(height):
    return round(height * WIDE / 2) * 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=("write_clip", "ffmpeg_pipe"))
    parser.add_argument("height", type=int)
    parser.add_argument("frames", type=int)
    parser.add_argument("--ffmpeg")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"

        def write(frames, waveform):
            if args.peer == "write_clip":
                write_clip(path, frames, RATE, waveform, SAMPLE_RATE)
                return 0
            return mux_pipe.write(args.ffmpeg, path, frames, waveform, SETTINGS)

        write(Scenery(64, 64).frames(2), sound(2))  # loads what is loaded once
        frames, waveform = Scenery(args.height, width_of(args.height)).frames(args.frames), sound(args.frames)
        idle = memory(os.getpid())[0]
        reset_peak(os.getpid())
        start, before = time.monotonic(), children_and_own()
        other = write(frames, waveform)
        seconds, cpu = time.monotonic() - start, children_and_own() - before
        print(json.dumps({"frames": args.frames, "seconds": seconds, "cpu": cpu, "beyond": memory(os.getpid())[1] - idle + other, "bytes": path.stat().st_size}))


def children_and_own():
    ended = os.times()
    return cpu_seconds(os.getpid()) + ended.children_user + ended.children_system


if __name__ == "__main__":
    main()
