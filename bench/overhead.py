"""What our Sampler costs beside core's KSampler on the same graph, in a real ComfyUI.

    python -m bench.overhead [--runs 7] [--steps 16] [--models starter ltx h3] [--comfyui PATH]

One latent, prompt, schedule and scale for both; the two take turns on the same server, on the CPU. The starter is the shipped one, 4 s; LTX-2 and
MiniMax H3 are tiny random checkpoints (tests/comfy/native), for which every millisecond that a sampler adds counts for more than
on the real ones. "ratio" is ours over core's: of the CPU seconds of the process, and of the wall clock, at their least and at
their median. Linux only: CPU seconds come from /proc.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .mux_server import find_comfyui
from .usage import cpu_seconds

from comfyui_server import Server  # isort: skip; bench.mux_server put it on the path
from graphs import node, text_to_av
from test_native import graph_of

ROOT = Path(__file__).resolve().parent.parent
LENGTHS = {"starter": 4.0, "ltx": 8.0, "h3": 4.0}  # seconds
CFG = 2.0


def graph(name, ours, seed, steps):
    """An API workflow whose node "sampler" is the one that is timed."""
    if name == "starter":
        workflow = text_to_av("starter", LENGTHS[name])
        given = workflow.pop("4")["inputs"]
        workflow = {number: each for number, each in workflow.items() if number in "123"}
    else:
        workflow = graph_of(name, {"width": 160, "height": 96, "rate": 24.0, "length": LENGTHS[name]})
        workflow = {number: each for number, each in workflow.items() if number not in ("film", "one")}
        given = workflow.pop("sampler")["inputs"]
    links = {key: given[key] for key in ("model", "positive", "negative")}
    shared = {"seed": seed, "steps": steps, "scheduler": "simple", "denoise": 1.0}
    if ours:
        node(workflow, "sampler", "PhonofilmSampler", **links, **shared, latent=given["latent"], sampler="euler", picture_guidance=CFG, sound_guidance=CFG, sync_guidance=1.0, skip_guidance=1.0, score_guidance=1.0, takes=1)
    else:
        node(workflow, "sampler", "KSampler", **links, **shared, latent_image=given["latent"], sampler_name="euler", cfg=CFG)
    node(workflow, "apart", "LTXVSeparateAVLatent", av_latent=["sampler", 0])
    node(workflow, "saved", "SaveLatent", samples=["apart", 0], filename_prefix="overhead")
    return workflow


def timed(server, workflow):
    """(wall, CPU) seconds of the node "sampler"."""
    marks = []

    def on_message(kind, data):
        if kind == "executing" and (data["node"] == "sampler" or len(marks) == 1):
            marks.append((time.monotonic(), cpu_seconds(server.process.pid)))

    run = server.run(workflow, timeout=1200, on_message=on_message)
    if run.status != "success":
        raise RuntimeError(run.error)
    return [after - before for before, after in zip(*marks[:2])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--models", nargs="+", default=list(LENGTHS), choices=list(LENGTHS))
    parser.add_argument("--comfyui", type=Path)
    args = parser.parse_args()
    comfyui, report = args.comfyui or find_comfyui(), {}
    with tempfile.TemporaryDirectory() as folder, Server(comfyui, folder, ["--preview-method", "none"]) as server:
        build = ROOT / "tests" / "comfy" / "native" / "build.py"
        subprocess.run([sys.executable, str(build), str(comfyui), folder], check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        for name in args.models:
            found = {True: [], False: []}
            for run in range(args.runs + 1):
                for ours in (True, False) if run % 2 else (False, True):
                    found[ours].append(timed(server, graph(name, ours, run, args.steps)))
            ours, core = (list(zip(*found[which][1:])) for which in (True, False))  # the first loads the model
            report[name] = {"ksampler_s": {"wall": round(min(core[0]), 3), "cpu": round(min(core[1]), 3)}, "ratio": {
                kind: {how: round(pick(ours[i]) / pick(core[i]), 3) for how, pick in (("least", min), ("median", statistics.median))} for i, kind in enumerate(("wall", "cpu"))}}
            print(name, report[name], file=sys.stderr, flush=True)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
