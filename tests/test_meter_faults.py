"""The fault table of the meters: Sync Meter, Shift Audio and Loudness on what goes wrong in practice.

Every case states what comes out: a number, none with its reason, or one line that says what to do. Inputs stay as they are.
"""

import importlib
import json
import math

import pytest
import torch

import headless

RATE = 24000
TIMES = [0.46, 0.875, 1.208, 1.75, 2.083, 2.625, 3.292]
LATE = 0.05


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def call(monkeypatch):
    """call("sync", ...) -> the outputs of the node in nodes/sync.py."""
    headless.mount()
    quiet = type("Quiet", (), {"__init__": lambda self, total: None, "update": lambda self, done: None})
    monkeypatch.setattr(importlib.import_module("phonofilm.headless.host"), "Progress", quiet)
    names = {"sync": "PhonofilmSyncMeter", "shift": "PhonofilmShiftAudio", "loudness": "PhonofilmLoudness"}

    def run(module, **inputs):
        return getattr(importlib.import_module(f"phonofilm.nodes.{module}"), names[module]).execute(**inputs).args
    return run


def lamp(height=24, width=32, channels=3):
    frames = torch.full((96, height, width, channels), 0.2)
    for time in TIMES:
        frames[round(time * 24):round(time * 24) + 2] = 0.9
    return frames


def beeps(rate=RATE, seconds=4.0):
    """[1, 1, N], LATE after the frames of the lamp."""
    wave, tone = torch.zeros(1, 1, round(seconds * rate)), 0.5 * torch.sin(6.28 * 1000 / rate * torch.arange(rate // 100))
    for time in TIMES:
        start = round((round(time * 24) / 24 + LATE) * rate)
        wave[..., start:start + len(tone)] = tone[:max(0, wave.shape[-1] - start)]
    return wave


def sound(waveform, rate=RATE):
    return {"waveform": waveform, "sample_rate": rate}


FINE = {
    "as it is": lambda w: w, "forty decibels up": lambda w: 100 * w, "an offset of half": lambda w: w + 0.5, "denormal rest": lambda w: w + 1e-40,
    "stereo": lambda w: w.expand(1, 2, -1), "one side": lambda w: w * torch.tensor([[1.0], [0.0]]), "anti-phase": lambda w: w * torch.tensor([[1.0], [-1.0]]),
    "seven channels": lambda w: w.expand(1, 7, -1), "64 channels": lambda w: w.expand(1, 64, -1), "half": lambda w: w.half(), "bfloat": lambda w: w.bfloat16(),
    "int16": lambda w: (w * 32767).to(torch.int16), "double": lambda w: w.double(), "grad": lambda w: w.clone().requires_grad_(),
    "not contiguous": lambda w: w.repeat(1, 1, 2).unflatten(2, (2, -1)).transpose(2, 3).contiguous().transpose(2, 3)[:, :, 0],
    "longer": lambda w: torch.nn.functional.pad(w, (0, 3 * RATE)), "shorter": lambda w: w[..., :3 * RATE],
}


@pytest.mark.parametrize("case", FINE)
def test_sound_that_still_tells(call, case):
    frames, audio = lamp(), sound(FINE[case](beeps()))
    before = frames.clone(), audio["waveform"].detach().clone()
    ms, report, plot = call("sync", images=frames, rate=24.0, audio=audio)
    assert ms == pytest.approx(1000 * LATE, abs=1) and plot.isfinite().all() and json.loads(report)["notes"] == []
    moved = call("shift", audio=audio, ms=12.3456)[0]["waveform"]
    assert moved.shape == audio["waveform"].shape and moved.isfinite().all() and moved.dtype == torch.float32
    assert torch.equal(frames, before[0]) and torch.equal(audio["waveform"].detach(), before[1])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_broken_samples_and_pixels_are_counted(call, bad):
    wave, frames = beeps(), lamp()
    wave[..., [7, 9000]], frames[90, :4] = bad, bad
    kept = wave.clone(), frames.clone()
    ms, report, plot = call("sync", images=frames, rate=24.0, audio=sound(wave))
    first, second = json.loads(report)["notes"]
    assert ms == pytest.approx(1000 * LATE, abs=1) and "2 samples" in first and "384 values" in second and plot.isfinite().all()
    assert call("shift", audio=sound(wave), ms=-3.3)[0]["waveform"].isfinite().all()
    loudness = json.loads(call("loudness", audio=sound(wave))[0])
    assert "2 samples" in loudness["notes"][0] and math.isfinite(loudness["sounds"]["audio"]["integrated_lufs"])
    assert torch.equal(wave.nan_to_num(5), kept[0].nan_to_num(5)) and torch.equal(frames.nan_to_num(5), kept[1].nan_to_num(5))


@pytest.mark.parametrize("samples", [1, 2, 1023, 1025])
def test_a_few_samples(call, samples):
    wave = 0.5 * torch.ones(1, 2, samples)
    ms, report, plot = call("sync", images=lamp(), rate=24.0, audio=sound(wave))
    assert ms == 0 and json.loads(report)["offset_ms"] is None and "heard" in json.loads(report)["reason"] and plot.isfinite().all()
    assert call("shift", audio=sound(wave), ms=0.02)[0]["waveform"].shape == wave.shape
    text, plot = call("loudness", audio=sound(wave))
    assert json.loads(text)["sounds"]["audio"]["integrated_lufs"] is None and plot.isfinite().all()


@pytest.mark.parametrize("frames", [1, 2, 9])
@pytest.mark.parametrize("wave", [beeps(), torch.zeros(1, 2, RATE)], ids=["beeps", "silence"])
def test_a_few_frames_or_silence_give_no_number(call, frames, wave):
    ms, report, plot = call("sync", images=lamp()[:frames], rate=24.0, audio=sound(wave), nudge_ms=4.0)
    figures = json.loads(report)
    assert ms == 4 and figures["offset_ms"] is figures["grade"] is None and "seen" in figures["reason"] and plot.shape == (1, 400, 1024, 3)


SIZES = [(1, 1), (2, 2), (3, 200), (63, 65), (8, 4000)]


@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_any_size(call, size):
    assert call("sync", images=lamp(*size), rate=24.0, audio=sound(beeps()))[0] == pytest.approx(1000 * LATE, abs=1)


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_and_transparent_pictures(call, channels):
    assert call("sync", images=lamp(channels=channels), rate=24.0, audio=sound(beeps()))[0] == pytest.approx(1000 * LATE, abs=1)


@pytest.mark.parametrize("change", [lambda f: f.half(), lambda f: f.double(), lambda f: f.clone().requires_grad_(), lambda f: f.transpose(1, 2)],
                         ids=["half", "double", "grad", "not contiguous"])
def test_pictures_of_any_kind(call, change):
    assert call("sync", images=change(lamp()), rate=24.0, audio=sound(beeps()))[0] == pytest.approx(1000 * LATE, abs=1)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 96000, 192000, 384000, "48000", 48000.0])
