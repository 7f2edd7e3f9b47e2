"""Bad input and cancel in ComfyUI: one clear line that says what to do, and no file left behind."""
import time

import pytest

from comfyui_server import Rejected
from graphs import EMPTY, LOAD, MUX, PROMPT, SAMPLER, node, text_to_av, until_latent


@pytest.fixture(autouse=True)
def nothing_left_behind(server):
    before = files(server)
    yield
    assert files(server) == before


def files(server):
    return {path for path in server.output.rglob("*") if path.is_file()}


def error_of(server, graph):
    """The one line a user reads: what the failed node says, or why the server refused."""
    try:
        run = server.run(graph)
    except Rejected as refused:
        return " ".join(refused.lines)
    assert run.status == "error", run.status
    assert len(run.error.splitlines()) == 1, run.error
    return run.error


@pytest.mark.parametrize("settings, says", [
    ({"picture": "", "effects": " "}, "prompt is empty"),
    ({"picture": "zyzzyva qwertz", "effects": ""}, "knows none of these words: zyzzyva, qwertz"),
    ({"seconds": 0.0}, "smaller than min"),
    ({"seconds": 10000.0}, "bigger than max"),
    ({"width": 130}, "makes 128x128 pictures, not 130x128"),
    ({"steps": 0}, "smaller than min"),
    ({"sampler": "magic"}, "not in list"),
    ({"picture_guidance": float("nan")}, "picture_guidance is nan"),
    ({"model": "nowhere.safetensors"}, "not in list"),
])
def test_settings(server, tiny, settings, says):
    assert says in error_of(server, text_to_av(**settings))


@pytest.mark.parametrize("edit, says", [
    (lambda g: g[SAMPLER].update(class_type="PhonofilmMissing"), "not found"),
    (lambda g: g[PROMPT]["inputs"].update(clip=[LOAD, 0]), "MODEL"),
    (lambda g: g[EMPTY]["inputs"].pop("seconds"), "seconds"),
    (lambda g: g[MUX]["inputs"].update(filename_prefix="../../clip"), "leads out of the output folder"),
    (lambda g: g[MUX]["inputs"].pop("images"), "images or a video"),
    (lambda g: (node(g, "30", "EmptyLatentImage", width=128, height=128, batch_size=1), g[SAMPLER]["inputs"].update(latent=["30", 0])),
     "does not hold picture and sound"),
    (lambda g: g[SAMPLER]["inputs"].update(vae=[LOAD, 2]), "connect audio_vae too"),
    (lambda g: (node(g, "30", "PhonofilmEdit", latent=[EMPTY, 0], start=2.0, end=1.0), g[SAMPLER]["inputs"].update(latent=["30", 0])), "is no range of this clip"),
    (lambda g: (node(g, "30", "PhonofilmScore", text="effects soon"), g[PROMPT]["inputs"].update(score=["30", 0])), "'soon' is not a number"),
])
def test_workflows(server, tiny, edit, says):
    graph = text_to_av()
    edit(graph)
    assert says in error_of(server, graph)


def test_a_cycle(server, tiny):
    graph = text_to_av()
    node(graph, "30", "PhonofilmScore", text="", model=[LOAD, 0], positive=[PROMPT, 0])
    graph[PROMPT]["inputs"]["score"] = ["30", 0]
    assert "cycl" in error_of(server, graph).lower()


def test_a_stock_sampler_with_a_plain_latent(server, tiny):
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "30", "EmptyLatentImage", width=128, height=128, batch_size=1)
    node(graph, "31", "KSampler", model=[LOAD, 0], seed=1, steps=2, cfg=2.0, sampler_name="euler", scheduler="simple",
         positive=[PROMPT, 0], negative=[PROMPT, 1], latent_image=["30", 0], denoise=1.0)
    node(graph, "32", "VAEDecode", samples=["31", 0], vae=[LOAD, 2])
    node(graph, "33", "PreviewImage", images=["32", 0])
    assert "picture and sound together" in error_of(server, graph)


def test_a_truncated_model(server, tiny):
    whole = (server.checkpoints / tiny).read_bytes()
    (server.checkpoints / "truncated.safetensors").write_bytes(whole[: len(whole) // 2])
    server.get("/object_info/PhonofilmLoadModel")
    assert "damaged" in error_of(server, text_to_av(model="truncated.safetensors"))
    (server.checkpoints / "truncated.safetensors").unlink()


def test_an_output_folder_that_cannot_be_written(server, tiny):
    blocked = server.output / "blocked"
    blocked.write_text("a file where a folder should be")
    try:
        graph = text_to_av()
        graph[MUX]["inputs"]["filename_prefix"] = "blocked/clip"
        assert "Cannot write" in error_of(server, graph)
    finally:
        blocked.unlink()


@pytest.mark.parametrize("settings, wait", [({"steps": 1000}, 1.5), ({"steps": 1000, "takes": 16, "sync_guidance": 2.0}, 0.7)])
def test_cancel_within_a_second(server, tiny, settings, wait):
    asked = []

    def interrupt_while_sampling(kind, data):
        if kind == "executing" and data["node"] == SAMPLER and not asked:
            time.sleep(wait)
            server.post("/interrupt", {})
            asked.append(time.monotonic())

    run = server.run(text_to_av(seconds=10.0, seed=int(time.time()), **settings), on_message=interrupt_while_sampling)
    assert run.status == "interrupted"
    assert run.ended - asked[0] < 1.0
