"""Loudness over time as a picture."""

import math

import torch

from . import palette
from .canvas import Canvas, text_width

WIDTH, PLOT_HEIGHT, LINE = 960, 400, 22
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 52
BACKGROUND, GRID, TEXT, FAINT, TARGET = (0.09, 0.09, 0.11), (0.2, 0.2, 0.23), (0.86, 0.86, 0.88), (0.56, 0.56, 0.6), (1.0, 0.42, 0.36)
COLOURS = palette.STEMS | {"mix": (1.0, 1.0, 1.0)}
OTHERS = ((1.0, 0.55, 0.78), (1.0, 0.88, 0.43), (0.75, 0.62, 1.0), (0.8, 0.85, 0.5))


def draw(sounds, target=None):
    """Plot of dict name -> Loudness, with the target in LUFS as a line: IMAGE [1, height, 960, 3], 0..1.

    Of one sound: momentary loudness thin, short-term thick. Of several: the short-term loudness of each, or the momentary
    one where all are shorter than 3 s. Their figures stand above.
    """
    head = TOP + LINE * (len(sounds) + 1)
    canvas = Canvas(WIDTH, head + PLOT_HEIGHT + BOTTOM, BACKGROUND)
    seconds = max(loudness.seconds for loudness in sounds.values())
    curves = [curve for loudness in sounds.values() for curve in (loudness.momentary, loudness.short_term)]
    low, high = _span(curves, target)

    def across(time):
        return LEFT + (WIDTH - LEFT - RIGHT) * time / seconds

    def down(lufs):
        return head + PLOT_HEIGHT * (high - lufs) / (high - low)

    _axes(canvas, across, down, seconds, low, high)
    colours = _colours(sounds)
    if target is not None:
        for x in range(LEFT, WIDTH - RIGHT, 12):
            canvas.rectangle(x, down(target), min(x + 6, WIDTH - RIGHT), down(target) + 1.5, TARGET)
        for y, words in ((TOP - 8, "target"), (TOP + LINE - 10, f"{target:g}")):
            canvas.text(WIDTH - RIGHT, y, words, TARGET, anchor=1.0)
    long_enough = any(len(loudness.short_term) for loudness in sounds.values())
    for name, loudness in sounds.items():
        if len(sounds) == 1 or not long_enough:
            _curve(canvas, across, down, loudness.momentary, 0.4, low, [0.55 * part + 0.45 * dark for part, dark in zip(colours[name], BACKGROUND)], 1.0)
        if long_enough:
            _curve(canvas, across, down, loudness.short_term, 3.0, low, colours[name], 2.0)
    _figures(canvas, sounds, colours)
    return canvas.image[None]


def _span(curves, target):
    """The lowest and highest LUFS of the axis, multiples of 10: what there is to see, at least 30 LU and at most 70."""
    heard = torch.cat(curves)
    heard = heard[heard > -70]
    values = ([float(heard.min()), float(heard.max())] if len(heard) else []) + ([target] if target is not None else [])
    high = 10 * math.ceil((max(values, default=-10.0) + 2) / 10)
    low = 10 * math.floor((min(values, default=-40.0) - 2) / 10)
    return max(high - 70, min(low, high - 30)), high


def _axes(canvas, across, down, seconds, low, high):
    for lufs in range(low, high + 1, 10):
        canvas.rectangle(LEFT, down(lufs), WIDTH - RIGHT, down(lufs) + 1, GRID)
        canvas.text(LEFT - 8, down(lufs) - 7, str(lufs), FAINT, anchor=1.0)
    step = _tick(seconds)
    for k in range(int(seconds / step + 1e-9) + 1):
        x, label = across(k * step), f"{k * step:g}"
        canvas.rectangle(x, down(high), x + 1, down(low) + 5, GRID)
        if x + text_width(label) / 2 < WIDTH - RIGHT - text_width("  SECONDS"):
            canvas.text(x, down(low) + 12, label, FAINT, anchor=0.5)
    canvas.text(WIDTH - RIGHT, down(low) + 12, "seconds", FAINT, anchor=1.0)
    canvas.text(8, TOP - 8, "LUFS", FAINT)


def _tick(seconds):
    """The step 1, 2 or 5 times a power of ten that gives at most 10 ticks."""
    power = 10.0 ** math.floor(math.log10(seconds / 10))
    return next(power * factor for factor in (1, 2, 5, 10) if seconds / (power * factor) <= 10)


def _curve(canvas, across, down, lufs, first, low, colour, width):
    if len(lufs):
        times = first + 0.1 * torch.arange(len(lufs), dtype=torch.float64)
        canvas.line(across(times), down(torch.where(lufs >= low, lufs, math.nan)), colour, width)


def _colours(sounds):
    others = [name for name in sounds if name not in COLOURS]
    return {name: COLOURS.get(name) or OTHERS[others.index(name) % len(OTHERS)] if len(sounds) > 1 else COLOURS["music"] for name in sounds}


def _figures(canvas, sounds, colours):
    columns = ((LEFT + 200, "I LUFS"), (LEFT + 330, "S max"), (LEFT + 450, "M max"), (LEFT + 560, "LRA LU"), (LEFT + 680, "dBTP"))
    for x, title in columns:
        canvas.text(x + 72, TOP - 8, title, FAINT, anchor=1.0)
    for row, (name, loudness) in enumerate(sounds.items()):
        y = TOP + LINE * (row + 1) - 10
        canvas.rectangle(16, y + 3, 36, y + 9, colours[name])
        canvas.text(48, y, name[:18], TEXT)
        for (x, _), value in zip(columns, (loudness.integrated, loudness.short_term_max, loudness.momentary_max, loudness.range, loudness.true_peak)):
            canvas.text(x + 72, y, "n/a" if value is None else f"{value:.1f}", TEXT, anchor=1.0)
