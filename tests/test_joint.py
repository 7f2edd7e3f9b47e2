"""The joint model through its public surfaces, on random weights: shapes, clock, score, text, keeping, guidance."""
import json
from dataclasses import replace

import pytest
import torch

from models.joint import checkpoint, layout
from models.joint.config import EVENT_WIDTH, LAYOUT_WIDTH, SCORE_WIDTH, STEMS, JointConfig
from models.joint.grid import bin_times, frames_of, slab_times, slabs_of, snap_frames
from models.joint.guidance import SCORE_FROM, SKIPPED, SOUND_WITHIN, Guidance, guide
from models.joint.picture_codec import PictureCodec
from models.joint.sampling import Conditions, draft_score, sample, schedule
from models.joint.score import decode, encode
from models.joint.sound_codec import SoundCodec
from models.joint.steadying import steady
from models.joint.text import TextEncoder, Tokenizer, join_fields
from models.joint.transformer import JointTransformer

SMALL = JointConfig(dim=64, depth=2, heads=2, picture_channels=4, sound_channels=4, slopes=(0.0, 6.0))


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return JointTransformer(SMALL).eval().requires_grad_(False)


def latents(slabs=7, stems=4, batch=1, size=8):
    g = torch.Generator().manual_seed(3)
    picture = torch.randn(batch, 4, slabs, size, size, generator=g)
    return picture, torch.randn(batch, 4, stems, frames_of(slabs), generator=g)


def masks(picture, sound, value=1.0):
    return torch.full_like(picture[:, :1], value), torch.full_like(sound[:, :1], value)


def conditions(slabs=7, batch=1):
    text = torch.randn(batch, 32, 64, generator=torch.Generator().manual_seed(4))
    return Conditions(text, torch.zeros_like(text), torch.zeros(batch, slabs, SCORE_WIDTH))


def test_clock():
    assert [snap_frames(s) for s in (4, 1, 0.01, 10)] == [97, 25, 1, 241]
    assert slabs_of(97) == 25 and frames_of(25) == 97
    with pytest.raises(ValueError, match="4n\\+1"):
        slabs_of(96)
    with pytest.raises(ValueError, match="length"):
        snap_frames(float("nan"))
    # a slab's centre is the centre of its bins, and of its four pictures' times on screen
    assert torch.allclose(bin_times(3).view(3, -1).mean(1), slab_times(3), atol=1e-6)


@pytest.mark.parametrize("slabs,stems,size", [(1, 4, 8), (7, 4, 8), (25, 1, 8), (4, 4, 12)])
def test_shapes(model, slabs, stems, size):
    picture, sound = latents(slabs, stems, size=size)
    c, one = conditions(slabs), torch.ones(1, 1, 1)
    out = model(picture, sound, c.score, c.text, one[..., None, None], one[..., None], torch.ones(1, 1, 2))
    assert [o.shape for o in out] == [picture.shape, sound.shape, (1, slabs, SCORE_WIDTH)]
    assert all(o.isfinite().all() for o in out)


def test_levels_per_latent_and_per_clip_agree(model):
    picture, sound = latents()
    c, half = conditions(), torch.full((1, 1, 1), 0.5)
    of_score = half.expand(1, 1, 2)
    coarse = model(picture, sound, c.score, c.text, half[..., None, None], half[..., None], of_score)
    fine = model(picture, sound, c.score, c.text, *(0.5 * m for m in masks(picture, sound)), of_score)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(coarse, fine))


def test_score_round_trip():
    events = [
        {"track": "effects", "time": 0.004, "strength": 0.9},
        {"track": "music", "time": 1.2345, "strength": 0.6, "pitch": 72.0},
        {"track": "effects", "time": 1.3, "strength": 0.4},
        {"track": "dialogue", "time": 3.99, "strength": 0.3},
    ]
    read = decode(encode(events, 25))
    assert [e["track"] for e in read] == [e["track"] for e in events]
    assert max(abs(a["time"] - b["time"]) for a, b in zip(read, events)) < 1e-3
    assert abs(read[1]["pitch"] - 72) < 0.1
    assert decode(encode([], 25)) == []


