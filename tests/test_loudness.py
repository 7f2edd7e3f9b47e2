"""The meter against EBU Tech 3341 and 3342, ITU-R BS.1770-4 and libavfilter's ebur128.

Cases 7 and 8 of Tech 3341 are recorded programmes and cannot be made here. The signals of 9 to 14 follow its table.
"""

import importlib
import json
import math

import pytest
import torch

import headless
from bench.loudness import libavfilter
from media.canvas import Canvas
from media.errors import MediaError
from media.loudness import integrated, measure
from media.loudness_plot import draw
from media.true_peak import true_peak
from media.waveforms import tidy
from media.weighting import channel_weights, response, sections

RATE = 48000


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


def tone(*steps, rate=RATE, hertz=1000, channels=2):
    """1 kHz in phase on all channels: steps of (dBFS or None for silence, seconds) -> [C, T]."""
    lengths = [round(seconds * rate) for _, seconds in steps]
    level = torch.cat([torch.full((length,), 0.0 if db is None else 10 ** (db / 20)) for (db, _), length in zip(steps, lengths)])
    phase = 2 * math.pi * hertz / rate * torch.arange(len(level), dtype=torch.float64)
    return (level * phase.sin()).float().expand(channels, -1)


def oracle(waveform, rate, layout):
    """libavfilter's figures, and its true peak in dBTP."""
    figures = libavfilter(waveform, rate, layout)
    return figures, 20 * math.log10(figures["true_peak"])


def test_bs1770_reference():
    assert measure(tone((0.0, 5), hertz=997, channels=1), RATE).integrated == pytest.approx(-3.01, abs=0.1)
    left_only = torch.cat([tone((0.0, 5), hertz=997, channels=1), torch.zeros(1, 5 * RATE)])
    assert measure(left_only, RATE).integrated == pytest.approx(-3.01, abs=0.1)
    over = measure(tone((6.0, 5), hertz=997, channels=1), RATE)
    assert over.integrated == pytest.approx(2.99, abs=0.1) and over.true_peak == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize("db", [-23.0, -33.0])
def test_ebu_3341_cases_1_and_2(db):
    loudness = measure(tone((db, 20)), RATE)
    for value in (loudness.integrated, loudness.momentary_max, loudness.short_term_max, *loudness.momentary.tolist(), *loudness.short_term.tolist()):
        assert value == pytest.approx(db, abs=0.1)
    assert len(loudness.momentary) == 197 and len(loudness.short_term) == 171, "10 values a second"


