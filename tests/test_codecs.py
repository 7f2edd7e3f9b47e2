"""The codecs' shapes and laws, on tiny networks with random weights."""
import pytest
import torch

from models.joint import spectrum
from models.joint.checkpoint import codec_of
from models.joint.picture_codec import REACH, PictureCodec
from models.joint.sound_codec import SoundCodec


@pytest.fixture(scope="module")
def picture():
    torch.manual_seed(0)
    codec = PictureCodec(6, 16, 16, 16).eval().requires_grad_(False)
    for layer in codec.decoder["along"]:
        torch.nn.init.normal_(layer.write.weight, std=0.1)
    return codec


@pytest.fixture(scope="module")
def sound():
    torch.manual_seed(0)
    return SoundCodec(5, 16, 16, 1).eval().requires_grad_(False)


@pytest.mark.parametrize("frames", [1, 5, 13])
@pytest.mark.parametrize("height, width", [(128, 128), (32, 64)])
def test_picture_shapes(picture, frames, height, width):
    video = torch.rand(2, 3, frames, height, width)
    latents = picture.encode(video)
    assert latents.shape == (2, 6, (frames - 1) // 4 + 1, height // 16, width // 16)
    made = picture.decode(latents)
    assert made.shape == video.shape
    assert made.min() >= 0 and made.max() <= 1


def test_picture_halves_by_averaging(picture):
    video = torch.rand(1, 3, 5, 32, 32)
    half = video.unflatten(3, (16, 2)).unflatten(5, (16, 2)).mean((4, 6))
    assert torch.allclose(picture.encode(video), picture.encode_half(half), atol=1e-5)


def test_a_picture_is_encoded_alone_and_decoded_beside_its_neighbours(picture):
    video = torch.rand(1, 3, 4 * (REACH + 2) + 1, 32, 32)
    latents = picture.encode(video)
    changed = video.clone()
    changed[:, :, 1:5] = 0
    again = picture.encode(changed)
    same = [0, *range(2, REACH + 3)]
    assert not torch.allclose(again[:, :, 1], latents[:, :, 1])
    assert torch.allclose(again[:, :, same], latents[:, :, same], atol=1e-5)
    made, other = picture.decode_groups(latents), picture.decode_groups(again)
    differs = (made - other).abs().amax((0, 1, 3, 4)).unflatten(0, (-1, 4)).amax(1) > 1e-5
    assert differs.tolist() == [True] * (REACH + 2) + [False]


def test_a_run_decodes_as_in_its_clip_where_it_has_its_neighbours(picture):
    latents = torch.randn(1, 6, 2 * REACH + 4, 2, 2)
    whole, run = picture.decode_groups(latents), picture.decode_groups(latents[:, :, 2:])
    assert torch.allclose(whole[:, :, 4 * (REACH + 2):], run[:, :, 4 * REACH:], atol=1e-5)
    assert not torch.allclose(whole[:, :, 8:12], run[:, :, :4], atol=1e-3)


def test_codecs_without_neighbours_stay_good(picture):
    """One of before the decoder had such layers loads, and decodes every latent alone."""
    older = {k: v for k, v in picture.state_dict().items() if not k.startswith("decoder.along.")}
    codec = codec_of("picture", older).eval()
    latents = torch.randn(1, 6, 3, 2, 2)
    assert torch.allclose(codec.decode(latents)[:, :, 5:], codec.decode_groups(latents[:, :, 2:]), atol=1e-5)


def test_first_latent_is_the_first_frame_alone(picture):
    video = torch.rand(1, 3, 9, 32, 32)
    assert torch.allclose(picture.encode(video)[:, :, :1], picture.encode(video[:, :, :1]), atol=1e-5)


def test_latents_are_normalised_by_the_buffers():
    codec = PictureCodec(6, 16, 16, 16)
    video = torch.rand(1, 3, 1, 32, 32)
    raw = codec.encode(video)
    codec.mean.fill_(0.25)
    codec.std.fill_(2)
    assert torch.allclose(codec.encode(video), (raw - 0.25) / 2, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 3, 4, 32, 32), (1, 3, 5, 40, 32), (1, 4, 5, 32, 32), (3, 5, 32, 32), (1, 3, 0, 32, 32)])
def test_picture_refuses_bad_video(picture, shape):
    with pytest.raises(ValueError, match="must be"):
        picture.encode(torch.rand(shape))