def test_layout_round_trip():
    g = torch.Generator().manual_seed(5)
    things, colours = torch.rand(2, 25, 2, 4, generator=g), torch.rand(2, 3, 3, generator=g)
    tokens = layout.encode(things, colours)
    assert tokens.shape == (2, 7, LAYOUT_WIDTH)
    again = layout.decode(tokens)
    assert torch.allclose(again[0], things, atol=1e-5) and torch.allclose(again[1], colours, atol=1e-5)


def test_layout_is_seen_from_each_place():
    """A thing moved by one token's width looks to the next token as it looked to the first."""
    things, colours = torch.full((1, 1, 2, 4), 0.25), torch.zeros(1, 3, 3)
    y, x = torch.tensor([0.125, 0.375]), torch.tensor([0.25, 0.75])
    moved = things + torch.tensor([0.5, 0.25, 0, 0])
    before, after = (layout.place_features(layout.encode(t, colours), y, x) for t in (things, moved))
    assert torch.allclose(before[:, :, 0], after[:, :, 3], atol=1e-5) and not torch.allclose(before[:, :, 1], after[:, :, 3])


def test_the_layout_moves_the_picture(model):
    picture, sound = latents()
    c, one = conditions(), torch.ones(1, 1, 1)
    level = one[..., None, None], one[..., None]
    other = c.score.clone()
    other[..., EVENT_WIDTH:] = 3.0
    same = model(picture, sound, c.score, c.text, *level, torch.tensor([[[0.0, 0.0]]]))[0]
    assert not torch.allclose(same, model(picture, sound, other, c.text, *level, torch.tensor([[[0.0, 0.0]]]))[0])


def test_text_reports_unknown_words():
    words = Tokenizer(["", "picture:", "effects:", "a", "red", "ball", "bounce"])
    tokens, unknown = words("picture: a RED zeppelin bouncing, balls")
    assert unknown == ["zeppelin"]
    assert [words.words[t] for t in tokens if t] == ["picture:", "a", "red", "bounce", "ball"]
    assert words("пес, été")[1] == ["пес", "été"]
    assert words(" ".join(["ball"] * 40))[1]
    assert Tokenizer.from_bytes(words.to_bytes()).words == words.words
    assert join_fields({"picture": " a ball ", "music": "", "effects": "hit"}) == "picture: a ball effects: hit"


def test_empty_text_is_no_text():
    encoder = TextEncoder(8, 16)
    assert encoder(torch.zeros(1, 32, dtype=torch.long)).abs().max() == 0


def test_given_parts_come_back_bit_for_bit(model):
    picture, sound = latents()
    mask_picture, mask_sound = masks(picture, sound)
    mask_picture[:, :, :3] = 0
    mask_sound[:, :, 1] = 0
    out = sample(model, picture, sound, conditions(), seed=1, steps=3, mask_picture=mask_picture, mask_sound=mask_sound)
    assert torch.equal(out[0][:, :, :3], picture[:, :, :3]) and torch.equal(out[1][:, :, 1], sound[:, :, 1])
    assert not torch.allclose(out[0][:, :, 3:], picture[:, :, 3:])


def test_same_seed_same_clip_and_score_sees_what_is_given(model):
    picture, sound = latents()
    c = conditions()
    a, b = (sample(model, picture, sound, c, seed=s, steps=2) for s in (5, 5))
    assert torch.equal(a[0], b[0]) and torch.equal(a[1], b[1])
    assert not torch.equal(a[0], sample(model, picture, sound, c, seed=6, steps=2)[0])
    kept, open_ = masks(picture, sound, 0.0), masks(picture, sound)
    draft = lambda p: draft_score(model, c.text, p, sound, kept[0], open_[1], seed=1, steps=2)
    assert not torch.equal(draft(picture), draft(-picture))


def test_level_one_hides_the_layout(model):
    picture, sound = latents()
    c, one = conditions(), torch.ones(1, 1, 1)
    other = c.score.clone()
    other[..., EVENT_WIDTH:] = 3.0
    level = one[..., None, None], one[..., None], torch.tensor([[[0.0, 1.0]]])
    assert torch.equal(model(picture, sound, c.score, c.text, *level)[0], model(picture, sound, other, c.text, *level)[0])


def test_given_events_are_kept_and_the_layout_drafted(model):
    picture, sound = latents()
    text, open_ = conditions().text, masks(picture, sound)
    events = encode([{"track": "effects", "time": 0.5, "strength": 1.0}], 7)[None]
    a, b = (draft_score(model, text, picture, sound, *open_, s, events, steps=2) for s in (1, 2))
    assert torch.equal(a[..., :EVENT_WIDTH], events) and not torch.equal(a[..., EVENT_WIDTH:], b[..., EVENT_WIDTH:])
    assert decode(a[0]) == decode(events[0])


