"""Sync Meter, Shift Audio and Loudness in the real ComfyUI, on files of known offset that core loads."""
import json

import pytest

from bench.patterns import SAMPLE_RATE, picture, sound
from graphs import node
from media.writing import write_clip

LATE = 0.0735


@pytest.fixture(scope="module")
def clip(server):
    """A file with flashes at 30000/1001 frames a second and beeps that are late, over music: (its name, seconds)."""
    pattern = picture("flash", 2)
    write_clip(server.input / "late.mp4", pattern.frames, pattern.rate, sound("flash", pattern.times, 2, LATE, "music"), SAMPLE_RATE)
    server.get("/object_info/LoadVideo")
    return "late.mp4"


def meter(graph, name, **inputs):
    """A Sync Meter with its three outputs shown; what a run made of them: `figures`."""
    node(graph, name, "PhonofilmSyncMeter", **inputs)
    for output, (kind, wire) in enumerate((("PreviewAny", "source"), ("PreviewAny", "source"), ("PreviewImage", "images"))):
        node(graph, f"{name}-{output}", kind, **{wire: [name, output]})


def figures(server, run, name):
    assert server.view(run.outputs[f"{name}-2"]["images"][0]).startswith(b"\x89PNG")
    return float(run.outputs[f"{name}-0"]["text"][0]), json.loads(run.outputs[f"{name}-1"]["text"][0])


def test_a_late_file_is_measured_and_put_right(server, clip):
    graph = {}
    node(graph, "video", "LoadVideo", file=clip)
    node(graph, "parts", "GetVideoComponents", video=["video", 0])
    meter(graph, "before", video=["video", 0])
    node(graph, "shift", "PhonofilmShiftAudio", audio=["parts", 1], ms=["before", 0], mode="correct a measured offset")
    meter(graph, "after", images=["parts", 0], rate=["parts", 2], audio=["shift", 0])
    meter(graph, "nudged", images=["parts", 0], rate=29.97, audio=["parts", 1], nudge_ms=-20.0)
    node(graph, "loudness", "PhonofilmLoudness", audio=["shift", 0], target="-23 LUFS (EBU R128)")
    node(graph, "figures", "PreviewAny", source=["loudness", 0])
    node(graph, "plot", "PreviewImage", images=["loudness", 1])
    run = server.run(graph)
    assert run.status == "success", run.error
    ms, report = figures(server, run, "before")
    assert ms == pytest.approx(1000 * LATE, abs=1) and report["grade"] == "tolerable" and report["low_ms"] - 1 <= 1000 * LATE <= report["high_ms"] + 1
    ms, report = figures(server, run, "after")
    assert ms == pytest.approx(0, abs=0.5) and report["grade"] == "lock"
    ms, report = figures(server, run, "nudged")
    assert ms == pytest.approx(1000 * LATE - 20, abs=1) and report["offset_ms"] == pytest.approx(1000 * LATE, abs=1) and report["nudge_ms"] == -20
    loudness = json.loads(run.outputs["figures"]["text"][0])
    assert loudness["target_lufs"] == -23 and -60 < loudness["sounds"]["audio"]["integrated_lufs"] < -10
    assert server.view(run.outputs["plot"]["images"][0]).startswith(b"\x89PNG")


def test_where_nothing_can_be_told_there_is_no_number(server, clip):
    graph = {}
    node(graph, "video", "LoadVideo", file=clip)
    node(graph, "silence", "EmptyAudio", duration=6.0, sample_rate=44100, channels=2)
    node(graph, "still", "EmptyImage", width=64, height=64, batch_size=1, color=0)
    meter(graph, "silent", video=["video", 0], audio=["silence", 0], nudge_ms=5.0)
    meter(graph, "frame", images=["still", 0], rate=24.0, audio=["silence", 0])
    node(graph, "loudness", "PhonofilmLoudness", audio=["silence", 0])
    node(graph, "figures", "PreviewAny", source=["loudness", 0])
    run = server.run(graph)
    assert run.status == "success", run.error
    ms, report = figures(server, run, "silent")
    assert ms == 5 and report["offset_ms"] is report["grade"] is None and report["reason"] == "no events heard"
    ms, report = figures(server, run, "frame")
    assert ms == 0 and report["reason"] == "no events seen and no events heard"
    assert json.loads(run.outputs["figures"]["text"][0])["sounds"]["audio"]["integrated_lufs"] is None


@pytest.mark.parametrize("kind, inputs, says", [
    ("PhonofilmSyncMeter", {"audio": ["silence", 0]}, "either images or a video"),
    ("PhonofilmSyncMeter", {"images": ["still", 0]}, "connect audio"),
    ("PhonofilmLoudness", {}, "nothing to measure"),
])
def test_what_is_missing_is_said_in_one_line(server, kind, inputs, says):
    graph = {}
    node(graph, "silence", "EmptyAudio", duration=1.0, sample_rate=44100, channels=2)
    node(graph, "still", "EmptyImage", width=64, height=64, batch_size=1, color=0)
    node(graph, "asked", kind, **inputs)
    node(graph, "shown", "PreviewAny", source=["asked", 0])
    run = server.run(graph)
    assert run.status == "error" and says in run.error and len(run.error.splitlines()) == 1
