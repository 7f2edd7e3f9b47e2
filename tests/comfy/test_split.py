"""Split Stems in the real ComfyUI: core's Load Audio -> Split Stems -> Mix Stems -> Mux, cancel, and which files are listed."""
import pytest
import torch
from safetensors.torch import save_file

import headless
from graphs import node
from media import formats
from media.reading import read_clip
from media.writing import write_clip
from test_faults import error_of, files
from tiny import save_hdemucs, save_separator

RATE = 44100


@pytest.fixture(scope="module")
def separators(server):
    save_file({"weight": torch.zeros(2)}, server.checkpoints / "foreign.safetensors")
    return [save(server.checkpoints).name for save in (save_separator, save_hdemucs)]


def sounding(path, seconds):
    """A film whose sound core's Load Audio reads, and that sound."""
    wave = 0.1 * torch.randn(2, round(seconds * RATE), generator=torch.Generator().manual_seed(0))
    frames = torch.zeros(round(seconds * 24), 64, 64, 3)
    write_clip(path, frames, 24, wave, RATE, form=formats.choose("mkv", "ffv1"))
    return read_clip(path).waveform


def splitting(file, model_name, prefix="split", **mix):
    graph = {}
    node(graph, "audio", "LoadAudio", audio=file)
    node(graph, "split", "PhonofilmSplitStems", audio=["audio", 0], model_name=model_name)
    node(graph, "mix", "PhonofilmMixStems", stems=["split", 0], **mix)
    node(graph, "black", "EmptyImage", width=64, height=64, batch_size=24, color=0)
    node(graph, "mux", "PhonofilmMux", images=["black", 0], rate=24.0, audio=["mix", 0], stems=["mix", 1], filename_prefix=prefix,
         container="mp4", audio_codec="flac", duration="sound")
    return graph


def test_the_files_that_hold_a_separator_are_listed(server, separators):
    spec = server.get("/object_info/PhonofilmSplitStems")["PhonofilmSplitStems"]["input"]["required"]["model_name"]
    names = spec[1].get("options") or spec[0]
    assert set(separators) <= set(names) and "foreign.safetensors" not in names


@pytest.mark.parametrize("which", [0, 1])
def test_split_mix_and_mux(server, separators, which, tmp_path, monkeypatch):
    """The file's stems are those the headless runner makes, with dialogue louder and music softer."""
    sound = sounding(server.input / "street.mkv", 1.0)
    run = server.run(splitting("street.mkv", separators[which], dialogue_gain=6.0, music_gain=-12.0))
    assert run.status == "success", run.error
    item = run.outputs["mux"]["images"][0]
    clip = read_clip(server.output / item["subfolder"] / item["filename"], stems=True)
    gains = {"dialogue": 10 ** (6 / 20), "music": 10 ** (-12 / 20), "effects": 1.0, "ambience": 1.0}
    assert list(clip.stems) == list(gains) and clip.sample_rate == RATE
    assert (sum(clip.stems[name] / gain for name, gain in gains.items()) - sound).abs().max() < 1e-4
    assert (sum(clip.stems.values()) - clip.waveform).abs().max() < 1e-4

    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(server.checkpoints))
    graph = splitting("street.mkv", separators[which], dialogue_gain=6.0, music_gain=-12.0)
    graph["audio"] = {"class_type": "PhonofilmLoadAV", "inputs": {"file": str(server.input / "street.mkv")}}
    graph["split"]["inputs"]["audio"] = ["audio", 1]
    del graph["black"]
    graph["mux"]["inputs"]["images"] = ["audio", 0]
    (path,) = headless.run(graph, {}, out=tmp_path / "split.mp4")
    alone = read_clip(path, stems=True)
    for name in gains:
        assert (alone.stems[name] - clip.stems[name]).abs().max() < 1e-4, name


def test_a_cancel_while_splitting(server, separators):
    sounding(server.input / "long.mkv", 240)
    before, asked = files(server), []

    def interrupt(kind, data):
        if kind == "progress" and data["node"] == "split" and data["value"] > 0 and not asked:
            asked.append(True)
            server.post("/interrupt", {})

    run = server.run(splitting("long.mkv", separators[0]), timeout=300, on_message=interrupt)
    assert asked and run.status == "interrupted" and files(server) == before


def test_a_damaged_file_is_named(server, separators):
    (server.checkpoints / "hdemucs_broken.pt").write_bytes(b"nothing")
    sounding(server.input / "street.mkv", 1.0)
    assert "hdemucs_broken.pt" in error_of(server, splitting("street.mkv", "hdemucs_broken.pt"))
