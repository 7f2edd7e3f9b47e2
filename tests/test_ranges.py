"""Edit and Extend: what is opened and what is kept, by time, on every model's grid."""
import importlib
from fractions import Fraction

import pytest
import torch

import headless
from headless.nested import NestedTensor
from models.joint.config import STEMS
from models.joint.grids import H3, LTX, STARTER
from models.joint.latents import check_latent

ALL = dict.fromkeys(STEMS, 1.0)
RATES = {STARTER: Fraction(24), LTX: Fraction(25), H3: Fraction(24)}


@pytest.fixture(scope="module")
def ranges():
    headless.mount()
    return importlib.import_module("phonofilm.nodes.inputs.ranges")


def clip_of(grid, frames, stems=4):
    """A LATENT of numbers, none of them 0."""
    torch.manual_seed(0)
    parts = [torch.rand_like(part) + 1 for part in grid.empty(grid.frames_for(frames), RATES[grid], 64, 64, 2 - grid.most, stems)]
    rate = RATES[grid]
    clip = {"rate": [rate.numerator, rate.denominator], "frames": frames, "sample_rate": 48000, "samples": round(frames * 48000 / rate)}
    return {"samples": NestedTensor(parts), "phonofilm": clip}


def opened(latent, index, axis):
    """Which latents along an axis are open."""
    return latent["noise_mask"].unbind()[index].movedim(axis, 0).flatten(1).amax(1).gt(0).nonzero()[:, 0].tolist()


@pytest.mark.parametrize("grid, picture, sound", [
    (STARTER, [6, 7, 8, 9], list(range(24, 36))),  # 1 s is picture 24 of group 6 (21 to 24), 1.5 s is picture 36 of group 9
    (LTX, [4, 5], list(range(25, 38))),
    (H3, [7, 8, 9, 10, 11], list(range(40, 60))),  # latent 7 is pictures 22 to 25, latent 10 picture 34 alone
])
def test_edit_opens_what_the_range_touches(ranges, grid, picture, sound):
    latent = clip_of(grid, 73)
    before = [part.clone() for part in latent["samples"].unbind()]
    out, line = ranges.edit(latent, 1.0, 1.5, 1.0, 1.0, ALL)
    assert opened(out, 0, 2) == picture and opened(out, 1, grid.time_axis) == sound
    assert all(torch.equal(a, b) for a, b in zip(out["samples"].unbind(), before)) and "noise_mask" not in latent
    check_latent(out, grid)
    assert line.startswith("picture from")


def test_a_range_on_the_grid_opens_no_more(ranges):
    """Seconds that are whole latents but not whole in binary."""
    out, _ = ranges.edit(clip_of(H3, 73), 0.7, 1.1, 1.0, 1.0, ALL)
    assert opened(out, 1, 3) == list(range(28, 44))


def test_one_stem_is_redone(ranges):
    out, _ = ranges.edit(clip_of(STARTER, 73), 0.0, 0.0, 0.0, 1.0, {**dict.fromkeys(STEMS, 0.0), "effects": 0.5})
    picture, sound = out["noise_mask"].unbind()
    assert not picture.any() and sound[0, 0, :, 5].tolist() == [0.0, 0.0, 0.5, 0.0]
    mix, _ = ranges.edit(clip_of(STARTER, 73, stems=1), 0.0, 0.0, 0.0, 1.0, {**ALL, "effects": 0.0})
    assert (mix["noise_mask"].unbind()[1] == 1).all()


@pytest.mark.parametrize("start, end", [(2.0, 1.0), (1.0, 9.0), (5.0, 0.0)])
def test_a_range_outside_the_clip(ranges, start, end):
    with pytest.raises(ValueError, match="is no range of this clip, which goes from 0 to 3.0"):
        ranges.edit(clip_of(STARTER, 73), start, end, 1.0, 1.0, ALL)


@pytest.mark.parametrize("grid", [STARTER, LTX, H3])
@pytest.mark.parametrize("frames", [72, 73, 75])
def test_extend_keeps_what_was_within_the_true_length(ranges, grid, frames):
    latent = clip_of(grid, frames)
    out, _ = ranges.extend(latent, 1.0)
    rate = RATES[grid]
    assert out["phonofilm"]["frames"] == frames + rate and out["phonofilm"]["samples"] == round((frames + rate) * 48000 / rate)
    check_latent(out, grid)
    for index, axis in ((0, 2), (1, grid.time_axis)):
        old, new, mask = (part.unbind()[index] for part in (latent["samples"], out["samples"], out["noise_mask"]))
        open_ = opened(out, index, axis)
        assert open_ == list(range(open_[0], new.shape[axis]))
        assert torch.equal(new.narrow(axis, 0, open_[0]), old.narrow(axis, 0, open_[0]))
        assert not new.narrow(axis, open_[0], 1).any() and not mask.narrow(axis, 0, open_[0]).any()
    spans = grid.spans(grid.frames_for(out["phonofilm"]["frames"]))
    assert spans[opened(out, 0, 2)[0]][1] > frames >= spans[opened(out, 0, 2)[0]][0]


def test_a_latent_of_no_joint_model(ranges):
    latent = {"samples": NestedTensor([torch.zeros(1, 16, 2, 8, 8), torch.zeros(1, 8, 20)])}
    with pytest.raises(ValueError, match="latent is of no joint model"):
        ranges.extend(latent, 1.0)
