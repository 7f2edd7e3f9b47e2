"""A shot list as text that a person writes, and where its shots lie on a model's clock.

One shot a line, its cells apart by `|`:

    # seconds | picture | dialogue | music | effects | ambience
    3 | a red ball bounces on a stone floor | | soft piano chords | the ball hits the floor | rain on a window
    2.5 | a hammer hits an anvil | | " | the hammer hits the anvil | "

Cells at the end may be left out. An empty cell is nothing, `"` alone is what the row above has, `\\|` is a `|` of the text.
A line that begins with `#` is a comment.
"""
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, groupby

from ...models.joint.grids import H3, Grid

FIELDS = ("picture", "dialogue", "music", "effects", "ambience")
COLUMNS = " | ".join(("seconds", *FIELDS))
DITTO = '"'
LONGEST = 3600  # seconds of a list


@dataclass(frozen=True)
class Shot:
    """A row: the line it is on, its length in seconds, and the text of each of FIELDS."""

    line: int
    seconds: Fraction
    fields: dict[str, str]


def parse(text: str) -> list[Shot]:
    """The shots of a list. Raises ValueError naming the line and what is wrong with it."""
    shots = []
    for line, row in enumerate(text.splitlines(), 1):
        if row.strip() and not row.lstrip().startswith("#"):
            shots.append(_shot(line, row, shots[-1].fields if shots else None))
    if not shots:
        raise ValueError(f"The shot list is empty: write a shot a line, {COLUMNS}.")
    if sum(shot.seconds for shot in shots) > LONGEST:
        raise ValueError(f"The shot list lasts {_s(sum(shot.seconds for shot in shots))} s; {LONGEST} s is the longest.")
    return shots


def _shot(line, row, above):
    seconds, *cells = (cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row))
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", seconds) or not Fraction(seconds):
        raise _wrong(line, f"{seconds!r} is no number of seconds above 0; a row is {COLUMNS}" if seconds else f"seconds are missing; a row is {COLUMNS}")
    if len(cells) > len(FIELDS):
        raise _wrong(line, f"{len(cells) + 1} columns are too many; a row is {COLUMNS}, and \\| is a | of the text")
    fields = dict(zip(FIELDS, cells + [""] * len(FIELDS)))
    for name, cell in fields.items():
        if cell == DITTO:
            if above is None:
                raise _wrong(line, f'{name} is {DITTO}, the same as above, but this is the first row')
            fields[name] = above[name]
    if not any(fields.values()):
        raise _wrong(line, "nothing is seen or heard; fill in one of the cells")
    return Shot(line, Fraction(seconds), fields)


def _wrong(line, what):
    return ValueError(f"Shot list, line {line}: {what}.")


def ends_of(shots: list[Shot], grid: Grid, rate: Fraction, head: float) -> list[int]:
    """Pictures from the first of the clip to the end of each shot; the last is that of the whole, to the picture.

    Where shots are windows of their own each ends, but for the last, at the nearest place where the model's latents do, so that
    nothing of it is made again with the next. head: seconds of the clip before that a window begins with, 0 for all of it.
    Raises ValueError, naming the line, for a shot that the model does not make.
    """
    times = list(accumulate(shot.seconds for shot in shots))
    for shot, time in zip(shots, times):
        seen = time if grid is H3 or not head else min(time, shot.seconds + Fraction(head))
        if grid.longest and seen > grid.longest:
            raise _wrong(shot.line, _too_long(shot, seen, grid, head))
        step = Fraction(1 if grid is H3 else sum(grid.cycle)) / rate
        if shot.seconds < step:
            raise _wrong(shot.line, f"{_s(shot.seconds)} s are less than {grid.name} makes at once, {_s(step)} s; give it more")
    if grid is H3:
        return [round(time * rate) for time in times]
    first, step = sum(grid.first), sum(grid.cycle)
    return [*(first + step * math.floor((time * rate - first) / step + Fraction(1, 2)) for time in times[:-1]), round(times[-1] * rate)]


