"""The same workflow, the same seed, the same latents: ComfyUI against the headless runner, in float32."""
import importlib

import pytest
import torch

from graphs import EMPTY, LOAD, PROMPT, SAMPLER, latents, node, text_to_av, until_latent
from models.joint.grid import snap_frames

TOLERANCE = 1e-4
SCORE = "effects 0.25 0.8; effects 0.6; music 0.5 1.0 A4"


def ours(runner, graph, latent=None, score=None):
    """LATENT of the workflow's Sampler in the headless host."""
    model, clip, _, _ = runner.load_model(graph[LOAD]["inputs"]["model_name"])
    fields = dict(graph[PROMPT]["inputs"])
    positive, _ = runner.encode_prompt(clip, fields, score)
    negative, _ = runner.encode_prompt(clip, {"picture": fields["avoid"]}, score)
    settings = {name: value for name, value in graph[SAMPLER]["inputs"].items() if not isinstance(value, list)}
    with torch.inference_mode():
        if latent is None:
            size = graph[EMPTY]["inputs"]
            latent = runner.empty_latent(model, 128, 128, snap_frames(size["seconds"]), size["batch_size"])
        return runner.sample(model, positive, negative, latent, **settings)[0]


def assert_same(theirs, latent):
    for a, b in zip(theirs, latent["samples"].unbind()):
        assert a.shape == b.shape
        assert (a - b).abs().max() < TOLERANCE


@pytest.mark.parametrize("name, settings", [
    ("plain", {}),
    ("unguided", {"picture_guidance": 1.0, "sound_guidance": 1.0, "score_guidance": 1.0}),
    ("scales", {"picture_guidance": 3.0, "sound_guidance": 1.5, "sync_guidance": 1.7, "skip_guidance": 1.5, "avoid": "rain"}),
    ("normal", {"scheduler": "normal", "steps": 7}),
    ("batch", {"batch_size": 2, "takes": 2, "seed": 2**40}),
])
def test_text_to_latents(server, runner, name, settings):
    graph = until_latent(**settings)
    expected = ours(runner, graph)
    assert_same(latents(server, graph, SAMPLER, f"parity-{name}"), expected)


def test_the_starter(server, runner, starter):
    """The shipped workflow on the shipped weights, at its own length and steps."""
    graph = until_latent(model=starter, seconds=4.0, steps=16)
    assert_same(latents(server, graph, SAMPLER, "parity-starter"), ours(runner, graph))


def test_a_written_score(server, runner):
    graph = until_latent()
    node(graph, "30", "PhonofilmScore", text=SCORE)
    graph[PROMPT]["inputs"]["score"] = ["30", 0]
    score = importlib.import_module("phonofilm.models.joint.score_text").parse(SCORE)
    expected = ours(runner, graph, score=score)
    assert_same(latents(server, graph, SAMPLER, "parity-score"), expected)
    assert not torch.allclose(expected["samples"].unbind()[0], ours(runner, until_latent())["samples"].unbind()[0], atol=1e-2)


@pytest.mark.parametrize("name, keep_picture, keep_sound, denoise", [
    ("video-to-sound", 0.0, 1.0, 1.0), ("sound-to-video", 1.0, 0.0, 1.0), ("half", 1.0, 1.0, 0.5), ("soft", 0.4, 1.0, 1.0)])
def test_what_is_given(server, runner, name, keep_picture, keep_sound, denoise):
    """Picture or sound of a first run kept, or redone in part, in a second."""
    graph = until_latent()
    prefix = f"parity-{name}"
    node(graph, "40", "LTXVSeparateAVLatent", av_latent=[SAMPLER, 0])
    for number, index, value in (("41", 0, keep_picture), ("42", 1, keep_sound)):
        node(graph, number + "0", "SolidMask", value=value, width=8, height=8)
        node(graph, number, "SetLatentNoiseMask", samples=["40", index], mask=[number + "0", 0])
    node(graph, "43", "LTXVConcatAVLatent", video_latent=["41", 0], audio_latent=["42", 0])
    second = node(graph, "44", "PhonofilmSampler", **{**graph[SAMPLER]["inputs"], "latent": ["43", 0], "seed": 5, "denoise": denoise})
    theirs = latents(server, graph, second, prefix)

    first = ours(runner, graph)
    given = first["samples"].unbind()
    masks = torch.full_like(given[0][:, :1], keep_picture), torch.full_like(given[1][:, :1], keep_sound)
    graph[SAMPLER]["inputs"].update(seed=5, denoise=denoise)
    expected = ours(runner, graph, {**first, "noise_mask": type(first["samples"])(masks)})
    assert_same(theirs, expected)
    for keep, old, new in zip((keep_picture, keep_sound), given, theirs):
        assert (keep > 0) or (old - new).abs().max() < TOLERANCE


def test_drafted_score_is_the_one_that_is_used(server, runner):
    """Score drafts from the same seed what the Sampler would draft by itself."""
    graph = text_to_av(seed=3)
    node(graph, "30", "PhonofilmScore", text="", model=[LOAD, 0], positive=[PROMPT, 0], latent=[EMPTY, 0], seed=3)
    node(graph, "31", "PreviewAny", source=["30", 1])
    run = server.run(graph)
    assert run.status == "success", run.error
    model, clip, _, _ = runner.load_model(graph[LOAD]["inputs"]["model_name"])
    positive, _ = runner.encode_prompt(clip, graph[PROMPT]["inputs"])
    with torch.inference_mode():
        score = runner.draft_score(model, positive, runner.empty_latent(model, 128, 128, 25, 1), 3)
    written = importlib.import_module("phonofilm.models.joint.score_text").format(score)
    assert run.outputs["31"]["text"][0].split() == written.split()
    assert run.outputs["30"]["phonofilm_score"] == run.outputs["31"]["text"]  # what the canvas shows
