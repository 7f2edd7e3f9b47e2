"""Onsets and matching on signals whose truth is known to the sample."""

import itertools
import math

import pytest
import torch

from media.onsets import find_onsets
from media.sync import agree, by_chance, match, pooled

torch.set_num_threads(1)

HITS = {  # hertz, partials, seconds to 1/e
    "wood": (380, (1, 2.15, 3.7, 5.4), 0.05), "metal": (720, (1, 1.51, 2.32, 3.12, 4.27), 0.45),
    "glass": (1900, (1, 1.46, 2.05, 2.84), 0.15), "skin": (105, (1, 1.59, 2.14, 2.3, 2.65), 0.18),
}


def struck(kind, times, sample_rate, seconds=4.0, noise=0.0):
    """A stereo waveform with a modal hit at each time, 0.7 ms attack, over noise."""
    generator = torch.Generator().manual_seed(len(times))
    base, partials, decay = HITS[kind]
    t = torch.arange(sample_rate) / sample_rate
    hit = sum(torch.exp(-t * p**0.5 / decay) * torch.sin(2 * math.pi * base * p * t) / p for p in partials)
    hit = hit * (t / 0.0007).clamp(max=1)
    wave = noise * torch.randn(round((seconds + 1) * sample_rate), generator=generator)
    for k, time in enumerate(times):
        start = round(time * sample_rate)
        wave[start:start + sample_rate] += (0.5 - 0.3 * (k % 2)) * hit
    return wave[:round(seconds * sample_rate)] * torch.tensor([[0.8], [0.4]])


TIMES = [0.21, 0.433, 0.7701, 1.2, 1.3507, 1.9, 2.222, 2.7, 3.0331, 3.6]


@pytest.mark.parametrize("kind", HITS)
@pytest.mark.parametrize("sample_rate", [24000, 44100, 48000])
def test_dry_hits_are_found_to_a_millisecond(kind, sample_rate):
    found = find_onsets(struck(kind, TIMES, sample_rate), sample_rate)
    result = agree(TIMES, [onset.time for onset in found], 0.005)
    assert result.recall == result.precision == 1
    assert abs(result.bias) < 0.0005 and result.off_by(0.9) < 0.001


@pytest.mark.parametrize("kind", ["wood", "skin"])
def test_hits_are_found_under_noise(kind):
    found = find_onsets(struck(kind, TIMES, 48000, noise=0.01), 48000)
    result = agree(TIMES, [onset.time for onset in found], 0.01)
    assert result.recall == 1 and result.precision > 0.9 and result.off_by(0.5) < 0.0015


def test_a_click_is_found_where_it_is():
    wave = torch.zeros(1, 48000)
    wave[0, [9000, 20001, 33333]] = 0.5
    assert [round(o.time * 48000) for o in find_onsets(wave, 48000)] == pytest.approx([9000, 20001, 33333], abs=24)


def drops(per_second, sample_rate=24000, seconds=20):
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(1, sample_rate * seconds, generator=generator)
    single = noise * (torch.rand(noise.shape, generator=generator) < per_second / sample_rate)
    return 0.05 * (single + 0.05 * noise)


@pytest.mark.parametrize("bed", [
    torch.zeros(2, 48000), torch.zeros(1, 3), 0.1 * torch.randn(1, 480000, generator=torch.Generator().manual_seed(0)),
    drops(60), drops(400), 0.3 * torch.sin(torch.arange(96000) * 0.05)[None],
], ids=["silence", "nothing", "noise", "light rain", "rain", "tone"])
def test_beds_have_no_onsets(bed):
    assert len(find_onsets(bed, 24000)) <= bed.shape[1] / 24000 / 4


def test_channels_out_of_phase_do_not_cancel():
    wave = struck("wood", TIMES, 24000)[:1]
    assert len(find_onsets(torch.cat([wave, -wave]), 24000)) == len(TIMES)


def brute(first, second, window):
    best = (0, 0.0)
    for size in range(1, min(len(first), len(second)) + 1):
        for some in itertools.combinations(first, size):
            for other in itertools.permutations(second, size):
                gaps = [abs(a - b) for a, b in zip(some, other)]
                if max(gaps) <= window:
                    best = min(best, (-size, sum(gaps)))
    return best


def test_matching_is_the_best_there_is():
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        first = (torch.rand(4, generator=generator) * 0.3).tolist()
        second = (torch.rand(5, generator=generator) * 0.3).tolist()
        pairs = match(first, second, 0.05)
        assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
        size, cost = brute(first, second, 0.05)
        assert len(pairs) == -size and sum(abs(a - b) for a, b in pairs) == pytest.approx(cost)


def test_agreement_figures():
    result = agree([1.0, 2.0, 3.0, 4.0], [1.01, 2.03, 2.98, 7.0, 8.0])
    assert (result.recall, result.precision, result.f1) == (3 / 4, 3 / 5, 6 / 9)
    assert result.bias == pytest.approx(0.01) and result.off_by(0.5) == pytest.approx(0.02)
    assert pooled([result, agree([], [1.0])]).report()["heard"] == 6
    nothing = agree([], [])
    assert nothing.f1 is nothing.recall is nothing.precision is nothing.bias is nothing.off_by(0.5) is None


def test_unrelated_sound_agrees_by_chance_only():
    generator = torch.Generator().manual_seed(0)
    clips = [sorted((4 * torch.rand(6, generator=generator)).tolist()) for _ in range(30)]
    assert pooled(agree(c, c) for c in clips).f1 == 1
    assert 0.08 < by_chance(clips, clips).f1 < 0.25
