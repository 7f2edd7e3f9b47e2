"""Load AV to Mux in the real server, and on through core's SaveVideo: all tracks stay."""
import av
import torch

from graphs import node
from media import formats
from media.reading import read_clip
from media.writing import write_clip


def tracks(path):
    with av.open(str(path)) as clip:
        return [(stream.type, stream.codec_context.name, stream.metadata.get("handler_name")) for stream in clip.streams]


def test_load_mix_mux_and_save(server):
    noise = 0.1 * torch.randn(2, 2, 48000, generator=torch.Generator().manual_seed(0))
    stems = {"dialogue": noise[0], "music": noise[1]}
    write_clip(server.input / "film.mp4", torch.rand(24, 64, 64, 3), 24, noise.sum(0), 48000, form=formats.choose("mp4", audio="flac"), stems=stems)
    graph = {}
    node(graph, "1", "PhonofilmLoadAV", file="film.mp4")
    node(graph, "2", "PhonofilmMixStems", stems=["1", 2])
    node(graph, "3", "PhonofilmMux", video=["1", 4], audio=["2", 0], stems=["2", 1], rate=24.0, filename_prefix="mux", audio_codec="flac")
    node(graph, "4", "SaveVideo", video=["3", 0], filename_prefix="saved", format="auto", codec="auto")
    node(graph, "5", "PhonofilmMux", video=["1", 4], audio=["2", 0], rate=24.0, filename_prefix="edit", container="mov", video_codec="prores")
    run = server.run(graph)
    assert run.status == "success", run.error

    (item,) = run.outputs["3"]["images"]
    muxed = server.output / item["subfolder"] / item["filename"]
    expected = [("video", "h264", "VideoHandler"), *(("audio", "flac", name) for name in ("Mix", "Stem: dialogue", "Stem: music"))]
    assert item["type"] == "output" and tracks(muxed) == expected
    old, new = read_clip(server.input / "film.mp4"), read_clip(muxed)
    assert torch.equal(old.frames, new.frames) and (old.waveform - new.waveform).abs().max() < 1e-5

    saved = next(server.output.glob("saved*.mp4"))
    assert [track[:2] for track in tracks(saved)] == [track[:2] for track in expected]  # core leaves out the names
    assert list(read_clip(saved, stems=True).stems) == ["dialogue", "music"]

    (shown,), (edit,) = run.outputs["5"]["images"], run.outputs["5"]["files"]
    assert shown["type"] == "temp" and server.view(shown)[4:8] == b"ftyp"
    assert edit["type"] == "output" and tracks(server.output / edit["filename"])[0][1] == "prores"


def test_a_file_that_is_not_there(server):
    graph = {}
    node(graph, "1", "PhonofilmLoadAV", file="none.mp4")
    node(graph, "2", "PhonofilmMux", video=["1", 4], rate=24.0, filename_prefix="none")
    try:
        server.run(graph)
    except Exception as error:
        assert "There is no none.mp4" in str(error)
    else:
        raise AssertionError("the server took it")
