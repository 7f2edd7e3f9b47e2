"""The separator: sums, pieces, rates, channels, faults, and what files it takes."""
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import headless
from media import formats
from media.writing import write_clip
from models.stems import checkpoint, hdemucs, loading
from models.stems.config import StemsConfig
from models.stems.network import Separator
from models.stems.separation import Engine, separate
from tiny import save_hdemucs, save_separator, save_tiny

ROOT = Path(__file__).resolve().parents[1]
STEMS = ["dialogue", "music", "effects", "ambience"]
HOP = 48000


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("separators")


@pytest.fixture(scope="module")
def small(folder):
    return loading.engine_of(loading.load(save_separator(folder)))


def noise(*shape, seed=0):
    return 0.2 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def all_dialogue(wave):
    return torch.stack([wave, *[torch.zeros_like(wave)] * 3], 1)


@pytest.mark.parametrize("fade", [0, 1])
@pytest.mark.parametrize("samples", [1, 2, HOP - 1, HOP + 1, 3 * HOP - 1, 3 * HOP, 3 * HOP + 1])
def test_an_identity_comes_back_whole(samples, fade):
    sound = noise(1, 2, samples)
    sound -= sound.mean(-1, keepdim=True)
    stems = separate(sound, 48000, Engine(all_dialogue, step=1, fade=fade, context=1))
    assert (stems["dialogue"] - sound).abs().max() < 1e-6
    assert stems["ambience"].abs().max() < 1e-6


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 44101, 96000, 192000])
def test_a_tone_passes_at_any_rate(rate):
    """In place and at its level: resampled there and back by a network that gives all to dialogue."""
    time = torch.arange(3 * rate + 17) / rate
    tone = (0.5 * torch.sin(2 * torch.pi * 997 * time))[None, None]
    made = separate(tone, rate, Engine(all_dialogue, step=1))["dialogue"]
    inside = slice(rate // 10, -rate // 10)
    assert (made - tone)[..., inside].abs().max() < 1e-3


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6, 8, 9])
@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_the_stems_sum_to_the_sound(small, channels, rate):
    sound = noise(2, channels, rate // 2 + 7)
    stems = separate(sound, rate, small)
    assert list(stems) == STEMS and all(stem.shape == sound.shape for stem in stems.values())
    assert (sum(stems.values()) - sound).abs().max() < 1e-6


def test_ten_minutes_take_no_more_room_than_their_stems():
    """A program of its own, so that nothing else has made it grow: the sound and its four stems, and a fixed room to work in."""
    code = """
import resource, torch
from models.stems.separation import Engine, separate
torch.set_num_threads(1)
engine = Engine(lambda wave: torch.stack([wave / 4] * 4, 1))
separate(torch.ones(1, 1, 8000), 8000, engine)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sound = torch.arange(600 * 8000.0).sin()[None, None] / 2
stems = separate(sound, 8000, engine)
assert (sum(stems.values()) - sound).abs().max() < 1e-6
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, sound.nbytes)
"""
    grown, size = map(int, subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
    assert grown < 5 * size + 80 * 2**20


def test_every_channel_gets_its_own(small):
    """A silent channel stays silent in every stem, and a batch is what its clips are."""
    sound = noise(2, 6, 24000)
    sound[:, 3] = 0
    stems = separate(sound, 48000, small)
    alone = separate(sound[1:], 48000, small)
    for name in STEMS:
        assert stems[name][:, 3].abs().max() == 0 and stems[name][:, 2].abs().max() > 0
        assert torch.equal(stems[name][1:], alone[name])


def test_the_origin_of_the_pieces_does_not_matter():
    torch.manual_seed(1)
    network = Separator(StemsConfig(dim=16)).eval()
    sound = noise(1, 2, 6 * 48000) * torch.linspace(0.1, 1, 6 * 48000)
    engine = loading.engine_of(network)
    engine.step = 3
    here, there = (separate(sound, 48000, engine, origin=origin) for origin in (0, 1))
    for name in STEMS:
        assert (here[name] - there[name]).norm() < 1e-5 * here[name].norm(), name
    assert network.config.reach <= engine.context


def test_nothing_beyond_the_reach_is_heard():
    """Other sound from there on changes no stem before, and does where it begins a second earlier."""
    torch.manual_seed(1)
    network = Separator(StemsConfig(dim=16)).eval()
    sound, other = noise(1, 2, 4 * 48000), noise(1, 2, 4 * 48000, seed=1)
    reach = round(network.config.reach * 48000)
    made, late, early = (network(torch.cat([sound[..., :first], other[..., first:]], -1))[..., :48000] for first in (192000, 48000 + reach, reach))
    assert (late - made).norm() < 1e-6 * made.norm() < (early - made).norm()


@pytest.mark.parametrize("sound", [torch.zeros(1, 2, 4800), torch.full((1, 2, 4800), 0.5), noise(1, 1, 1), noise(1, 2, 9000).sign() * 100])
def test_silence_dc_one_sample_and_clipping(small, sound):
    stems = separate(sound, 48000, small)
    assert all(torch.isfinite(stem).all() for stem in stems.values())
    assert (sum(stems.values()) - sound).abs().max() <= 1e-6 * max(1, sound.abs().max())


def test_progress_and_cancel(small):
    told = []

    def cancel(share):
        told.append(share)
        if share >= 0.25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        separate(noise(2, 4, 4800), 48000, small, cancel)
    assert told == [0.0, 0.25]


def test_the_masks_begin_as_quarters_and_sum_to_one():
    sound = noise(1, 2, 9600)
    torch.manual_seed(0)
    stems = Separator(StemsConfig(dim=16)).reset()(sound)
    assert (stems[:, :3] - sound[:, None] / 4).abs().max() < 2e-3  # but for the bin at 24 kHz, which is ambience
    assert (stems.sum(1) - sound).abs().max() < 1e-6


@pytest.mark.parametrize("sizes", [{"share": 8, "whole": 32}, {"share": 0, "whole": 0, "whole_spans": (), "recall": 0}, {"heard": 6, "widen": (2, 2, 2)},
                                   {"whole_spans": (2, 7, 1), "recall": 40}, {"whole_spans": (), "recall": 0}])
def test_a_file_gives_back_its_network(tmp_path, sizes):
    torch.manual_seed(0)
    network = Separator(StemsConfig(dim=16, spans=(1, 5), **sizes))
    checkpoint.save(tmp_path / "a.safetensors", network.state_dict(), {"training": {"steps": 1}})
    tensors, metadata = checkpoint.read(tmp_path / "a.safetensors")
    assert checkpoint.config_of(tensors) == network.config and metadata == {"training": {"steps": 1}}
    for name, value in network.state_dict().items():
        assert (tensors[name] - value).float().norm() < 0.01 * value.float().norm() + 1e-6, name


def test_hdemucs_becomes_film_stems(folder):
    path = save_hdemucs(folder)
    network = loading.load(path)
    sound = noise(1, 2, 44100)
    songs, stems = network.net(sound), network(sound)
    assert torch.equal(stems[:, 0], songs[:, 3]) and torch.allclose(stems[:, 1], songs[:, :3].sum(1))
    assert stems[:, 2].abs().max() == 0 and torch.allclose(stems.sum(1), sound, atol=1e-6)
    made = separate(noise(1, 1, 30000), 48000, loading.engine_of(network))
    assert (sum(made.values()) - noise(1, 1, 30000)).abs().max() < 1e-6


class Trap:
    def __reduce__(self):
        return print, ("executed",)


@pytest.mark.parametrize("content", [{"weights": Trap()}, {"weights": torch.zeros(1)}, [1, 2]])
def test_other_files_are_refused_and_not_executed(tmp_path, content, capsys):
    torch.save(content, tmp_path / "hdemucs.pt")
    with pytest.raises(ValueError, match="hdemucs_high_trained.pt"):
        hdemucs.read(tmp_path / "hdemucs.pt")
    assert "executed" not in capsys.readouterr().out


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"\x10")
    with pytest.raises(ValueError, match="broken.safetensors"):
        loading.load(tmp_path / "broken.safetensors")


@pytest.fixture
def split(folder, tmp_path, monkeypatch):
    """Execute the node in the headless host."""
    save_separator(folder)
    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(folder))
    node = headless.mount().node_classes()["PhonofilmSplitStems"]
    session = importlib.import_module("phonofilm.headless.session")
    shares = []
    token = session.current.set(session.Session(tmp_path, shares.append))

    def run(waveform, rate=48000, model_name="tiny_separator.safetensors", video=None):
        audio = None if waveform is None else {"waveform": waveform, "sample_rate": rate}
        return node.execute(audio, model_name, video).args, shares

    yield run
    session.current.reset(token)


