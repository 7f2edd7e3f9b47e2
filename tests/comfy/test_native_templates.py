"""The templates on LTX-2.x and MiniMax H3 in the real ComfyUI, on tiny random weights: their loaders, our nodes, a file at the end.

Their text encoders have sizes of their own that no test can make small; random text takes their place.
"""
import json

import pytest
import torch

from comfyui_server import REPO
from graphs import node
from media.reading import read_clip
from media.writing import write_clip

TINY = {"ckpt_name": "ltx.safetensors", "unet_name": "h3.safetensors"}
FRAMES, RATE = 22, 25
pytestmark = pytest.mark.usefixtures("native", "film")


@pytest.fixture(scope="module")
def film(server):
    generator = torch.Generator().manual_seed(0)
    write_clip(server.input / "native.mp4", torch.rand(FRAMES, 64, 96, 3, generator=generator), RATE,
               0.1 * torch.randn(2, FRAMES * 48000 // RATE, generator=generator), 48000)


def shrunk(name):
    """The API workflow with tiny files in its loaders, random text for its prompts, and a small, short clip."""
    graph = json.loads((REPO / "workflows" / "api" / f"{name}.json").read_text())
    vaes = iter(("h3_picture.safetensors", "h3_sound.safetensors"))
    for number, each in list(graph.items()):
        inputs, kind = each["inputs"], each["class_type"]
        inputs.update({key: tiny for key, tiny in TINY.items() if key in inputs})
        if kind == "VAELoader":
            inputs["vae_name"] = next(vaes)
        elif kind in ("CLIPLoader", "LTXAVTextEncoderLoader"):
            del graph[number]
        elif kind == "CLIPTextEncode":
            node(graph, number, "TinyText", model=["1", 0], seed=int(number))
        elif kind == "PhonofilmEncode":
            inputs.update(width=96, height=64, length=inputs["length"] and FRAMES / RATE)
        elif kind == "PhonofilmSampler":
            inputs["steps"] = 2
        elif kind == "PhonofilmLoadAV":
            inputs["file"] = "native.mp4"
    return graph


@pytest.mark.parametrize("name", ["ltx_text_to_av", "ltx_video_to_sound", "h3_text_to_av", "h3_video_to_sound"])
def test_it_runs(server, name):
    graph = shrunk(name)
    run = server.run(graph)
    assert run.status == "success", run.error
    (item,) = next(output["images"] for output in run.outputs.values() if output.get("animated"))
    clip = read_clip(server.output / item["subfolder"] / item["filename"])
    frames, rate = (21, 24) if name == "h3_text_to_av" else (FRAMES, RATE)
    assert (len(clip.frames), clip.rate) == (frames, rate) and clip.waveform.isfinite().all() and clip.waveform.abs().max() > 0
    if name.endswith("video_to_sound"):
        film = read_clip(server.input / "native.mp4")
        assert torch.equal(clip.frames, film.frames)
        count = min(clip.waveform.shape[1], film.waveform.shape[1])
        assert clip.sample_rate != film.sample_rate or not torch.equal(clip.waveform[:, :count], film.waveform[:, :count])
