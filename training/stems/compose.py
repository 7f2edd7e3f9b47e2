"""Pieces of music by rule: two composers who share nothing but the clock. `loops` is for training, `modes` for the held-out set.

A piece is a list of Parts; every Part has a desk: 0 drums and bass, 1 harmony, 2 lead. Each desk becomes a channel of the take.
"""
from dataclasses import dataclass, field

DESKS = 3
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
DORIAN, PHRYGIAN, LYDIAN, WHOLE, HARMONIC = (0, 2, 3, 5, 7, 9, 10), (0, 1, 3, 5, 7, 8, 10), (0, 2, 4, 6, 7, 9, 11), (0, 2, 4, 6, 8, 10), (0, 2, 3, 5, 7, 8, 11)
KICK, SNARE, RIM, HAT, OPEN, CRASH, RIDE, TOM, SHAKER, CLAP, TAIKO = 36, 38, 37, 42, 46, 49, 51, 45, 70, 39, 41


@dataclass
class Part:
    """`program`: General MIDI number from 0, None for drums. notes: (start, length in seconds, MIDI pitch, velocity 0..1)."""

    desk: int
    program: int | None
    notes: list = field(default_factory=list)


def _degree(scale, root, degree):
    octave, step = divmod(degree, len(scale))
    return root + 12 * octave + scale[step]


