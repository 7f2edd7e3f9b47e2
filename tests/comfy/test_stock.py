"""Core's own nodes on the starter: text encode, samplers, decoders, LoRA, saving and loading."""
import av
import pytest
import torch
from safetensors.torch import load_file, save_file

from graphs import EMPTY, LOAD, PROMPT, SAMPLER, latents, node, save_latent, saved_latent, stock_sampler, until_latent

TEXT = "picture: a red ball bounces effects: the ball hits the floor"
CFG = {"picture_guidance": 2.0, "sound_guidance": 2.0, "skip_guidance": 1.0, "score_guidance": 1.0}  # KSampler's cfg of 2 and no more


def apart(a, b):
    return max((x - y).abs().max().item() for x, y in zip(a, b))


@pytest.fixture(scope="module")
def expected(server, tiny):
    """Latents of our Sampler, with both text scales at 2."""
    return latents(server, until_latent(**CFG), SAMPLER, "stock-ours")


def test_ksampler_is_our_sampler_with_one_scale(server, tiny, expected):
    graph = until_latent()
    del graph[SAMPLER]
    assert apart(latents(server, graph, stock_sampler(graph), "stock-ksampler"), expected) < 1e-5


def test_clip_text_encode(server, tiny):
    """The prompt as one text with the field names in it gives what Prompt gives."""
    graph = until_latent(picture="a red ball bounces", effects="the ball hits the floor", **CFG)
    ours = latents(server, graph, SAMPLER, "stock-prompt")
    node(graph, "50", "CLIPTextEncode", clip=[LOAD, 1], text=TEXT)
    node(graph, "51", "CLIPTextEncode", clip=[LOAD, 1], text="")
    theirs = stock_sampler(graph, positive=("50", 0), negative=("51", 0))
    assert apart(latents(server, graph, theirs, "stock-clip"), ours) < 1e-5


def custom_sampler(graph, number, guider, sampler="euler", seed=1):
    node(graph, number + "1", "RandomNoise", noise_seed=seed)
    node(graph, number + "2", "KSamplerSelect", sampler_name=sampler)
    node(graph, number + "3", "BasicScheduler", model=[LOAD, 0], scheduler="simple", steps=4, denoise=1.0)
    return node(graph, number, "SamplerCustomAdvanced", noise=[number + "1", 0], guider=[guider, 0], sampler=[number + "2", 0],
                sigmas=[number + "3", 0], latent_image=[EMPTY, 0])


def test_sampler_custom_advanced(server, tiny, expected):
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "60", "CFGGuider", model=[LOAD, 0], positive=[PROMPT, 0], negative=[PROMPT, 1], cfg=2.0)
    assert apart(latents(server, graph, custom_sampler(graph, "61", "60"), "stock-custom"), expected) < 1e-5


def test_basic_guider_and_other_samplers(server, tiny):
    """One prompt without a negative, through samplers of every family; all finite, and none like another."""
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "60", "BasicGuider", model=[LOAD, 0], conditioning=[PROMPT, 0])
    samplers = ["euler", "euler_ancestral", "heun", "dpmpp_2m", "dpmpp_sde", "lcm", "res_multistep", "uni_pc", "er_sde"]
    for i, sampler in enumerate(samplers):
        save_latent(graph, custom_sampler(graph, f"7{i}", "60", sampler), f"stock-{sampler}")
    run = server.run(graph)
    found = [saved_latent(server, run, f"stock-{sampler}") for sampler in samplers]
    assert all(part.isfinite().all() for pair in found for part in pair)


