"""Whether memory stays flat: clips of one and of ten minutes, drawn as they are written, with a sound and two stems.

    python -m bench.mux_length [--height 180] [--minutes 1 10] [--forms mp4:h264:aac mkv:h264:flac]

For each form and length, in a process of its own: MB at the highest beyond what the process held when the writing began, the
sound included, and the CPU seconds. The frames are given in chunks that reuse their memory. mp4 keeps its index, about a hundred bytes a packet, until the end.
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
    """{minutes, beyond_mb, cpu_s, file_mb} of one clip."""
    torch.set_num_threads(1)
    scenery, pid = Scenery(height, width_of(height)), os.getpid()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{form.container}"

        def write(frames):
            waveform = sound(frames)
            stems = {"dialogue": 0.5 * waveform, "music": 0.5 * waveform}
            idle = memory(pid)[0]
            reset_peak(pid)
            write_clip(path, scenery.chunks(frames), RATE, waveform, SAMPLE_RATE, form=form, stems=stems)
            return memory(pid)[1] - idle

        write(2)
        before = cpu_seconds(pid)
        beyond = write(round(minutes * 60 * RATE))
        return {"minutes": minutes, "beyond_mb": round(beyond / 1e6, 1), "cpu_s": round(cpu_seconds(pid) - before, 1), "file_mb": round(path.stat().st_size / 1e6, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--forms", nargs="+", default=["mp4:h264:aac", "mkv:h264:flac"])
    args = parser.parse_args()
    if len(args.forms) == len(args.minutes) == 1:
        print(json.dumps(measure(formats.choose(*args.forms[0].split(":"), quality="draft"), args.height, args.minutes[0])))
        return
    report = {}
    for form in args.forms:
        report[form] = []
        for length in args.minutes:
            # A process each: what one has freed, the next would use again.
            command = [sys.executable, "-m", "bench.mux_length", "--height", str(args.height), "--minutes", str(length), "--forms", form]
            report[form].append(json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout))
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
