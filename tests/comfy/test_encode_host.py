"""Encode in the real ComfyUI, on the starter: the same latents as headless, and what is given comes back bit for bit."""
import importlib

import pytest
import torch

from graphs import EMPTY, LOAD, SAMPLER, node, save_latent, saved_latent, until_latent
from media import formats
from media.reading import read_clip
from media.writing import write_clip
from test_parity import ours as sampled

FRAMES, RATE = 20, 25


@pytest.fixture(scope="module")
def film(server):
    """The name of a lossless clip of noise in the input folder, with two stems."""
    generator = torch.Generator().manual_seed(0)
    stems = {name: 0.1 * torch.randn(2, FRAMES * 48000 // RATE, generator=generator) for name in ("dialogue", "effects")}
    frames = torch.rand(FRAMES, 96, 160, 3, generator=generator)
    write_clip(server.input / "noise.mkv", frames, RATE, sum(stems.values()), 48000, form=formats.choose("mkv", video="ffv1", audio="flac"), stems=stems)
    return "noise.mkv"


GIVEN = {
    "nothing": {"length": 1.0},
    "image": {"length": 1.0, "first_image": ["film", 0]},
    "images": {"length": 1.0, "images": ["film", 0], "image_times": "0.5"},
    "video": {"frames": ["film", 0], "rate": ["film", 3]},
    "sound": {"audio": ["film", 1]},
    "stems": {"stems": ["film", 2], "effects_strength": 0.5},
    "image and sound": {"audio": ["film", 1], "first_image": ["film", 0], "last_image": ["film", 0], "batch_size": 2},
    "video and stems": {"frames": ["film", 0], "rate": ["film", 3], "stems": ["film", 2], "length": 1.5},
}


def graph_of(film, given):
    """Load AV, Encode and the Sampler; where images are wanted, the first frame of the film alone."""
    graph = until_latent()
    del graph[EMPTY]
    node(graph, "film", "PhonofilmLoadAV", file=film)
    node(graph, "one", "PhonofilmLoadAV", file=film, duration=0.04)
    images = {name: ["one", 0] for name in ("first_image", "last_image", "images") if name in given}
    node(graph, "encode", "PhonofilmEncode", vae=[LOAD, 2], audio_vae=[LOAD, 3], **{"length": 0.0, "width": 0, "height": 0, "batch_size": 1, **given, **images})
    graph[SAMPLER]["inputs"].update(latent=["encode", 0], steps=2, sync_guidance=1.5)
    return graph


def ours(runner, server, film, given):
    """LATENT of the node in the headless host."""
    clip, one = read_clip(server.input / film, stems=True), read_clip(server.input / film, 0, 0.04)
    outputs = {0: clip.frames, 1: sound(clip.waveform), 2: {name: sound(wave) for name, wave in clip.stems.items()}, 3: float(clip.rate)}
    inputs = {name: one.frames if "image" in name else outputs[value[1]] for name, value in given.items() if isinstance(value, list)}
    _, _, vae, audio_vae = runner.load_model("tiny.safetensors")
    encode = importlib.import_module("phonofilm.headless.api").node_classes()["PhonofilmEncode"]
    with torch.inference_mode():
        return encode.execute(vae, audio_vae, **{"length": 0.0, "width": 0, "height": 0, "batch_size": 1, **given, **inputs}).args[0]


def sound(wave):
    return {"waveform": wave[None], "sample_rate": 48000}


@pytest.mark.parametrize("name", GIVEN)
def test_encode_and_keep(server, runner, film, name):
    given = GIVEN[name]
    graph = graph_of(film, given)
    save_latent(graph, "encode", f"given-{name}")
    save_latent(graph, SAMPLER, f"made-{name}")
    run = server.run(graph)
    theirs, made = (saved_latent(server, run, f"{kind}-{name}") for kind in ("given", "made"))
    latent = ours(runner, server, film, given)
    masks = latent["noise_mask"].unbind() if "noise_mask" in latent else [torch.ones_like(part[:, :1]) for part in theirs]
    expected = sampled(runner, graph, latent)["samples"].unbind()
    for a, b, new, mask, same in zip(theirs, latent["samples"].unbind(), made, masks, expected):
        assert a.shape == b.shape and (a - b).abs().max() < 1e-5
        assert (new - same).abs().max() < 1e-4
        kept = (mask == 0).expand_as(a)
        assert torch.equal(a[kept], new[kept]), "what is kept comes back bit for bit"
        assert ((a - new)[~kept].abs() > 1e-3).float().mean() > 0.9 if (~kept).any() else True


def test_the_whole_way_keeps_the_length(server, tiny, film):
    graph = graph_of(film, GIVEN["video"])
    node(graph, "decode", "PhonofilmDecode", latent=[SAMPLER, 0], vae=[LOAD, 2], audio_vae=[LOAD, 3], rate=24.0)
    node(graph, "mux", "PhonofilmMux", images=["decode", 0], audio=["decode", 1], rate=["decode", 3], filename_prefix="kept", container="mkv")
    node(graph, "text", "PreviewAny", source=["encode", 1])
    run = server.run(graph)
    assert run.status == "success", run.error
    clip = read_clip(server.output / run.outputs["mux"]["files"][0]["filename"])
    assert len(clip.frames) == 19 and clip.waveform.shape[1] == 38000
    assert "20 at 25 per second became 19 at 24" in run.outputs["text"]["text"][0]


def test_a_silent_film(server, tiny):
    write_clip(server.input / "silent.mp4", torch.rand(8, 64, 64, 3), 24)
    graph = graph_of("silent.mp4", GIVEN["sound"])
    save_latent(graph, SAMPLER, "silent")
    run = server.run(graph)
    assert run.status == "error" and run.error.startswith("audio is connected but there is no sound")
