"""The Sync Meter on a few of the patterns that bench/meter.py measures by the hundred."""

import statistics

import pytest
import torch

from bench.patterns import BEDS, SAMPLE_RATE, picture, sound
from media.onsets import find_onsets
from media.sync_report import offset_of
from media.visual import find_events


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def watched():
    """(kind, seed) -> (true times, visual events), each made once."""
    kept = {}

    def look(kind, seed, **given):
        if (kind, seed) not in kept:
            pattern = picture(kind, seed, **given)
            kept[kind, seed] = pattern.times, find_events(pattern.frames, pattern.rate)
        return kept[kind, seed]
    return look


def heard(kind, times, seed, late=0.0, bed="clean"):
    return find_onsets(sound(kind, times, seed, late, bed), SAMPLE_RATE)


@pytest.mark.parametrize("bed", BEDS)
@pytest.mark.parametrize("late", [-0.2, -0.0005, 0.0005, 0.1335])
@pytest.mark.parametrize("seed", [1, 2, 3, 11])
def test_flashes_and_beeps_are_told_to_a_millisecond(watched, seed, late, bed):
    times, seen = watched("flash", seed)
    offset = offset_of(seen, heard("flash", times, seed, late, bed))
    assert offset.seconds == pytest.approx(late, abs=0.0003) and offset.low - 2e-4 <= late <= offset.high + 2e-4


def test_flashes_are_told_at_every_rate(watched):
    for seed, rate in enumerate((24, 25, 30, 50, 60), 20):
        times, seen = watched("flash", seed, rate=rate)
        assert [event.time for event in seen] == pytest.approx(times, abs=1e-6)


@pytest.mark.parametrize("bed", ["clean", "music"])
def test_bounces_are_told_to_a_few_milliseconds(watched, bed):
    errors = []
    for seed, late in enumerate((0.0, -0.15, 0.0405, 0.2), 2):
        times, seen = watched("bounce", seed)
        offset = offset_of(seen, heard("bounce", times, seed, late, bed))
        assert offset.seconds == pytest.approx(late, abs=0.012), offset.reason
        errors.append(1000 * abs(offset.seconds - late))
    assert statistics.median(errors) <= 4


def test_what_is_unrelated_gets_no_number(watched):
    numbers = [offset_of(watched(kind, seed)[1], heard(kind, watched(kind, other)[0], other)).seconds
               for kind, seeds in (("flash", (1, 2, 3, 11)), ("bounce", (2, 3, 4, 5))) for seed in seeds for other in seeds if other != seed]
    assert len(numbers) == 24 and sum(number is not None for number in numbers) <= 1


def test_a_clip_depends_on_its_seed_alone():
    one, again, other = picture("hit", 4, rate=24), picture("hit", 4, rate=24), picture("hit", 5, rate=24)
    assert torch.equal(one.frames, again.frames) and one.times == again.times and not torch.equal(one.frames, other.frames)
    wave = sound("hit", one.times, 4, 0.05, "music")
    assert torch.equal(wave, sound("hit", one.times, 4, 0.05, "music")) and wave.shape == (1, 288000) and 0.2 < wave.abs().max() < 1
