"""The settings of a mixer's channel strips, and the text in which strips of any name are written."""

from dataclasses import dataclass, replace

from .errors import MediaError

STANDARD = ("dialogue", "music", "effects", "ambience")
GAIN_OFF, GAIN_MOST = -60.0, 12.0
DELAY_MOST = 10000.0
RANGES = {"gain": (GAIN_OFF, GAIN_MOST), "pan": (-1.0, 1.0), "delay": (-DELAY_MOST, DELAY_MOST)}
FLAGS = ("mute", "solo", "key", "duck")


@dataclass(frozen=True)
class Strip:
    """`gain` in dB, -60 for silence; `pan` -1 left to 1 right; `delay` in ms, negative for earlier.

    A `key` strip turns those down that `duck`. A muted strip is silent even when it is soloed.
    """

    gain: float = 0.0
    mute: bool = False
    solo: bool = False
    pan: float = 0.0
    delay: float = 0.0
    key: bool = False
    duck: bool = False

    @property
    def silent(self):
        return self.mute or self.gain <= GAIN_OFF


DEFAULTS = {"dialogue": Strip(key=True), "music": Strip(duck=True), "effects": Strip(), "ambience": Strip(duck=True)}


def parse(text):
    """Strips by name from lines such as `narrator: gain -3, pan 0.2, delay 20, mute, solo, key, duck`.

    Words that are left out keep their defaults; `#` begins a comment. MediaError, in one line, for anything else.
    """
    strips = {}
    for line in (line.split("#")[0].strip() for line in text.splitlines()):
        if not line:
            continue
        name, colon, settings = (part.strip() for part in line.rpartition(":"))
        if not colon or not name:
            raise MediaError(f"more: {line!r} is not of the form `name: gain -3, pan 0.2, delay 20, mute, solo, key, duck`.")
        if name in STANDARD or name in strips:
            raise MediaError(f"more: {name} " + ("is set twice." if name in strips else "has settings of its own on the node."))
        strips[name] = Strip()
        for setting in filter(None, (part.strip() for part in settings.split(","))):
            strips[name] = replace(strips[name], **_setting(name, setting))
    return strips


def _setting(name, setting):
    word, _, value = setting.partition(" ")
    if word in FLAGS and not value:
        return {word: True}
    if word not in RANGES:
        raise MediaError(f"more: {name} has {setting!r}; there is {', '.join([*RANGES, *FLAGS])}.")
    low, high = RANGES[word]
    try:
        number = float(value)
    except ValueError:
        number = None
    if number is None or not low <= number <= high:
        raise MediaError(f"more: {word} of {name} is {value!r}; give a number from {low:g} to {high:g}.")
    return {word: number}
