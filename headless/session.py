"""What the functions of host need to know of the run they are part of."""

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, NamedTuple


class Progress(NamedTuple):
    """Where a run is: node `number` of `nodes` (from 1), its title, and how much of it is done (0..1)."""

    number: int
    nodes: int
    title: str
    done: float


@dataclass
class Session:
    """`folder`: where output files go until the run has succeeded; `report(done)` takes 0..1 of the current node."""

    folder: Path
    report: Callable[[float], None]


current: ContextVar[Session] = ContextVar("session")
