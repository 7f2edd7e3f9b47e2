"""The mixer, its levelling and its ducking, and shifts in time: what must hold whatever is mixed."""

import importlib
import json
import math
from pathlib import Path

import pytest
import torch

import headless
from media.ducking import Ducking, duck_curve
from media.errors import MediaError
from media.levelling import levelled, limiter, step_of
from media.loudness import integrated
from media.mixing import mix, pan_gains
from media.shifting import shifted
from media.strips import STANDARD, Strip, parse
from media.true_peak import true_peak
from tiny import save_tiny

RATE = 48000
WORKFLOW = Path(__file__).resolve().parent.parent / "workflows" / "api" / "text_to_av.json"


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


def noise(seed, seconds=2.0, channels=2, rate=RATE, batch=1):
    return 0.1 * torch.randn(batch, channels, round(seconds * rate), generator=torch.Generator().manual_seed(seed))


def stems_of(names=STANDARD, rate=RATE, **options):
    return {name: {"waveform": noise(k, rate=rate, **options), "sample_rate": rate} for k, name in enumerate(names)}


def wave(audio):
    return audio["waveform"]


def decibels(value):
    return 20 * math.log10(float(value) + 1e-30)


def apart(mixed):
    """Largest difference between the mix and the sum of its stems, in dB under full scale."""
    return decibels((wave(mixed.audio) - sum(map(wave, mixed.stems.values()))).abs().max())


@pytest.mark.parametrize("channels, rate, batch", [(1, 8000, 1), (2, 44100, 2), (2, 48000, 1), (6, 48000, 1), (8, 96000, 1), (16, 11025, 1), (2, 192000, 1)])
def test_at_rest_nothing_changes(channels, rate, batch):
    stems = stems_of(("dialogue", "music", "choir"), channels=channels, rate=rate, batch=batch, seconds=0.5)
    before = {name: wave(audio).clone() for name, audio in stems.items()}
    mixed = mix(stems)
    assert list(mixed.stems) == list(stems) and not mixed.notes and mixed.audio["sample_rate"] == rate
    for name in stems:
        assert torch.equal(wave(mixed.stems[name]), before[name]) and torch.equal(wave(stems[name]), before[name])
    assert torch.equal(wave(mixed.audio), sum(before.values()))


def test_everything_at_once_still_sums_to_the_mix():
    stems = stems_of((*STANDARD, "narrator"), seconds=4, batch=2)
    before = {name: wave(audio).clone() for name, audio in stems.items()}
    strips = {"dialogue": Strip(gain=6, key=True), "music": Strip(gain=-4, pan=0.5, duck=True), "effects": Strip(delay=12.3, pan=-1), "narrator": Strip(gain=3, key=True)}
    mixed = mix(stems, strips, Ducking(9), 0.2, 0.5, target=-9, ceiling=-1)
    assert apart(mixed) < -140
    for clip in wave(mixed.audio):
        assert integrated(clip, RATE) == pytest.approx(-9, abs=0.1) and true_peak(clip, RATE) <= -1 + 1e-3
    assert all(torch.equal(wave(stems[name]), before[name]) for name in stems)


def test_mute_and_solo():
    stems = stems_of(seconds=0.1)
    mixed = mix(stems, {"music": Strip(mute=True), "effects": Strip(gain=-60)})
    assert not wave(mixed.stems["music"]).any() and not wave(mixed.stems["effects"]).any()
    assert torch.equal(wave(mixed.audio), wave(stems["dialogue"]) + wave(stems["ambience"]))
    mixed = mix(stems, {"music": Strip(solo=True), "effects": Strip(solo=True), "ambience": Strip(solo=True, mute=True)})
    assert torch.equal(wave(mixed.audio), wave(stems["music"]) + wave(stems["effects"]))


def test_gain():
    mixed = mix(stems_of(("music",)), {"music": Strip(gain=-6)})
    assert decibels((wave(mixed.audio) / noise(0)).median()) == pytest.approx(-6, abs=1e-4)


