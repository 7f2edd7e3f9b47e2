"""LTX-2 and MiniMax H3 through Encode, Sampler and Decode: every direction, in the real ComfyUI, on tiny random weights.

They show that the plumbing holds: durations, what is kept, batches, cancel. What the models can do they cannot show.
"""
import time
from fractions import Fraction

import pytest
import torch

from graphs import node, save_latent, saved_latent
from media import formats
from media.reading import read_clip
from media.writing import write_clip

FRAMES, RATE = 22, 25
NAMES = ("ltx", "h3")
pytestmark = pytest.mark.usefixtures("native", "film")


@pytest.fixture(scope="module")
def film(server):
    generator = torch.Generator().manual_seed(0)
    frames = torch.rand(FRAMES, 64, 96, 3, generator=generator)
    wave = 0.1 * torch.randn(2, FRAMES * 48000 // RATE, generator=generator)
    write_clip(server.input / "native.mkv", frames, RATE, wave, 48000, form=formats.choose("mkv", video="ffv1", audio="flac"))


def loaders(graph, name):
    """Nodes of a model; -> (MODEL, VAE, audio VAE) as links."""
    if name == "ltx":
        node(graph, "model", "CheckpointLoaderSimple", ckpt_name="ltx.safetensors")
        node(graph, "audio_vae", "LTXVAudioVAELoader", ckpt_name="ltx.safetensors")
        return ["model", 0], ["model", 2], ["audio_vae", 0]
    node(graph, "model", "UNETLoader", unet_name="h3.safetensors", weight_dtype="default")
    node(graph, "vae", "VAELoader", vae_name="h3_picture.safetensors")
    node(graph, "audio_vae", "VAELoader", vae_name="h3_sound.safetensors")
    return ["model", 0], ["vae", 0], ["audio_vae", 0]


def graph_of(name, given, **settings):
    """From the film to a lossless clip; `given` are inputs of Encode, `settings` those of the Sampler."""
    graph = {}
    model, vae, audio_vae = loaders(graph, name)
    node(graph, "film", "PhonofilmLoadAV", file="native.mkv")
    node(graph, "one", "PhonofilmLoadAV", file="native.mkv", duration=0.04)
    for number, seed in (("positive", 1), ("negative", 2)):
        node(graph, number, "TinyText", model=model, seed=seed)
    node(graph, "encode", "PhonofilmEncode", vae=vae, audio_vae=audio_vae, **{"length": 0.0, "width": 0, "height": 0, "batch_size": 1, **given})
    settings = {"seed": 1, "steps": 2, "sampler": "euler", "scheduler": "simple", "picture_guidance": 3.0, "sound_guidance": 2.0,
                "sync_guidance": 1.0, "denoise": 1.0, "takes": 1, **settings}
    node(graph, "sampler", "PhonofilmSampler", model=model, positive=["positive", 0], negative=["negative", 0], latent=["encode", 0], **settings)
    return graph


def to_file(graph, name, prefix):
    vae, audio_vae = graph["encode"]["inputs"]["vae"], graph["encode"]["inputs"]["audio_vae"]
    node(graph, "decode", "PhonofilmDecode", latent=["sampler", 0], vae=vae, audio_vae=audio_vae, rate=24.0)
    node(graph, "mux", "PhonofilmMux", images=["decode", 0], audio=["decode", 1], rate=["decode", 3], filename_prefix=prefix, container="mkv",
         video_codec="ffv1", audio_codec="flac")


VIDEO, SOUND, IMAGE = {"frames": ["film", 0], "rate": ["film", 3]}, {"audio": ["film", 1]}, {"first_image": ["one", 0]}
SIZE = {"width": 96, "height": 64, "rate": 25.0}
DIRECTIONS = {  # inputs of Encode; which latents of the picture and of the sound are kept
    "text": ({**SIZE, "length": 0.88}, (), ()),
    "image": ({**IMAGE, "rate": 25.0, "length": 0.88, "last_image": ["one", 0]}, (0, -1), ()),
    "video to sound": (VIDEO, slice(None), ()),
    "sound to video": ({**SOUND, **SIZE}, (), slice(None)),
    "image and sound": ({**SOUND, **IMAGE, "rate": 25.0}, (0,), slice(None)),
}


@pytest.mark.parametrize("direction, sync", [*((direction, 1.0) for direction in DIRECTIONS), ("text", 1.5), ("video to sound", 1.5)])
@pytest.mark.parametrize("name", NAMES)
def test_directions(server, name, direction, sync):
    given, *kept = DIRECTIONS[direction]
    prefix = f"{name}-{direction}-{sync}".replace(" ", "-")
    graph = graph_of(name, given, sync_guidance=sync)
    to_file(graph, name, prefix)
    for source in ("encode", "sampler"):
        save_latent(graph, source, f"{prefix}-{source}")
    node(graph, "text", "PreviewAny", source=["encode", 1])
    run = server.run(graph)
    assert run.status == "success", run.error

    old, new = (saved_latent(server, run, f"{prefix}-{source}") for source in ("encode", "sampler"))
    for index, axis in ((0, 2), (1, 3 if name == "h3" else 2)):
        changed = (old[index] != new[index]).movedim(axis, 0).flatten(1).any(1)
        expected = torch.ones_like(changed)
        for which in [kept[index]] if isinstance(kept[index], slice) else kept[index]:
            expected[which] = False
        assert changed.tolist() == expected.tolist(), ("picture", "sound")[index]
        assert new[index].isfinite().all()

    frames, rate = (FRAMES, 25) if name == "ltx" else (21, 24)
    clip = read_clip(server.output / run.outputs["mux"]["files"][0]["filename"])
    out = {"ltx": 24000, "h3": 32000}[name]
    assert clip.frames.shape == (frames, 64, 96, 3) and clip.rate == rate
    assert (clip.waveform.shape[1], clip.sample_rate) == (round(frames * out / rate), out)
    assert run.outputs["text"]["text"][0].startswith(f"clip for {'LTX-2' if name == 'ltx' else 'MiniMax H3'}: {frames} pictures of 96x64")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_guided_changes(server, name):
    """In one step a scale changes only what it is for; in two, sync guidance changes both."""
    def made(label, **settings):
        graph = graph_of(name, {**SIZE, "length": 0.88}, **settings)
        save_latent(graph, "sampler", f"{name}-guided-{label}")
        return saved_latent(server, server.run(graph), f"{name}-guided-{label}")

    plain, harder = made("plain", steps=1), made("picture", steps=1, picture_guidance=5.0)
    assert not torch.equal(harder[0], plain[0]) and torch.allclose(harder[1], plain[1], atol=1e-5)
    apart, together = made("apart", steps=2), made("sync", steps=2, sync_guidance=2.0)
    assert all((a - b).abs().max() > 1e-4 for a, b in zip(apart, together))


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_sampler_agrees(server, name):
    """With one scale for both, our Sampler is core's KSampler; core keeps what is given to within rounding."""
    graph = graph_of(name, VIDEO, picture_guidance=2.0, sound_guidance=2.0)
    positive, negative = timed(graph, name)
    node(graph, "stock", "KSampler", model=graph["sampler"]["inputs"]["model"], seed=1, steps=2, cfg=2.0, sampler_name="euler", scheduler="simple",
         positive=positive, negative=negative, latent_image=["encode", 0], denoise=1.0)
    for source in ("encode", "sampler", "stock"):
        save_latent(graph, source, f"{name}-agree-{source}")
    run = server.run(graph)
    given, ours, stock = (saved_latent(server, run, f"{name}-agree-{source}") for source in ("encode", "sampler", "stock"))
    assert all((a - b).abs().max() < 1e-5 for a, b in zip(ours, stock))
    assert torch.equal(ours[0], given[0]) and (stock[0] - given[0]).abs().max() < 1e-5


STOCK = ("euler", "euler_ancestral", "dpmpp_2m", "dpmpp_sde", "lcm", "res_multistep")
OPENED = {"edit": ("Edit", {"start": 0.3, "end": 0.5}), "extend": ("Extend", {"seconds": 0.5})}


def timed(graph, name):
    """(positive, negative) for core's samplers as links: LTX-2 is told the frame rate."""
    if name == "h3":
        return ["positive", 0], ["negative", 0]
    node(graph, "timed", "LTXVConditioning", positive=["positive", 0], negative=["negative", 0], frame_rate=25.0)
    return ["timed", 0], ["timed", 1]


def masks(graph, source, prefix):
    """Save the masks of a latent's picture and sound, as latents."""
    node(graph, prefix, "MaskAsLatent", latent=[source, 0])
    save_latent(graph, prefix, prefix)


@pytest.mark.parametrize("direction", ["image", "video to sound", "sound to video", "image and sound", *OPENED])
@pytest.mark.parametrize("name", NAMES)
def test_stock_samplers_keep_to_within_rounding(server, name, direction):
    """Core's KSampler in the place of ours: what the mask keeps stays within 1e-5, and the rest is made."""
    graph = graph_of(name, DIRECTIONS["text" if direction in OPENED else direction][0], steps=1)
    source = "encode"
    if direction in OPENED:
        kind, inputs = OPENED[direction]
        source = node(graph, "open", f"Phonofilm{kind}", latent=["sampler", 0], **inputs)
    prefix = f"{name}-stock-{direction}".replace(" ", "-")
    masks(graph, source, f"{prefix}-mask")
    save_latent(graph, source, f"{prefix}-given")
    positive, negative = timed(graph, name)
    for sampler in STOCK:
        node(graph, sampler, "KSampler", model=graph["sampler"]["inputs"]["model"], seed=1, steps=2, cfg=2.0, sampler_name=sampler, scheduler="simple",
             positive=positive, negative=negative, latent_image=[source, 0], denoise=1.0)
        save_latent(graph, sampler, f"{prefix}-{sampler}")
    run = server.run(graph)
    given, mask = saved_latent(server, run, f"{prefix}-given"), saved_latent(server, run, f"{prefix}-mask")
    assert any((part == 0).any() for part in mask)
    for sampler in STOCK:
        for old, new, one in zip(given, saved_latent(server, run, f"{prefix}-{sampler}"), mask):
            kept = (one == 0).expand_as(old)
            assert (new - old).abs()[kept].max() < 1e-5 if kept.any() else True, sampler
            assert new.isfinite().all() and ((new - old).abs()[~kept] > 1e-3).float().mean() > 0.9 if (~kept).any() else True, sampler


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_two_at_once(server, direction):
    """LTX-2 makes a batch: what is given is kept in both, bit for bit, and each is made from noise of its own."""
    given, *kept = DIRECTIONS[direction]
    graph = graph_of("ltx", {**given, "batch_size": 2})
    prefix = f"ltx-two-{direction}".replace(" ", "-")
    for source in ("encode", "sampler"):
        save_latent(graph, source, f"{prefix}-{source}")
    run = server.run(graph)
    for old, new, which in zip(*(saved_latent(server, run, f"{prefix}-{source}") for source in ("encode", "sampler")), kept):
        assert len(new) == 2 and new.isfinite().all()
        for place in [which] if isinstance(which, slice) else which:
            assert torch.equal(new[:, :, place], old[:, :, place])
        assert torch.equal(new[0], new[1]) == isinstance(which, slice)


@pytest.mark.parametrize("name, rate, length", [("ltx", 29.97, 1.001), ("ltx", 24.0, 1.3), ("ltx", 50.0, 0.5), ("h3", 24.0, 1.3), ("h3", 24.0, 0.21)])
@pytest.mark.parametrize("kind", [None, *OPENED])
def test_durations_are_exact(server, name, rate, length, kind):
    """To the picture and to the sample, at rates and lengths that are not on the grid, also after Edit and Extend."""
    from media.clock import snap_rate

    graph = graph_of(name, {**SIZE, "rate": rate, "length": length}, steps=1)
    seconds, source = Fraction(length), "sampler"
    if kind:
        kind, inputs = OPENED[kind]
        inputs = {"start": 0.1, "end": 0.2} if kind == "Edit" else inputs
        node(graph, "open", f"Phonofilm{kind}", latent=["sampler", 0], **inputs)
        source = node(graph, "second", "PhonofilmSampler", **{**graph["sampler"]["inputs"], "latent": ["open", 0]})
    prefix = f"{name}-exact-{rate}-{length}-{kind}".replace(".", "_")
    to_file(graph, name, prefix)
    graph["decode"]["inputs"]["latent"] = [source, 0]
    run = server.run(graph)
    assert run.status == "success", run.error
    clip = read_clip(server.output / run.outputs["mux"]["files"][0]["filename"])
    rate, out = snap_rate(rate), {"ltx": 24000, "h3": 32000}[name]
    frames = round(seconds * rate) + (round(Fraction(1, 2) * rate) if kind == "Extend" else 0)
    assert clip.rate == rate and len(clip.frames) == frames and clip.waveform.shape[1] == round(frames * out / rate)


@pytest.mark.parametrize("name", NAMES)
def test_every_sampler_keeps_bit_for_bit(server, name):
    """Also uni_pc, which core itself lets drift from what is kept."""
    graph = graph_of(name, VIDEO)
    samplers = ["uni_pc", "dpmpp_2m", "euler_ancestral", "res_multistep", "dpmpp_sde"]
    save_latent(graph, "encode", f"{name}-samplers-given")
    for sampler in samplers:
        node(graph, sampler, "PhonofilmSampler", **{**graph["sampler"]["inputs"], "sampler": sampler, "denoise": 0.9})
        save_latent(graph, sampler, f"{name}-samplers-{sampler}")
    run = server.run(graph)
    given = saved_latent(server, run, f"{name}-samplers-given")
    for sampler in samplers:
        picture, sound = saved_latent(server, run, f"{name}-samplers-{sampler}")
        assert torch.equal(picture, given[0]) and sound.isfinite().all() and not torch.equal(sound, given[1]), sampler


def test_batches_and_takes(server):
    for name, given, settings in (("ltx", {**SOUND, **SIZE, "batch_size": 2}, {"takes": 2}), ("h3", {**SOUND, **SIZE}, {"takes": 2})):
        graph = graph_of(name, given, **settings)
        save_latent(graph, "sampler", f"{name}-takes")
        picture, sound = saved_latent(server, server.run(graph), f"{name}-takes")
        assert len(picture) == len(sound) == (4 if name == "ltx" else 2)
        assert torch.equal(sound[0], sound[-1]) and not torch.equal(picture[0], picture[-1])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind, inputs", [("Edit", {"start": 0.3, "end": 0.5}), ("Extend", {"seconds": 0.5})])
def test_a_made_clip_is_opened_again(server, name, kind, inputs):
    """Edit makes a range of it anew, Extend what comes after it; the rest is the first run's, bit for bit."""
    graph = graph_of(name, {**SIZE, "length": 0.88})
    node(graph, "open", f"Phonofilm{kind}", latent=["sampler", 0], **inputs)
    node(graph, "second", "PhonofilmSampler", **{**graph["sampler"]["inputs"], "latent": ["open", 0], "seed": 9})
    for source in ("sampler", "second"):
        save_latent(graph, source, f"{name}-{kind}-{source}")
    run = server.run(graph)
    old, new = (saved_latent(server, run, f"{name}-{kind}-{source}") for source in ("sampler", "second"))
    for index, axis in ((0, 2), (1, 3 if name == "h3" else 2)):
        count = old[index].shape[axis]
        same = [torch.equal(old[index].narrow(axis, i, 1), new[index].narrow(axis, i, 1)) for i in range(count)]
        assert same[0] and not all(same)
        assert same[-1] if kind == "Edit" else new[index].shape[axis] > count


def test_takes_are_put_in_order(server):
    """Noise shows nothing happening, so here the order is that of the seeds; that it can be another is tested without a server."""
    graph = graph_of("h3", {**VIDEO}, takes=3)
    plain = graph_of("h3", {**VIDEO}, takes=3)
    graph["sampler"]["inputs"].update(vae=["vae", 0], audio_vae=["audio_vae", 0])
    node(graph, "text", "PreviewAny", source=["sampler", 2])
    for name, each in (("ordered", graph), ("plain", plain)):
        save_latent(each, "sampler", f"h3-{name}")
    run = server.run(graph)
    assert torch.equal(saved_latent(server, run, "h3-ordered")[1], saved_latent(server, server.run(plain), "h3-plain")[1])
    assert run.outputs["text"]["text"][0].startswith(("nothing is seen to happen", "take 1"))


def test_the_score_has_no_effect_and_the_log_says_so(server):
    graph = graph_of("ltx", {**SIZE, "length": 0.88}, steps=1)
    save_latent(graph, "sampler", "ltx-unscored")
    plain = saved_latent(server, server.run(graph), "ltx-unscored")
    graph["positive"]["inputs"]["score"] = True
    scored = saved_latent(server, server.run(graph), "ltx-unscored")
    assert torch.equal(plain[0], scored[0])
    assert server.log.count("the score has no effect on LTX-2") == 1


@pytest.mark.parametrize("name", NAMES)
def test_cancel(server, name):
    graph = graph_of(name, {**SIZE, "length": 0.88}, steps=400)
    to_file(graph, name, f"{name}-cancelled")
    sent = []

    def on_message(kind, data):
        if kind == "progress" and data["value"] >= 2 and data["max"] > 100 and not sent:
            sent.append(time.monotonic())
            server.post("/interrupt", {})

    run = server.run(graph, on_message=on_message)
    assert run.status == "interrupted" and run.ended - sent[0] < 10
    assert not list(server.output.glob(f"{name}-cancelled*"))


@pytest.mark.parametrize("edit, says", [
    (lambda g: g["encode"]["inputs"].update(vae=["other_vae", 0]), "vae is of MiniMax H3 and audio_vae of LTX-2"),
    (lambda g: g["encode"]["inputs"].update(vae=["audio_vae", 0], audio_vae=["model", 2]), "vae and audio_vae are swapped"),
    (lambda g: g["sampler"]["inputs"].update(model=["other", 0], positive=["other_text", 0], negative=["other_text", 0]), "latent is of another model than MiniMax H3"),
    (lambda g: (node(g, "silent", "UNETLoader", unet_name="silent.safetensors", weight_dtype="default"), g["sampler"]["inputs"].update(model=["silent", 0])),
     "model is LTXV, which does not make picture and sound together"),
    (lambda g: g["encode"]["inputs"].update(vae=["other_vae", 0], audio_vae=["other_audio", 0], batch_size=2), "MiniMax H3 makes one clip at a time, not 2"),
    (lambda g: (node(g, "mask", "SolidMask", value=2.0, width=8, height=8), node(g, "masked", "SetLatentNoiseMask", samples=["encode", 0], mask=["mask", 0]),
                g["sampler"]["inputs"].update(latent=["masked", 0])), "bigger than max"),
    (lambda g: g["sampler"]["inputs"].update(sampler="magic"), "not in list"),
    (lambda g: (node(g, "empty", "PhonofilmEmptyLatent", model=["model", 0], width=128, height=128, seconds=1.0, batch_size=1),
                g["sampler"]["inputs"].update(latent=["empty", 0])), "Empty Latent is for the starter"),
])
def test_faults(server, edit, says):
    from test_faults import error_of

    graph = graph_of("ltx", {**SIZE, "length": 0.88})
    save_latent(graph, "sampler", "fault")
    node(graph, "other", "UNETLoader", unet_name="h3.safetensors", weight_dtype="default")
    node(graph, "other_vae", "VAELoader", vae_name="h3_picture.safetensors")
    node(graph, "other_audio", "VAELoader", vae_name="h3_sound.safetensors")
    node(graph, "other_text", "TinyText", model=["other", 0], seed=1)
    edit(graph)
    assert says in error_of(server, graph)
