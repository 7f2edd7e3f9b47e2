"""The event score as tokens: when something happens, how strongly, and at which pitch.

The first EVENT_WIDTH numbers of a slab's token (layout.py has the others): for each track a row of BINS strengths, in which an event
is a bump of 10 ms standard deviation whose height is the square root of its strength, and one row of
pitch for the music track, in octaves from A4.
"""
import torch

from .config import BINS, RATE, EVENT_WIDTH, SLAB, TRACKS
from .grid import bin_times

SIGMA = 0.010  # s, standard deviation of a bump
GAIN, FLOOR = 4.0, 0.05
THRESHOLD = 0.35  # height of the weakest bump that is read back as an event
PITCH_SCALE = 2.0


def encode(events: list[dict], slabs: int) -> torch.Tensor:
    """Events (dicts with track, time in s, strength 0..1.2, pitch as MIDI number or None) -> [slabs, EVENT_WIDTH].

    Events outside the clip leave no trace.
    """
    times = bin_times(slabs)
    rows = torch.zeros(len(TRACKS) + 1, len(times))
    for event in events:
        bump = torch.exp(-0.5 * ((times - event["time"]) / SIGMA) ** 2) * min(max(event["strength"], 0.0), 1.2) ** 0.5
        row = TRACKS.index(event["track"])
        if event["track"] == "music" and event.get("pitch") is not None:
            loudest = (bump > rows[row]) & (bump > 0.2)
            rows[-1] = torch.where(loudest, torch.tensor((event["pitch"] - 69.0) / 12.0), rows[-1])
        rows[row] = torch.maximum(rows[row], bump)
    rows[:-1] = (rows[:-1] - FLOOR) * GAIN
    rows[-1] *= PITCH_SCALE
    return rows.reshape(-1, slabs, BINS).transpose(0, 1).reshape(slabs, EVENT_WIDTH)


def decode(tokens: torch.Tensor) -> list[dict]:
    """[slabs, EVENT_WIDTH or more] -> events in order of time, with times refined below the bin by a parabola."""
    slabs = tokens.shape[0]
    rows = tokens[:, :EVENT_WIDTH].float().cpu().reshape(slabs, len(TRACKS) + 1, BINS).transpose(0, 1).reshape(-1, slabs * BINS)
    pitch = rows[-1] / PITCH_SCALE
    heights = rows[:-1] / GAIN + FLOOR
    start, step = float(bin_times(1)[0]), SLAB / float(RATE) / BINS
    end = (SLAB * (slabs - 1) + 1) / float(RATE)
    events = []
    for track, height in zip(TRACKS, heights):
        left, centre, right = height[:-2], height[1:-1], height[2:]
        peaks = ((centre > THRESHOLD) & (centre >= left) & (centre > right)).nonzero()[:, 0]
        for peak in peaks.tolist():
            a, b, c = (height[peak + i].clamp_min(1e-3).log().item() for i in range(3))
            bend = a - 2 * b + c
            shift = 0.5 * (a - c) / bend if bend < -1e-6 else 0.0
            time = start + (peak + 1 + max(-0.5, min(0.5, shift))) * step
            if 0 <= time < end:
                event = {"track": track, "time": round(time, 4), "strength": round(min(_strength(height, peak), 1.2), 3)}
                if track == "music":
                    event["pitch"] = round(69 + 12 * pitch[peak : peak + 3].median().item(), 2)
                events.append(event)
    return sorted(events, key=lambda e: e["time"])


def _strength(height: torch.Tensor, peak: int) -> float:
    return height[peak : peak + 3].max().item() ** 2


def score_of(tokens: torch.Tensor) -> dict:
    """PHONOFILM_SCORE of score tokens as `decode` takes them."""
    return {"seconds": (SLAB * (tokens.shape[0] - 1) + 1) / float(RATE), "events": decode(tokens)}
