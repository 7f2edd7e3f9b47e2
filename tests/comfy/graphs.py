"""API workflows for the tests, built from the shipped one, and what they leave behind."""
import json
from pathlib import Path

from safetensors.torch import load_file

from comfyui_server import REPO

SHIPPED = REPO / "workflows" / "api" / "text_to_av.json"
LOAD, PROMPT, EMPTY, SAMPLER, DECODE, MUX = "123456"  # node numbers of the shipped workflow


def text_to_av(model="tiny.safetensors", seconds=1.0, **settings):
    """The shipped workflow, one second long and in four steps; `settings` are inputs of the Sampler or the Prompt."""
    graph = json.loads(SHIPPED.read_text())
    graph[LOAD]["inputs"]["model_name"] = model
    graph[EMPTY]["inputs"]["seconds"] = seconds
    graph[SAMPLER]["inputs"]["steps"] = 4
    for name, value in settings.items():
        (node,) = (number for number in (PROMPT, SAMPLER, EMPTY) if name in graph[number]["inputs"])
        graph[node]["inputs"][name] = value
    return graph


def until_latent(**settings):
    """The same as far as the Sampler."""
    graph = text_to_av(**settings)
    del graph[DECODE], graph[MUX]
    return graph


def node(graph, number, kind, **inputs):
    """Add a node and return its number, for links."""
    graph[number] = {"class_type": kind, "inputs": inputs}
    return number


def stock_sampler(graph, number="20", model=(LOAD, 0), cfg=2.0, seed=1, steps=4, positive=(PROMPT, 0), negative=(PROMPT, 1), latent=(EMPTY, 0)):
    return node(graph, number, "KSampler", model=list(model), seed=seed, steps=steps, cfg=cfg, sampler_name="euler", scheduler="simple",
                positive=list(positive), negative=list(negative), latent_image=list(latent), denoise=1.0)


def save_latent(graph, source, prefix):
    """Core cannot save a latent of two streams, so each by itself."""
    node(graph, prefix + "-apart", "LTXVSeparateAVLatent", av_latent=[source, 0])
    for index, name in enumerate(("picture", "sound")):
        node(graph, f"{prefix}-{name}", "SaveLatent", samples=[prefix + "-apart", index], filename_prefix=f"{prefix}-{name}")


def saved_latent(server, run, prefix):
    """(picture, sound) that `save_latent` wrote in this run."""
    assert run.status == "success", run.error
    files = [run.outputs[f"{prefix}-{name}"]["latents"][0] for name in ("picture", "sound")]
    return tuple(load_file(Path(server.output, f["subfolder"], f["filename"]))["latent_tensor"] for f in files)


def latents(server, graph, source, prefix):
    """Run a graph and return the latents of its node `source`."""
    save_latent(graph, source, prefix)
    return saved_latent(server, server.run(graph), prefix)
