"""How much memory the starter takes in a real ComfyUI, beside what it tells ComfyUI that it will.

    python -m bench.memory [--seconds 2 4 10] [--batches 1 4] [--comfyui PATH]

For each clip {what: [MB told, MB at the highest, their ratio]}: one step of sampling with two prompts, and both codecs both
ways. What is counted is what torch allocates on the CPU, the weights not included. Encoding takes one clip's frames, as core does.
"""
import argparse
import json
import tempfile
from pathlib import Path

from .mux_server import find_comfyui

from comfyui_server import Server  # isort: skip; bench.mux_server put it on the path
from graphs import EMPTY, LOAD, PROMPT, SAMPLER, node, until_latent


def told_and_used(server, model, seconds, batch):
    """{what: (bytes told, bytes used)} of a clip."""
    graph = until_latent(model=model, seconds=seconds, batch_size=batch)
    del graph[SAMPLER]
    node(graph, "memory", "PeakMemory", model=[LOAD, 0], latent=[EMPTY, 0], vae=[LOAD, 2], audio_vae=[LOAD, 3], positive=[PROMPT, 0], negative=[PROMPT, 1])
    run = server.run(graph, timeout=1200)
    if run.status != "success":
        raise RuntimeError(run.error)
    return {what: tuple(pair) for what, pair in json.loads(run.outputs["memory"]["text"][0]).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[2.0, 4.0, 10.0])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--comfyui", type=Path)
    args = parser.parse_args()
    report = {}
    with tempfile.TemporaryDirectory() as folder, Server(args.comfyui or find_comfyui(), folder, ["--preview-method", "none"]) as server:
        for seconds in args.seconds:
            for batch in args.batches:
                found = told_and_used(server, "starter", seconds, batch)
                report[f"{seconds:g} s x {batch}"] = {what: [round(told / 1e6, 1), round(used / 1e6, 1), round(told / used, 2)] for what, (told, used) in found.items()}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
