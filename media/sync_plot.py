"""Picture events, sound events and what joins them, as a picture."""

import math

from .canvas import Canvas
from .sync_report import in_words

WIDTH, HEIGHT = 1024, 400
LEFT, RIGHT, COUNTS = 24, 24, 70
SEEN, HEARD, AXIS = 172, 292, 352           # where the two lanes meet the pairs, and the axis
LANE = 72
BACKGROUND, GRID, TEXT, FAINT = (0.09, 0.09, 0.11), (0.2, 0.2, 0.23), (0.86, 0.86, 0.88), (0.56, 0.56, 0.6)
PICTURE, SOUND, ALONE, JOINED = (0.47, 0.75, 1.0), (1.0, 0.88, 0.43), (0.42, 0.42, 0.46), (0.9, 0.9, 0.92)
COLOURS = {"lock": (0.45, 0.9, 0.55), "broadcast": (0.7, 0.9, 0.4), "tolerable": (1.0, 0.75, 0.35), "out of sync": (1.0, 0.42, 0.36), None: FAINT}


def draw(sync):
    """Plot of a Sync: IMAGE [1, 400, 1024, 3], 0..1.

    Above, how much the picture moves, with a mark for each visual event; below, the level of the sound, with one for
    each onset. Lines join the matched pairs: upright where sound and picture meet. What has no partner is grey.
    """
    canvas = Canvas(WIDTH, HEIGHT, BACKGROUND)

    def across(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / sync.seconds

    canvas.rectangle(LEFT, 20, LEFT + 8, 34, COLOURS[sync.grade])
    for row, line in enumerate(_wrapped(in_words(sync))):
        canvas.text(LEFT + 18, 20 + 22 * row, line, TEXT)
    _axis(canvas, across, sync.seconds)
    _hill(canvas, across, sync.motion, sync.picture_seconds, SEEN, -LANE, PICTURE)
    _hill(canvas, across, sync.level, sync.sound_seconds, HEARD, AXIS - HEARD - 4, SOUND)
    joined_seen, joined_heard = ({pair[side] for pair in sync.offset.pairs} for side in (0, 1))
    for seen, heard in sync.offset.pairs:
        canvas.line([across(seen), across(heard)], [SEEN + 14.0, HEARD - 14.0], JOINED, 1.5)
    for event in sync.seen:
        _mark(canvas, across(event.time), SEEN, PICTURE if event.time in joined_seen else ALONE)
    for onset in sync.heard:
        _mark(canvas, across(onset.time), HEARD, SOUND if onset.time in joined_heard else ALONE)
    canvas.text(LEFT, COUNTS, f"picture: {len(sync.seen)}", PICTURE)
    canvas.text(LEFT + 200, COUNTS, f"sound: {len(sync.heard)}", SOUND)
    canvas.text(LEFT + 400, COUNTS, f"matched: {len(sync.offset.pairs)}", JOINED)
    return canvas.image[None]


def _wrapped(words, letters=80):
    """Lines of at most 80 letters, two at most."""
    if len(words) <= letters:
        return [words]
    cut = words.rfind(" ", 0, letters)
    return [words[:cut], words[cut + 1:][:letters]]


def _axis(canvas, across, seconds):
    for y in (SEEN, HEARD):
        canvas.rectangle(LEFT, y, WIDTH - RIGHT, y + 1, GRID)
    power = 10.0 ** math.floor(math.log10(seconds / 10))
    step = next(power * factor for factor in (1, 2, 5, 10) if seconds / (power * factor) <= 10)
    for k in range(int(seconds / step + 1e-9) + 1):
        canvas.rectangle(across(k * step), AXIS, across(k * step) + 1, AXIS + 6, FAINT)
        if across(k * step) < WIDTH - RIGHT - 110:
            canvas.text(across(k * step), AXIS + 14, f"{k * step:g}", FAINT, anchor=0.5)
    canvas.rectangle(LEFT, AXIS, WIDTH - RIGHT, AXIS + 1, GRID)
    canvas.text(WIDTH - RIGHT, AXIS + 14, "seconds", FAINT, anchor=1.0)


def _hill(canvas, across, values, seconds, base, height, colour):
    """A filled curve of values [n] over `seconds` from `base`, up where height < 0."""
    for k, value in enumerate(values.tolist()):
        ends = sorted((base, base + height * value))
        canvas.rectangle(across(k * seconds / len(values)), ends[0], across((k + 1) * seconds / len(values)), ends[1], colour, opacity=0.28)


def _mark(canvas, x, y, colour):
    canvas.rectangle(x - 1.5, y - 12, x + 1.5, y + 12, colour)
