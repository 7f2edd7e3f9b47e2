"""What Sync Meter tells the canvas: it agrees with the report, stays small, and the clip to play is what was measured."""

import importlib
import json
from fractions import Fraction

import pytest
import torch

import headless
from media.reading import read_clip
from media.sync_report import measure_sync
from media.sync_timeline import timeline, write_preview

RATE = 8000
FLASHES = [0.5, 0.875, 1.25, 2.0, 2.75, 3.25]


def clip(late, seconds=4):
    """A lamp that lights up [F, 32, 48, 3] at 24 frames a second, and clicks [1, N] that are late."""
    frames, wave = torch.full((24 * seconds, 32, 48, 3), 0.2), torch.zeros(1, RATE * seconds)
    for time in FLASHES:
        frames[round(24 * time):round(24 * time) + 2, 8:24, 12:36] = 0.9
        at = round(RATE * (time + late))
        wave[0, at:at + 80] = 0.5 * torch.sin(0.8 * torch.arange(80))
    return frames, wave


@pytest.mark.parametrize("late, nudge", [(0.08, 0.0), (-0.05, 12.5), (None, -3.0)])
def test_it_says_what_the_report_says(tmp_path, late, nudge):
    headless.mount()
    node = importlib.import_module("phonofilm.nodes.sync").PhonofilmSyncMeter
    executor, session = (importlib.import_module(f"phonofilm.headless.{name}") for name in ("executor", "session"))
    frames, wave = clip(late or 0.0)
    inputs = {"images": frames, "rate": 24.0, "audio": {"waveform": wave[None] * (late is not None), "sample_rate": RATE}, "nudge_ms": nudge}
    out = executor.call(node, inputs, {}, {}, "1", "Sync Meter", session.Session(tmp_path, lambda done: None))
    (shown,) = json.loads(json.dumps(out.ui))["phonofilm_timeline"]
    report = json.loads(out.args[1])
    assert {name: shown[name] for name in report} == report and (report["offset_ms"] is None) == (late is None)
    assert shown["seconds"] == shown["picture_seconds"] == shown["sound_seconds"] == 4 and shown["rate"] == 24
    assert shown["clip"] is None and not list(tmp_path.iterdir()), "nobody looks where there is no canvas"


def test_the_curves_of_a_long_clip_stay_short():
    frames, wave = clip(0.0, seconds=60)
    shown = timeline(measure_sync(frames, Fraction(24), wave, RATE), Fraction(24))
    assert len(shown["motion"]) == len(shown["level"]) == 500 and max(shown["motion"]) == max(shown["level"]) == 1
    assert shown["motion"].index(max(shown["motion"])) == pytest.approx(500 * FLASHES[0] / 60, abs=1)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_clip_is_what_was_measured(tmp_path, channels):
    frames, wave = clip(0.08)
    wave = torch.cat([wave, torch.zeros(1, RATE)], 1).repeat(channels, 1)
    write_preview(tmp_path / "clip.mp4", frames.repeat_interleave(10, 1).repeat_interleave(10, 2), Fraction(24), wave, RATE)
    read = read_clip(tmp_path / "clip.mp4")
    assert read.frames.shape == (120, 240, 360, 3) and read.rate == 24 and read.waveform.shape == ({1: 1, 2: 2, 6: 1}[channels], 5 * RATE)
    torch.testing.assert_close(read.waveform[0], wave[0], atol=1e-5, rtol=0)
    assert measure_sync(read.frames, 24, read.waveform, RATE).ms == pytest.approx(80, abs=1)
