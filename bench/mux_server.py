"""Mux, and core's Create Video and Save Video, in a ComfyUI of their own, driven over HTTP."""
import sys
import time
from pathlib import Path

from .scenery import RATE
from .usage import cpu_seconds, memory, reset_peak

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "comfy"))

from comfyui_server import Server, find_comfyui  # noqa: E402

__all__ = ["find_comfyui", "measure"]

# A node that gives the clip, so that neither peer has to read it from somewhere.
SOURCE = f"""
import sys
sys.path.append({str(ROOT)!r})
from bench.scenery import SAMPLE_RATE, Scenery, sound


class BenchScenery:
    CATEGORY, FUNCTION, RETURN_TYPES = "bench", "make", ("IMAGE", "AUDIO")

    @classmethod
    def INPUT_TYPES(cls):
        return {{"required": {{name: ("INT", {{"max": 100000}}) for name in ("height", "width", "frames")}}}}

    def make(self, height, width, frames):
        return Scenery(height, width).frames(frames), {{"waveform": sound(frames)[None], "sample_rate": SAMPLE_RATE}}


NODE_CLASS_MAPPINGS = {{"BenchScenery": BenchScenery}}
"""


def graph_of(peer, height, width, frames):
    clip = {"1": {"class_type": "BenchScenery", "inputs": {"height": height, "width": width, "frames": frames}}}
    if peer == "mux":
        return clip | {"2": {"class_type": "PhonofilmMux", "inputs": {"images": ["1", 0], "audio": ["1", 1], "rate": float(RATE), "filename_prefix": "mux", "quality": "high"}}}
    # "medium" is x264's preset where none is given.
    return clip | {
        "2": {"class_type": "CreateVideo", "inputs": {"images": ["1", 0], "audio": ["1", 1], "fps": float(RATE)}},
        "3": {"class_type": "SaveVideo", "inputs": {"video": ["2", 0], "filename_prefix": "core", "format": "mp4", "format.codec": "h264",
                                                    "format.codec.encoding": "re-encode", "format.codec.encoding.crf": 18.0, "format.codec.encoding.color_space": "auto"}}}


def busy(pid):
    return cpu_seconds(pid, without_main=True)  # the main thread serves HTTP, and is never quite idle


def measure(comfyui, folder, peer, height, width, frames):
    """What `bench.mux_child` prints, from the moment that the clip is there; with a server of its own."""
    (folder / "custom_nodes").mkdir(parents=True)
    (folder / "custom_nodes" / "bench_scenery.py").write_text(SOURCE)
    with Server(comfyui, folder) as server:
        pid, begun = server.process.pid, []

        def on_message(kind, data):
            if kind == "executing" and data["node"] == "2":
                reset_peak(pid)
                begun[:] = time.monotonic(), busy(pid), memory(pid)[0]

        for size in ((64, 64, 2), (height, width, frames)):  # the first loads what is loaded once
            done = server.run(graph_of(peer, *size), timeout=1200, on_message=on_message)
            if done.status != "success":
                raise RuntimeError(done.error)
        file = max(server.output.glob("*.mp4"), key=lambda path: path.stat().st_mtime)
        return {"frames": frames, "seconds": done.ended - begun[0], "cpu": busy(pid) - begun[1], "beyond": memory(pid)[1] - begun[2], "bytes": file.stat().st_size}
