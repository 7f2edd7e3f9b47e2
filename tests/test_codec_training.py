"""What the codec recipes punish, on pictures and tones whose errors are known, and where phase 2 begins."""
import math
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file

from bench.pitch import notes_off, pitch_report
from models.joint import spectrum
from models.joint.picture_codec import PictureCodec, from_groups
from models.joint.sound_codec import SoundCodec
from training.codecs import run
from training.codecs.picture import FRAMES, GROUPS, as_groups, course_loss, pick_frames
from training.codecs.sound import held_tones, mistuned, unsteady


def tone(hertz, seconds=0.5):
    time = torch.arange(round(24000 * seconds)) / 24000
    return 0.3 * torch.sin(2 * math.pi * hertz * time)


def lit_from(frame):
    """One group [1,3,4,16,16] in which the lower half is lit from a frame on."""
    group = torch.zeros(1, 3, 4, 16, 16)
    group[:, :, frame:, 8:] = 1
    return group


def test_a_light_a_frame_late_costs_more_than_one_too_dim():
    truth, share = lit_from(1), torch.ones(1)
    late, dim = lit_from(2) - truth, 0.8 * truth - truth
    assert course_loss(late, truth, share) > 2 * course_loss(dim, truth, share)
    assert course_loss(torch.zeros_like(truth), truth, share) == 0


def test_a_picture_that_is_wrong_alike_in_all_frames_has_the_right_course():
    truth = lit_from(1)
    assert course_loss(torch.full_like(truth, 0.3), truth, torch.ones(1)) < 1e-5


@pytest.mark.parametrize("hertz", [131.0, 440.0, 1234.5])
def test_held_tones_tells_frequency(hertz):
    advance, weight = held_tones(spectrum.analyse(tone(hertz)[None], 24000))
    heard = advance[0, 20, weight[0, 20].argmax()] * spectrum.HOPS
    assert float(heard) == pytest.approx(hertz, rel=2e-3)


def test_noise_holds_no_tone():
    torch.manual_seed(0)
    noise = 0.3 * torch.randn(1, 12000)
    mean = [held_tones(spectrum.analyse(w, 24000))[1][:, 8:].amax(-1).mean() for w in (tone(440)[None], noise)]
    assert mean[1] < 0.5 * mean[0]


def test_mistuned_grows_with_the_interval():
    tones = held_tones(spectrum.analyse(tone(440)[None], 24000))
    off = [mistuned(tones[0] * 2 ** (cents / 1200), tones).item() for cents in (0, 50, 100)]
    assert off[0] == 0 and off[1] == pytest.approx(0.029, rel=0.1) and off[2] == pytest.approx(0.059, rel=0.1)


def test_unsteady_hears_a_wrong_tone():
    truth = tone(440)[None, None].expand(1, 2, -1)
    spectra = spectrum.analyse(truth, 24000).sum(1)
    weight = held_tones(spectra)[1]
    right, wrong = unsteady(truth, spectra, weight), unsteady(tone(460)[None, None].expand(1, 2, -1), spectra, weight)
    assert right < 0.01 and wrong > 0.3


def test_notes_off_reads_cents():
    wave = torch.cat([tone(440 * 2 ** (30 / 1200)), tone(440 * 2 ** (-80 / 1200))])[None]
    events = [SimpleNamespace(time=t, pitch=69.0, audible=True) for t in (0.0, 0.5)]
    assert notes_off(events, wave, 24000) == pytest.approx([30, 80], abs=2)
    assert pitch_report([30.0, 80.0, 10.0]) == {"notes": 3, "median_cents": 30.0, "within_50_cents": 0.667}
    assert pitch_report([]) is None


def command(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["recipe", *map(str, words)])
    return run.arguments("sound", batch=4)


def test_phase_two_begins_with_the_codecs_of_another_folder(monkeypatch, tmp_path):
    for name, codec in (("picture", PictureCodec(6, 16, 16, 16)), ("sound", SoundCodec(5, 16, 16, 1))):
        save_file(codec.state_dict(), tmp_path / f"{name}.safetensors")
    args = command(monkeypatch, "--decoder-only", "--start-from", tmp_path, "--out", tmp_path / "new", "--often", "face", "face")
    weights = run.finished(args)
    assert all(torch.equal(value, weights[key]) for key, value in codec.state_dict().items())
    assert args.drawn.count("face") == 3 and args.scenes.count("face") == 1


def test_pieces_are_groups_one_after_another():
    frames = torch.arange(2 * 3 * 8).view(2, 3, 8, 1, 1).float()
    groups = as_groups(frames.flatten(1, 2))
    assert groups.shape == (4, 12, 1, 1) and torch.equal(groups[1].unflatten(0, (3, 4)), frames[0, :, 4:])
    assert torch.equal(from_groups(groups, 2), frames)


def test_a_clip_may_open_with_its_first_frame_alone():
    torch.manual_seed(0)
    runs = pick_frames(64, "cpu")
    opening = (runs[:, 0] == runs[:, 1])
    assert 0 < opening.sum() < 32 and (runs[opening] == (torch.arange(4 * GROUPS) - 3).clamp(min=0)).all()
    assert (runs[~opening].diff(dim=1) == 1).all() and runs.max() < FRAMES


@pytest.mark.parametrize("words, told", [
    (("--start-from", "."), "needs --decoder-only"),
    (("--decoder-only", "--start-from", "no/such/folder"), "nothing to go on from"),
    (("--decoder-only", "--resume", "--start-from", "."), "no --resume"),
])
def test_what_cannot_begin_says_so(monkeypatch, capsys, words, told):
    with pytest.raises(SystemExit):
        command(monkeypatch, *words)
    assert told in capsys.readouterr().err
