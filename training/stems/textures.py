"""Music that is no song: a third composer, for training alone.

`compose.loops` knows chords and bars, and a network can learn to expect them. Here pitches, pace, register and manner of playing are drawn
independently of each other, instrument by instrument, so that what stays in common is what makes music: tones and strokes that answer each other.
"""
from .compose import DESKS, Part


def textures(dice, seconds):
    """One to three players, each in a manner of its own over the same notes, and strokes on percussion in every third piece."""
    notes = _Notes(dice)
    desks = dice.sample(range(DESKS), dice.choice((1, 2, 2, 3)))
    parts = []
    for desk in desks:
        part = Part(desk, dice.randrange(120))
        while not part.notes or part.notes[-1][0] < seconds:
            begin = part.notes[-1][0] + part.notes[-1][1] if part.notes else dice.uniform(0, 1)
            end = min(seconds + 1, begin + dice.uniform(2, 12))
            part.notes += dice.choice(_MANNERS)(dice, notes, begin, end) or [(end, notes.pace, notes.any(dice), 0.5)]
        part.notes = [note for note in part.notes if note[0] < seconds]
        parts.append(part)
    if dice.flag(0.35):
        parts.append(Part(dice.randrange(DESKS), None, _strokes(dice, notes.pace, seconds)))
    return parts


class _Notes:
    """What the players of a piece share: pitches, a middle register, seconds of a short note."""

    def __init__(self, dice):
        kept = sorted(dice.sample(range(12), dice.choice((3, 4, 5, 5, 6, 7, 7, 7, 9, 12))))
        self.pitches = [pitch for pitch in range(24, 103) if pitch % 12 in kept]
        self.middle, self.pace = dice.uniform(40, 82), dice.log(0.06, 0.5)

    def near(self, pitch):
        """Index of the pitch next to `pitch`."""
        return min(range(len(self.pitches)), key=lambda index: abs(self.pitches[index] - pitch))

    def at(self, index):
        return self.pitches[max(0, min(len(self.pitches) - 1, index))]

    def any(self, dice):
        return self.at(self.near(dice.gauss(self.middle, 8)))


def _line(dice, notes, begin, end):
    """A melody that walks, free in rhythm."""
    place, leap, loud, made = notes.near(dice.gauss(notes.middle, 6)), dice.choice((1, 2, 4)), dice.uniform(0.4, 0.9), []
    while begin < end:
        length = notes.pace * dice.log(0.7, 8)
        if dice.flag(0.85):
            made.append((begin, length * dice.uniform(0.5, 1.1), notes.at(place), loud * dice.uniform(0.7, 1.1)))
        begin += length
        place = max(0, min(len(notes.pitches) - 1, place + dice.randint(-leap, leap)))
    return made


def _runs(dice, notes, begin, end):
    """Quick scales up or down, and pauses."""
    made = []
    while begin < end:
        place, way, step = notes.near(dice.gauss(notes.middle, 10)), dice.choice((-1, 1)), notes.pace * dice.uniform(0.4, 1)
        for _ in range(dice.randint(4, 16)):
            made.append((begin, step * dice.uniform(0.6, 1.5), notes.at(place), dice.uniform(0.4, 0.9)))
            begin, place = begin + step, place + way
        begin += dice.log(0.1, 2)
    return made


def _stabs(dice, notes, begin, end):
    """Short chords at uneven distances."""
    made, grid = [], notes.pace * dice.choice((1, 2, 3))
    while begin < end:
        chord = {notes.any(dice) for _ in range(dice.randint(2, 5))}
        length, loud = grid * dice.uniform(0.3, 1), dice.uniform(0.5, 1)
        made += [(begin, length, pitch, loud) for pitch in sorted(chord)]
        begin += grid * dice.choice((1, 1, 2, 3, 5))
    return made


def _swells(dice, notes, begin, end):
    """Long chords that overlap, as of strings or an organ."""
    made = []
    while begin < end:
        length, spread = dice.log(0.8, 6), dice.choice((2, 3, 5))
        low = notes.near(dice.gauss(notes.middle - 6, 6))
        made += [(begin + dice.uniform(0, 0.05), length * dice.uniform(0.95, 1.2), notes.at(low + k * spread), dice.uniform(0.4, 0.8))
                 for k in range(dice.randint(2, 5))]
        begin += length
    return made


def _repeated(dice, notes, begin, end):
    """One tone again and again, or two in turn, and then another."""
    made = []
    while begin < end:
        place, other, step, loud = notes.near(dice.gauss(notes.middle, 9)), dice.choice((0, 0, 1, 2, 7)), notes.pace * dice.choice((0.5, 1, 1, 2)), dice.uniform(0.4, 0.9)
        for k in range(dice.randint(4, 24)):
            made.append((begin, step * dice.uniform(0.5, 1), notes.at(place + other * (k % 2)), loud * dice.uniform(0.85, 1)))
            begin += step
    return made


def _cells(dice, notes, begin, end):
    """A few notes repeated and moved."""
    cell = [(dice.choice((1, 1, 2, 3)), dice.randint(-4, 5), dice.uniform(0.4, 0.9)) for _ in range(dice.randint(3, 8))]
    place, made = notes.near(dice.gauss(notes.middle, 8)), []
    while begin < end:
        for length, step, loud in cell:
            made.append((begin, length * notes.pace * 0.95, notes.at(place + step), loud))
            begin += length * notes.pace
        place = max(4, min(len(notes.pitches) - 6, place + dice.choice((0, 0, 0, -1, 1, 2, -3))))
    return made


_MANNERS = _line, _line, _runs, _stabs, _swells, _swells, _repeated, _cells, _cells


def _strokes(dice, pace, seconds):
    """A pattern of chances, as long as it likes, on a few instruments of General MIDI's percussion."""
    length, step, made = dice.randint(5, 24), pace * dice.choice((1, 1, 2)), []
    kit = [(dice.randint(35, 81), dice.uniform(0.4, 1), [dice.random() ** 2 for _ in range(length)]) for _ in range(dice.randint(1, 5))]
    for k in range(int(seconds / step)):
        made += [(k * step, 0.1, pitch, loud * dice.uniform(0.6, 1)) for pitch, loud, chance in kit if dice.flag(chance[k % length])]
    return made
