"""Mixtures for the splitter's training: what they sum to, that a seed is a clip, how loud they are, and whose sounds are in them."""
import pytest
import torch

from media.loudness import integrated
from models.joint.config import STEMS
from training.stems import config, library, shelf
from training.stems.dice import Dice
from training.stems.mixtures import Mixtures
from training.stems.sound import loop, peak, samples

QUICK = {  # generators that need neither a speech engine nor FluidSynth
    "train": {"dialogue": ("voices.laugh", "voices.breath"), "music": ("synths.bells",), "effects": ("effects.impact", "effects.whoosh"),
              "ambience": ("beds.wind",)},
    "held_out": {"dialogue": (), "music": ("synths.modulated",), "effects": ("effects_others.blast", "effects_others.drip"), "ambience": ("beds_others.air",)},
}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A library with a few real takes; the held-out dialogue, which only speech engines make, is a tone."""
    folder = tmp_path_factory.mktemp("library")
    for split, stems in QUICK.items():
        shelf.write(folder, split, "rooms", config.ROOMS[split][0], library.rooms(split, 0))
        for stem, names in stems.items():
            for name in names:
                shelf.write(folder, split, stem, name, library.takes(split, stem, name, 0.05))
    shelf.write(folder, "held_out", "dialogue", "tone", [library.levelled(tone(220, 3.0))])
    return folder


def tone(hertz, seconds):
    return torch.sin(6.28318 * hertz * torch.arange(samples(seconds)) / config.RATE)[None]


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    """A library of one tone per stem, each of its own pitch."""
    folder = tmp_path_factory.mktemp("tones")
    for split in config.SPLITS:
        shelf.write(folder, split, "rooms", "one", [torch.eye(1, 4000).expand(4, -1)])
        for stem, hertz in zip(STEMS, (300, 700, 1500, 3100)):
            shelf.write(folder, split, stem, "tone", [library.levelled(tone(hertz, 5.0))])
    return folder


@pytest.mark.parametrize("split", config.SPLITS)
def test_batches_are_sound(rendered, split):
    clips = Mixtures(rendered, split, 1.5).batch(list(range(12)))
    assert clips.shape == (12, 4, 2, 72000) and clips.dtype == torch.float32 and clips.isfinite().all()
    assert clips.sum(1).abs().amax() <= 10 ** (config.CEILING / 20) + 1e-3
    sounding = clips.abs().amax((2, 3)) > 1e-5
    assert sounding.any(1).all() and not sounding.all() and sounding.any(0).all()


@pytest.mark.parametrize("split", config.SPLITS)
def test_a_seed_is_a_clip(rendered, split):
    mixtures = Mixtures(rendered, split, 1.0)
    first, again = mixtures.batch([5, 6, 7]), Mixtures(rendered, split, 1.0).batch([7, 5])
    assert torch.allclose(first[[2, 0]], again, atol=1e-6)
    assert (first[0] - first[1]).abs().amax() > 1e-3


def test_stems_are_in_the_order_of_the_model(tones):
    clips = Mixtures(tones, "train", 1.0).batch(list(range(8)))
    spectra = torch.fft.rfft(clips.sum(2)).abs()
    low, high = torch.tensor(min(config.SPEEDS)), max(config.SPEEDS)
    for row, hertz in enumerate((300, 700, 1500, 3100)):
        heard = spectra[:, row][clips[:, row].abs().amax((1, 2)) > 1e-4].argmax(-1)
        assert len(heard) and (heard > .95 * hertz * low).all() and (heard < 1.05 * hertz * high).all()


def test_levels_follow_the_config(tones, monkeypatch):
    for name, value in {"SILENT": dict.fromkeys(STEMS, 0.0), "COMPRESSED": 0.0, "PROGRAMME": (-30.0, -30.0), "TELEPHONE": 0.0, "MONO": 0.0}.items():
        monkeypatch.setattr(config, name, value)
    clips = Mixtures(tones, "train", 3.0).batch(list(range(24)))
    for row, stem in ((0, "dialogue"), (3, "ambience")):
        loud = torch.tensor([integrated(clip[row], config.RATE) + 30 for clip in clips])
        mean, spread = config.LEVELS[stem]
        assert abs(loud.mean() - mean) < 3 and (loud - mean).abs().amax() < config.SPREAD * spread + 6


def test_the_bus_changes_stems_alike(tones, monkeypatch):
    """What limits the mixture is one gain: the ratio of two stems stays what it was."""
    monkeypatch.setattr(config, "SILENT", dict.fromkeys(STEMS, 0.0))
    monkeypatch.setattr(config, "MONO", 0.0)
    clips = {}
    for loud in (-40.0, 12.0):
        monkeypatch.setattr(config, "PROGRAMME", (loud, loud))
        clips[loud] = Mixtures(tones, "train", 1.0).batch([1, 2])
    soft, hard = clips[-40.0].double(), clips[12.0].double()
    assert hard.sum(1).abs().amax() <= 10 ** (config.CEILING / 20) + 1e-3 and (hard.abs().amax() / soft.abs().amax()) < 10 ** (52 / 20) * .9
    assert torch.allclose(hard[:, 0] * soft[:, 3], hard[:, 3] * soft[:, 0], atol=1e-7)


def test_no_generator_serves_both_splits():
    for stem in STEMS:
        train, held_out = (set(config.MINUTES[split][stem]) for split in config.SPLITS)
        assert train and held_out and not train & held_out
        for name in train | held_out:
            assert callable(library.generator(name))
    assert config.ROOMS["train"][0] != config.ROOMS["held_out"][0]


def test_the_held_out_set_shares_no_sound_with_training(rendered):
    files = {split: {path.name for path in rendered.glob(f"{split}-*")} for split in config.SPLITS}
    assert files["train"] and files["held_out"]
    held = {split: [take.tobytes() for stem in STEMS for takes in shelf.read(rendered, split, stem).values() for take in
                    (one.numpy() for one in takes)] for split in config.SPLITS}
    assert not set(held["train"]) & set(held["held_out"])


@pytest.mark.parametrize("split", config.SPLITS)
def test_synthesised_sounds_render(split):
    """Every generator that needs no other program, for real."""
    engines = ("speech.", "fluid.", "voices_others.", "voices.whisper", "beds.walla", "beds_others.murmur")
    for stem, names in config.MINUTES[split].items():
        for name in names:
            if not name.startswith(engines):
                take = next(library.takes(split, stem, name, 0.001))
                assert take.dim() == 2 and take.shape[1] > 400 and take.isfinite().all(), name
                assert take.abs().amax() <= 10 ** (config.TAKE_PEAK / 20) + 1e-4 and take.abs().amax() > .02, name


def test_files_are_small_and_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "LARGEST", 300_000)
    takes = [peak(Dice("noise", k).noise(2, 30000)) for k in range(6)]
    assert shelf.write(tmp_path, "train", "music", "noise", takes) == 180000
    files = sorted(tmp_path.iterdir())
    assert len(files) == 3 and all(path.stat().st_size < 320_000 for path in files)
    back = shelf.read(tmp_path, "train", "music")["noise"]
    assert len(back) == 6 and all(torch.allclose(shelf.as_float(a), b, atol=1e-4) for a, b in zip(back, takes))


def test_a_library_that_lacks_a_stem_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="training.stems.library"):
        Mixtures(tmp_path, "train", 1.0)


def test_a_bed_repeats_without_a_seam():
    bed = loop(Dice("bed").noise(96000).cumsum(0) / 300)
    assert (bed[0] - bed[-1]).abs() < 10 * bed.diff().abs().mean()