def test_a_draft_hears_every_stem_that_is_given_in_part(model):
    """Where nothing of the sound is given, one stream of noise stands for all."""
    picture, sound = latents()
    open_, heard = masks(picture, sound), []

    def listening(*args):
        heard.append(args[1].shape[2])
        return model(*args)

    for share in (1.0, 0.5, 0.0):
        draft_score(listening, conditions().text, picture, sound, open_[0], open_[1] * share, 1, steps=1)
    assert heard == [1, 4, 4]


def test_guidance_formula():
    assert guide(5.0, (1.0, None), (1.0, None)) == 5.0
    assert guide(5.0, (3.0, 4.0), (1.0, None)) == 7.0
    assert guide(5.0, (1.0, None), (2.0, 4.0)) == 6.0
    assert guide(5.0, (1.5, 4.0), (2.0, 3.0)) == 7.5
    assert guide(5.0, (1.0, None), (2.5, 4.0)) == 6.5


def test_sync_and_text_guidance_change_the_clip(model):
    picture, sound = latents()
    made = [sample(model, picture, sound, conditions(), seed=1, steps=2, guidance=Guidance(*g)) for g in ((1, 1, 1, 1, 1), (3, 1, 1, 1, 1), (1, 1, 2, 1, 1))]
    assert not torch.equal(made[0][0], made[1][0]) and not torch.equal(made[0][1], made[2][1])


@pytest.mark.parametrize("kept, shown", [("picture", 5), ("sound", 3), (None, 5)])
def test_what_is_kept_is_not_guided(model, kept, shown):
    """The prompt's pull on the sound costs a second look at the clip, in two of the three steps, but none where the sound is given."""
    picture, sound = latents()
    open_ = [part * (name != kept) for name, part in zip(("picture", "sound"), masks(picture, sound))]
    counted = []

    def counting(*args):
        counted.append(len(args[0]))
        return model(*args)

    run = lambda network, guidance: sample(network, picture, sound, conditions(), seed=1, steps=3, guidance=guidance, mask_picture=open_[0], mask_sound=open_[1])
    made = run(counting, Guidance(1, 3, 1, 1, 1))
    assert sum(counted) == shown
    assert all(map(torch.equal, made, run(model, Guidance(1, 1, 1, 1, 1)))) == (kept == "sound")


def test_guidance_acts_where_it_decides_something(model):
    """The score at high noise, the prompt of the sound in the middle: a look at the clip for each, beside the one of every step."""
    picture, sound = latents()
    counted = []

    def counting(*args):
        counted.append(len(args[0]))
        return model(*args)

    sample(counting, picture, sound, conditions(), seed=1, steps=16, guidance=Guidance(1, 2, 1, 1, 2))
    looks = [1 + (sigma >= SCORE_FROM) + (SOUND_WITHIN[0] <= sigma <= SOUND_WITHIN[1]) for sigma in schedule("simple", 16)[:-1]]
    assert counted == looks and counted[0] == 2 and max(counted) == 3 and counted[-1] == 1


def test_skip_guidance_is_of_the_picture_alone():
    """One more pass, without a block; none of it where the picture is given. The first step's sound is as without."""
    torch.manual_seed(0)
    deep = JointTransformer(replace(SMALL, depth=6)).eval().requires_grad_(False)
    picture, sound = latents()
    blocks = []
    for index, block in enumerate(deep.blocks):
        block.register_forward_hook(lambda *_, index=index: blocks.append(index))
    made = [sample(deep, picture, sound, conditions(), seed=1, steps=1, guidance=Guidance(1, 1, 1, scale, 1)) for scale in (1, 2)]
    assert not torch.equal(made[0][0], made[1][0]) and torch.equal(made[0][1], made[1][1])
    assert len(blocks) == 18 - len(SKIPPED) and not set(SKIPPED) & set(blocks[12:])
    blocks.clear()
    sample(deep, picture, sound, conditions(), seed=1, steps=1, guidance=Guidance(1, 1, 1, 2, 1), mask_picture=torch.zeros_like(picture[:, :1]))
    assert len(blocks) == 6