def test_pan_keeps_the_power():
    for pan in (-1, -0.5, 0, 0.3, 1):
        assert float(pan_gains(2, pan, mono=True).square().sum()) == pytest.approx(1, abs=1e-6)
        assert float(pan_gains(2, pan).square().sum()) == pytest.approx(2, abs=1e-6)
    assert decibels(pan_gains(2, 0, mono=True)[0]) == pytest.approx(-3.0103, abs=1e-3)
    assert pan_gains(6, 1).tolist() == pytest.approx([0, 2 ** 0.5, 1, 1, 0, 2 ** 0.5], abs=1e-6)
    mono = stems_of(("dialogue", "music"), channels=1, seconds=0.1)
    mixed = mix(mono, {"music": Strip(pan=1.0)})
    assert wave(mixed.audio).shape[1] == 2 and apart(mixed) < -140
    assert wave(mixed.stems["music"])[0, 0].abs().max() < 1e-6
    assert torch.equal(wave(mixed.stems["dialogue"])[0, 0], wave(mixed.stems["dialogue"])[0, 1])
    with pytest.raises(MediaError, match="Pan needs"):
        mix(stems_of(("music",), channels=16, seconds=0.1), {"music": Strip(pan=0.5)})


def spoken(seconds=6.0, start=3.0, end=4.0, level=0.1, rate=RATE):
    """Noise for a voice between two times, silence around it -> [1, 2, T]."""
    voice = noise(9, seconds, rate=rate) * level * 10
    voice[..., :round(start * rate)] = voice[..., round(end * rate):] = 0
    return voice


@pytest.mark.parametrize("level", [0.005, 0.1, 1.0])
def test_ducking(level):
    ducking = Ducking(depth=12, look_ahead=100, attack=80, hold=200, release=500)
    curve = duck_curve(spoken(level=level)[0], RATE, ducking)
    at = {time: decibels(curve[round(time * RATE)]) for time in (2.85, 2.99, 3.5, 4.15, 4.45, 4.75)}
    assert at[2.85] == 0 and at[4.75] == 0, "nothing before the look-ahead and after the release"
    assert at[2.99] == at[3.5] == at[4.15] == pytest.approx(-12, abs=1e-3), "down before the first syllable, until the hold is over"
    assert -12 < at[4.45] < -3
    assert curve.diff().abs().max() < 0.01, "no click"


def test_ducking_in_the_mix():
    stems = stems_of(seconds=6.0) | {"dialogue": {"waveform": spoken(), "sample_rate": RATE}}
    mixed = mix(stems, ducking=Ducking(12))
    inside, outside = slice(round(3.1 * RATE), round(3.9 * RATE)), slice(0, 2 * RATE)
    for name in STANDARD:
        change = wave(mixed.stems[name])[..., inside].std() / wave(stems[name])[..., inside].std()
        assert decibels(change) == pytest.approx(-12 if name in ("music", "ambience") else 0, abs=0.01)
        assert torch.equal(wave(mixed.stems[name])[..., outside], wave(stems[name])[..., outside])
    muted = mix(stems, {"dialogue": Strip(mute=True, key=True)}, Ducking(12))
    assert torch.equal(wave(muted.stems["music"]), wave(stems["music"])), "a muted key ducks nothing"
    alone = mix(stems, {"music": Strip(solo=True, duck=True)}, Ducking(12))
    assert torch.equal(wave(alone.audio), wave(mixed.stems["music"])), "soloed, the dip is still heard"
    silent = mix(stems | {"dialogue": {"waveform": 0 * noise(0, 6), "sample_rate": RATE}}, ducking=Ducking(12))
    assert torch.equal(wave(silent.stems["music"]), wave(stems["music"]))


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_ducking_at_other_rates(rate):
    curve = duck_curve(spoken(rate=rate)[0], rate, Ducking(12))
    assert len(curve) == 6 * rate
    assert decibels(curve[round(3.0 * rate)]) == pytest.approx(-12, abs=0.01) and curve[round(2.8 * rate)] == 1


def test_fades():
    ones = {"music": {"waveform": torch.ones(1, 2, 1000), "sample_rate": 1000}}
    out = wave(mix(ones, fade_in=0.1, fade_out=0.2).audio)[0, 0]
    assert out[0] < 0.001 and out[49:51].mean() == pytest.approx(0.5, abs=1e-5) and (out[100:800] == 1).all()
    assert out[899:901].mean() == pytest.approx(0.5, abs=1e-5) and out[-1] < 0.001
    assert wave(mix(ones, fade_in=9, fade_out=9).audio).max() < 0.3


