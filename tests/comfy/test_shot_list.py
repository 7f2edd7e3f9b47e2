"""Shot List in the real ComfyUI: each shot a node of its own to core's cache, the same clip as headless, on every model."""
import json
import math
import time
from fractions import Fraction

import pytest
import torch
from safetensors.torch import load_file

import headless
from comfyui_server import REPO
from graphs import node, save_latent, saved_latent
from test_faults import error_of
from test_native import loaders

SHIPPED = REPO / "workflows" / "api" / "shot_list.json"
THREE = "1 | a red ball bounces\n0.8 | the ball hits the stone floor\n0.5 | rain"


def shot_list(text=THREE, **settings):
    """The shipped workflow as far as its latent, on the tiny starter."""
    graph = {number: each for number, each in json.loads(SHIPPED.read_text()).items() if number in "12"}
    graph["1"]["inputs"]["model_name"] = "tiny.safetensors"
    graph["2"]["inputs"].update({"text": text, "steps": 2, "head": 0.5, "seed": 3, **settings})
    node(graph, "report", "PreviewAny", source=["2", 2])
    return graph


def ran(run, kind):
    """The numbers of the shots whose sampler, window or other node was run, not cached."""
    assert run.status == "success", run.error
    nodes = [data["node"].rpartition(".")[2] for sort, data in run.messages if sort == "executing" and data.get("node")]
    return sorted(int(name.removeprefix(kind)) for name in nodes if name.startswith(kind) and name != kind)


def test_only_what_comes_from_a_change_on_is_made_again(server, tiny):
    graph = shot_list(seed=30)
    assert ran(server.run(graph), "sampler") == [1, 2, 3]
    rows = THREE.splitlines()
    for text, again in [
        ("# a comment\n" + THREE, []),
        (THREE.replace("rain", "a floor"), [3]),
        (THREE + "\n0.3 | a stone", [3, 4]),  # the third has no end of the clip any more
        (THREE.replace("hits", "bounces on"), [2, 3]),
        (rows[0], [1]),
        (THREE, [1, 2, 3]),
    ]:
        graph["2"]["inputs"]["text"] = text
        run = server.run(graph)
        assert ran(run, "sampler") == again, text
        assert {data["display_node"] for sort, data in run.messages if sort == "executing" and "." in str(data.get("node"))} <= {"2"}
    graph["2"]["inputs"]["steps"] = 1
    assert ran(server.run(graph), "sampler") == [1, 2, 3]


def test_the_same_clip_headless(server, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(server.checkpoints))
    graph = shot_list()
    node(graph, "save", "PhonofilmSaveLatent", latent=["2", 0], filename_prefix="shots")
    run = server.run(graph)
    assert run.status == "success", run.error
    (item,) = run.outputs["save"]["latents"]
    theirs = load_file(server.output / item["subfolder"] / item["filename"])
    assert run.outputs["report"]["text"][0].startswith("3 shots for the starter, in a window each: 2.292 s, 55 pictures at 24 per second (2.3 s asked)")
    del graph["report"]
    headless.run(graph, out=tmp_path)
    (path,) = tmp_path.rglob("*.safetensors")
    ours = load_file(path)
    assert ours.keys() == theirs.keys() and all((ours[name] - part).abs().max() < 1e-4 for name, part in theirs.items())


def native_list(name, text, **settings):
    graph = {}
    model, vae, audio_vae = loaders(graph, name)
    node(graph, "clip", "TinyClip", model=model)
    given = {**json.loads(SHIPPED.read_text())["2"]["inputs"], "model": model, "clip": ["clip", 0], "vae": vae, "audio_vae": audio_vae}
    node(graph, "list", "PhonofilmShotList", **{**given, "width": 96, "height": 64, "steps": 1, "text": text, **settings})
    node(graph, "report", "PreviewAny", source=["list", 2])
    save_latent(graph, "list", f"{name}-list")
    return graph


