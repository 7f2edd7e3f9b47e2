"""The event score as text that a person writes, and back.

A score is plain JSON: {"seconds": float, "events": [{"track", "time", "strength", "pitch"?}, ...]},
times in seconds from the first frame, strength 0..1.2, pitch a MIDI note number (69 = A4 = 440 Hz).

As text, one event per line or between semicolons:

    # a ball on a tin roof
    seconds 4
    effects 1.25 0.8
    music 0.5 1.0 A4; music 1.0 Bb3

track, time, then strength (1 where left out) and pitch (a note name or a MIDI number) in that order.
A `#` at the start or after a space begins a comment. The JSON form is read as well.
"""

import json
import math
import re

TRACKS = ("dialogue", "music", "effects")
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
NOTE = re.compile(r"([A-Ga-g])([#b]*)(-?\d+)")
SEMITONE = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def parse(text):
    """Text or JSON -> score, events in order of time.

    "seconds" is what the text says, else the time of the last event.
    Raises ValueError naming the line and what is wrong with it.
    """
    if text.lstrip().startswith(("{", "[")):
        return from_json(text)
    events, seconds = [], None
    for number, line in enumerate(text.splitlines(), 1):
        for part in re.sub(r"(^|\s)#.*", "", line).split(";"):
            words = part.split()
            if not words:
                continue
            try:
                if words[0].lower() == "seconds":
                    if len(words) != 2:
                        raise ValueError("write `seconds` and one number")
                    seconds = duration(words[1])
                else:
                    events.append(event(words))
            except ValueError as error:
                raise ValueError(f"score, line {number} ({part.strip()!r}): {error}") from None
    return finish(events, seconds)


def from_json(text):
    """The JSON form, or a bare list of events -> score. Raises ValueError."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"score, line {error.lineno}: not valid JSON: {error.msg}") from None
    if isinstance(data, list):
        data = {"events": data}
    events = data.get("events")
    if not isinstance(events, list):
        raise ValueError('score: the JSON form is {"seconds": 4.0, "events": [{"track": "effects", "time": 1.25, "strength": 0.8}]}')
    seconds = duration(data["seconds"]) if data.get("seconds") else None
    out = []
    for index, item in enumerate(events, 1):
        try:
            if not isinstance(item, dict) or "track" not in item or "time" not in item:
                raise ValueError("an event has a track and a time")
            words = [item["track"], item["time"], item.get("strength", 1.0)]
            out.append(event(words if item.get("pitch") is None else words + [item["pitch"]]))
        except ValueError as error:
            raise ValueError(f"score, event {index}: {error}") from None
    return finish(out, seconds)


def event(words):
    """[track, time, strength?, pitch?] as words or numbers -> one event."""
    track = str(words[0]).lower()
    if track == "ambience":
        raise ValueError("ambience has no events; describe it in the prompt")
    if track not in TRACKS:
        raise ValueError(f"unknown track {words[0]!r}; tracks are {', '.join(TRACKS)}")
    if len(words) < 2:
        raise ValueError("no time given, e.g. `effects 1.25`")
    if len(words) > 4:
        raise ValueError("too many words: track, seconds, strength, pitch")
    rest = list(words[2:])
    if len(rest) == 1 and NOTE.fullmatch(str(rest[0])):
        rest.insert(0, 1.0)
    out = {"track": track, "time": number(words[1], "time", 0.0, math.inf),
           "strength": number(rest[0], "strength", 0.0, 1.2) if rest else 1.0}
    if len(rest) == 2:
        out["pitch"] = midi(rest[1])
    return out


def number(word, what, low, high):
    try:
        value = float(word)
    except (TypeError, ValueError):
        raise ValueError(f"{what} {word!r} is not a number") from None
    if not math.isfinite(value) or not low <= value <= high:
        limits = f"from {low:g} to {high:g}" if high < math.inf else f"at least {low:g}"
        raise ValueError(f"{what} must be {limits}, not {word}")
    return value


def duration(word):
    seconds = number(word, "seconds", 0.0, math.inf)
    if seconds == 0:
        raise ValueError("seconds must be more than 0")
    return seconds


def midi(word):
    """'A4', 'Bb3', 'c#5' or a number -> MIDI note number, 0..127."""
    match = NOTE.fullmatch(str(word))
    if match:
        letter, accidentals, octave = match.groups()
        word = SEMITONE[letter.upper()] + accidentals.count("#") - accidentals.count("b") + 12 * (int(octave) + 1)
    return number(word, "pitch", 0.0, 127.0)


def finish(events, seconds):
    events.sort(key=lambda item: item["time"])
    last = events[-1]["time"] if events else 0.0
    if seconds is not None and last > seconds:
        raise ValueError(f"score: the event at {last:g} s lies after the end ({seconds:g} s)")
    return {"seconds": last if seconds is None else seconds, "events": events}


def note_name(pitch):
    """MIDI note number -> 'A4'; between two notes the number itself."""
    if pitch != round(pitch):
        return f"{pitch:g}"
    return f"{NAMES[round(pitch) % 12]}{round(pitch) // 12 - 1}"


def format(score):
    """Score -> the text form, one event per line in order of time; `parse` reads it back."""
    lines = []
    for item in sorted(score["events"], key=lambda item: item["time"]):
        words = [item["track"], f"{item['time']:.4f}", f"{item['strength']:.2f}"]
        if item.get("pitch") is not None:
            words.append(note_name(item["pitch"]))
        lines.append(" ".join(words))
    last = max((item["time"] for item in score["events"]), default=0.0)
    if score["seconds"] > last:
        lines.insert(0, f"seconds {score['seconds']:.4f}")
    return "\n".join(lines)
