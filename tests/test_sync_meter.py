"""The sync meter on pictures and sounds made here, whose offset is known; and where it must keep silent."""

import functools
import importlib
import json
from fractions import Fraction

import pytest
import torch

import headless
from media.errors import MediaError
from media.sync_offset import find_offset, median_with_interval
from media.sync_plot import draw
from media.sync_report import as_json, grade_of, measure_sync

RATE = 24000
TIMES = [0.46, 0.875, 1.208, 1.75, 2.083, 2.625, 3.292]
SIZE = 64
GRID_Y, GRID_X = torch.meshgrid(torch.arange(SIZE) + 0.5, torch.arange(SIZE) + 0.5, indexing="ij")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


def flashes(times, rate=24, seconds=4):
    """A lamp [F, 64, 64, 3] that is on at once in the frame of each time and fades; and the instants at which those frames begin."""
    shown = [round(time * rate) / float(rate) for time in times]
    age = torch.arange(round(seconds * rate))[:, None] - torch.tensor(shown)[None] * float(rate)
    level = torch.where(age > -1e-3, torch.exp(-age.clamp(min=0) / 3), 0).amax(1)
    glow = torch.exp(-((GRID_X - 30) ** 2 + (GRID_Y - 24) ** 2) / 200)
    return (0.2 + 0.7 * level[:, None, None] * glow)[..., None] * torch.tensor([1.0, 0.9, 0.6]), shown


def bounces(rate=24, seconds=4, start=0.3, speed=150.0, gravity=250.0):
    """A ball [F, 64, 64, 3] that bounces ever lower, and the instants of its contacts."""
    t, times = torch.arange(round(seconds * rate)) / rate, [start]
    height = torch.where(t < start, 150.0 * (start - t) - gravity * (start - t) ** 2 / 2, 0.0)
    while speed > 25 and times[-1] < seconds:
        age = t - times[-1]
        height = torch.where((age >= 0) & (age < 2 * speed / gravity), speed * age - gravity * age**2 / 2, height)
        times.append(times[-1] + 2 * speed / gravity)
        speed *= 0.8
    wall = 0.3 + 0.05 * torch.sin(GRID_X / 3) * torch.sin(GRID_Y / 5)
    cover = (6.5 - torch.hypot(GRID_X - 32, GRID_Y - (54 - height)[:, None, None])).clamp(0, 1)[..., None]
    return wall[..., None] * (1 - cover) + cover * torch.tensor([0.9, 0.5, 0.2]), [time for time in times if time < seconds - 0.2]


def clicks(times, seconds=4.0, noise=0.0, rate=RATE):
    """[1, N]: a short beep at each time over noise."""
    wave = noise * torch.randn(1, round(seconds * rate), generator=torch.Generator().manual_seed(0))
    for time in times:
        at = round(time * rate)
        if 0 <= at < wave.shape[1] - 240:
            wave[0, at:at + 240] += 0.5 * torch.sin(torch.arange(240) * 0.26) * torch.exp(-torch.arange(240) / 60)
    return wave


@functools.cache
def drawn(kind):
    return flashes(TIMES) if kind == "flashes" else bounces()


GRADE = {-250: "out of sync", -120: "out of sync", -60: "tolerable", -25: "broadcast", 0: "lock", 4.5: "lock", 33.5: "broadcast", 100: "tolerable", 250: "out of sync"}


@pytest.mark.parametrize("kind, late", [*(("flashes", late) for late in (-250, -60, -25, 0, 4.5, 100)), ("bounces", -120), ("bounces", 33.5), ("bounces", 250)])
def test_a_known_offset_comes_back_with_its_sign_and_grade(kind, late):
    frames, times = drawn(kind)
    sync = measure_sync(frames, 24, clicks([time + late / 1000 for time in times], noise=0.002), RATE)
    assert sync.ms == pytest.approx(late, abs=1.0 if kind == "flashes" else 4.0)
    assert sync.grade == GRADE[late]
    assert sync.offset.low <= sync.offset.seconds <= sync.offset.high and sync.offset.high - sync.offset.low < 0.03


@pytest.mark.parametrize("rate", [25, Fraction(30000, 1001), 60])
def test_other_rates(rate):
    frames, times = flashes(TIMES, rate)
    assert measure_sync(frames, rate, clicks([float(time) + 0.0805 for time in times]), RATE).ms == pytest.approx(80.5, abs=1.5)


def test_half_a_millisecond_shows():
    frames, times = flashes(TIMES)
    found = [measure_sync(frames, 24, clicks([time + late for time in times]), RATE).ms for late in (0.02, 0.0205)]
    assert found[1] - found[0] == pytest.approx(0.5, abs=0.1)