def burst(level, rate=RATE):
    """Noise with one loud moment in it."""
    sound = noise(3, 4, rate=rate)[0] * level
    sound[:, rate:rate + rate // 20] *= 20
    return sound


@pytest.mark.parametrize("target, ceiling", [(-14.0, -1.0), (-20.0, -2.0), (None, -1.0), (-14.0, None)])
@pytest.mark.parametrize("level", [0.01, 1.0, 100.0])
def test_levelling(target, ceiling, level):
    sound = burst(level)
    result = levelled(sound, RATE, target, ceiling)
    gain = result.gain.over(0, sound.shape[1])
    out = sound * gain
    if target is not None:
        assert integrated(out, RATE) + result.short_by == pytest.approx(target, abs=0.1)
        assert abs(result.short_by) < 0.3
    if ceiling is not None:
        assert true_peak(out, RATE) <= ceiling + 1e-3
    if target is None and level == 0.01:
        assert (gain == 1).all(), "what is under the ceiling stays as it is"


@pytest.mark.parametrize("rate", [8000, 44100, 96000, 192000])
def test_limiter(rate):
    seconds, step = 30, step_of(rate)
    peaks = torch.full((seconds * rate // step * step,), 0.5)
    at = [round(where * rate) for where in (1, 8.19, 8.2, 16.5, seconds - 0.05)]
    peaks[at] = 4.0
    gain = limiter(peaks.reshape(-1, step).amax(1), rate, 1.0).over(0, len(peaks))
    assert (peaks * gain).max() <= 1.0 + 1e-6 and len(gain) == len(peaks)
    quiet = torch.ones(len(peaks), dtype=torch.bool)
    for peak in at:
        assert gain[peak] == pytest.approx(0.25, abs=1e-6)
        assert (gain[peak - rate // 50:peak] < 1).any(), "it begins before the peak"
        quiet[peak - rate // 50:peak + rate // 2] = False
    assert (gain[quiet] == 1).all(), "not long before, and is gone half a second later"
    assert gain.diff().abs().max() * rate < 1000, "smooth"
    assert limiter(torch.full((3,), 2.0), rate, 1.0).over(0, 7).tolist() == pytest.approx([0.5] * 7), "the last value goes on"


def test_a_target_out_of_reach_is_said():
    clicks = {"effects": {"waveform": torch.zeros(1, 2, RATE), "sample_rate": RATE}}
    for every, ceiling in ((4800, -1.0), (30000, -20.0)):
        clicks["effects"]["waveform"].zero_()[..., 24::every] = 0.5
        mixed = mix(clicks, target=-5.0, ceiling=ceiling)
        assert "below its loudness target" in mixed.notes[0] and true_peak(wave(mixed.audio)[0], RATE) <= ceiling + 1e-3


@pytest.mark.parametrize("sound", [torch.zeros(1, 2, RATE), torch.zeros(1, 2, 1), 1e-40 * torch.ones(1, 1, RATE)], ids=["silence", "sample", "denormal"])
def test_what_has_no_loudness_is_not_levelled(sound):
    mixed = mix({"music": {"waveform": sound, "sample_rate": RATE}}, ducking=Ducking(12), fade_in=1, target=-14.0, ceiling=-1.0)
    assert wave(mixed.audio).isfinite().all() and wave(mixed.audio).abs().max() < 1e-30


def test_faults():
    ok = {"waveform": torch.zeros(1, 2, 10), "sample_rate": RATE}
    broken = {"waveform": torch.full((1, 2, 10), math.nan), "sample_rate": RATE}
    mixed = mix({"music": broken, "effects": ok})
    assert not wave(mixed.audio).any() and mixed.notes == ["music: 20 samples were NaN or infinite and are silent now."]
    for stems, words in (({}, "no stems"), ({"music": None}, "no music"), ({"music": {"waveform": torch.zeros(1, 2, 0), "sample_rate": RATE}}, "music is empty"),
                         ({"music": ok, "effects": {**ok, "sample_rate": 44100}}, "music and effects do not belong together.*44100"),
                         ({"music": ok, "effects": {**ok, "waveform": torch.zeros(1, 1, 10)}}, "1 channels")):
        with pytest.raises(MediaError, match=words):
            mix(stems)
    with pytest.raises(MediaError, match="no stem 'narator'; there are music"):
        mix({"music": ok}, parse("narator: mute"))
    half = {"waveform": torch.ones(1, 2, 10, dtype=torch.bfloat16).requires_grad_(), "sample_rate": RATE}
    assert wave(mix({"music": half}).audio).dtype == torch.float32


def test_strips_as_text():
    assert parse("narrator: gain -3, pan 0.2, delay 20, mute\n# a comment\n\nnotes: of a choir: solo, key, duck") == {
        "narrator": Strip(gain=-3, pan=0.2, delay=20, mute=True), "notes: of a choir": Strip(solo=True, key=True, duck=True)}
    for text, words in (("narrator", "of the form"), ("a: loud", "'loud'; there is gain"), ("a: gain loud", "from -60 to 12"), ("a: gain 13", "13"), ("a: pan nan", "nan"),
                        ("music: mute", "of its own"), ("a: mute\na: solo", "twice"), ("a: mute 3", "mute 3")):
        with pytest.raises(MediaError, match=words) as error:
            parse(text)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 192000])
@pytest.mark.parametrize("ms", [0.01, -0.3, 7.123, -21.5])
def test_shift_is_exact(rate, ms):
    time = torch.arange(rate // 2, dtype=torch.float64) / rate
    for hertz in (0.003 * rate, 0.1 * rate, 0.45 * rate):
        sound = torch.sin(2 * math.pi * hertz * time)
        moved = shifted(sound.float()[None, None], rate, ms)[0, 0]
        expected = torch.sin(2 * math.pi * hertz * (time - ms / 1000))
        away = 100 + abs(round(ms * rate / 1000))
        assert decibels((moved - expected)[away:-away].abs().max()) < -90
        assert len(moved) == len(sound)


def test_shift_by_samples_copies():
    sound = noise(1, 0.1)
    later = shifted(sound, RATE, 10.0)
    assert torch.equal(later[..., 480:], sound[..., :-480]) and not later[..., :480].any()
    earlier = shifted(sound, RATE, -10.0)
    assert torch.equal(earlier[..., :-480], sound[..., 480:]) and not earlier[..., -480:].any()
    assert torch.equal(shifted(sound, RATE, 0.0), sound)
    assert not shifted(sound, RATE, 5000.0).any() and shifted(sound, RATE, 5000.25).shape == sound.shape
    for wrong in (math.nan, math.inf, 1e9):
        with pytest.raises(MediaError, match="shift"):
            shifted(sound, RATE, wrong)


def test_through_the_headless_runner(tmp_path, monkeypatch):
    """Decode -> Mix Stems -> Loudness, Shift Audio -> Mux, with the plot as a film of its own."""
    save_tiny(tmp_path)
    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(tmp_path))
    graph = json.loads(WORKFLOW.read_text())
    graph["1"]["inputs"]["model_name"] = "tiny.safetensors"
    graph["3"]["inputs"]["seconds"] = 1.0
    graph["4"]["inputs"]["steps"] = 1
    (stems,) = (index for index, output in enumerate(schema("PhonofilmDecode").outputs) if output.io_type == "PHONOFILM_STEMS")
    graph["10"] = {"class_type": "PhonofilmMixStems", "inputs": {
        "stems": ["5", stems], "music_gain": -3, "effects_pan": 0.4, "ambience_mute": True, "duck_depth": 9, "loudness": "-16 LUFS (Apple, podcast playback)"}}
    graph["11"] = {"class_type": "PhonofilmLoudness", "inputs": {"audio": ["10", 0], "stems": ["10", 1]}}
    graph["12"] = {"class_type": "PhonofilmShiftAudio", "inputs": {"audio": ["10", 0], "ms": 12.5}}
    graph["6"]["inputs"]["audio"] = ["12", 0]
    graph["13"] = {"class_type": "PhonofilmMux", "inputs": {"images": ["11", 1], "rate": 24.0, "filename_prefix": "plot"}}
    out = tmp_path / "out"
    out.mkdir()
    assert len(headless.run(graph, out=out)) == 2


def schema(name):
    return headless.mount().node_classes()[name].GET_SCHEMA()


def test_widgets_reach_their_strips():
    headless.mount()
    node = importlib.import_module("phonofilm.nodes.mix")
    strips = node.standard_strips({"music_gain": -3.0, "music_solo": True, "dialogue_delay": 5.0})
    assert (strips["music"].gain, strips["music"].solo, strips["music"].duck) == (-3, True, True)
    assert strips["dialogue"].delay == 5 and strips["dialogue"].key and strips["effects"].gain == 0
    assert {entry.id for name in STANDARD for entry in node.strip_inputs(name)} <= {entry.id for entry in schema("PhonofilmMixStems").inputs}
