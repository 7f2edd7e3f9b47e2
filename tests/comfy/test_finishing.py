"""Mux in the real server: the same file as without it, and what goes wrong leaves nothing behind."""
import os
import subprocess
import threading
import time

import av
import pytest
import torch

import headless
from comfyui_server import Server
from graphs import node
from media import formats
from media.reading import read_clip
from media.writing import write_clip
from test_faults import error_of, files


def film(path, seconds=1):
    """A film with two stems under `path`."""
    stems = {name: 0.1 * torch.randn(2, 48000 * seconds, generator=torch.Generator().manual_seed(seed)) for seed, name in enumerate(("dialogue", "music"))}
    pictures = torch.rand(24, 64, 64, 3, generator=torch.Generator().manual_seed(9)).repeat(seconds, 1, 1, 1)
    write_clip(path, pictures, 24, sum(stems.values()), 48000, form=formats.choose("mkv", "ffv1"), stems=stems)
    return path.name


def finishing(file, **settings):
    """Load AV -> Mix Stems -> Mux."""
    graph = {}
    node(graph, "1", "PhonofilmLoadAV", file=file)
    node(graph, "2", "PhonofilmMixStems", stems=["1", 2], dialogue_pan=0.3, music_gain=-4.0, music_delay=12.5, duck_depth=8.0, fade_out=0.2, loudness="-16 LUFS (Apple, podcast playback)")
    node(graph, "3", "PhonofilmMux", images=["1", 0], audio=["2", 0], stems=["2", 1], **{"rate": ["1", 3], "filename_prefix": "finished", **settings})
    return graph


def packets(path):
    with av.open(str(path)) as clip:
        names = [stream.metadata.get("handler_name") for stream in clip.streams]
        return names, [(packet.stream.index, packet.pts, packet.dts, bytes(packet)) for packet in clip.demux() if packet.size]


@pytest.mark.parametrize("settings", [{"audio_codec": "flac"}, {"container": "mov", "bit_depth": "10", "duration": "sound"}, {"container": "webm", "quality": "draft"}], ids=lambda s: s.get("container", "mp4"))
def test_the_server_and_the_runner_write_the_same(server, tmp_path, settings):
    """Packet by packet."""
    film(server.input / "film.mkv")
    run = server.run(finishing("film.mkv", **settings))
    assert run.status == "success", run.error
    item = (run.outputs["3"].get("files") or run.outputs["3"]["images"])[0]
    theirs = server.output / item["subfolder"] / item["filename"]
    (ours,) = headless.run(finishing(str(server.input / "film.mkv"), **settings), {}, out=tmp_path / theirs.name)
    assert packets(theirs) == packets(ours)
    old, new = (read_clip(path, stems=True) for path in (theirs, ours))
    assert old.rate == new.rate and torch.equal(old.frames, new.frames) and torch.equal(old.waveform, new.waveform) and list(old.stems) == ["dialogue", "music"]


@pytest.mark.parametrize("prefix", ["../clip", "/clip", "a/../../clip", "a\0b", "x" * 300])
def test_prefixes_that_cannot_be(server, prefix):
    film(server.input / "film.mkv")
    before = files(server)
    assert error_of(server, finishing("film.mkv", filename_prefix=prefix)) and files(server) == before


def test_a_cancel_while_muxing(server):
    film(server.input / "long.mkv", 60)
    before, asked = files(server), []

    def interrupt(kind, data):
        if kind == "progress" and data["node"] == "3" and data["value"] > 5 and not asked:
            asked.append(time.monotonic())
            server.post("/interrupt", {})

    run = server.run(finishing("long.mkv", quality="best", video_codec="vp9"), timeout=300, on_message=interrupt)
    assert run.status == "interrupted" and run.ended - asked[0] < 1 and files(server) == before


def test_two_saves_at_once(comfyui, server, tmp_path):
    """Two servers, one output folder."""
    for name in ("input", "output"):
        (server.base / name).mkdir(exist_ok=True)
    film(server.input / "film.mkv")
    before, runs = files(server), []
    with Server(comfyui, tmp_path, ["--output-directory", str(server.output), "--input-directory", str(server.input)]) as other:
        threads = [threading.Thread(target=lambda where=where: runs.append(where.run(finishing("film.mkv", filename_prefix="both", quality="draft")))) for where in (server, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    names = {run.outputs["3"]["images"][0]["filename"] for run in runs}
    assert [run.status for run in runs] == ["success"] * 2 and len(names) == 2
    assert {path.name for path in files(server) - before} == names


def test_a_full_disk(comfyui, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small disk can be mounted here")
    try:
        with Server(comfyui, tmp_path / "base", ["--output-directory", str(folder)]) as server:
            film(server.input / "film.mkv")
            assert "the disk is full" in error_of(server, finishing("film.mkv", quality="best"))
            assert "the disk is full" in error_of(server, finishing("film.mkv", quality="best", stems_as="files"))
            assert not [name for _, _, names in os.walk(folder) for name in names]
    finally:
        subprocess.run(["umount", str(folder)], check=True)
