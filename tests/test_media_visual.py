"""Visual events on pictures drawn here, whose instants are known between the frames."""

import pytest
import torch

from media.sync import agree, measure
from media.visual import find_events

torch.set_num_threads(1)

SIZE = 64
GRID_Y, GRID_X = torch.meshgrid(torch.arange(SIZE) + 0.5, torch.arange(SIZE) + 0.5, indexing="ij")


def disc(x, y, radius, colour=(0.9, 0.5, 0.2)):
    """[F, 64, 64, 3]: a soft-edged disc at x, y [F] on a textured wall."""
    wall = 0.3 + 0.05 * torch.sin(GRID_X / 3) * torch.sin(GRID_Y / 5)
    cover = (radius - torch.hypot(GRID_X - x[:, None, None], GRID_Y - y[:, None, None]) + 0.5).clamp(0, 1)[..., None]
    return wall[None, ..., None] * (1 - cover) + cover * torch.tensor(colour)


def bounces(frames, rate, start=0.21, bounce=0.8, gravity=250.0, speed=150.0):
    """Height of a ball over the floor in pixels [F], and the times of its contacts."""
    t = torch.arange(frames) / float(rate)
    height, times = torch.zeros(frames), [start]
    while speed > 25 and times[-1] < frames / float(rate):
        age = t - times[-1]
        flight = 2 * speed / gravity
        here = (age >= 0) & (age < flight)
        height[here] = speed * age[here] - gravity * age[here] ** 2 / 2
        times.append(times[-1] + flight)
        speed *= bounce
    falling = t < start
    height[falling] = 150.0 * (start - t[falling]) - gravity * (start - t[falling]) ** 2 / 2
    return height, [time for time in times if time < (frames - 4) / float(rate)]


@pytest.mark.parametrize("rate", [24, 25, 30])
@pytest.mark.parametrize("kind", ["auto", "contact"])
def test_bounces_are_found_between_the_frames(rate, kind):
    height, times = bounces(4 * rate, rate)
    frames = disc(torch.linspace(20, 44, 4 * rate), 54 - height, 6)
    result = agree(times, [event.time for event in find_events(frames, rate, kind)])
    assert result.recall >= 0.85 and result.precision >= 0.85 and result.off_by(0.5) < 0.005


def test_a_slowly_panning_camera_is_no_event():
    height, times = bounces(96, 24)
    pan = 3 * torch.sin(torch.arange(96) / 20)
    wall = torch.rand(1, 3, 16, 20, generator=torch.Generator().manual_seed(0))
    wall = torch.nn.functional.interpolate(wall, (80, 96), mode="bicubic")
    still = torch.stack([
        torch.nn.functional.grid_sample(wall, torch.stack([
            (GRID_X + 16 + float(shift)) / 48 - 1, (GRID_Y + 8) / 40 - 1], -1)[None], align_corners=False)[0]
        for shift in pan]).permute(0, 2, 3, 1).clamp(0, 1)
    ball = disc(32 - pan, 54 - height, 6)
    cover = (disc(32 - pan, 54 - height, 6, (1, 1, 1)) - disc(32 - pan, 54 - height, 6, (0, 0, 0)))
    assert find_events(still, 24) == []
    found = find_events(still * (1 - cover) + ball * cover, 24)
    assert agree(times, [event.time for event in found]).recall >= 0.8


DROPS = [0.31, 0.78, 1.33, 1.75, 2.31, 2.92, 3.36]


def test_drops_count_from_what_they_leave_on_the_water():
    t, times = torch.arange(96) / 24, torch.tensor(DROPS + [4.2])
    coming = torch.searchsorted(times, t, right=True)
    frames = disc(14.0 + 12 * (coming % 4), 44 - 150 * (times[coming] - t), 4, (0.8, 0.9, 1.0))
    for number, time in enumerate(DROPS):
        age = (t - time)[:, None, None]
        splash = torch.exp(-age / 0.4 - ((GRID_X - 14 - 12 * (number % 4)) / 6) ** 2 - ((GRID_Y - 50) / 3) ** 2) * (age >= 0)
        frames = frames + 0.5 * splash[..., None] * torch.tensor([0.5, 0.8, 1.0])
    result = agree(DROPS, [event.time for event in find_events(frames.clamp(0, 1), 24, "contact")])
    assert result.recall == result.precision == 1 and result.off_by(0.9) < 0.0215