def texts(server):
    """What the tiny text encoder has been given."""
    return {json.loads(line.partition("TinyClip: ")[2]) for line in server.log.splitlines() if "TinyClip: " in line}


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("rate, frames, parts", [(25.0, 65, 41), (29.97, 78, 49)])
def test_ltx_makes_windows(server, rate, frames, parts):
    """Each shot's prompt is its own, and what comes before a change is kept bit for bit."""
    graph = native_list("ltx", "1.6 | a ball | a man says no | piano\n1 | a hammer ||| it hits", rate=rate)
    run = server.run(graph)
    first = saved_latent(server, run, "ltx-list")
    assert {"", "a ball. a man says no. Music: piano.", "a hammer. Sounds: it hits."} <= texts(server)
    assert f"2 shots for LTX-2, in a window each: {frames / rate:.4g} s, {frames} pictures at " in run.outputs["report"]["text"][0]
    graph["list"]["inputs"]["text"] = "1.6 | a ball | a man says no | piano\n1 | a bell"
    run = server.run(graph)
    second = saved_latent(server, run, "ltx-list")
    assert ran(run, "sampler") == [2]
    latents = (parts - 1) // 8 + 1
    assert torch.equal(first[0][:, :, :latents], second[0][:, :, :latents]) and not torch.equal(first[0][:, :, latents], second[0][:, :, latents])
    heard, new = int(parts / rate * 25), math.ceil(parts / rate * 25)  # the latent that both shots share is the first one's
    assert torch.equal(first[1][:, :, :heard], second[1][:, :, :heard]) and not torch.equal(first[1][:, :, new], second[1][:, :, new])


@pytest.mark.usefixtures("native")
def test_h3_makes_one_clip(server):
    run = server.run(native_list("h3", '1 | a ball ||| it hits | rain\n0.8 | a hammer |||| "'))
    picture, sound = saved_latent(server, run, "h3-list")
    assert picture.shape[2:] == (17, 4, 6) and sound.shape[3] == round(Fraction(56, 24) * 40)
    assert ran(run, "sampler") == [1] and ran(run, "window") == []
    assert "integrated_multimodal_description: [Shot 1] a ball. Sounds: it hits. [Shot 2] At 00:01.000, the camera cuts to a hammer.\n\noverall_soundscape: rain.\n\nnon_diegetic_music: N/A" in texts(server)
    assert run.outputs["report"]["text"][0].splitlines() == [
        "2 shots for MiniMax H3, in one, told by [Shot n]: 1.792 s, 43 pictures at 24 per second (1.8 s asked)",
        "shot 1 (line 1): 0 s to 1 s", "shot 2 (line 2): 1 s to 1.792 s, asked 1 s to 1.8 s"]


@pytest.mark.parametrize("edit, says", [
    ({"text": "# nothing"}, "The shot list is empty"),
    ({"text": "1 | a ball\n| rain"}, "line 2: seconds are missing"),
    ({"text": "1 | a ball\n1 | zyzzyva"}, "line 2: The model knows none of these words: zyzzyva"),
    ({"text": "1 | a ball\n9.9 | rain"}, "line 2: a shot of 9.9 s after a head of 0.5 s is longer than the starter makes"),
    ({"width": 96, "height": 64}, "makes 128x128 pictures"),
    ({"vae": ["1", 3], "audio_vae": ["1", 2]}, "vae and audio_vae are swapped"),
])
def test_faults(server, tiny, edit, says):
    graph = shot_list()
    graph["2"]["inputs"].update(edit)
    assert says in error_of(server, graph)


def test_cancel_in_a_window(server, tiny):
    graph = shot_list(seed=99)
    graph["2"]["inputs"]["steps"] = 12
    sent = []

    def on_message(kind, data):
        if kind == "progress" and data["node"].endswith("sampler2") and not sent:
            sent.append(time.monotonic())
            server.post("/interrupt", {})

    assert server.run(graph, on_message=on_message).status == "interrupted" and sent
