"""A clip in which one event was moved: the world rendered again on a clock that runs ahead or behind within a range of time."""
from typing import NamedTuple

import torch

from training.world import SCENES, sample

from .clips import FRAMES, HELD_OUT, RATE

REACH, APART, LEAST, SHARE = 0.5, 0.09, 0.1, 0.55
"""Seconds: how far the range goes on either side at most, how far it stays from other events and the clip's ends, the smallest
move; and the share of the range's longer side by which the event is moved."""


class Move(NamedTuple):
    """The event at `old` is at `new` in a picture that is changed from `start` to `end`; seconds."""

    start: float
    end: float
    old: float
    new: float


def move_in(times: list[float], seconds: float) -> Move | None:
    """The move of the event with most room round it, or None where none has enough. times: of all events, in order."""
    best = None
    for before, time, after in zip([0.0, *times], times, [*times[1:], seconds]):
        start, end = max(time - REACH, before + APART), min(time + REACH, after - APART)
        side = max(end - time, time - start)
        new = time + (SHARE if end - time == side else -SHARE) * side
        if min(end - new, new - start, time - start, end - time) > APART and abs(new - time) >= LEAST and (best is None or end - start > best.end - best.start):
            best = Move(start, end, time, new)
    return best


def rendered(scene: str, index: list[int], moves: list[Move]) -> torch.Tensor:
    """Pictures [B, F, 128, 128, 3] of the held-out clips of a scene with their moves: the world's clock is bent in two straight lines."""
    shown = []
    for move in moves:
        time = torch.arange(FRAMES) / float(RATE)
        early = move.start + (time - move.start) * (move.old - move.start) / (move.new - move.start)
        late = move.old + (time - move.new) * (move.end - move.old) / (move.end - move.new)
        bent = torch.where(time < move.new, early, late)
        shown.append(torch.where((time > move.start) & (time < move.end), bent, time) * float(RATE))
    clips = sample(index, frames=FRAMES, seed=HELD_OUT + list(SCENES).index(scene), scene=scene, size=128, sound=False, frame_index=torch.stack(shown))
    return clips.video.permute(0, 2, 3, 4, 1)
