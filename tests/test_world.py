"""The procedural world: one clock for picture, sound and events; clips that depend on their seed alone."""
import hashlib
import re

import av
import pytest
import torch

from media.sheet import contact_sheet, write_png
from training.world import CORE, RATE, SCENES, STEMS, plain_caption, sample, vocabulary
from training.world.captions import FIELDS

BEDS = ("rain", "crowd")
# within how many seconds the sound of an event begins
ONSET = dict.fromkeys(("ball", "hammer", "drum", "clap", "light", "keyboard", "drop", "footsteps", "door", "glass"), .002)
ONSET.update(dict.fromkeys(("face", "faces", "thunder"), .005))


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def psnr(a, b):
    return -10 * torch.log10((a - b).pow(2).mean()).item()


@pytest.mark.parametrize("scene", SCENES)
def test_shapes_ranges_and_events(scene):
    clips = sample(4, frames=49, scene=scene, seed=1)
    assert clips.video.shape == (4, 3, 49, 64, 64) and clips.stems.shape == (4, len(STEMS), 2, 49000)
    assert clips.video.dtype == clips.stems.dtype == torch.float32
    assert 0 <= clips.video.min() and clips.video.max() <= 1 and clips.video.std() > .03
    assert clips.stems.isfinite().all()
    assert .03 < clips.stems.sum(1).abs().amax() < .9
    for events, fields in zip(clips.events, clips.fields):
        assert [event.time for event in events] == sorted(event.time for event in events)
        assert all(0 <= event.time < 49 / 24 and 0 < event.strength <= 1.2 for event in events)
        assert tuple(fields) == FIELDS and fields["picture"]


@pytest.mark.parametrize("scene", SCENES)
def test_any_frame_can_be_rendered_alone(scene):
    whole = sample(3, frames=97, scene=scene, seed=2, sound=False)
    index = torch.tensor([[0, 5, 96], [40, 41, 42], [7, 90, 13]])
    some = sample(3, frames=97, scene=scene, seed=2, sound=False, frame_index=index)
    for clip in range(3):
        assert torch.allclose(some.video[clip], whole.video[clip][:, index[clip]], atol=2e-3)


@pytest.mark.parametrize("scene", SCENES)
def test_the_size_only_sets_the_grain(scene):
    index = torch.arange(0, 97, 12).expand(3, -1)
    small = sample(3, scene=scene, seed=3, sound=False, frame_index=index).video
    large = sample(3, scene=scene, seed=3, sound=False, frame_index=index, size=128).video
    halved = torch.nn.functional.avg_pool3d(large, (1, 2, 2))
    assert min(psnr(a, b) for a, b in zip(small, halved)) > 32


def test_a_clip_depends_on_seed_and_index_alone():
    many = sample(12, frames=25, seed=4)
    few = sample([3, 8], frames=25, seed=4)
    for row, clip in enumerate((3, 8)):
        assert few.scene[row] == many.scene[clip] and few.fields[row] == many.fields[clip]
        assert few.events[row] == many.events[clip]
        assert torch.allclose(few.video[row], many.video[clip], atol=2e-3)
        assert torch.allclose(few.stems[row], many.stems[clip], atol=1e-3)
    other = sample(12, frames=25, seed=5)
    assert not torch.allclose(other.video, many.video, atol=.05)


def test_a_short_clip_begins_a_long_one():
    short, long = (sample(4, frames=n, scene="hammer", seed=6, overlays=False) for n in (25, 241))
    assert torch.allclose(short.video, long.video[:, :, :25], atol=2e-3)
    assert [e.time for e in short.events[0]] == [e.time for e in long.events[0] if e.time < 25 / 24]
    assert max(event.time for event in long.events[0]) > 9


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene not in BEDS])
def test_long_clips_stay_alive(scene):
    clips = sample(6, frames=241, scene=scene, seed=7, picture=False, sound=False, overlays=False)
    for events in clips.events:
        times = [0] + [event.time for event in events if event.audible] + [241 / 24]
        assert max(b - a for a, b in zip(times, times[1:])) < 2.8


