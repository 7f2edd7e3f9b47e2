"""How fast a clip is written and with how much memory: ours, core's Create Video + Save Video, and a pipe into ffmpeg.

    python -m bench.mux [--clips 720:72,216 1080:72,144 360:240,1440] [--comfyui PATH]

The same frames and sound, H.264 (preset medium, crf 18) and AAC in mp4, for all. In the ComfyUI (COMFYUI_PATH, ~/comfy/ComfyUI, or the
one this folder lies in; null where there is none) Mux stands beside core, over HTTP; without it `write_clip` stands beside the
pipe (null where there is no ffmpeg on the PATH). torch has one thread, the encoders as many as they like.

For each length: frames a second, CPU milliseconds a frame, and MB of memory at the highest beyond the idle process and the
clip's own tensors. "grows_mb" is how much of that a clip of the last length takes more than one of the first. Linux only: figures come from /proc.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .mux_child import width_of

ROOT = Path(__file__).resolve().parent.parent


def child(peer, height, lengths, ffmpeg):
    command = [sys.executable, "-m", "bench.mux_child", peer, str(height), *map(str, lengths), "--ffmpeg", ffmpeg or ""]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return map(json.loads, done.stdout.splitlines())


def told(name, height, rows):
    rows = list(rows)
    mb = [row["beyond"] / 1e6 for row in rows]
    print(f"{height} {name}: {rows}", file=sys.stderr, flush=True)
    return {"frames": [row["frames"] for row in rows], "fps": [round(row["frames"] / row["seconds"], 2) for row in rows],
            "cpu_ms_per_frame": [round(1000 * row["cpu"] / row["frames"], 1) for row in rows],
            "beyond_mb": [round(value, 1) for value in mb], "grows_mb": round(mb[-1] - mb[0], 1), "file_mb": [round(row["bytes"] / 1e6, 2) for row in rows]}


def clip(text):
    height, _, lengths = text.partition(":")
    return int(height), tuple(map(int, lengths.split(",")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=clip, nargs="+", default=[clip(text) for text in ("720:72,216", "1080:72,144", "360:240,1440")])
    parser.add_argument("--comfyui", type=Path)
    args = parser.parse_args()
    from .mux_server import find_comfyui, measure

    comfyui, ffmpeg = args.comfyui or find_comfyui(), shutil.which("ffmpeg")
    report = {"cpus": len(os.sched_getaffinity(0)), "ffmpeg": ffmpeg and subprocess.run([ffmpeg, "-version"], capture_output=True, text=True).stdout.split()[2]}
    for height, lengths in args.clips:
        size = height, width_of(height)
        beside = {"write_clip": told("write_clip", height, child("ours", height, lengths, None)), "ffmpeg_pipe": ffmpeg and told("ffmpeg_pipe", height, child("pipe", height, lengths, ffmpeg)), "mux": None, "core": None}
        for name, peer in (("mux", "ours"), ("core", "core")) if comfyui else ():
            with tempfile.TemporaryDirectory() as folder:
                beside[name] = told(name, height, measure(comfyui, Path(folder), peer, *size, lengths))
        report[f"{size[1]}x{height}"] = beside
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