def loops(dice, seconds):
    """Chord loops in major or minor, with a beat, a bass, an accompaniment in one of five figures and a melody in phrases."""
    scale, root, beat = dice.choice((MAJOR, MINOR, MINOR)), dice.randint(45, 56), 60 / dice.uniform(56, 150)
    loop = dice.choice(((0, 5, 3, 4), (0, 3, 4, 0), (0, 4, 5, 3), (5, 3, 0, 4), (0, 0, 3, 4), (0, 2, 3, 4), (0, 6, 5, 4), (0, 5, 0, 5)))
    meter = dice.choice((4, 4, 4, 3, 6))
    bars = int(seconds / (beat * meter)) + 1
    swing = dice.choice((0, 0, 0, .08, .16))
    harmony = Part(1, dice.choice((0, 1, 4, 5, 6, 8, 11, 12, 14, 16, 19, 21, 24, 25, 26, 29, 40, 44, 45, 46, 48, 49, 50, 51, 52, 61, 88, 89, 90, 91, 94, 95)))
    lead = Part(2, dice.choice((0, 4, 9, 10, 11, 13, 22, 24, 27, 30, 40, 41, 42, 56, 57, 60, 61, 64, 65, 66, 68, 70, 71, 72, 73, 75, 79, 80, 81, 82, 105, 107)))
    bass, drums = Part(0, dice.choice((32, 33, 34, 35, 38, 39, 43))), Part(0, None)
    figure, style = dice.choice(("block", "held", "arpeggio", "off", "pulse")), dice.choice(("rock", "soft", "four", "march", "none", "none"))
    phrase = _phrase(dice, meter)
    for bar in range(bars):
        begin, chord = bar * meter * beat, loop[bar % len(loop)]
        tones = [_degree(scale, root, chord + step) for step in ((0, 2, 4), (0, 2, 4, 6))[dice.flag(.2)]]
        harmony.notes += _figure(dice, figure, begin, beat, meter, tones)
        for k in range(meter) if style == "four" else (0, meter // 2):
            bass.notes.append((begin + k * beat, beat * .9, _degree(scale, root - 12, chord + dice.choice((0, 0, 0, 4))), dice.uniform(.6, .9)))
        if style != "none":
            drums.notes += _beat(dice, style, begin, beat, meter, swing)
        if bar % 8 < 6:
            phrase = phrase if dice.flag(.6) else _phrase(dice, meter)
            lead.notes += [(begin + at * beat, length * beat * .95, _degree(scale, root + 12, chord + step), dice.uniform(.5, .95))
                           for at, length, step in phrase]
    parts = [bass, drums, harmony, lead]
    thin = dice.random()
    return [harmony] if thin < .1 else [lead, harmony] if thin < .25 else [lead] if thin < .32 else [bass, drums] if thin < .38 else parts


def _phrase(dice, meter):
    at, step, notes = 0.0, dice.choice((0, 2, 4)), []
    while at < meter - .2:
        length = dice.choice((.5, .5, 1, 1, 1.5, 2, .25))
        if dice.flag(.85):
            notes.append((at, min(length, meter - at), step))
        at += length
        step += dice.choice((-2, -1, -1, 0, 1, 1, 2, 4, -4))
        step = max(-4, min(9, step))
    return notes


def _figure(dice, figure, begin, beat, meter, tones):
    loud = dice.uniform(.4, .7)
    if figure == "held":
        return [(begin, beat * meter * 1.02, tone, loud) for tone in tones]
    if figure == "block":
        return [(begin + k * beat, beat * .8, tone, loud) for k in range(meter) for tone in tones]
    if figure == "off":
        return [(begin + (k + .5) * beat, beat * .4, tone, loud) for k in range(meter) for tone in tones]
    if figure == "pulse":
        return [(begin + k * beat / 2, beat * .4, tone, loud) for k in range(2 * meter) for tone in tones[:2]]
    order = [*tones, *tones[::-1]]
    return [(begin + k * beat / 2, beat * .9, order[k % len(order)] + 12 * (k % 3 == 2), loud) for k in range(2 * meter)]


def _beat(dice, style, begin, beat, meter, swing):
    hits = []
    for k in range(meter * 2):
        when = begin + (k / 2 + (swing if k % 2 else 0)) * beat
        strong = k % 2 == 0
        if style == "rock":
            hits += [(when, HAT, .5 + .2 * strong)] + ([(when, KICK, .9)] if k % 4 == 0 or dice.flag(.1) else []) + (
                [(when, SNARE, .85)] if k % 4 == 2 else [])
        elif style == "four":
            hits += ([(when, KICK, .95)] if strong else [(when, OPEN, .6)]) + ([(when, CLAP, .8)] if k % 4 == 2 else [])
        elif style == "soft":
            hits += [(when, dice.choice((SHAKER, RIDE)), .4)] + ([(when, RIM, .5)] if k % 4 == 2 else []) + ([(when, KICK, .6)] if k == 0 else [])
        else:
            hits += [(when, SNARE, .7 if strong else .4)] + ([(when, TAIKO, .9)] if k % 4 == 0 else [])
    if dice.flag(.1):
        hits.append((begin, CRASH, .8))
    return [(when, .1, pitch, loud * dice.uniform(.85, 1)) for when, pitch, loud in hits]


def modes(dice, seconds):
    """Modal pieces without chord loops: Euclidean rhythms, a drone or a wandering bass, voices in canon, runs and tremolo."""
    scale, root = dice.choice((DORIAN, PHRYGIAN, LYDIAN, WHOLE, HARMONIC, (0, 3, 5, 7, 10), (0, 2, 5, 7, 9))), dice.randint(42, 54)
    step = 60 / dice.uniform(70, 170) / dice.choice((2, 3, 4))
    steps = int(seconds / step)
    cycle = dice.choice((8, 12, 16, 10, 14))
    ground = Part(0, dice.choice((36, 37, 58, 70, 43, 87)))
    drums = Part(0, None)
    weave = Part(1, dice.choice((2, 3, 7, 15, 17, 20, 23, 28, 47, 53, 54, 62, 92, 93, 104, 106, 108)))
    voice = Part(2, dice.choice((7, 13, 18, 23, 28, 31, 43, 58, 59, 67, 69, 74, 76, 77, 78, 83, 84, 109, 110, 111)))
    drum_kinds = [(pitch, _euclid(dice.randint(1, cycle - 2), cycle), dice.randrange(cycle)) for pitch in dice.sample((35, 40, 44, 54, 56, 60, 61, 62, 63, 64, 75, 76), 3)]
    if dice.flag(.6):
        drums.notes = [(k * step, .1, pitch, dice.uniform(.5, .9)) for k in range(steps) for pitch, hits, turn in drum_kinds if hits[(k + turn) % cycle]]
    pattern, pitch = _euclid(dice.randint(2, cycle // 2), cycle), 0
    for k in range(steps):
        if pattern[k % cycle]:
            pitch = max(-4, min(6, pitch + dice.choice((-3, -1, 0, 0, 1, 2))))
            ground.notes.append((k * step, step * dice.uniform(1, 4), _degree(scale, root - 12, pitch), dice.uniform(.5, .9)))
    tune, place_ = [], 7
    while sum(length for length, _ in tune) < 4 * cycle:
        place_ = max(2, min(16, place_ + dice.choice((-3, -2, -1, 1, 2, 3, 5, -5))))
        tune.append((dice.choice((1, 1, 2, 2, 3, 4, 6)), place_ if dice.flag(.8) else None))
    for part, late, shift in ((voice, 0, 0), (weave, dice.choice((4, 8, 12)), dice.choice((0, -3, -4, -7)))):
        at = late
        while at < steps:
            for length, degree in tune:
                if degree is not None and at < steps:
                    repeats = length if dice.flag(.15) else 1                 # tremolo
                    part.notes += [((at + r * length / repeats) * step, step * length / repeats * .97, _degree(scale, root, degree + shift),
                                    dice.uniform(.5, .9)) for r in range(repeats)]
                at += length
    thin = dice.random()
    return [voice, weave] if thin < .2 else [ground, weave] if thin < .35 else [ground, drums, voice, weave]


def _euclid(hits, steps):
    """Bjorklund's even spread of hits over steps, as bools."""
    return [(k * hits) % steps < hits for k in range(steps)]
