"""The tools for AV latents in the real ComfyUI, on the starter and the tiny native models; core's nodes for the same fail there."""
import pytest
import torch

from graphs import EMPTY, LOAD, SAMPLER, node, save_latent, saved_latent, until_latent
from media.reading import read_clip
from models.joint.grids import H3, LTX
from test_faults import error_of
from test_native import NAMES, SIZE, film, graph_of  # noqa: F401

AV = [SAMPLER, 0]
CODECS = {"vae": [LOAD, 2], "audio_vae": [LOAD, 3]}


def made(server, graph, *sources):
    """The latents (picture, sound) of nodes of a graph, in one run."""
    for source in sources:
        save_latent(graph, source, f"tools-{source}")
    run = server.run(graph)
    return run, [saved_latent(server, run, f"tools-{source}") for source in sources]


def test_cut_and_join(server, tiny):
    """Apart and together again: kept bit for bit but for the one picture that is encoded by itself, and exactly as long."""
    graph = until_latent(seconds=2.0)
    node(graph, "begin", "PhonofilmCutLatent", latent=AV, start=0.0, end=1.0)
    node(graph, "end", "PhonofilmCutLatent", latent=AV, start=0.5, end=0.0, **CODECS)
    node(graph, "whole", "PhonofilmJoinLatent", latent=["begin", 0], after=["end", 0], overlap=0.5)
    node(graph, "text", "PreviewAny", source=["whole", 1])
    run, (old, begin, end, whole) = made(server, graph, SAMPLER, "begin", "end", "whole")
    assert all(torch.equal(a, b) for a, b in zip(old, whole))
    assert begin[0].shape[2] == 7 and end[0].shape[2] == 10 and end[1].shape[-1] == 37
    assert torch.equal(end[0][:, :, 1:], old[0][:, :, 4:]) and not torch.equal(end[0][:, :, 0], old[0][:, :, 3])
    assert "again" not in run.outputs["text"]["text"][0]


def test_batch_pick_and_core_s_blend(server, tiny):
    graph = until_latent(seconds=1.0)
    node(graph, "two", "PhonofilmSampler", **{**graph[SAMPLER]["inputs"], "seed": 5})
    node(graph, "batch", "PhonofilmBatchLatent", latent=AV, after=["two", 0])
    node(graph, "last", "PhonofilmPickLatent", latent=["batch", 0], index=-1, count=1)
    node(graph, "blend", "LatentBlend", samples1=AV, samples2=["two", 0], blend_factor=0.25)
    _, (one, two, batch, last, blend) = made(server, graph, SAMPLER, "two", "batch", "last", "blend")
    for a, b, both, picked, mixed in zip(one, two, batch, last, blend):
        assert torch.equal(both, torch.cat([a, b])) and torch.equal(picked, b) and torch.allclose(mixed, 0.25 * a + 0.75 * b)


@pytest.mark.parametrize("name", NAMES)
def test_native_models(server, native, film, name):
    """A window of the end is made longer and joined: what was there stays, and the clip is exactly as long as asked for."""
    seconds = 2.6 if name == "h3" else 1.4
    graph = graph_of(name, {**SIZE, "length": seconds}, steps=1)
    codecs = {key: graph["encode"]["inputs"][key] for key in ("vae", "audio_vae")}
    node(graph, "extend", "PhonofilmExtend", latent=["sampler", 0], seconds=0.6, head=0.4, **codecs)
    node(graph, "second", "PhonofilmSampler", **{**graph["sampler"]["inputs"], "latent": ["extend", 0], "seed": 9})
    node(graph, "whole", "PhonofilmJoinLatent", latent=["sampler", 0], after=["second", 0], overlap=0.0)
    node(graph, "decode", "PhonofilmDecode", latent=["whole", 0], rate=24.0, **codecs)
    node(graph, "mux", "PhonofilmMux", images=["decode", 0], audio=["decode", 1], rate=["decode", 3], filename_prefix=f"{name}-long", container="mkv", audio_codec="flac")
    run, (old, window, new) = made(server, graph, "sampler", "second", "whole")
    grid, before, frames, rate, out = (LTX, 35, 50, 25, 24000) if name == "ltx" else (H3, 62, 76, 24, 32000)
    clip = read_clip(server.output / run.outputs["mux"]["files"][0]["filename"])
    assert len(clip.frames) == frames and clip.waveform.shape[1] == round(frames * out / rate)
    assert window[0].shape[2] < new[0].shape[2]
    within = sum(end <= before for _, end in grid.spans(grid.frames_for(before))), int(before / rate * grid.sound_per_second)
    for index, axis, count in ((0, 2, within[0]), (1, grid.time_axis, within[1])):  # what reaches beyond the true end is made anew
        assert torch.equal(new[index].narrow(axis, 0, count), old[index].narrow(axis, 0, count))
        assert torch.equal(new[index].narrow(axis, new[index].shape[axis] - 1, 1), window[index].narrow(axis, window[index].shape[axis] - 1, 1))


def test_save_and_load(server, tiny):
    graph = until_latent()
    node(graph, "open", "PhonofilmEdit", latent=AV, start=0.3, end=0.6)
    node(graph, "file", "PhonofilmSaveLatent", latent=["open", 0], filename_prefix="kept/av")
    node(graph, "again", "PhonofilmSampler", **{**graph[SAMPLER]["inputs"], "latent": ["open", 0], "seed": 3})
    run, (expected,) = made(server, graph, "again")
    (item,) = run.outputs["file"]["latents"]
    assert item == {"filename": "av_00001_.safetensors", "subfolder": "kept", "type": "output"}
    name = "kept/av_00001_.safetensors [output]"
    spec = server.get("/object_info/PhonofilmLoadLatent")["PhonofilmLoadLatent"]["input"]["required"]["file"]
    assert name in (spec[1].get("options") or spec[0])
    later = until_latent()
    del later[EMPTY]
    node(later, "back", "PhonofilmLoadLatent", file=name)
    later[SAMPLER]["inputs"].update(latent=["back", 0], seed=3)
    _, (found,) = made(server, later, SAMPLER)
    assert all(torch.equal(a, b) for a, b in zip(found, expected))


@pytest.mark.parametrize("build, says", [
    (lambda g: node(g, "x", "PhonofilmCutLatent", latent=AV, start=0.5, end=0.0), "connect vae and audio_vae"),
    (lambda g: node(g, "x", "PhonofilmCutLatent", latent=AV, start=0.5, end=9.0), "is no range of this clip"),
    (lambda g: node(g, "x", "PhonofilmPickLatent", latent=AV, index=2, count=1), "latent holds 1 clips"),
    (lambda g: (node(g, "p", "EmptyLatentImage", width=128, height=128, batch_size=1), node(g, "x", "PhonofilmJoinLatent", latent=AV, after=["p", 0], overlap=0.0)),
     "does not hold picture and sound together"),
    (lambda g: node(g, "x", "PhonofilmLoadLatent", file="none.safetensors"), "There is no none.safetensors"),
    (lambda g: node(g, "x", "PhonofilmLoadLatent", file="foreign.safetensors"), "foreign.safetensors is no AV latent"),
    (lambda g: node(g, "x", "PhonofilmSaveLatent", latent=AV, filename_prefix="../../x"), "leads out of the output folder"),
])
def test_faults(server, tiny, build, says):
    (server.input / "foreign.safetensors").write_bytes((server.checkpoints / tiny).read_bytes())
    graph = until_latent()
    build(graph)
    node(graph, "y", "PhonofilmSaveLatent", latent=["x", 0], filename_prefix="fault")
    assert says in error_of(server, graph)
