"""The measures of bench/directions.py: clicks, moved events, a voice's clarity, films of another world, and what directions keep."""
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from bench import given, opened
from bench.clips import RATE, truth
from bench.desk import Desk
from bench.findings import summary
from bench.held_out import HeldOut
from bench.moved import move_in, rendered
from bench.photograph import photograph
from bench.seams import abruptness, borders
from bench.times import seen_times, true_times
from bench.unseen import SCENES, SECONDS, shot
from bench.voice import si_sdr
from media.sync import agree
from media.visual import find_events
from tiny import save_tiny

ROOT = Path(__file__).resolve().parent.parent


def test_a_click_is_found_where_it_is_loud_and_where_it_is_quiet():
    tone = torch.sin(torch.arange(48000) * 0.05) * torch.linspace(0.01, 0.5, 48000)
    places = torch.arange(2000, 46000, 2000)
    energy, prominence = abruptness(tone[None], 48000, places)
    for at in (4000, 40000):
        cut = tone.clone()
        cut[at:] += 0.5
        louder, plainer = abruptness(cut[None], 48000, places)
        other = places != at
        assert louder[~other] > energy.max() + 5 and plainer[~other] > prominence.max() + 5
        assert torch.allclose(louder[other], energy[other], atol=1e-3)


def test_borders_are_where_the_mask_turns():
    mask = torch.zeros(1, 4, 12)
    mask[:, 2, 3:8] = 1
    seams, others = borders(mask, 48000)
    assert seams.tolist() == [6000, 16000] and len(others) == 9


def test_the_event_with_most_room_is_moved_and_no_other():
    times = [0.3, 0.5, 1.4, 2.3, 2.5]
    move = move_in(times, 4.0)
    assert move.old == 1.4 and move.start > 0.5 and move.end < 2.3 and abs(move.new - move.old) >= 0.1 and move.start < move.new < move.end
    assert move_in([0.1, 0.25, 0.4], 0.5) is None


def test_a_moved_blow_is_seen_at_its_new_time():
    batch, clips = truth("hammer", 2)
    times = true_times(batch.events, "hammer")[1]
    move = move_in(times, 97 / 24)
    frames = rendered("hammer", [1], [move])
    outside = torch.tensor([not move.start < k / float(RATE) < move.end for k in range(97)])
    assert torch.equal(frames[0, outside], clips.frames[1, outside])
    wanted = [move.new if time == move.old else time for time in times]
    fit = agree(wanted, seen_times(frames, "hammer")[0])
    assert fit.recall == 1 and fit.precision == 1 and abs(move.new - move.old) > 0.05


def test_si_sdr_of_known_noise():
    wave = torch.randn(2, 48000, generator=torch.Generator().manual_seed(0))
    noise = torch.randn(2, 48000, generator=torch.Generator().manual_seed(1))
    assert si_sdr(0.3 * (wave + 0.1 * noise), wave) == pytest.approx(20, abs=0.2)


@pytest.mark.parametrize("scene", SCENES)
def test_films_of_another_world(scene):
    film = shot(scene, 3)
    frames, height, width, _ = film.frames.shape
    assert frames == round(SECONDS * film.rate) and (height, width) != (128, 128) and film.rate != RATE
    assert film.frames.isfinite().all() and film.frames.min() >= 0 and film.frames.max() <= 1
    assert len(film.times) > 2 and film.times == sorted(film.times) and 0 <= film.times[0] and film.times[-1] < SECONDS
    assert torch.equal(film.frames, shot(scene, 3).frames) and not torch.equal(film.frames, shot(scene, 4).frames)


@pytest.mark.parametrize("scene", ["pendulum", "fireworks"])
def test_what_is_seen_in_them_is_at_their_times(scene):
    film = shot(scene, 1)
    fit = agree(film.times, [event.time for event in find_events(film.frames, film.rate)])
    assert fit.recall == 1 and fit.f1 > 0.85


def test_the_other_world_shares_no_code_with_the_trainings():
    line = "import sys, bench.unseen, bench.photograph; print([name for name in sys.modules if name.split('.')[0] in ('training', 'models')])"
    assert subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_photograph_has_the_spectrum_of_one():
    """Power falls about as the inverse square of the frequency."""
    picture = photograph(0)
    assert picture.shape == (427, 640, 3)
    power = torch.fft.rfft(picture.mean(2) - picture.mean(), dim=1).abs().square().mean(0)
    frequency = torch.arange(4, 160)
    steepness = torch.linalg.lstsq(torch.stack([frequency.log(), torch.ones(156)], 1), power[4:160].log()[:, None]).solution[0, 0]
    assert -2.6 < steepness < -1.4


@pytest.mark.parametrize("direction", [given.video_to_sound, given.mix_to_video, given.photograph_to_av, given.redo_stem, opened.edit, opened.extend])
def test_every_direction_keeps_what_is_given(direction, tmp_path):
    torch.set_num_threads(1)
    desk = Desk(save_tiny(tmp_path), steps=1)
    report = summary({"ball": direction(HeldOut(desk, "ball", 1))})
    assert report["clips"] == 1 and report["kept"] == {"cases": 1, "share": 1.0}
    assert report.get("other_stems_identical", {"share": 1.0})["share"] == 1.0
