"""What people wire in by mistake, in the real ComfyUI: one line that names the input and what to do; tests/test_encode.py has it headless."""
import pytest
import torch

from graphs import EMPTY, LOAD, SAMPLER, node, save_latent, until_latent
from media.writing import write_clip
from test_faults import error_of
from test_native import film, graph_of  # noqa: F401


def encode(given, how):
    """Encode and the Sampler of a tiny starter; `given` are inputs of Encode."""
    graph = until_latent()
    del graph[EMPTY]
    node(graph, "bad", "Broken", how=how)
    node(graph, "encode", "PhonofilmEncode", vae=[LOAD, 2], audio_vae=[LOAD, 3], **{"length": 0.0, "width": 0, "height": 0, "batch_size": 1, **given})
    graph[SAMPLER]["inputs"]["latent"] = ["encode", 0]
    save_latent(graph, SAMPLER, "bad-input")
    return graph


FRAMES, SOUND = {"frames": ["bad", 0]}, {"audio": ["bad", 1]}


@pytest.mark.parametrize("how, given, says", [
    ("no frames", FRAMES, "frames holds no picture"),
    ("one frame", FRAMES, "frames holds one picture, which is no video: connect it to first_image"),
    ("NaN", FRAMES, "frames holds NaN or infinity in picture 3"),
    ("short", SOUND, "audio lasts 12.5 ms, less than the 41.7 ms of one latent: give a longer sound"),
    ("NaN", SOUND, "audio holds NaN or infinity"),
    ("two sounds", SOUND, "audio holds 2 sounds and batch_size is 1: set batch_size to 2"),
    ("", {"first_image": ["bad", 0]}, "first_image holds 9 pictures: give one"),
    ("", {**SOUND, "width": 64, "height": 64}, "makes 128x128 pictures, not 64x64: set width and height to 0"),
])
def test_encode(server, tiny, how, given, says):
    assert says in error_of(server, encode(given, how))


@pytest.mark.parametrize("how, says", [
    ("NaN", "latent holds NaN or infinity in its sound"),
    ("batch", "latent holds 1 pictures and 2 sounds: their batches must be equal"),
    ("mask of another batch", "noise_mask of the picture has the shape [3, 1,"),
    ("mask without axes", "noise_mask of the sound has the shape [7], which does not fit"),
    ("one mask", "noise_mask has 1 parts for picture and sound: give one mask for each"),
    ("mask beyond 1", "noise_mask of the picture has values outside 0 (keep) to 1 (make): clamp it"),
])
@pytest.mark.parametrize("model", ["starter", "ltx", "h3"])
def test_the_sampler_s_latent(server, tiny, native, film, model, how, says):
    if model == "starter":
        graph, source, sampler = until_latent(), EMPTY, SAMPLER
    else:
        graph, source, sampler = graph_of(model, {"width": 96, "height": 64, "rate": 25.0, "length": 0.88}), "encode", "sampler"
    node(graph, "bad", "Broken", how=how, latent=[source, 0])
    graph[sampler]["inputs"]["latent"] = ["bad", 2]
    save_latent(graph, sampler, "bad-latent")
    assert says in error_of(server, graph)


def test_a_silent_film_to_sound_and_from_sound(server, tiny):
    """A silent film is what video to sound begins with; where its sound is asked for, the line says that it has none."""
    write_clip(server.input / "mute.mp4", torch.rand(8, 64, 64, 3), 24)
    graph = encode({"frames": ["film", 0], "rate": ["film", 3]}, "")
    node(graph, "film", "PhonofilmLoadAV", file="mute.mp4")
    assert server.run(graph).status == "success"
    for given in ({"audio": ["film", 1]}, {"stems": ["film", 2]}):
        graph = encode(given, "")
        node(graph, "film", "PhonofilmLoadAV", file="mute.mp4")
        assert "the file it comes from is silent; connect one that has sound" in error_of(server, graph)


def test_the_starter_s_latent_and_another_model_s_codecs(server, tiny, native):
    graph = until_latent()
    node(graph, "vae", "VAELoader", vae_name="h3_picture.safetensors")
    node(graph, "audio_vae", "VAELoader", vae_name="h3_sound.safetensors")
    node(graph, "decode", "PhonofilmDecode", latent=[SAMPLER, 0], vae=["vae", 0], audio_vae=["audio_vae", 0], rate=24.0)
    node(graph, "shown", "PreviewImage", images=["decode", 0])
    assert "vae and audio_vae are of MiniMax H3, the latent of another model" in error_of(server, graph)
    graph["decode"]["inputs"]["vae"] = [LOAD, 2]
    assert "vae is of the starter and audio_vae of MiniMax H3: take both from one model" in error_of(server, graph)