@pytest.mark.parametrize("steps", [
    [(-36, 10), (-23, 60), (-36, 10)],
    [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    [(-26, 20), (-20, 20.1), (-26, 20)],
], ids=["3", "4", "5"])
def test_ebu_3341_gating(steps):
    assert integrated(tone(*steps), RATE) == pytest.approx(-23.0, abs=0.1)


def surround(seconds=20):
    front, centre, rear = (tone((db, seconds), channels=1)[0] for db in (-28, -24, -30))
    return torch.stack([front, front, centre, torch.zeros_like(front), rear, rear])


def test_ebu_3341_case_6():
    with_lfe = surround().clone()
    with_lfe[3] = tone((0.0, 20), channels=1)[0]
    five = surround()[[0, 1, 2, 4, 5]]
    for waveform in (surround(), with_lfe, five):
        assert integrated(waveform, RATE) == pytest.approx(-23.0, abs=0.1)


def test_ebu_3341_case_9_and_12():
    loudness = measure(tone(*[(-20, 1.34), (-30, 1.66)] * 5), RATE)
    assert all(value == pytest.approx(-23.0, abs=0.1) for value in loudness.short_term.tolist())
    loudness = measure(tone(*[(-20, 0.18), (-30, 0.22)] * 25), RATE)
    assert all(value == pytest.approx(-23.0, abs=0.1) for value in loudness.momentary.tolist()[6:])


@pytest.mark.parametrize("i", range(20))
def test_ebu_3341_cases_10_11_13_14(i):
    assert measure(tone((None, 0.15 * i), (-23, 3), (None, 1)), RATE).short_term_max == pytest.approx(-23.0, abs=0.1)
    assert measure(tone((None, 0.15 * i), (i - 38, 3), (None, 3 - 0.15 * i)), RATE).short_term_max == pytest.approx(i - 38, abs=0.1)
    assert measure(tone((None, 0.02 * i), (-23, 0.4), (None, 1)), RATE).momentary_max == pytest.approx(-23.0, abs=0.1)
    assert measure(tone((None, 0.02 * i), (i - 38, 0.4), (None, 0.4 - 0.02 * i)), RATE).momentary_max == pytest.approx(i - 38, abs=0.1)


@pytest.mark.parametrize("part, degrees, amplitude, expected", [
    (4, 0, 0.5, -6.0), (4, 45, 0.5, -6.0), (6, 60, 0.5, -6.0), (8, 67.5, 0.5, -6.0), (4, 45, 1.41, 3.0)], ids=["15", "16", "17", "18", "19"])
@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_ebu_3341_true_peak_of_tones(part, degrees, amplitude, expected, rate):
    wave = amplitude * (2 * math.pi * torch.arange(rate) / part + math.radians(degrees)).sin()
    # The tone of the case does not begin with a jump.
    wave[:480] *= torch.linspace(0, 1, 480)
    wave[-480:] *= torch.linspace(1, 0, 480)
    assert expected - 0.4 <= true_peak(wave[None], rate) <= expected + 0.2


@pytest.mark.parametrize("offset", range(4), ids=["20", "21", "22", "23"])
def test_ebu_3341_true_peak_between_samples(offset):
    """A pulse of full scale made at four times the rate, of which every fourth sample is kept."""
    time = (torch.arange(4 * 400) - 800) / 4
    pulse = torch.sinc(0.8 * time) * (0.5 + 0.5 * torch.cos(math.pi * time / 200))
    kept = pulse[offset::4]
    assert -0.4 <= true_peak(kept[None], RATE) <= 0.2
    assert offset == 0 or kept.abs().max() < 0.98


@pytest.mark.parametrize("levels, expected", [
    ((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)], ids=["1", "2", "3", "4"])
def test_ebu_3342(levels, expected):
    assert measure(tone(*((db, 20) for db in levels)), RATE).range == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_libavfilter_agrees(rate):
    noise = torch.randn(2, rate * 8, generator=torch.Generator().manual_seed(1))
    signals = {
        "tones": tone((-36, 3), (-23, 4), (-36, 4), rate=rate),
        "noise": noise * (0.02 + 0.2 * torch.linspace(0, 9, rate * 8).sin().square()),
        "left": tone((-18, 4), rate=rate) * torch.tensor([[1.0], [0.1]]),
    }
    for waveform in signals.values():
        ours, (theirs, peak) = measure(waveform, rate), oracle(waveform, rate, "stereo")
        assert ours.integrated == pytest.approx(theirs["I"], abs=0.05)
        # libavfilter leaves the second section's gain as it is at 48 kHz.
        assert float(ours.momentary[-1]) == pytest.approx(theirs["M"], abs=0.03)
        assert float(ours.short_term[-1]) == pytest.approx(theirs["S"], abs=0.03)
        assert ours.range == pytest.approx(theirs["LRA"], abs=0.3)
        # White noise reaches up to half the rate, where interpolation filters differ.
        assert ours.true_peak == pytest.approx(peak, abs=0.3 if waveform is signals["noise"] else 0.05)


def test_libavfilter_agrees_on_surround():
    ours, (theirs, _) = measure(surround(4), RATE), oracle(surround(4), RATE, "5.1(side)")
    assert ours.integrated == pytest.approx(theirs["I"], abs=0.05)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 96000, 192000, 384000])
