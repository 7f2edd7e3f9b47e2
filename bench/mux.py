"""How fast a clip is written and with how much memory: ours, core's Create Video + Save Video, and a pipe into ffmpeg.

    python -m bench.mux [--clips 720:72,216 1080:72,144 96:1440,7200] [--runs 2] [--comfyui PATH]

The same frames and sound, H.264 (preset medium, crf 18) and AAC in mp4, for all. In the ComfyUI (COMFYUI_PATH, ~/comfy/ComfyUI, or the
one this folder lies in; null where there is none) Mux stands beside core, over HTTP; without it `write_clip` stands beside the
pipe (null where there is no ffmpeg on the PATH). torch has one thread, the encoders as many as they like.

For each length: frames a second, CPU milliseconds a frame, and MB of memory at the highest beyond what the process held
when the writing began, the clip included. "grows_mb" is how much of that a clip of the last length takes more than one of the first. Linux only: figures come from /proc.
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


def measured(peer, height, frames, comfyui, ffmpeg):
    """What `bench.mux_child` prints, of one peer; each clip in a process of its own, for what one frees the next would use again."""
    if peer in ("mux", "core"):
        from .mux_server import measure

        with tempfile.TemporaryDirectory() as folder:
            return measure(comfyui, Path(folder), peer, height, width_of(height), frames)
    command = [sys.executable, "-m", "bench.mux_child", peer, str(height), str(frames), "--ffmpeg", ffmpeg or ""]
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)


def told(runs):
    """The best of the runs for time, the most for memory."""
    rows = list(zip(*runs))
    mb = [max(row["beyond"] for row in same) / 1e6 for same in rows]
    return {"frames": [same[0]["frames"] for same in rows], "fps": [round(max(row["frames"] / row["seconds"] for row in same), 2) for same in rows],
            "cpu_ms_per_frame": [round(1000 * min(row["cpu"] / row["frames"] for row in same), 1) for same in rows],
            "beyond_mb": [round(value, 1) for value in mb], "grows_mb": round(mb[-1] - mb[0], 1), "file_mb": [round(same[0]["bytes"] / 1e6, 2) for same in rows]}


def clip(text):
    height, _, lengths = text.partition(":")
    return int(height), tuple(map(int, lengths.split(",")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=clip, nargs="+", default=[clip(text) for text in ("720:72,216", "1080:72,144", "96:1440,7200")])
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--comfyui", type=Path)
    args = parser.parse_args()
    try:
        from .mux_server import find_comfyui

        comfyui = args.comfyui or find_comfyui()
    except ImportError:  # aiohttp, which comes with ComfyUI
        comfyui = None
    ffmpeg = shutil.which("ffmpeg")
    report = {"cpus": len(os.sched_getaffinity(0)), "ffmpeg": ffmpeg and subprocess.run([ffmpeg, "-version"], capture_output=True, text=True).stdout.split()[2]}
    for height, lengths in args.clips:
        runs = {"write_clip": [], "ffmpeg_pipe": [] if ffmpeg else None, "mux": [] if comfyui else None, "core": [] if comfyui else None}
        # One after another in each run, so that what else the machine does hits all of them.
        for peer, found in [pair for _ in range(args.runs) for pair in runs.items() if pair[1] is not None]:
            found.append([measured(peer, height, frames, comfyui, ffmpeg) for frames in lengths])
            print(f"{height} {peer}: {found[-1]}", file=sys.stderr, flush=True)
        report[f"{width_of(height)}x{height}"] = {peer: found and told(found) for peer, found in runs.items()}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