def test_the_node(split):
    sound = noise(2, 2, 30000)
    (stems, *single), shares = split(sound, 44100)
    assert list(stems) == STEMS and [one["waveform"] is stems[name]["waveform"] for one, name in zip(single, STEMS)] == [True] * 4
    assert all(stem["sample_rate"] == 44100 for stem in stems.values()) and shares[-1] == 1.0
    assert (sum(stem["waveform"] for stem in stems.values()) - sound).abs().max() < 1e-6


def test_the_sound_of_a_film(split, tmp_path):
    """It begins with the first picture of the part that is shown."""
    sound, film = noise(1, 2, 48000)[0] / 8, tmp_path / "film.mkv"
    write_clip(film, torch.zeros(24, 16, 16, 3), 24, sound, 48000, form=formats.choose("mkv", "ffv1", "flac", "high", 8))
    api = importlib.import_module("comfy_api.v0_0_2")
    (stems, *_), _ = split(None, video=api.InputImpl.VideoFromFile(str(film), start_time=0.25, duration=0.5))
    total = sum(stem["waveform"] for stem in stems.values())
    assert (total - sound[None, :, 12000:36000]).abs().max() < 1e-4  # 16 bits


def test_a_film_without_sound_is_told(split, tmp_path):
    film = tmp_path / "silent.mkv"
    write_clip(film, torch.zeros(4, 16, 16, 3), 24, None, None, form=formats.choose("mkv", "ffv1", "flac", "high", 8))
    api = importlib.import_module("comfy_api.v0_0_2")
    with pytest.raises(ValueError, match="no sound to split"):
        split(None, video=api.InputImpl.VideoFromFile(str(film)))
    with pytest.raises(ValueError, match="either audio or a video"):
        split(None)


def test_samples_that_are_no_numbers_are_silent(split, caplog):
    sound = noise(1, 2, 4800)
    sound[0, 0, 5] = torch.nan
    (stems, *_), _ = split(sound)
    total = sum(stem["waveform"] for stem in stems.values())
    assert abs(total[0, 0, 5]) < 1e-6 and "1 samples were NaN" in caplog.text


def test_a_separator_that_is_not_there(split):
    with pytest.raises(ValueError, match="There is no separator"):
        split(noise(1, 2, 4800), model_name=loading.NONE)


def test_the_starter_is_read_without_the_separator_beside_it(tmp_path):
    """Both are files in one folder."""
    joint = importlib.import_module("models.joint.checkpoint")
    save_tiny(tmp_path, "starter-00001-of-00001.safetensors")
    save_separator(tmp_path, "stems.safetensors")
    assert {name.partition(".")[0] for name in joint.read(tmp_path)[0]} == set(joint.PARTS)