def test_score_guidance_draws_the_picture_away_from_what_knows_no_score(model):
    """The clip is looked at once more, by what is told that it knows no score; not where the picture is given."""
    picture, sound = latents()
    c, levels = conditions(), []

    def watching(*args):
        levels.append(args[6].amin((1, 2)).tolist())
        return model(*args)

    run = lambda scale, **kept: sample(watching, picture, sound, c, seed=1, steps=1, guidance=Guidance(1, 1, 1, 1, scale), **kept)
    plain, guided = run(1), run(2)
    torch.testing.assert_close(plain[1], guided[1])
    assert torch.equal(guided[1], run(3)[1])  # to the bit where the batch is of one size
    assert not torch.allclose(plain[0], guided[0], atol=1e-2)
    run(2, mask_picture=torch.zeros_like(picture[:, :1]))
    assert levels == [[0], [0, 1], [0, 1], [0]]


def test_what_stands_still_is_made_to_stand_still():
    """A change of the size that real ones have stays, where and as large as it was; small ones go."""
    torch.manual_seed(0)
    true = torch.zeros(1, 24, 25, 2, 2)
    true[:, :, 11:] = 1.5
    made = true + 0.15 * torch.randn_like(true)
    calm = steady(made)
    error = lambda x: (x - true).square().mean().sqrt()
    assert error(calm) < 0.5 * error(made)
    assert (calm.diff(dim=2).square().mean(1).sqrt().argmax(1) == 10).all()
    assert (calm[:, :, 11] - calm[:, :, 10]).mean() > 1.4
    assert torch.equal(steady(true[:, :, :1]), true[:, :, :1])


def test_schedules():
    assert schedule("simple", 4, shift=1.0).tolist() == pytest.approx([1.0, 0.75, 0.5, 0.25, 0.0])
    assert schedule("simple", 4, shift=3.0).tolist() == pytest.approx([1.0, 0.9, 0.75, 0.5, 0.0])
    assert len(schedule("normal", 4)) == 5
    assert schedule("simple", 4, 0.5, shift=1.0).tolist() == pytest.approx([0.5, 0.375, 0.25, 0.125, 0.0])
    with pytest.raises(ValueError, match="not available"):
        schedule("karras", 4)


@pytest.fixture(scope="module")
def saved(tmp_path_factory, model):
    words = Tokenizer(["", "picture:", "ball"])
    data = words.to_bytes()
    encoder = TextEncoder(8, 64, len(data))
    encoder.vocabulary.copy_(data)
    codecs = PictureCodec(4, 16, 16, 16), SoundCodec(4, 16, 16, 1)
    parts = {"transformer": model, "text": encoder, "picture": codecs[0], "sound": codecs[1]}
    folder = tmp_path_factory.mktemp("weights")
    checkpoint.save(folder, {k: m.state_dict() for k, m in parts.items()}, {"note": "random"})
    return folder


def test_checkpoint_loads_from_shapes(saved, model):
    starter = checkpoint.load(saved)
    assert starter.transformer.config == SMALL and starter.metadata == {"note": "random"}
    assert torch.allclose(starter.transformer.picture_in.weight, model.picture_in.weight, atol=1e-3)
    assert starter.tokenizer("ball")[0][0] == 2
    assert starter.picture.decode(torch.zeros(1, 4, 2, 8, 8)).shape == (1, 3, 5, 128, 128)
    assert starter.sound.decode(torch.zeros(1, 4, len(STEMS), 5)).shape == (1, 4, 2, 10000)


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", b"\x10\x00\x00\x00\x00\x00\x00\x00{}"])
def test_damaged_file_is_named(tmp_path, content):
    file = tmp_path / "broken.safetensors"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="broken.safetensors"):
        checkpoint.load(file)


def test_foreign_and_missing_files(tmp_path):
    from safetensors.torch import save_file

    save_file({"unet.weight": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    with pytest.raises(ValueError, match="no Phonofilm starter"):
        checkpoint.load(tmp_path / "foreign.safetensors")
    with pytest.raises(FileNotFoundError, match="No weights"):
        checkpoint.load(tmp_path / "absent.safetensors")


def test_metadata_is_json(saved):
    from safetensors import safe_open

    with safe_open(next(saved.glob("*.safetensors")), "pt") as f:
        assert json.loads(f.metadata()["phonofilm"])["note"] == "random"
