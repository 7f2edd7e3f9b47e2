"""Encode: what is given lands on the grid, is kept as far as it goes, and what does not fit is named."""
import importlib
from fractions import Fraction

import pytest
import torch

from headless.nested import NestedTensor
from models.joint.grids import H3, LTX, STARTER
from models.joint.latents import check_latent
from tiny import in_headless

NTSC = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """(Encode's execute, Decode's execute, VAE, audio VAE) of a tiny starter in the headless host."""
    folder = tmp_path_factory.mktemp("models")
    with in_headless(folder, folder) as (classes, vae, audio_vae):
        yield classes["PhonofilmEncode"], classes["PhonofilmDecode"], vae, audio_vae


def encode(pack, length=0.0, width=0, height=0, batch_size=1, **given):
    """(LATENT, picture, sound, picture mask, sound mask, report)."""
    node, _, vae, audio_vae = pack
    with torch.inference_mode():
        latent, report = node.execute(vae, audio_vae, length, width, height, batch_size, **given).args
    picture, sound = latent["samples"].unbind()
    masks = latent["noise_mask"].unbind() if "noise_mask" in latent else (torch.ones_like(picture[:, :1]), torch.ones_like(sound[:, :1]))
    return latent, picture, sound, *masks, report


def film(frames=25, side=128, seed=0):
    return torch.rand(frames, side, side, 3, generator=torch.Generator().manual_seed(seed))


def tone(seconds=1.0, rate=48000, batch=1, channels=2):
    t = torch.arange(round(seconds * rate)) / rate
    return {"waveform": (0.3 * torch.sin(2760 * t)).expand(batch, channels, -1), "sample_rate": rate}


@pytest.mark.parametrize("grid, frames, laid, latents, sounds", [
    (STARTER, 1, 1, 1, 1), (STARTER, 96, 97, 25, 97), (STARTER, 97, 97, 25, 97), (STARTER, 98, 101, 26, 101),
    (LTX, 1, 1, 1, 1), (LTX, 9, 9, 2, 9), (LTX, 120, 121, 16, 121),
    (H3, 1, 5, 2, 8), (H3, 5, 5, 2, 8), (H3, 6, 22, 7, 37), (H3, 124, 124, 37, 207),
])
def test_grids(grid, frames, laid, latents, sounds):
    assert grid.frames_for(frames) == laid
    spans = grid.spans(laid)
    assert len(spans) == latents and spans[0] == (0, 1) and spans[-1][1] == laid
    assert all(a[1] == b[0] for a, b in zip(spans, spans[1:]))
    picture, sound = grid.empty(laid, grid.rate or Fraction(25), 96, 64, 2, 4)
    assert picture.shape == (2, grid.picture_channels, latents, 64 // grid.stride, 96 // grid.stride)
    assert sound.shape[grid.time_axis] == sounds and sound.ndim == 4


def test_h3_counts_one_picture_after_every_sixteen():
    assert [end - start for start, end in H3.spans(39)] == [1, 4, 4, 4, 4, 1, 4, 4, 4, 4, 1, 4]


def test_nothing_given_is_an_empty_clip(pack):
    latent, picture, sound, *_, report = encode(pack)
    assert "noise_mask" not in latent and not picture.any() and not sound.any()
    assert latent["phonofilm"] == {"rate": [24, 1], "frames": 96, "sample_rate": 48000, "samples": 192000}
    assert report == "clip for the starter: 96 pictures of 128x128 at 24 per second (4 s), 97 on the model's grid of 4n+1"


@pytest.mark.parametrize("frames, rate", [(899, 29.97), (720, 24.0), (1800, 59.94), (750, 25.0), (300, 10.0)])
def test_thirty_seconds_stay_thirty_seconds(pack, frames, rate):
    """At any frame rate, and through Decode."""
    latent, picture, *_ = encode(pack, frames=film(1, 16).expand(frames, -1, -1, -1), rate=rate)
    clip = latent["phonofilm"]
    assert clip["frames"] == 720 + (rate == 59.94) and abs(clip["samples"] / 48000 - frames / rate) < 1 / 48
    assert picture.shape[2] == 181


def test_decode_gives_the_true_length(pack):
    latent, *_ = encode(pack, frames=film(12), rate=24.0, audio=tone(0.5))
    with torch.inference_mode():
        images, audio, _, rate = pack[1].execute(latent, pack[2], pack[3], 24.0).args
    assert images.shape == (12, 128, 128, 3) and audio["waveform"].shape == (1, 2, 24000) and rate == 24.0


def test_what_is_given_looks_the_same_whatever_is_made_beside_it(pack):
    latent, picture, sound, mask, *_ = encode(pack, length=1.0, first_image=film(1, seed=3))
    for layer in pack[2].decoder["along"]:
        torch.nn.init.normal_(layer.write.weight, std=0.3)
    assert mask[0, 0, :, 0, 0].tolist() == [0, 1, 1, 1, 1, 1, 1]

    def shown(seed, **other):
        noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))
        made = {**latent, "samples": NestedTensor([torch.where(mask == 0, picture, noise), sound]), **other}
        with torch.inference_mode():
            return pack[1].execute(made, pack[2], pack[3], 24.0).args[0]

    one, other = shown(1), shown(2)
    assert torch.equal(one[0], other[0]) and not torch.allclose(one[1:], other[1:], atol=0.05)
    made = torch.ones_like(mask)
    masks = NestedTensor([made, latent["noise_mask"].unbind()[1]])
    assert not torch.allclose(shown(1, noise_mask=masks)[0], shown(2, noise_mask=masks)[0], atol=1e-3)


