"""The shipped workflow through /prompt: a file with picture and sound, previews on the way."""
import json

import av

from graphs import EMPTY, MUX, text_to_av


def test_text_to_av(server, tiny):
    graph = text_to_av(seed=11)
    run = server.run(graph)
    assert run.status == "success", run.error
    (item,) = run.outputs[MUX]["images"]
    assert run.outputs[MUX]["animated"] == [True] and item["type"] == "output"
    assert run.previews >= 1
    file = server.output / item["subfolder"] / item["filename"]
    assert server.view(item) == file.read_bytes()
    with av.open(str(file)) as clip:
        (picture,), (sound,) = clip.streams.video, clip.streams.audio
        assert (picture.codec.name, picture.width, picture.height, picture.average_rate) == ("h264", 128, 128, 24)
        assert (sound.codec.name, sound.rate, sound.channels) == ("aac", 48000, 2)
        assert json.loads(clip.metadata["prompt"])[EMPTY] == graph[EMPTY]
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