def test_decoders(server, tiny, tmp_path):
    """Core's decoders agree with Decode; tiled picture exactly but where tiles in time meet, where one lacks neighbours, tiled sound in length and level."""
    graph = until_latent(seconds=4.0)
    node(graph, "80", "PhonofilmDecode", latent=[SAMPLER, 0], vae=[LOAD, 2], audio_vae=[LOAD, 3], rate=24.0)
    node(graph, "81", "VAEDecode", samples=[SAMPLER, 0], vae=[LOAD, 2])
    node(graph, "82", "VAEDecodeTiled", samples=[SAMPLER, 0], vae=[LOAD, 2], tile_size=512, overlap=64, temporal_size=64, temporal_overlap=16)
    node(graph, "82-small", "VAEDecodeTiled", samples=[SAMPLER, 0], vae=[LOAD, 2], tile_size=96, overlap=32, temporal_size=64, temporal_overlap=8)
    node(graph, "83", "VAEDecodeAudio", samples=[SAMPLER, 0], vae=[LOAD, 3])
    node(graph, "84", "VAEDecodeAudioTiled", samples=[SAMPLER, 0], vae=[LOAD, 3], tile_size=32, overlap=8)
    for number, source in (("85", "80"), ("86", "81"), ("87", "82"), ("87-small", "82-small")):
        node(graph, number, "SaveImage", images=[source, 0], filename_prefix=f"stock-frames-{number}")
    for number, source, output in (("88", "80", 1), ("89", "83", 0), ("90", "84", 0)):
        node(graph, number, "SaveAudio", audio=[source, output], filename_prefix=f"stock-sound-{number}")
    run = server.run(graph)
    assert run.status == "success", run.error

    frames = [read_frames(server, run.outputs[number]["images"]) for number in ("85", "86", "87", "87-small")]
    assert [f.shape for f in frames] == [(97, 128, 128, 3)] * 4
    assert torch.equal(frames[0], frames[1])
    apart = (frames[1].float() - frames[2].float()).abs().amax((1, 2, 3))
    assert max(apart[:45].max(), apart[61:].max()) <= 1  # tiles in time are exact but in the four latents that two of them share
    assert apart[45:61].max() <= 4

    sounds = [read_sound(server, run.outputs[number]["audio"][0]) for number in ("88", "89", "90")]
    assert all(rate == 48000 and wave.shape == (2, 97 * 2000) for wave, rate in sounds)
    ours, core, tiled = (wave for wave, _ in sounds)
    scale = max(1.0, 5 * ours.std().item())  # core's decoder turns loud sound down
    assert (ours / scale - core).abs().max() < 1e-3
    assert 0.5 < tiled.square().mean().sqrt() / core.square().mean().sqrt() < 2


def test_skip_layer_guidance_of_core(server, tiny):
    """In one step, where the sound does not act back, core's node gives the picture that our skip guidance gives."""
    ours = latents(server, until_latent(steps=1, **{**CFG, "skip_guidance": 1.5}), SAMPLER, "stock-skip-ours")
    without = latents(server, until_latent(steps=1, **CFG), SAMPLER, "stock-skip-without")
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "60", "SkipLayerGuidanceDiT", model=[LOAD, 0], double_layers="3", single_layers="", scale=0.5, start_percent=0.0, end_percent=1.0,
         rescaling_scale=0.0)
    theirs = latents(server, graph, stock_sampler(graph, model=("60", 0), steps=1), "stock-skip-core")
    assert (ours[0] - theirs[0]).abs().max() < 1e-5 < (ours[0] - without[0]).abs().max()


def test_a_mix_of_one_stem(server, tiny):
    """What VAE Encode Audio gives has S = 1: it decodes, tiled too, and can be kept while a picture is made to it."""
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "91", "EmptyAudio", duration=25 / 24, sample_rate=24000, channels=2)
    node(graph, "92", "VAEEncodeAudio", audio=["91", 0], vae=[LOAD, 3])
    node(graph, "93", "LTXVSeparateAVLatent", av_latent=[EMPTY, 0])
    node(graph, "94", "SolidMask", value=0.0, width=8, height=8)
    node(graph, "95", "SetLatentNoiseMask", samples=["92", 0], mask=["94", 0])
    node(graph, "96", "LTXVConcatAVLatent", video_latent=["93", 0], audio_latent=["95", 0])
    stock_sampler(graph, "97", latent=("96", 0))
    node(graph, "98", "VAEDecodeAudio", samples=["97", 0], vae=[LOAD, 3])
    node(graph, "99", "VAEDecodeAudioTiled", samples=["97", 0], vae=[LOAD, 3], tile_size=32, overlap=0)
    node(graph, "100", "PhonofilmDecode", latent=["97", 0], vae=[LOAD, 2], audio_vae=[LOAD, 3], rate=24.0)
    for number, source in (("101", ["98", 0]), ("102", ["99", 0]), ("103", ["100", 1])):
        node(graph, number, "SaveAudio", audio=source, filename_prefix=f"stock-mix-{number}")
    save_latent(graph, "97", "stock-mix")
    node(graph, "104", "SaveLatent", samples=["92", 0], filename_prefix="stock-mix-in")
    run = server.run(graph)
    _, sound = saved_latent(server, run, "stock-mix")
    assert sound.shape[2:] == (1, 25)
    given = run.outputs["104"]["latents"][0]["filename"]
    assert (load_file(server.output / given)["latent_tensor"] - sound).abs().max() < 1e-5
    assert all(read_sound(server, run.outputs[n]["audio"][0])[0].shape == (2, 50000) for n in ("101", "102", "103"))