def test_takes_of_a_batch_are_decoded_with_the_mask_of_one_take(pack):
    latent, picture, sound, *_ = encode(pack, length=0.5, batch_size=2, first_image=film(1))
    takes = {**latent, "samples": NestedTensor([torch.cat([part, part]) for part in (picture, sound)])}
    with torch.inference_mode():
        frames, two = (pack[1].execute(one, pack[2], pack[3], 24.0).args[0] for one in (takes, latent))
    assert torch.equal(frames, torch.cat([two, two]))


def test_a_video_is_kept_as_far_as_it_goes(pack):
    frames = film(10)
    _, picture, _, mask, _, report = encode(pack, length=1.0, frames=frames)
    assert mask[0, 0, :, 0, 0].tolist() == [0, 0, 0, 1, 1, 1, 1]
    whole = pack[2].encode(frames[:9].movedim(-1, 0)[None])
    assert torch.equal(picture[:, :, :3], whole)
    assert "frames: given to 0.375 s, new from there" in report


def test_frames_are_taken_by_their_times(pack):
    picture = importlib.import_module("phonofilm.nodes.inputs.picture")
    clip = importlib.import_module("phonofilm.nodes.inputs.clip")
    numbered = torch.arange(60.0)[:, None, None, None].expand(-1, 128, 128, 3)
    plan, _ = clip.plan(STARTER, 0.0, (0, 0), 1, numbered, NTSC)
    frames, given = picture.resampled(numbered, NTSC, plan)
    shown = frames[:given, 0, 0, 0]
    middle = (torch.arange(given) + 0.5) / 24
    assert given == 48 and (shown / float(NTSC) <= middle).all() and (middle < (shown + 1) / float(NTSC)).all()


def test_images_at_their_times(pack):
    first, last, middle = film(1, seed=1), film(1, seed=2), film(1, 64, seed=3)
    _, picture, _, mask, _, report = encode(pack, length=1.0, first_image=first, last_image=last, images=middle, image_times="0.5")
    assert mask[0, 0, :, 0, 0].tolist() == [0, 1, 1, 0, 1, 1, 0]
    alone = pack[2].encode(first.movedim(-1, 0)[None])
    assert torch.equal(picture[:, :, :1], alone)
    still = pack[2].encode(last.expand(5, -1, -1, -1).movedim(-1, 0)[None])
    assert torch.equal(picture[:, :, 6], still[:, :, 1])
    assert "image 1: shown at 0.375 s to 0.5417 s, held still" in report


