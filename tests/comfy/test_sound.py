"""Mix Stems, Loudness and Shift Audio in the real ComfyUI, on the stems of a generated clip."""
import json

import av
import torch

from graphs import DECODE, MUX, node, text_to_av
from media.loudness import integrated


def decoded(path):
    """The first sound of a file: ([C, T], rate)."""
    with av.open(str(path)) as clip:
        parts = [torch.from_numpy(frame.to_ndarray()) for frame in clip.decode(audio=0)]
        return torch.cat(parts, 1), clip.streams.audio[0].rate


def test_mix_measure_and_shift(server, tiny):
    graph = text_to_av(seed=15)
    node(graph, "mix", "PhonofilmMixStems", stems=[DECODE, 2], music_gain=-3, effects_pan=0.3, ambience_mute=True, duck_depth=6,
         more="", loudness="-23 LUFS (EBU R128)", ceiling=-1.5)
    node(graph, "meter", "PhonofilmLoudness", audio=["mix", 0], stems=["mix", 1], target="-23 LUFS (EBU R128)")
    node(graph, "text", "PreviewAny", source=["meter", 0])
    node(graph, "plot", "PreviewImage", images=["meter", 1])
    node(graph, "shift", "PhonofilmShiftAudio", audio=["mix", 0], ms=1.25)
    graph[MUX]["inputs"]["audio"] = ["shift", 0]
    run = server.run(graph)
    assert run.status == "success", run.error
    figures = json.loads(run.outputs["text"]["text"][0])["sounds"]
    assert list(figures) == ["audio", "dialogue", "music", "effects", "ambience", "mix"]
    assert figures["audio"] == figures["mix"] and abs(figures["mix"]["integrated_lufs"] + 23) < 0.1
    assert figures["mix"]["true_peak_dbtp"] <= -1.5 and figures["ambience"]["integrated_lufs"] is None
    assert server.view(run.outputs["plot"]["images"][0]).startswith(b"\x89PNG")
    item = run.outputs[MUX]["images"][0]
    waveform, rate = decoded(server.output / item["subfolder"] / item["filename"])
    assert abs(integrated(waveform, rate) + 23) < 0.5, "what was mixed is in the file"


def test_a_stem_that_is_not_there_is_named(server, tiny):
    graph = text_to_av(seed=15)
    node(graph, "mix", "PhonofilmMixStems", stems=[DECODE, 2], more="narrator: mute")
    graph[MUX]["inputs"]["audio"] = ["mix", 0]
    run = server.run(graph)
    assert run.status == "error" and run.error == "There is no stem 'narrator'; there are dialogue, music, effects, ambience."