@pytest.mark.parametrize("shape", [(1, 5, 2, 4, 4), (6, 2, 4, 4), (1, 6, 0, 4, 4)])
def test_picture_refuses_bad_latents(picture, shape):
    with pytest.raises(ValueError, match="latents must be"):
        picture.decode(torch.rand(shape))


@pytest.mark.parametrize("rate", [24000, 48000])
@pytest.mark.parametrize("stems, frames", [(4, 13), (1, 1)])
def test_sound_shapes(sound, rate, stems, frames):
    latents = sound.encode(torch.rand(2, stems, 2, frames * rate // 24) - 0.5, rate)
    assert latents.shape == (2, 5, stems, frames)
    for out in (24000, 48000):
        assert sound.decode(latents, out).shape == (2, stems, 2, frames * out // 24)


def test_both_rates_hear_the_same(sound):
    time = torch.arange(48000) / 48000
    wave = 0.3 * torch.sin(2 * torch.pi * torch.tensor([[440.0], [3000.0]]) * time) * (time < 0.5)
    at_48 = sound.encode(wave[None, None], 48000)
    at_24 = sound.encode(wave[None, None, :, ::2], 24000)
    assert (at_48 - at_24).abs().mean() < 0.05 * at_24.std()


def test_decoding_repeats_itself_and_rates_agree(sound):
    latents = torch.randn(1, 5, 2, 24)
    once = sound.decode(latents, 48000)
    torch.manual_seed(123)
    assert torch.equal(once, sound.decode(latents, 48000))
    slow = sound.decode(latents, 24000)
    middle = slice(2000, -2000)
    assert (once[..., ::2] - slow)[..., middle].abs().max() < 0.02 * slow.abs().max()


def test_stems_do_not_see_each_other(sound):
    wave = torch.rand(1, 4, 2, 12000) - 0.5
    latents = sound.encode(wave)
    assert torch.allclose(latents[:, :, 2:3], sound.encode(wave[:, 2:3]), atol=1e-4)


@pytest.mark.parametrize("rate", [24000, 48000])
def test_spectra_give_the_wave_back(rate):
    time = torch.arange(rate) / rate
    wave = torch.sin(2 * torch.pi * 1000 * time) * torch.sin(torch.pi * time) ** 2
    spectra = spectrum.analyse(wave, rate)
    assert spectra.shape == (96, 375)
    assert torch.allclose(spectrum.synthesise(spectra, rate), wave, atol=1e-3)
    assert spectra.abs().max() == pytest.approx(1, abs=0.1)


def test_frames_lie_over_their_hops():
    click = torch.zeros(24000)
    click[250 * 40 + 125] = 1
    energy = spectrum.analyse(click, 24000).abs().square().sum(-1)
    assert energy.argmax() == 40
    assert energy[39] == pytest.approx(float(energy[41]), rel=1e-3)


@pytest.mark.parametrize("shape, rate", [((1, 4, 2, 1500), 24000), ((1, 4, 1, 2000), 24000), ((4, 2, 2000), 24000),
                                         ((1, 4, 2, 0), 24000), ((1, 4, 2, 44100), 44100), ((1, 4, 2, 2000), 12000)])
def test_sound_refuses_bad_waves(sound, shape, rate):
    with pytest.raises(ValueError, match="sound"):
        sound.encode(torch.zeros(shape), rate)


@pytest.mark.parametrize("shape", [(1, 4, 2, 3), (5, 2, 3), (1, 5, 2, 0)])
def test_sound_refuses_bad_latents(sound, shape):
    with pytest.raises(ValueError, match="latents must be"):
        sound.decode(torch.zeros(shape))


def test_layers_come_from_the_caller():
    made = []

    class Counting:
        def __getattr__(self, name):
            made.append(name)
            return getattr(torch.nn, name)
    PictureCodec(6, 16, 16, 16, operations=Counting(), dtype=torch.bfloat16)
    assert set(made) == {"Conv2d", "LayerNorm"}
    made.clear()
    codec = SoundCodec(5, 16, 16, 1, operations=Counting(), dtype=torch.bfloat16)
    assert set(made) == {"Conv1d", "LayerNorm", "Linear"}
    assert codec.decode(codec.encode(torch.zeros(1, 1, 2, 1000))).dtype == torch.float32


def test_sizes_fit_the_budget():
    def millions(module):
        return sum(p.numel() for p in module.parameters()) / 1e6
    assert millions(PictureCodec(device="meta")) <= 2.7
    assert millions(SoundCodec(device="meta")) <= 2.4