def test_onsets_of_other_things_do_not_matter():
    frames, times = flashes(TIMES)
    others = [0.1, 0.7, 1.5, 1.9, 2.3, 2.9, 3.6]
    sync = measure_sync(frames, 24, clicks(sorted([time + 0.05 for time in times] + others)), RATE)
    assert sync.ms == pytest.approx(50, abs=2) and len(sync.heard) > len(sync.offset.pairs) >= 6


NOTHING = {
    "silence": (None, torch.zeros(2, 4 * RATE), "no events heard"),
    "static picture": (torch.full((96, SIZE, SIZE, 3), 0.4), None, "no events seen"),
    "rain": (None, 0.1 * torch.randn(1, 4 * RATE, generator=torch.Generator().manual_seed(1)), "heard"),
    "one click": (None, clicks([1.0]), "only 1 event heard"),
    "both empty": (torch.zeros(96, SIZE, SIZE, 3), torch.zeros(1, 4 * RATE), "no events seen and no events heard"),
    "short": (torch.zeros(1, SIZE, SIZE, 3), torch.zeros(1, 1), "no events seen and no events heard"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_no_number_where_nothing_can_be_told(case):
    frames, wave, reason = NOTHING[case]
    sync = measure_sync(flashes(TIMES)[0] if frames is None else frames, 24, clicks(TIMES) if wave is None else wave, RATE)
    report = json.loads(as_json(sync, 12.0))
    assert sync.ms is sync.grade is report["offset_ms"] is report["grade"] is None
    assert reason in report["reason"] and report["output_ms"] == 12 and report["summary"].startswith("no number")
    assert draw(sync).shape == (1, 400, 1024, 3)


def test_unrelated_sound_gives_no_number():
    """Events of a clip against those of another: at most two of 100 gets a number; its own gets the right one."""
    generator = torch.Generator().manual_seed(5)
    clips = [(4 * torch.rand(int(torch.randint(3, 12, (1,), generator=generator)), generator=generator)).sort().values for _ in range(101)]
    wrong = [find_offset(clips[k].tolist(), clips[k + 1].tolist()).seconds for k in range(100)]
    assert sum(value is not None for value in wrong) <= 2
    own = []
    for clip in clips[:40]:
        jitter = 0.004 * torch.randn(len(clip), generator=generator)
        own.append(find_offset(clip.tolist(), (clip + 0.12 + jitter).tolist()).seconds)
    right = [value for value in own if value is not None]
    assert all(abs(value - 0.12) < 0.01 for value in right) and len(right) >= 36


@pytest.mark.parametrize("period", [0.4, 0.75, 1.3])
@pytest.mark.parametrize("late", [0.0, 0.17, -0.06])
def test_a_steady_beat_gives_the_least_offset_and_its_period(period, late):
    beat = [0.3 + period * k for k in range(int(9 / period))]
    for heard in (beat, beat[1:]):
        offset = find_offset(beat, [time + late for time in heard])
        assert offset.seconds == pytest.approx(late, abs=0.001) and offset.period == pytest.approx(period, abs=0.001)
        assert any(abs(value - late - period) < 0.01 for value in offset.candidates)
    assert find_offset(beat, [time + 0.7 * period for time in beat]).seconds == pytest.approx(-0.3 * period, abs=0.001)


def test_a_steady_beat_is_said_to_be_ambiguous():
    frames, times = flashes([0.3 + 0.5 * k for k in range(7)])
    sync = measure_sync(frames, 24, clicks([time + 0.033 for time in times]), RATE)
    report = json.loads(as_json(sync))
    assert sync.ms == pytest.approx(33, abs=1) and sync.grade == "broadcast"
    assert report["period_ms"] == pytest.approx(500, abs=1) and "whole beats of 500 ms" in report["summary"] and draw(sync).isfinite().all()


def test_offsets_that_fit_alike_without_a_beat_give_no_number():
    seen = [0.2, 0.71, 1.9, 2.33, 3.4]
    offset = find_offset(seen, [time + late for time in seen for late in (-0.1, 0.4)])
    assert offset.seconds is None and offset.period is None and "2 offsets" in offset.reason and len(offset.candidates) == 2


def test_a_beat_at_another_tempo_is_unrelated():
    assert find_offset([0.5 * k for k in range(10)], [0.1 + 0.43 * k for k in range(11)]).seconds is None


def test_grades_turn_the_signs_of_the_standard():
    edges = {-185.0: "out of sync", -90.1: "out of sync", -90: "tolerable", -40.1: "tolerable", -40: "broadcast", -10.1: "broadcast", -10: "lock",
             10: "lock", 10.1: "broadcast", 60: "broadcast", 60.1: "tolerable", 185: "tolerable", 185.1: "out of sync"}
    assert {ms: grade_of(ms) for ms in edges} == edges


@pytest.mark.parametrize("count", [3, 5, 6, 9, 20])
def test_the_interval_holds_the_truth(count):
    draws = torch.randn(600, count, generator=torch.Generator().manual_seed(count)).numpy()
    held = sum(low <= 0 <= high for _, low, high, _ in map(median_with_interval, draws)) / 600
    assert held >= 0.93


def test_report_and_plot():
    frames, times = flashes(TIMES)
    wave = clicks([time + 0.1 for time in times])
    before = frames.clone(), wave.clone()
    sync = measure_sync(frames, 24, wave, RATE)
    report = json.loads(as_json(sync, -5))
    assert report["grade"] == "tolerable" and report["matched"] == len(report["pairs"]) == 7 and report["confidence"] == 0.95
    assert report["output_ms"] == pytest.approx(report["offset_ms"] - 5, abs=0.01) and "late" in report["summary"]
    plot = draw(sync)
    assert plot.shape == (1, 400, 1024, 3) and 0 <= plot.min() and plot.max() <= 1 and plot.std() > 0.05
    assert torch.equal(frames, before[0]) and torch.equal(wave, before[1])


def test_no_frames_is_an_error():
    with pytest.raises(MediaError, match="no frames"):
        measure_sync(torch.zeros(0, 8, 8, 3), 24, torch.zeros(1, 100), RATE)


@pytest.fixture
def meter():
    headless.mount()
    node = importlib.import_module("phonofilm.nodes.sync").PhonofilmSyncMeter
    executor, session = (importlib.import_module(f"phonofilm.headless.{name}") for name in ("executor", "session"))

    def call(folder, **inputs):
        return executor.call(node, inputs, {}, {}, "1", "Sync Meter", session.Session(folder, lambda done: None)).args
    return call


def test_the_node_on_frames_and_on_a_file(meter, tmp_path):
    frames, times = flashes(TIMES)
    wave = clicks([time + 0.05 for time in times], rate=48000)
    audio = {"waveform": wave[None], "sample_rate": 48000}
    ms, report, plot = meter(tmp_path, images=frames, rate=24.0, audio=audio, nudge_ms=7.5)
    assert ms == pytest.approx(57.5, abs=1) and json.loads(report)["grade"] == "broadcast" and plot.shape[-1] == 3
    importlib.import_module("phonofilm.media.writing").write_clip(tmp_path / "clip.mp4", frames, 24, wave, 48000)
    video = importlib.import_module("comfy_api.v0_0_2").InputImpl.VideoFromFile(str(tmp_path / "clip.mp4"))
    assert meter(tmp_path, video=video)[0] == pytest.approx(50, abs=2)
    assert meter(tmp_path, video=video, audio={"waveform": torch.zeros(1, 2, 96000), "sample_rate": 48000}, nudge_ms=-3.0)[0] == -3


@pytest.mark.parametrize("late", [-0.1235, 0.0, 0.0805])
def test_a_measured_offset_wired_into_shift_audio_is_gone(meter, tmp_path, late):
    shift = importlib.import_module("phonofilm.nodes.shift")
    frames, times = flashes(TIMES)
    audio = {"waveform": clicks([time + late for time in times])[None], "sample_rate": RATE}
    ms = meter(tmp_path, images=frames, rate=24.0, audio=audio)[0]
    assert ms == pytest.approx(1000 * late, abs=1)
    mended = shift.PhonofilmShiftAudio.execute(audio, ms, shift.CORRECT).args[0]
    assert mended["waveform"].shape == audio["waveform"].shape
    assert meter(tmp_path, images=frames, rate=24.0, audio=mended)[0] == pytest.approx(0, abs=0.2)
    moved = shift.PhonofilmShiftAudio.execute(audio, -ms).args[0]
    assert torch.equal(moved["waveform"], mended["waveform"]), "to move by a number is as it was"


def test_the_node_says_what_is_missing(meter, tmp_path):
    audio = {"waveform": torch.zeros(1, 1, 48000), "sample_rate": 48000}
    frames = torch.zeros(24, 8, 8, 3)
    for inputs, words in (({"audio": audio}, "either images or a video"), ({"images": frames, "video": object(), "audio": audio}, "either images or a video"),
                          ({"images": frames}, "connect audio"), ({"images": frames, "audio": audio, "rate": 0.0}, "frame rate"),
                          ({"images": frames, "audio": {**audio, "waveform": torch.zeros(1, 1, 0)}}, "empty")):
        with pytest.raises(Exception, match=words) as caught:
            meter(tmp_path, **inputs)
        assert "\n" not in str(caught.value)


def test_sound_with_faults_and_a_broken_frame_still_measure(meter, tmp_path):
    frames, times = flashes(TIMES)
    wave = clicks([time + 0.05 for time in times])
    wave[0, 10] = float("nan")
    frames[90, :4] = float("nan")
    audio = {"waveform": wave[None].repeat(1, 6, 1), "sample_rate": RATE}
    assert meter(tmp_path, images=frames, rate=24.0, audio=audio)[0] == pytest.approx(50, abs=2)
