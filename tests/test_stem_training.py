"""The separator's training: it learns, goes on where it stopped, and what it publishes is what the node loads."""
import importlib
import json
import shutil
import sys
from dataclasses import replace
from types import ModuleType

import pytest
import torch

from models.stems import checkpoint, loading
from models.stems.config import StemsConfig
from models.stems.network import Separator
from training.stems import architectures, objective, publish

SMALL = StemsConfig(dim=16, tokens=(6, 34, 20), bins=(16, 16, 64), heard=6, widen=(2, 2, 2), spans=(1, 3), share=0, whole=0,
                    whole_spans=(), recall=0)


class Tones:
    """Mixtures of four noises, each in a band of its own; the last seed's music is silent."""

    def __init__(self, library, split, seconds):
        self.samples = round(seconds * 48000)

    def batch(self, seeds):
        clips = []
        for seed in seeds:
            spectrum = torch.fft.rfft(torch.randn(4, 2, self.samples, generator=torch.Generator().manual_seed(seed)))
            edges = [0, *(round(hertz * self.samples / 48000) for hertz in (300, 1000, 4000)), spectrum.shape[-1]]
            for stem in range(4):
                spectrum[stem, :, : edges[stem]] = 0
                spectrum[stem, :, edges[stem + 1] :] = 0
            clips.append(0.1 * torch.fft.irfft(spectrum, self.samples))
        clips = torch.stack(clips)
        clips[-1, 1] = 0
        return clips


@pytest.fixture
def train(tmp_path, monkeypatch):
    module = ModuleType("training.stems.mixtures")
    module.Mixtures = Tones
    monkeypatch.setitem(sys.modules, "training.stems.mixtures", module)
    monkeypatch.setitem(architectures.ARCHITECTURES, "separator", lambda: Separator(SMALL).reset())
    monkeypatch.delitem(sys.modules, "training.stems.train", raising=False)
    main = importlib.import_module("training.stems.train").main

    def run(steps, *options, folder="run"):
        monkeypatch.setattr(sys, "argv", ["train", "--library", "none", "--out", str(tmp_path / folder), "--steps", str(steps), "--seconds", "0.5",
                                          "--batch", "4", "--held-out", "4", "--rate", "1e-2", "--average", "0.9", *options])
        main()
        return [json.loads(line) for line in (tmp_path / folder / "log.jsonl").read_text().splitlines()]

    yield run
    sys.modules.pop("training.stems.train", None)


def test_it_learns_goes_on_and_publishes(train, tmp_path, monkeypatch):
    first = [line for line in train(30) if "held_out" in line][-1]
    early = shutil.copy(tmp_path / "run" / "state.pt", tmp_path / "early.pt")
    lines = train(90)
    last = [line for line in lines if "held_out" in line][-1]
    assert last["step"] > first["step"] and last["s"] >= first["s"]
    assert last["held_out"] < -1.5 and all(gain > 3 for gain in last["si_sdr_improvement"].values())
    assert list((tmp_path / "run").glob("sheet-*.png"))

    for name, states in (("stems", [tmp_path / "run" / "state.pt"]), ("first", [early]), ("mean", [early, tmp_path / "run" / "state.pt"])):
        monkeypatch.setattr(sys, "argv", ["publish", "--state", *map(str, states), "--out", str(tmp_path / f"{name}.safetensors")])
        publish.main()
    one, two, mean = (checkpoint.read(tmp_path / f"{name}.safetensors")[0]["write.0.weight"].float() for name in ("first", "stems", "mean"))
    assert (mean - (one + two) / 2).abs().max() < 1e-3 * mean.abs().max() and (one - two).norm() > 0.1 * mean.norm()
    tensors, metadata = checkpoint.read(tmp_path / "stems.safetensors")
    assert metadata["training"]["steps"] == last["step"] and metadata["config"]["dim"] == 16
    assert loading.load(tmp_path / "stems.safetensors").config == SMALL
    with pytest.raises(SystemExit, match="holds a run of separator"):
        train(91, "--architecture", "hdemucs-small")

    grown = [("next", SMALL), ("layers the file lacks", replace(SMALL, share=16, whole=24, whole_spans=(2, 5), recall=32)),
             ("wider ones", replace(SMALL, heard=10, widen=(5, 4, 2)))]
    for folder, config in grown:
        monkeypatch.setitem(architectures.ARCHITECTURES, "separator", lambda: Separator(config).reset())
        again = train(1, "--start-from", str(tmp_path / "stems.safetensors"), folder=folder)[-1]
        assert again["step"] == 1 and again["held_out"] < first["held_out"]
        assert torch.load(tmp_path / folder / "state.pt")["before"] == metadata["training"]


def test_a_step_is_the_same_however_many_mixtures_pass_at_once_and_on_however_many_cores(train, tmp_path):
    for folder, steps, many, cores in (("start", 1, "4", "1"), ("one", 5, "1", "1"), ("cores", 5, "1", "3"), ("all", 5, "4", "1")):
        train(steps, "--at-once", many, "--cores", cores, folder=folder)
    start, one, cores, all_ = (torch.load(tmp_path / folder / "state.pt")["network"] for folder in ("start", "one", "cores", "all"))
    alone, shared, moved = (sum((a[key] - all_[key]).square().sum() for key in all_ if not key.endswith("spans")).sqrt() for a in (one, cores, start))
    assert max(alone, shared) < 0.2 * moved


def test_the_loss_of_the_truth_is_lowest():
    stems = objective.standard(Tones(None, None, 0.5).batch([1, 2]))
    worse = stems + 0.01 * torch.randn(stems.shape, generator=torch.Generator().manual_seed(0))
    mixture = stems.sum(1, keepdim=True).expand_as(stems) / 4
    true, worse, mixture = map(architectures.parts_of, (stems, worse, mixture))
    assert objective.loss(true, true) < objective.loss(worse, true) < objective.loss(mixture, true)


@pytest.mark.parametrize("name", ["separator", "hdemucs-small"])
def test_the_loss_hears_some_frames_of_what_is_made(name):
    torch.manual_seed(0)
    network = architectures.ARCHITECTURES[name]().eval()
    wave = 0.1 * torch.randn(1, 2, 24000)
    with torch.no_grad():
        all_, some = (architectures.spectra(network, wave, frames, "cpu") for frames in (slice(None), slice(1, None, 2)))
        made = architectures.parts_of(architectures.run(network, wave, "cpu"))
    for whole, part, waves in zip(all_, some, made):
        assert torch.allclose(whole[..., 1::2, :], part, atol=1e-5)
        assert (whole - waves).norm() < 0.02 * waves.norm()


def test_si_sdr_is_that_of_the_definition():
    true = torch.randn(1, 2, 48000, generator=torch.Generator().manual_seed(0))
    noise = torch.randn(1, 2, 48000, generator=torch.Generator().manual_seed(1))
    assert abs(objective.si_sdr(3 * (true + 0.1 * noise), true) - 20) < 0.1
    assert objective.si_sdr(true, torch.zeros_like(true)).isnan().all()
    stems, alone = torch.stack([true, noise], 1), torch.stack([true, torch.zeros_like(true)], 1)
    assert (objective.improvement(stems, stems) > 60).all() and objective.improvement(stems / 2, alone).isnan().all()


def test_the_baseline_sums_to_its_input():
    torch.manual_seed(0)
    wave = 0.1 * torch.randn(1, 2, 24000)
    with torch.no_grad():
        assert (architectures.ARCHITECTURES["hdemucs-small"]()(wave).sum(1) - wave).abs().max() < 1e-4