def test_sample_rates(call, rate):
    audio = sound(beeps(int(rate)), rate)
    assert call("sync", images=lamp(), rate=24.0, audio=audio)[0] == pytest.approx(1000 * LATE, abs=1.5)
    assert call("shift", audio=audio, ms=1)[0]["sample_rate"] == int(rate)


@pytest.mark.parametrize("module", ["sync", "shift", "loudness"])
@pytest.mark.parametrize("audio, says", [
    (sound(torch.zeros(1, 1, 0)), "empty"), (sound(torch.zeros(2, 9)), "batch"), (sound(beeps(), 0), "sample rate is 0"), (sound(beeps(), -48000), "-48000"),
    (sound(beeps(), 44100.5), "44100.5"), (sound(beeps(), math.nan), "nan"), (sound(beeps(), "fast"), "fast")])
def test_sound_that_is_none_is_named(call, module, audio, says):
    inputs = {"sync": {"images": lamp(), "rate": 24.0}, "shift": {"ms": 1.0}, "loudness": {}}[module]
    with pytest.raises(Exception, match=says) as caught:
        call(module, audio=audio, **inputs)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("inputs, says", [
    ({"images": torch.zeros(0, 8, 8, 3)}, "no frames"), ({"images": torch.zeros(24, 8, 8)}, "Frames must be"), ({"images": torch.zeros(1, 24, 8, 8, 3)}, "Frames must be"),
    ({"images": torch.zeros(24, 0, 8, 3)}, "Frames must be"), ({"rate": 0.0}, "frame rate is 0"), ({"rate": -24.0}, "-24"), ({"rate": math.nan}, "nan"), ({"rate": 1e6}, "1000000"),
])
def test_pictures_that_are_none_are_named(call, inputs, says):
    with pytest.raises(Exception, match=says) as caught:
        call("sync", **{"images": lamp(), "rate": 24.0, "audio": sound(beeps()), **inputs})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rate", [0.01, 1.0, 1000.0])
def test_odd_frame_rates_give_a_report(call, rate):
    _, report, plot = call("sync", images=lamp(), rate=rate, audio=sound(beeps()))
    assert json.loads(report)["summary"] and plot.isfinite().all()


@pytest.mark.parametrize("ms", [math.nan, math.inf, 1e12])
@pytest.mark.parametrize("mode", ["move by ms", "correct a measured offset"])
def test_shifts_that_are_none_are_named(call, ms, mode):
    with pytest.raises(Exception, match="shift"):
        call("shift", audio=sound(beeps()), ms=ms, mode=mode)


def test_clips_of_a_batch_follow_one_another(call):
    wave = torch.cat([beeps()[..., :2 * RATE], beeps()[..., 2 * RATE:]])
    assert call("sync", images=lamp(), rate=24.0, audio=sound(wave))[0] == pytest.approx(1000 * LATE, abs=1)


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8, 9, 16, 64])
def test_channels_of_the_loudness(call, channels):
    audio = sound(beeps().expand(1, channels, -1))
    if channels > 8:
        with pytest.raises(Exception, match="Mix it down"):
            call("loudness", audio=audio)
    else:
        assert math.isfinite(json.loads(call("loudness", audio=audio)[0])["sounds"]["audio"]["integrated_lufs"])


def test_loudness_of_stems_that_cancel(call):
    tone = 0.1 * torch.sin(0.1 * torch.arange(RATE * 2.0)).expand(1, 2, -1)
    text, plot = call("loudness", stems={"dialogue": sound(tone), "music": sound(-tone)})
    figures = json.loads(text)["sounds"]
    assert figures["mix"]["integrated_lufs"] is figures["mix"]["true_peak_dbtp"] is None and plot.isfinite().all()
    assert figures["dialogue"] == figures["music"]
