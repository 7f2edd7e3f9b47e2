"""Whether memory stays flat: clips of one and of ten minutes, drawn as they are written, with a sound and two stems.

    python -m bench.mux_length [--height 180] [--minutes 1 10] [--forms mp4:h264:aac mkv:h264:flac]

For each form, in a process of its own: MB at the highest beyond the idle process and the sound's own tensors, and the CPU
seconds. The frames are given in chunks that reuse their memory. mp4 keeps its index, some 20 bytes a packet and track, until the end.
Linux only: figures come from /proc.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from media import formats
from media.writing import write_clip

from .mux_child import width_of
from .scenery import RATE, SAMPLE_RATE, Scenery, sound
from .usage import cpu_seconds, memory, reset_peak

ROOT = Path(__file__).resolve().parent.parent


def measure(form, height, minutes):
    """Print a JSON line for each length."""
    torch.set_num_threads(1)
    scenery, pid = Scenery(height, width_of(height)), os.getpid()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{form.container}"

        def write(frames):
            waveform = sound(frames)
            stems = {"dialogue": 0.5 * waveform, "music": 0.5 * waveform}
            reset_peak(pid)
            write_clip(path, scenery.chunks(frames), RATE, waveform, SAMPLE_RATE, form=form, stems=stems)
            return memory(pid)[1] - 3 * 4 * waveform.numel()

        write(2)
        idle = memory(pid)[0]
        for length in minutes:
            before = cpu_seconds(pid)
            beyond = write(round(length * 60 * RATE)) - idle
            print(json.dumps({"minutes": length, "beyond_mb": round(beyond / 1e6, 1), "cpu_s": round(cpu_seconds(pid) - before, 1), "file_mb": round(path.stat().st_size / 1e6, 1)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--forms", nargs="+", default=["mp4:h264:aac", "mkv:h264:flac"])
    args = parser.parse_args()
    if len(args.forms) == 1:
        measure(formats.choose(*args.forms[0].split(":"), quality="draft"), args.height, args.minutes)
        return
    report = {}
    for form in args.forms:
        command = [sys.executable, "-m", "bench.mux_length", "--height", str(args.height), "--minutes", *map(str, args.minutes), "--forms", form]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        report[form] = [json.loads(line) for line in done.stdout.splitlines()]
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