def test_a_photograph_is_cropped_to_its_middle(pack):
    picture = importlib.import_module("phonofilm.nodes.inputs.picture")
    photo = torch.zeros(1, 300, 500, 4)
    photo[:, :, 100:400] = 1.0
    assert (picture.fitted(picture.checked(photo, "x"), 128, 128) - 1).abs().max() < 1e-5


def test_a_mix_and_stems(pack):
    _, _, sound, _, mask, report = encode(pack, length=1.0, audio=tone(0.5, 44100, channels=1))
    assert sound.shape == (1, 32, 1, 25) and mask[0, 0, 0].tolist() == [0.0] * 12 + [1.0] * 13
    assert "audio: 44100 Hz became 24000 Hz" in report and "new from there" in report
    stems = {"dialogue": tone(), "effects": tone()}
    _, _, sound, _, mask, _ = encode(pack, length=1.0, stems=stems, effects_strength=0.25)
    assert sound.shape == (1, 32, 4, 25) and mask[0, 0, :, 3].tolist() == [0, 1, 0.25, 1] and not sound[:, :, 1].any()
    _, _, mix, *_ = encode(pack, length=1.0, stems={"mix": tone()})
    assert mix.shape[2] == 1
    alone = encode(pack, length=1.0, audio=tone())[2]
    assert torch.equal(mix, alone) and (sound[:, :, :1] - alone).abs().max() < 1e-5


def test_strengths_and_batch(pack):
    latent, picture, sound, picture_mask, sound_mask, _ = encode(
        pack, frames=film(24), audio=tone(1.0, batch=2), batch_size=2, picture_strength=0.3, sound_strength=1.0)
    assert len(picture) == len(sound) == 2 and (picture_mask == 0.3).all() and (sound_mask == 1).all()
    assert sound.abs().max() > 0, "what is made new is still there for denoise below 1"


@pytest.mark.parametrize("given, says", [
    ({"frames": film(1)}, "frames holds one picture, which is no video"),
    ({"frames": film(0)}, "frames holds no picture"),
    ({"frames": None}, "frames is connected but empty"),
    ({"frames": torch.full((9, 128, 128, 3), float("nan"))}, "frames holds NaN or infinity in picture 0"),
    ({"first_image": film(2)}, "first_image holds 2 pictures"),
    ({"first_image": film(1), "width": 64, "height": 64}, "makes 128x128 pictures, not 64x64"),
    ({"images": film(2), "image_times": "1"}, "image_times has 1 times for 2 images"),
    ({"images": film(1), "image_times": "soon"}, "image_times is 'soon'"),
    ({"images": film(1), "image_times": "9"}, "image 1 is wanted at 9 s, but the clip goes from 0 to 4 s"),
    ({"images": film(2), "image_times": "1, 1.01"}, "image 2 and image 1 fall into one latent"),
    ({"image_times": "1"}, "image_times has 1 times for 0 images"),
    ({"audio": None}, "audio is connected but there is no sound"),
    ({"stems": {}}, "stems is connected but empty"),
    ({"audio": tone(), "stems": {"music": tone()}}, "either audio or stems"),
    ({"stems": {"narrator": tone()}}, "stems has 'narrator'"),
    ({"stems": {"music": tone(), "effects": tone(0.5)}}, "stems differ"),
    ({"audio": tone(0.03)}, "audio lasts 30 ms, less than the 41.7 ms of one latent"),
    ({"audio": tone(channels=6)}, "audio has 6 channels"),
    ({"audio": tone(batch=2)}, "audio holds 2 sounds and batch_size is 1"),
    ({"audio": {"waveform": torch.full((1, 2, 48000), float("inf")), "sample_rate": 48000}}, "audio holds NaN or infinity"),
])
def test_what_does_not_fit_is_named_in_one_line(pack, given, says):
    with pytest.raises(Exception) as caught:
        encode(pack, **given)
    assert says in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_swapped_vaes(pack):
    with pytest.raises(ValueError, match="swapped"):
        pack[0].execute(pack[3], pack[2], 1.0, 0, 0, 1)


