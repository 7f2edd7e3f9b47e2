"""Whether memory stays flat: clips of one and of ten minutes, drawn as they are written, with a sound and two stems.

    python -m bench.mux_length [--height 180] [--rate 24] [--minutes 1 10] [--forms mp4:h264:aac mkv:h264:flac] [--sounds plain levelled own]

"levelled" is brought to -14 LUFS under -1 dBTP, which takes the limiter here. "own" is also brought there, but it is the sound of a film on disk, whose picture is
copied, as Mux does for a video without other sound; it has no stems. For each form, sound and length, in a process of its own:
MB at the highest beyond what the process held before, of which the sound and its stems are a part, resident and mapped; CPU seconds, and those of them that measuring
took; MB of the file. The frames are given in chunks that reuse their memory. mp4 keeps its index, about a hundred bytes a packet, until the end.
Linux only: figures come from /proc.
"""
import argparse
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from media import formats
from media.delivery import level, pictures_of
from media.reading import laid_sounds
from media.writing import write_clip

from .mux_child import width_of
from .scenery import RATE, SAMPLE_RATE, Scenery, sound
from .usage import cpu_seconds, mapped, memory, reset_peak

ROOT = Path(__file__).resolve().parent.parent
TARGET, CEILING = -14.0, -1.0
KINDS = ("plain", "levelled", "own")


def measure(form, height, minutes, rate, kind):
    """{minutes, beyond_mb, mapped_mb, cpu_s, level_cpu_s, file_mb} of one clip."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path, film = (Path(folder) / f"{name}.{form.container}" for name in ("clip", "film"))

        def write(frames):
            if kind != "own":
                return given(path, form, height, frames, rate, kind == "levelled")
            process = multiprocessing.get_context("spawn").Process(target=given, args=(film, form, height, frames, rate, False))  # the most mapped is never reset
            process.start()
            process.join()
            return own(path, film, form)

        write(2)
        return {"minutes": minutes, **write(round(minutes * 60 * rate)), "file_mb": round(path.stat().st_size / 1e6, 1)}


def given(path, form, height, frames, rate, levelled):
    """Figures of a clip drawn as it is written, with a sound and two stems from memory."""
    scenery, waveform = Scenery(height, width_of(height)), sound(round(frames * RATE / rate))
    for at in range(0, waveform.shape[1], SAMPLE_RATE):
        waveform[:, at:at + SAMPLE_RATE // 100] *= 8
    stems, figures = {"dialogue": 0.5 * waveform, "music": 0.5 * waveform}, Figures()
    if levelled:
        waveform, stems, _ = level(waveform, stems, SAMPLE_RATE, TARGET, CEILING, True)
    figures.levelled()
    write_clip(path, scenery.chunks(frames), rate, waveform, SAMPLE_RATE, form=form, stems=stems)
    return figures.found()


def own(path, film, form):
    """Figures of a clip made of a film's picture and its own sound, levelled."""
    figures = Figures()
    source = pictures_of(film, 0, 0, form.container, "auto", "picture")
    with laid_sounds(film, source.origin) as (sounds, sample_rate):
        waveform, _, _ = level(sounds[None], {}, sample_rate, TARGET, CEILING, True)
        figures.levelled()
        write_clip(path, source.pictures, source.rate, waveform, sample_rate, form=form)
    return figures.found()


class Figures:
    """What this process uses from now on."""

    def __init__(self):
        self.pid = os.getpid()
        self.idle, self.mapped = memory(self.pid)[0], mapped(self.pid)[0]
        reset_peak(self.pid)
        self.before = cpu_seconds(self.pid)

    def levelled(self):
        self.measured = cpu_seconds(self.pid) - self.before

    def found(self):
        beyond, more = memory(self.pid)[1] - self.idle, mapped(self.pid)[1] - self.mapped
        return {"beyond_mb": round(beyond / 1e6, 1), "mapped_mb": round(more / 1e6, 1), "cpu_s": round(cpu_seconds(self.pid) - self.before, 1), "level_cpu_s": round(self.measured, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--forms", nargs="+", default=["mp4:h264:aac", "mkv:h264:flac"])
    parser.add_argument("--rate", type=int, default=RATE, help="frames per second; few of them make the sound the greater part")
    parser.add_argument("--sounds", nargs="+", choices=KINDS, default=KINDS)
    args = parser.parse_args()
    if len(args.forms) == len(args.minutes) == len(args.sounds) == 1:
        form = formats.choose(*args.forms[0].split(":"), quality="draft")
        print(json.dumps(measure(form, args.height, args.minutes[0], args.rate, args.sounds[0])))
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
