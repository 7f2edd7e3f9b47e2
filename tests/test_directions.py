"""The shipped workflows of every direction, headless, on tiny random weights."""
import importlib
import json
from pathlib import Path

import pytest
import torch

import headless
from media import formats
from media.reading import read_clip
from media.sync_report import measure_sync
from media.writing import write_clip, write_sound
from test_sync_meter import TIMES, clicks, flashes
from tiny import save_separator, save_tiny

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows" / "api"
FRAMES, RATE = 30, 25
FIRST = {"PhonofilmLoadModel": {"model_name": "tiny.safetensors"}, "PhonofilmSampler": {"steps": 1}}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of 1.2 s that H.264 keeps as it is, and its first picture as a file."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("film")
    frames = torch.rand(FRAMES, 8, 12, 3, generator=torch.Generator().manual_seed(0)).repeat_interleave(16, 1).repeat_interleave(16, 2)
    wave = 0.1 * torch.randn(2, FRAMES * 48000 // RATE, generator=torch.Generator().manual_seed(1))
    write_clip(folder / "film.mp4", frames, RATE, wave, 48000, form=formats.choose("mp4", audio="flac"))
    return folder / "film.mp4"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(save_tiny(tmp_path).parent))

    def run(name, **settings):
        graph = json.loads((WORKFLOWS / f"{name}.json").read_text())
        for node in graph.values():
            node["inputs"].update(FIRST.get(node["class_type"], {}))
        (path,) = headless.run(graph, {"audio_codec": "flac", **settings}, out=tmp_path / "out.mp4")
        return read_clip(path, stems=True)

    return run


def test_image_to_av(run, film):
    clip = run("image_to_av", file=str(film), length=1.0)
    assert len(clip.frames) == 24 and clip.waveform.shape[1] == 48000 and len(clip.stems) == 4


def test_the_list_says_what_each_does(capsys):
    """By the headline of its canvas workflow; and of those on core's nodes that they need a server."""
    headless.mount()
    assert importlib.import_module("phonofilm.headless.cli").main(["--list"]) == 0
    lines = {Path(path).stem: what for path, _, what in (line.strip().partition("  ") for line in capsys.readouterr().out.splitlines()) if path.endswith(".json")}
    assert lines.keys() == {path.stem for path in WORKFLOWS.glob("*.json")} == {path.stem for path in WORKFLOWS.parent.glob("*.json")}
    assert all(lines.values()) and lines["measure_and_fix_sync"] == "Sound that is late or early, put right"
    assert {name for name, what in lines.items() if "--server" in what} == {f"{model}_{what}" for model in ("ltx", "h3") for what in ("text_to_av", "video_to_sound")}


@pytest.mark.parametrize("name, given", [("last_image_to_av", ["file"]), ("first_and_last_image_to_av", ["7.file", "8.file"])])
def test_to_and_between_pictures(run, film, name, given):
    clip = run(name, **{each: str(film) for each in given}, length=1.0)
    assert clip.frames.shape == (24, 128, 128, 3) and clip.waveform.shape[1] == 48000 and len(clip.stems) == 4


def test_video_to_sound(run, film):
    """The picture of the file is that of the film, and the sound is as long."""
    clip, before = run("video_to_sound", file=str(film)), read_clip(film)
    assert torch.equal(clip.frames, before.frames) and clip.rate == RATE
    assert clip.waveform.shape == before.waveform.shape and not torch.equal(clip.waveform, before.waveform)
    assert list(clip.stems) == ["dialogue", "music", "effects", "ambience"]


def test_sound_to_video(run, film):
    """The sound of the file is that of the film, to the picture's last frame."""
    clip, before = run("sound_to_video", file=str(film)), read_clip(film)
    assert clip.frames.shape == (29, 128, 128, 3) and clip.rate == 24
    assert (clip.waveform[:, :57000] - before.waveform[:, :57000]).abs().max() < 1e-4


def test_sound_of_a_file_without_pictures(run, film, tmp_path):
    write_sound(tmp_path / "song.wav", read_clip(film).waveform, 48000)
    clip = run("sound_to_video", file=str(tmp_path / "song.wav"))
    assert clip.frames.shape == (29, 128, 128, 3) and (clip.waveform[:, :57000] - read_clip(film).waveform[:, :57000]).abs().max() < 1e-4


def test_image_and_sound_to_video(run, film):
    clip = run("image_and_sound_to_video", **{"7.file": str(film), "8.file": str(film)})
    assert clip.frames.shape == (29, 128, 128, 3)


def test_one_stem_is_redone(run, film, tmp_path):
    """The film is one with stems, and its picture stays what it was."""
    made = run("video_to_sound", file=str(film))
    with_stems = tmp_path / "stems.mp4"
    (tmp_path / "out.mp4").rename(with_stems)
    clip = run("redo_stem", file=str(with_stems), seed=2)
    assert list(clip.stems) == list(made.stems) and torch.equal(clip.frames, made.frames)


def test_edit(run, film):
    clip = run("edit", **{"file": str(film), "Edit.start": 0.5, "end": 0.8})
    assert len(clip.frames) == 29 and clip.waveform.shape[1] == 58000


def test_extend(run, film):
    clip = run("extend", file=str(film), seconds=1.0)
    assert len(clip.frames) == 53 and clip.waveform.shape[1] == 106000


def test_a_long_clip_window_by_window(run):
    """Three windows behind the first: the length adds up to the picture and to the sample."""
    clip = run("extend_long")
    assert len(clip.frames) == 97 + 3 * 72 and clip.waveform.shape[1] == (97 + 3 * 72) * 2000 and len(clip.stems) == 4


def test_split_and_remix(run, film, tmp_path):
    """The picture is the film's, and the mix is that of the stems in the file, no longer that of the film."""
    clip, before = run("split_and_remix", file=str(film), model_name=save_separator(tmp_path).name), read_clip(film)
    assert torch.equal(clip.frames, before.frames) and list(clip.stems) == ["dialogue", "music", "effects", "ambience"]
    assert (sum(clip.stems.values()) - clip.waveform).abs().max() < 1e-4
    assert (clip.waveform - before.waveform).abs().max() > 0.01


@pytest.mark.parametrize("late", [0.12, -0.08])
def test_measure_and_fix_sync(run, tmp_path, late):
    """Whatever the sound was late or early by, it is in sync afterwards, and the picture is the film's."""
    frames, shown = flashes(TIMES)
    path = tmp_path / "off.mp4"
    write_clip(path, frames, 24, clicks([time + late for time in shown], rate=48000), 48000, form=formats.choose("mp4", audio="flac"))
    before, clip = read_clip(path), run("measure_and_fix_sync", file=str(path))
    offsets = [measure_sync(each.frames, each.rate, each.waveform, each.sample_rate).ms for each in (before, clip)]
    assert abs(offsets[0] - 1000 * late) < 30 and abs(offsets[1]) < 5
    assert torch.equal(clip.frames, before.frames)


def test_a_silent_film_has_no_sound_to_start_from(run, film, tmp_path):
    write_clip(tmp_path / "mute.mp4", read_clip(film).frames, RATE)
    with pytest.raises(headless.mount().RunError, match="audio is connected but there is no sound"):
        run("sound_to_video", file=str(tmp_path / "mute.mp4"))
    assert len(run("video_to_sound", file=str(tmp_path / "mute.mp4")).frames) == FRAMES