def test_any_rate(rate):
    loudness = measure(tone((-23, 4), rate=rate), rate)
    assert loudness.integrated == pytest.approx(-23.0, abs=0.02)
    assert loudness.short_term_max == pytest.approx(-23.0, abs=0.02)
    assert loudness.true_peak == pytest.approx(-23.0, abs=0.2)


def test_the_weighting_is_the_same_curve_at_every_rate():
    def decibels(rate, hertz):
        curve = 20 * response(rate, rate // 2 + 1).abs().log10()
        return curve[hertz]

    hertz = torch.tensor([25, 50, 100, 300, 1000, 2000, 4000, 8000])
    for rate in (8000, 16000, 32000, 44100, 96000, 192000):
        below = hertz[hertz < rate / 2]
        assert (decibels(rate, below) - decibels(RATE, below)).abs().max() < (0.001 if rate < 32000 else 0.2)
    numerator, denominator = sections(RATE)[0]
    assert numerator == pytest.approx((1.53512485958697, -2.69169618940638, 1.19839281085285), abs=1e-14)
    assert denominator == pytest.approx((1, -1.69065929318241, 0.73248077421585), abs=1e-14)


def test_blocks_leave_no_seam():
    """Whatever the block boundaries, the filter is the recursive one of the recommendation."""
    from torchaudio.functional import lfilter

    from media.weighting import k_weighted

    noise = torch.randn(2, 100001, generator=torch.Generator().manual_seed(2))
    expected = noise.double()
    for numerator, denominator in sections(44100):
        expected = lfilter(expected, *(torch.tensor(c, dtype=torch.float64) for c in (denominator, numerator)), clamp=False)
    assert (torch.cat(list(k_weighted(noise, 44100)), 1) - expected).abs().max() < 2e-5


def test_channel_weights():
    assert channel_weights(6).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert channel_weights(8).tolist() == [1, 1, 1, 0, 1, 1, 1.41, 1.41]
    for channels in (1, 2, 3, 4, 5, 7):
        assert len(channel_weights(channels)) == channels
    with pytest.raises(MediaError, match="Mix it down"):
        measure(torch.zeros(16, RATE), RATE)


@pytest.mark.parametrize("waveform", [torch.zeros(2, RATE), torch.zeros(2, 1), 0.5 * torch.ones(1, 100), 1e-40 * torch.ones(2, RATE)], ids=["silence", "sample", "short", "denormal"])
def test_what_has_no_loudness(waveform):
    loudness = measure(waveform, RATE)
    assert loudness.integrated is None and loudness.range is None
    assert draw({"audio": loudness}, -14.0).isfinite().all()


def test_anti_phase_and_dc():
    wave = tone((-23, 4))
    assert measure(wave * torch.tensor([[1.0], [-1.0]]), RATE).integrated == pytest.approx(-23.0, abs=0.1)
    assert measure(wave + 0.5, RATE).integrated == pytest.approx(-23.0, abs=1.0), "the high pass takes the offset away but for its step"


def test_tidy():
    bad = torch.full((1, 2, 3), 0.5)
    bad[0, 0, 1], bad[0, 1, 2] = math.nan, math.inf
    waveform, rate, notes = tidy({"waveform": bad, "sample_rate": "48000"}, "music")
    assert waveform.tolist() == [[[0.5, 0, 0.5], [0.5, 0.5, 0]]] and rate == 48000 and "music: 2 samples" in notes[0]
    assert bad.isnan().any(), "the input is not changed"
    assert tidy({"waveform": torch.tensor([[[-32768]]], dtype=torch.int16), "sample_rate": 8000.0})[0].item() == -1
    for audio, word in ((None, "silent"), ({"waveform": torch.zeros(1, 2, 0), "sample_rate": 48000}, "empty"),
                        ({"waveform": torch.zeros(2, 9), "sample_rate": 48000}, "batch"), ({"waveform": bad, "sample_rate": 44100.5}, "44100.5"),
                        ({"waveform": bad, "sample_rate": 0}, "0"), ({"waveform": bad, "sample_rate": "fast"}, "fast")):
        with pytest.raises(MediaError, match=word):
            tidy(audio)


def test_plot():
    loud, soft = measure(tone((-14, 5)), RATE), measure(tone((-34, 5)), RATE)
    plot = draw({"dialogue": loud, "a narrator of some other name": soft, "mix": loud}, target=-23.0)
    assert plot.shape[0] == 1 and plot.shape[2:] == (960, 3) and 0 <= plot.min() and plot.max() <= 1
    assert draw({"audio": measure(tone((-14, 1)), RATE)}).shape == draw({"audio": loud}).shape
    one = draw({"audio": loud})[0]
    rows = (one - torch.tensor((0.47, 0.75, 1.0))).abs().sum(-1).lt(0.01).sum(1)[100:]
    assert int(rows.argmax()) < 250, "the thick line of a loud sound is in the upper half"


def test_letters():
    canvas = Canvas(60, 9, (0, 0, 0))
    canvas.text(0, 1, "L1?", (1, 1, 1), size=1)
    lit = canvas.image[..., 0] > 0.5
    assert lit[1:8, 0].all() and lit[7, :5].all() and not lit[1:7, 1:5].any()


@pytest.fixture(scope="module")
def node():
    headless.mount()
    return importlib.import_module("phonofilm.nodes.loudness").PhonofilmLoudness


def audio(waveform, rate=RATE):
    return {"waveform": waveform[None] if waveform.dim() == 2 else waveform, "sample_rate": rate}


def test_node(node, monkeypatch):
    silence_progress(monkeypatch)
    wave = tone((-23, 4))
    text, plot = node.execute(audio=audio(wave), target="-14 LUFS (YouTube, Spotify, Tidal playback)").args
    figures = json.loads(text)
    assert figures["target_lufs"] == -14 and plot.shape[0] == 1
    assert figures["sounds"]["audio"] | {"seconds": 4} == {
        "integrated_lufs": -22.99, "short_term_max_lufs": -22.99, "momentary_max_lufs": -22.99, "range_lu": 0.0,
        "true_peak_dbtp": -23.0, "gain_to_target_db": 8.99, "seconds": 4}
    stems = {"dialogue": audio(wave), "music": audio(0 * wave)}
    figures = json.loads(node.execute(stems=stems, target="custom", custom_target=-20.0).args[0])
    assert list(figures["sounds"]) == ["dialogue", "music", "mix"] and figures["target_lufs"] == -20
    assert figures["sounds"]["music"]["integrated_lufs"] is None and figures["sounds"]["mix"]["integrated_lufs"] == -22.99
    figures = json.loads(node.execute(audio=audio(torch.stack([wave, wave / 2])), target="off").args[0])
    assert list(figures["sounds"]) == ["audio 1", "audio 2"] and figures["target_lufs"] is None
    broken = wave.clone()
    broken[0, 7] = math.nan
    assert "audio" not in (note := json.loads(node.execute(audio=audio(broken)).args[0])["notes"][0]) and "1 sample" in note
    with pytest.raises(ValueError, match="nothing to measure"):
        node.execute()


def silence_progress(monkeypatch):
    """Nodes report to the running workflow; here there is none."""
    host = importlib.import_module("phonofilm.headless.host")
    monkeypatch.setattr(host, "Progress", lambda total: type("Quiet", (), {"update": lambda self, done: None})())


def test_targets_are_those_of_the_media_room(node):
    levelling = importlib.import_module("phonofilm.media.levelling")
    assert importlib.import_module("phonofilm.nodes.loudness").TARGETS == [*levelling.TARGETS, levelling.CUSTOM]