def test_encode_picture(server, tiny):
    """VAE Encode of frames gives a latent of the grid; what is beyond 4n+1 frames is left out."""
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "110", "EmptyImage", width=130, height=128, batch_size=12, color=0x804020)
    node(graph, "111", "VAEEncode", pixels=["110", 0], vae=[LOAD, 2])
    node(graph, "112", "SaveLatent", samples=["111", 0], filename_prefix="stock-encode")
    run = server.run(graph)
    assert run.status == "success", run.error
    latent = load_file(server.output / run.outputs["112"]["latents"][0]["filename"])["latent_tensor"]
    assert latent.shape[2:] == (3, 8, 8)


def test_lora(server, tiny, expected):
    """A LoRA changes the result at strength 1, and at 0 leaves it bit for bit."""
    g = torch.Generator().manual_seed(0)
    dim = 64
    lora = {}
    for block in range(2):
        key = f"diffusion_model.blocks.{block}.qkv.lora_"
        lora[key + "A.weight"] = torch.randn(4, dim, generator=g)
        lora[key + "B.weight"] = torch.randn(3 * dim, 4, generator=g)
    save_file(lora, server.loras / "qkv.safetensors")
    graph = until_latent()
    del graph[SAMPLER]
    for number, strength in (("120", 1.0), ("121", 0.0)):
        node(graph, number, "LoraLoaderModelOnly", model=[LOAD, 0], lora_name="qkv.safetensors", strength_model=strength)
        save_latent(graph, stock_sampler(graph, number + "1", model=(number, 0)), f"stock-lora-{number}")
    run = server.run(graph)
    assert apart(saved_latent(server, run, "stock-lora-120"), expected) > 1e-2
    assert apart(saved_latent(server, run, "stock-lora-121"), expected) < 1e-5
    assert "lora key not loaded" not in server.log


def test_half_precision_merge_and_unloading(server, tiny, expected):
    """In bfloat16 nearly the same, merged with itself the same, and after being unloaded bit for bit the same."""
    graph = until_latent()
    del graph[SAMPLER]
    node(graph, "122", "ModelComputeDtype", model=[LOAD, 0], dtype="bf16")
    node(graph, "123", "ModelMergeSimple", model1=[LOAD, 0], model2=[LOAD, 0], ratio=0.5)
    for number in ("122", "123"):
        save_latent(graph, stock_sampler(graph, number + "1", model=(number, 0)), f"stock-{number}")
    run = server.run(graph)
    half, merged = (saved_latent(server, run, f"stock-{number}") for number in ("122", "123"))
    assert 0 < apart(half, expected) < 0.5
    assert apart(merged, expected) < 1e-5
    before = latents(server, until_latent(seed=77), SAMPLER, "stock-loaded")
    server.post("/free", {"unload_models": True, "free_memory": True})
    assert apart(latents(server, until_latent(seed=77), SAMPLER, "stock-reloaded"), before) == 0


@pytest.mark.parametrize("kind, folder", [("ModelSave", "diffusion_models"), ("CheckpointSave", "checkpoints")])
def test_saved_model_loads_to_equal_latents(server, starter, kind, folder):
    """What is not in the file (ModelSave: all but the transformer) comes from the shipped weights."""
    graph = until_latent(model=starter, steps=2)
    parts = {"clip": [LOAD, 1], "vae": [LOAD, 2]} if kind == "CheckpointSave" else {}
    node(graph, "130", kind, model=[LOAD, 0], filename_prefix=f"{folder}/{kind}", **parts)
    before = latents(server, graph, SAMPLER, f"stock-{kind}-before")
    again = until_latent(model=f"{kind}_00001_.safetensors", steps=2)
    assert apart(latents(server, again, SAMPLER, f"stock-{kind}-after"), before) < 1e-6


def read_frames(server, items):
    """PNG files -> [F, H, W, 3] uint8."""
    frames = []
    for item in items:
        with av.open(str(server.output / item["subfolder"] / item["filename"])) as file:
            frames.append(torch.from_numpy(next(file.decode(video=0)).to_ndarray(format="rgb24")))
    return torch.stack(frames)


def read_sound(server, item):
    """FLAC file -> (float [C, N], sample rate)."""
    with av.open(str(server.output / item["subfolder"] / item["filename"])) as file:
        rate = file.streams.audio[0].rate
        blocks = [torch.from_numpy(frame.to_ndarray()) for frame in file.decode(audio=0)]
        channels = file.streams.audio[0].channels
    wave = torch.cat([b.reshape(-1, channels) if b.shape[0] == 1 else b.T for b in blocks]).T
    return wave.float() / (2 ** (8 * wave.element_size() - 1)), rate
