"""Whether memory stays flat: clips of one and of ten minutes, drawn as they are written, with a sound and two stems.

    python -m bench.mux_length [--height 180] [--rate 24] [--minutes 1 10] [--forms mp4:h264:aac mkv:h264:flac] [--sounds plain levelled]

"levelled" is brought to -14 LUFS under -1 dBTP, which takes the limiter here. For each form, sound and length, in a process of its own:
MB at the highest beyond what the process held before, of which the sound and its stems are a part, resident and mapped; CPU seconds, and those of them that measuring
took; MB of the file. The frames are given in chunks that reuse their memory. mp4 keeps its index, about a hundred bytes a packet, until the end.
Linux only: figures come from /proc.
"""
import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from media import formats
from media.delivery import level
from media.writing import write_clip

from .mux_child import width_of
from .scenery import RATE, SAMPLE_RATE, Scenery, sound
from .usage import cpu_seconds, mapped, memory, reset_peak

ROOT = Path(__file__).resolve().parent.parent
TARGET, CEILING = -14.0, -1.0


def measure(form, height, minutes, rate, levelled):
    """{minutes, beyond_mb, cpu_s, level_cpu_s, file_mb} of one clip."""
    torch.set_num_threads(1)
    scenery, pid = Scenery(height, width_of(height)), os.getpid()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{form.container}"

        def write(frames):
            waveform = sound(round(frames * RATE / rate))
            for at in range(0, waveform.shape[1], SAMPLE_RATE):
                waveform[:, at:at + SAMPLE_RATE // 100] *= 8
            stems = {"dialogue": 0.5 * waveform, "music": 0.5 * waveform}
            idle, held = memory(pid)[0], mapped(pid)[0]
            reset_peak(pid)
            before = cpu_seconds(pid)
            if levelled:
                waveform, stems, _ = level(waveform, stems, SAMPLE_RATE, TARGET, CEILING, True)
            measured = cpu_seconds(pid) - before
            write_clip(path, scenery.chunks(frames), rate, waveform, SAMPLE_RATE, form=form, stems=stems)
            beyond, more = memory(pid)[1] - idle, mapped(pid)[1] - held
            return {"beyond_mb": round(beyond / 1e6, 1), "mapped_mb": round(more / 1e6, 1), "cpu_s": round(cpu_seconds(pid) - before, 1), "level_cpu_s": round(measured, 1)}

        write(2)
        return {"minutes": minutes, **write(round(minutes * 60 * rate)), "file_mb": round(path.stat().st_size / 1e6, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--forms", nargs="+", default=["mp4:h264:aac", "mkv:h264:flac"])
    parser.add_argument("--rate", type=int, default=RATE, help="frames per second; few of them make the sound the greater part")
    parser.add_argument("--sounds", nargs="+", choices=("plain", "levelled"), default=["plain", "levelled"])
    args = parser.parse_args()
    if len(args.forms) == len(args.minutes) == len(args.sounds) == 1:
        form = formats.choose(*args.forms[0].split(":"), quality="draft")
        print(json.dumps(measure(form, args.height, args.minutes[0], args.rate, args.sounds == ["levelled"])))
        return
    report = {}
    for form, kind in itertools.product(args.forms, args.sounds):
        rows = report.setdefault(form, {}).setdefault(kind, [])
        for length in args.minutes:
            # A process each: what one has freed, the next would use again.
            command = [sys.executable, "-m", "bench.mux_length", "--height", str(args.height), "--rate", str(args.rate),
                       "--minutes", str(length), "--forms", form, "--sounds", kind]
            rows.append(json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout))
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