def _too_long(shot, seen, grid, head):
    if seen == shot.seconds:
        return f"a shot of {_s(seen)} s is longer than {grid.name} makes, {grid.longest:g} s; divide it into several rows"
    if grid is not H3 and head:
        return f"a shot of {_s(shot.seconds)} s after a head of {head:g} s is longer than {grid.name} makes, {grid.longest:g} s; divide it into several rows"
    return f"up to here the list lasts {_s(seen)} s, and {grid.name} makes {grid.longest:g} s in one; leave out what comes after" + ("" if grid is H3 else ", or set head")


def prose(fields: dict[str, str]) -> str:
    """A shot in sentences, for models whose prompt has no fields."""
    leads = {"picture": "", "dialogue": "", "music": "Music: ", "effects": "Sounds: ", "ambience": "In the background: "}
    return _sentences(leads[name] + text for name, text in fields.items() if text)


def shots_text(shots: list[Shot], times: list[Fraction]) -> str:
    """The list as one prompt with `[Shot n]`, as MiniMax's guide for H3 has it; times are those at which the shots end.

    Source: MiniMaxAI/MiniMax-H3, docs/VIDEO_PROMPT_WRITING_GUIDE_base_en.md.
    """
    starts = [Fraction(0), *times[:-1]]
    told = []
    for number, (shot, start) in enumerate(zip(shots, starts), 1):
        fields = shot.fields
        cut = f"At {clock(start)}, " + ("the camera cuts to " if fields["picture"] else "the shot goes on") if number > 1 else ""
        sounds = f"Sounds: {fields['effects']}" if fields["effects"] else ""
        told.append(f"[Shot {number}] " + _sentences(part for part in (cut + fields["picture"], fields["dialogue"], sounds) if part))
    sections = {"integrated_multimodal_description": " ".join(told),
                "overall_soundscape": _throughout(shots, starts, "ambience"), "non_diegetic_music": _throughout(shots, starts, "music")}
    return "\n\n".join(f"{name}: {text}" for name, text in sections.items())


def _throughout(shots, starts, name):
    """A cell of all shots: itself where it is the same in all, else each with the time it begins at."""
    spans = [(start, text) for text, group in groupby(zip(starts, (shot.fields[name] for shot in shots)), lambda pair: pair[1]) for start, _ in [next(group)]]
    if len(spans) == 1:
        return _sentences([spans[0][1]]) if spans[0][1] else "N/A"
    return _sentences(f"From {clock(start)}: {text or 'none'}" for start, text in spans)


def _sentences(parts):
    return " ".join(part if part.endswith((".", "!", "?", ">", '"')) else f"{part}." for part in parts)


def clock(seconds: Fraction) -> str:
    """Minutes, seconds and milliseconds: 00:03.500."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 60000:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"


def report(shots: list[Shot], ends: list[int], rate: Fraction, grid: Grid, seed: int, unknown: list[list[str]]) -> str:
    """What a person wants to know of the windows: exact times, seeds, and words that the model does not know."""
    asked = [Fraction(0), *accumulate(shot.seconds for shot in shots)]
    times = [Fraction(0), *(end / rate for end in ends)]
    how = "in one, told by [Shot n]" if grid is H3 else "in a window each"
    lines = [f"{len(shots)} shots for {grid.name}, {how}: {_s(times[-1])} s, {ends[-1]} pictures at {rate} per second"
             + ("" if times[-1] == asked[-1] else f" ({_s(asked[-1])} s asked)")]
    for index, (shot, words) in enumerate(zip(shots, unknown)):
        line = f"shot {index + 1} (line {shot.line}): {_s(times[index])} s to {_s(times[index + 1])} s"
        if times[index : index + 2] != asked[index : index + 2]:
            line += f", asked {_s(asked[index])} s to {_s(asked[index + 1])} s"
        if grid is not H3:
            line += f"; seed {seed + index}"
        lines.append(line + (f"; not known, left out: {', '.join(words)}" if words else ""))
    return "\n".join(lines)


def _s(seconds):
    return f"{float(seconds):.4g}"