FLASHES = [0.4, 0.93, 1.31, 1.9, 2.37, 2.88, 3.5]


def lamp(times, rate, ramp, fade=5.0):
    """A lamp that comes on over `ramp` frames (0: at once) at each time and fades."""
    k = torch.arange(4 * rate) * 1.0
    level = torch.zeros(len(k))
    for time in times:
        age = k - time * rate
        rise = (age / ramp).clamp(0, 1) if ramp else (age >= -1e-6).float()
        level = torch.maximum(level, rise * torch.exp(-(age - ramp).clamp(min=0) / fade))
    glow = torch.exp(-((GRID_X - 30) ** 2 + (GRID_Y - 24) ** 2) / 200)
    return (0.2 + 0.7 * level[:, None, None] * glow)[..., None] * torch.tensor([1.0, 0.9, 0.6])


@pytest.mark.parametrize("kind, fade", [("auto", 5.0), ("change", 5.0), ("auto", 2.5), ("auto", 4.0)])
def test_a_lamp_that_takes_a_frame_to_come_on_is_timed_within_it(kind, fade):
    result = agree(FLASHES, [event.time for event in find_events(lamp(FLASHES, 24, 1.0, fade), 24, kind)])
    assert result.recall == result.precision == 1 and result.off_by(0.5) < 0.004


@pytest.mark.parametrize("rate, fade", [(24, 0.2), (24, 4.0), (24, 5.0), (30, 0.2), (30, 5.0), (60, 0.2), (60, 4.0)])
def test_a_flash_counts_from_the_frame_that_shows_it(rate, fade):
    times = [round(time * rate) / rate for time in FLASHES]
    result = agree(times, [event.time for event in find_events(lamp(times, rate, 0, fade), rate)])
    assert result.recall == result.precision == 1 and result.off_by(0.9) < 0.001


@pytest.mark.parametrize("frames", [
    torch.full((48, 32, 32, 3), 0.5), torch.zeros(3, 8, 8, 3), torch.zeros(0, 8, 8, 3),
    0.5 + 0.02 * torch.randn(48, 48, 48, 3, generator=torch.Generator().manual_seed(0)),
    torch.rand(48, 48, 48, 3, generator=torch.Generator().manual_seed(0)),
    torch.linspace(0, 1, 96)[:, None, None, None].expand(96, 32, 48, 3),
], ids=["grey", "short", "empty", "grain", "snow", "slow fade"])
def test_nothing_is_seen_where_nothing_happens(frames):
    assert find_events(frames, 24) == []


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("rate", [24, 50])
def test_a_flash_counts_from_its_beginning_however_it_ends(length, rate):
    numbers = [round(time * rate) for time in FLASHES]
    frames = torch.full((4 * rate, 32, 48, 3), 0.2)
    for number in numbers:
        frames[number:number + length, 8:20, 10:30] = 0.9
    frames = frames + 0.01 * torch.randn(frames.shape, generator=torch.Generator().manual_seed(0))
    assert [event.time for event in find_events(frames, rate)] == [number / rate for number in numbers]


def test_strengths_and_kinds():
    height, _ = bounces(96, 24)
    events = find_events(disc(torch.full((96,), 32.0), 54 - height, 6), 24)
    assert {event.kind for event in events} == {"contact"}
    assert events[0].strength > 1.5 * events[-1].strength


def test_larger_and_wide_pictures_give_the_same_times():
    height, times = bounces(96, 24)
    frames = disc(torch.full((96,), 32.0), 54 - height, 6)
    wide = torch.nn.functional.interpolate(frames.permute(0, 3, 1, 2), (144, 256), mode="bicubic").permute(0, 2, 3, 1)
    assert agree(times, [event.time for event in find_events(wide, 24)]).recall >= 0.85


@pytest.mark.parametrize("late", [-0.03, 0.0, 0.02])
def test_measure_tells_how_late_the_sound_is(late):
    height, times = bounces(96, 24, start=0.3)
    wave = torch.zeros(1, 4 * 48000)
    for time in times:
        at = round((time + late) * 48000)
        wave[0, at:at + 400] = torch.exp(-torch.arange(400) / 90) * torch.sin(torch.arange(400) * 0.3)
    result = measure(disc(torch.full((96,), 32.0), 54 - height, 6), 24, wave, 48000)
    assert result.recall >= 0.8 and result.bias == pytest.approx(late, abs=0.006)