@pytest.mark.parametrize("scene", SCENES)
def test_both_sample_rates_sound_the_same(scene):
    low = sample(3, frames=49, scene=scene, seed=8, picture=False).stems
    high = sample(3, frames=49, scene=scene, seed=8, picture=False, sample_rate=48000).stems
    assert high.shape[-1] == 98000
    spectrum = torch.fft.rfft(high)[..., :low.shape[-1] // 2 + 1]
    brought = torch.fft.irfft(spectrum, low.shape[-1]) / 2
    assert (brought - low).pow(2).sum() < .02 * low.pow(2).sum()


@pytest.mark.parametrize("scene", ONSET)
def test_onsets_lie_at_the_event_times(scene):
    """The energy of the dry sound's second difference jumps at every event that stands clear."""
    clips = sample(6, scene=scene, seed=9, picture=False, overlays=False)
    errors = []
    for stems, events in zip(clips.stems, clips.events):
        fast = stems.sum(0).diff(n=2).pow(2).sum(0).unfold(0, 12, 6).mean(-1)          # 0.25 ms steps
        gap = 0.0
        for event in events:
            if not event.audible or event.time < .05 or event.time - gap < .15:
                gap = event.time
                continue
            gap = event.time
            at = int(event.time * 4000)
            rise = fast[at - 40:at + 40]
            floor = rise[:20].amax()
            first = (rise > floor + .1 * (rise.amax() - floor)).nonzero()[0, 0].item()
            errors.append(abs((first - 40) / 4000 - (event.time - at / 4000)))
    assert len(errors) > 12
    assert torch.tensor(errors).quantile(.95) < ONSET[scene]


def test_the_pan_follows_the_place():
    clips = sample(24, scene="ball", seed=10, picture=False, overlays=False)
    loud = clips.stems.sum(1).pow(2).sum(-1)
    lean = (loud[:, 1] - loud[:, 0]) / loud.sum(1)
    middle = clips.params["ball.middle"][:, 0]
    assert torch.corrcoef(torch.stack([lean, middle]))[0, 1] > .9


def test_the_keyboard_sounds_the_pitch_of_its_events():
    clips = sample(6, scene="keyboard", seed=11, picture=False, overlays=False)
    for stems, events in zip(clips.stems, clips.events):
        for event in events:
            assert event.track == "music" and 40 <= event.pitch <= 90


def test_captions_use_known_words():
    known = set(vocabulary())
    assert len(known) <= 500 and all(re.fullmatch("[a-z]+", word) for word in known)
    generator = torch.Generator().manual_seed(0)
    for scene in SCENES:
        clips = sample(40, frames=1, scene=scene, seed=12, picture=False, sound=False)
        for fields in clips.fields:
            sentence = plain_caption(fields, generator)
            for text in (*fields.values(), sentence):
                assert set(re.findall(r"[^\s,]+", text)) <= known
            assert all(len(text.split()) <= 10 for text in fields.values())
        assert len({fields["picture"] for fields in clips.fields}) >= 5


def test_words_keep_their_places():
    """The words of the first scenes come first, in the order that trained weights know them by."""
    first = " ".join(vocabulary()[:247])
    assert hashlib.sha256(first.encode()).hexdigest().startswith("de77d8c5132c0da2")
    assert len(vocabulary()) == len(set(vocabulary()))


def test_the_faces_take_turns():
    index = torch.arange(97).expand(4, -1)
    clips = sample(4, scene="faces", seed=15, sound=False, overlays=False, frame_index=index)
    for clip in range(4):
        speaker, places = clips.params["faces.speaker"][clip], clips.params["faces.places"][clip]
        begins, heights = clips.params["faces.time"][clip], clips.params["faces.heights"][clip]
        sizes = clips.params["faces.sizes"][clip]
        moved = torch.zeros(2, 2)
        for k in ((begins > .1) & (begins < 3.8)).nonzero()[:, 0].tolist():
            frame = int(begins[k] * 24)
            for side in range(2):
                x, y = int(places[side] * 64), int((heights[side] + .68 * sizes[side]) * 64)
                mouth = clips.video[clip, :, frame:frame + 4, y - 4:y + 5, x - 5:x + 6]
                moved[int(speaker[k] != side), side] += mouth.diff(dim=1).abs().mean() / 8
        assert (moved[0] > 1.5 * moved[1]).all()


def test_the_storm_is_seen_and_comes_nearer():
    clips = sample(6, scene="thunder", seed=16, sound=False, overlays=False)
    bright = clips.video.mean((1, 3, 4))
    for clip, events in enumerate(clips.events):
        flash, delay = clips.params["thunder.flash"][clip], clips.params["thunder.delay"][clip]
        assert (delay.diff() <= 0).all() and delay[0] > delay[-1] > .05
        heard = [time for time in (flash + delay).tolist() if 0 <= time < 97 / 24]
        assert heard == pytest.approx([event.time for event in events])
        for time in flash.tolist():
            if .1 < time < 3.9:
                frame = -int(-time * 24 // 1)
                assert bright[clip, frame] > 1.1 * bright[clip, frame - 1]


def test_the_door_is_open_between_latch_and_slam():
    clips = sample(8, scene="door", seed=17, sound=False, overlays=False)
    begin = clips.params["door.time"] - sum(clips.params["door." + part] for part in ("opening", "rest", "closing"))
    still = moving = 0
    for clip in range(8):
        change = clips.video[clip].diff(dim=1).abs().mean((0, 2, 3))
        for first, slam in zip(begin[clip].tolist(), clips.params["door.time"][clip].tolist()):
            if .2 < first and slam < 3.5:
                still += change[int(first * 24) - 2:int(first * 24)].mean().item()
                moving += change[int(first * 24) + 1:int(first * 24) + 3].mean().item()
    assert moving > 4 * still


def test_a_crowd_is_a_bed():
    clips = sample(4, scene="crowd", seed=18, frames=49, picture=False)
    loud = clips.stems.pow(2).mean((2, 3))
    assert (loud[:, STEMS.index("ambience")] > 1e-5).all()
    assert not loud[:, [STEMS.index("dialogue"), STEMS.index("effects")]].any()
    over = sample(60, scene="faces", seed=19, frames=1, picture=False, sound=False)
    assert 0 < sum("crowd" in fields["ambience"] or "people" in fields["ambience"] for fields in over.fields) < 20
    assert not any("crowd" in fields["ambience"] for fields in sample(60, seed=19, frames=1, picture=False, sound=False).fields)


def test_one_frame_is_enough():
    clips = sample(9, frames=1, seed=13)
    assert clips.video.shape[2] == 1 and clips.stems.shape[-1] == 1000


def test_contact_sheet_is_a_png(tmp_path):
    clips = sample(1, frames=25, scene="drum", seed=14)
    sheet = contact_sheet(clips.video[0].permute(1, 2, 3, 0), clips.stems[0].sum(0), 24000, RATE, clips.events[0], 6)
    assert sheet.dtype == torch.uint8 and sheet.shape[1:] == (6 * 64, 3)
    write_png(tmp_path / "sheet.png", sheet)
    with av.open(str(tmp_path / "sheet.png")) as file:
        assert torch.equal(torch.from_numpy(next(file.decode(video=0)).to_ndarray(format="rgb24")), sheet)


@pytest.mark.parametrize("scene", CORE)
def test_every_learned_scene_has_a_layout(scene):
    clips = sample(3, frames=49, scene=scene, seed=8, picture=False, sound=False)
    things, colours = clips.layout
    assert things.shape == (3, 49, 2, 4) and colours.shape == (3, 3, 3)
    assert things.isfinite().all() and things.abs().max() < 2.5 and things[..., 0].std() > 0.01
    assert 0 <= colours.min() and colours.max() <= 1


@pytest.mark.parametrize("scene", ("ball", "light"))
def test_the_layout_is_where_the_picture_shows_the_thing(scene):
    """What stands out most from the colour around it lies at the place of the first thing."""
    clips = sample(6, frames=25, scene=scene, seed=9, sound=False, overlays=False, size=128)
    place = clips.layout.things[:, :, 0]
    for video, where, colour in zip(clips.video, place, clips.layout.colours[:, 0]):
        frame = int(where[:, 3].argmax()) if scene == "light" else 12
        x, y, size, _ = where[frame].tolist()
        column, row = int(x * 128), int(y * 128)
        inside = video[:, frame, row, column]
        outside = video[:, frame, row, min(127, int((x + 1.6 * size) * 128))]
        assert (inside - colour).abs().mean() < 0.45 and (inside - outside).abs().max() > 0.05