def latent_of(picture=(1, 24, 7, 8, 8), sound=(1, 32, 4, 25), mask=None):
    latent = {"samples": NestedTensor((torch.zeros(picture), torch.zeros(sound)))}
    if mask is not None:
        latent["noise_mask"] = NestedTensor(mask)
    return latent


ONES = torch.ones(1, 1, 7, 8, 8), torch.ones(1, 1, 4, 25)


@pytest.mark.parametrize("latent, grid, says", [
    (latent_of(), LTX, "latent is of another model than LTX-2"),
    (latent_of(sound=(1, 32, 25)), STARTER, "latent is of another model than the starter"),
    (latent_of(sound=(2, 32, 4, 25)), STARTER, "latent holds 1 pictures and 2 sounds"),
    (latent_of((2, 24, 7, 8, 8), (2, 32, 2, 25)), H3, "latent holds 2 clips, and MiniMax H3 makes one at a time"),
    (latent_of(mask=ONES[:1]), STARTER, "noise_mask has 1 parts"),
    (latent_of(mask=(ONES[0].expand(3, -1, -1, -1, -1), ONES[1])), STARTER, "noise_mask of the picture has the shape [3, 1, 7, 8, 8]"),
    (latent_of(mask=(ONES[0], torch.ones(25))), STARTER, "noise_mask of the sound has the shape [25]"),
    (latent_of(mask=(ONES[0] * float("nan"), ONES[1])), STARTER, "noise_mask of the picture has values outside 0"),
    (latent_of(mask=(ONES[0], ONES[1] * 2)), STARTER, "noise_mask of the sound has values outside 0"),
])
def test_a_latent_that_does_not_fit_its_model(latent, grid, says):
    with pytest.raises(ValueError) as caught:
        check_latent(latent, grid)
    assert says in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_latent_with_nan():
    latent = latent_of(mask=ONES)
    check_latent(latent, STARTER)
    latent["samples"].unbind()[1][0, 0, 0, 3] = float("nan")
    with pytest.raises(ValueError, match="NaN or infinity in its sound"):
        check_latent(latent, STARTER)


def clicking(times, seconds=3.0, rate=24000):
    """A burst of noise at each time."""
    wave = torch.zeros(1, 2, round(seconds * rate))
    noise = torch.randn(2, 2400, generator=torch.Generator().manual_seed(0)) * torch.linspace(1, 0, 2400) ** 3
    for time in times:
        wave[0, :, round(time * rate) :][:, :2400] += noise[:, : wave.shape[2] - round(time * rate)]
    return {"waveform": wave, "sample_rate": rate}


def test_takes_are_in_the_order_of_their_fit(monkeypatch):
    takes = importlib.import_module("phonofilm.nodes.inputs.takes")
    event = importlib.import_module("phonofilm.media.visual").Event
    seen, looked = [0.5, 1.25, 2.0, 2.5], []
    monkeypatch.setattr(takes, "find_events", lambda frames, rate: [event(time, 1.0, "contact") for time in seen])
    sounds = [[0.9, 1.6], [0.52, 1.27], seen, [0.5, 1.25, 2.0]]
    latent = {"samples": NestedTensor([torch.zeros(4, 2), torch.arange(4.0)[:, None]])}

    def show(clip):
        looked.append(clip)
        return torch.zeros(8, 2, 2, 3), 24

    ordered, order, lines = takes.in_order(latent, 4, show, lambda clip: clicking(sounds[int(clip["samples"].unbind()[1])]))
    assert order == [2, 3, 1, 0] and ordered["samples"].unbind()[1][:, 0].tolist() == order
    assert lines[0] == "take 3: 4 of 4 events heard, F1 1.00" and len(looked) == 1
    seen.clear()
    assert takes.in_order(latent, 4, show, lambda clip: clicking([1.0]))[1] == [0, 1, 2, 3]
