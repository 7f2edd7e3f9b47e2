"""The shipped workflow through /prompt: a file with picture and sound, previews on the way."""
import json
import subprocess
import sys

import av

from comfyui_server import REPO, Server
from graphs import EMPTY, MUX, SHIPPED, text_to_av
from tiny import save_tiny


def test_text_to_av(server, tiny):
    graph = text_to_av(seed=11)
    canvas = {"nodes": [], "version": 0.4}
    run = server.run(graph, extra_data={"extra_pnginfo": {"workflow": canvas}})
    assert run.status == "success", run.error
    (item,) = run.outputs[MUX]["images"]
    assert run.outputs[MUX]["animated"] == [True] and item["type"] == "output"
    assert run.previews >= 1
    file = server.output / item["subfolder"] / item["filename"]
    assert server.view(item) == file.read_bytes()
    with av.open(str(file)) as clip:
        (picture,), (sound, *stems) = clip.streams.video, clip.streams.audio
        assert (picture.codec.name, picture.width, picture.height, picture.average_rate) == ("h264", 128, 128, 24)
        assert (sound.codec.name, sound.rate, sound.channels) == ("aac", 48000, 2)
        assert [stem.metadata["handler_name"] for stem in stems] == ["Stem: dialogue", "Stem: music", "Stem: effects", "Stem: ambience"]
        assert json.loads(clip.metadata["prompt"])[EMPTY] == graph[EMPTY]
        assert json.loads(clip.metadata["workflow"]) == canvas
        assert sum(1 for _ in clip.decode(picture)) == 25
    with av.open(str(file)) as clip:
        samples = sum(frame.samples for frame in clip.decode(audio=0))
        assert abs(samples - 50000) < 2048


def test_progress_is_reported(server, tiny):
    run = server.run(text_to_av(seed=12))
    kinds = {kind for kind, _ in run.messages}
    assert {"progress_state", "progress"} & kinds


def test_a_batch_and_takes_follow_one_another(server, tiny):
    graph = text_to_av(seed=13, batch_size=2, takes=2)
    run = server.run(graph)
    assert run.status == "success", run.error
    item = run.outputs[MUX]["images"][0]
    with av.open(str(server.output / item["subfolder"] / item["filename"])) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == 4 * 25


def test_previews_and_metadata_can_be_switched_off(comfyui, tmp_path):
    with Server(comfyui, tmp_path, ["--preview-method", "none", "--disable-metadata"]) as quiet:
        save_tiny(quiet.checkpoints)
        run = quiet.run(text_to_av())
        assert run.status == "success" and run.previews == 0
        item = run.outputs[MUX]["images"][0]
        with av.open(str(quiet.output / item["subfolder"] / item["filename"])) as clip:
            assert not {"prompt", "workflow"} & clip.metadata.keys()


def test_the_headless_runner_sends_it_here(server, tiny, tmp_path):
    """`--server` queues the same JSON on this ComfyUI and fetches what it saved."""
    out = tmp_path / "clip.mp4"
    command = [sys.executable, "-m", "headless", str(SHIPPED), "--server", server.url, "--seed", "14", "--out", str(out)]
    for name, value in {"model_name": tiny, "seconds": 1, "steps": 2, "prompt": "a ball"}.items():
        command += ["--set", f"{name}={value}"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with av.open(str(out)) as clip:
        assert {stream.type for stream in clip.streams} == {"video", "audio"}
