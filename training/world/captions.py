"""Captions: phrases with slots, synonyms for the slots, and the list of all words.

A scene gives phrases per field, such as "a {size} {colour} ball bounces", and for every clip the meaning of each slot,
such as size -> "big". A meaning is looked up in SYNONYMS; a slot whose meaning is "" is left out.
"""
import re

import torch

FIELDS = ("picture", "dialogue", "music", "effects", "ambience")

SYNONYMS = {
    "": ("",), "big": ("big", "large"), "small": ("small", "little", "tiny"),
    "fast": ("fast", "quick", "rapid"), "slow": ("slow", "steady", "calm"),
    "quickly": ("quickly", "fast", "rapidly"), "slowly": ("slowly", "steadily", "calmly"),
    "rubber": ("rubber",), "wood": ("wooden",), "metal": ("metal", "steel"), "glass": ("glass",),
    "rubber stuff": ("rubber",), "wood stuff": ("wood",), "metal stuff": ("metal", "steel"), "glass stuff": ("glass",),
    "hard floor": ("a hard floor", "a stone floor", "tiles", "hard ground"),
    "soft floor": ("a soft floor", "a soft carpet", "a carpet", "a rug"),
    "low": ("low", "deep"), "high": ("high", "bright"),
    "left": ("on the left",), "right": ("on the right",),
    "man": ("man", "bearded man"), "woman": ("woman", "lady", "girl"),
    "major": ("major", "happy", "cheerful"), "minor": ("minor", "sad", "dark"),
    "rising": ("rising", "climbing"), "falling": ("falling", "descending"), "wandering": ("wandering",),
    "piano": ("piano",), "bell": ("bell",), "organ": ("organ",),
    "light": ("light", "gentle", "soft"), "heavy": ("heavy", "strong", "pouring"),
    "strong wind": ("strong", "heavy"),
    "window": ("a window", "glass", "a window pane"), "roof": ("a metal roof", "a tin roof", "metal"),
    "pavement": ("pavement", "the street", "the ground"),
}
SYNONYMS.update({name: (name,) for name in ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")})

JOINERS = (", ", " and ", " with ", ", with ", " while there is ", " together with ")
OPENINGS = ("", "", "", "a video of ", "a clip of ", "there is ", "we see ", "we see and hear ")
# words that no phrase needs but people write
COMMON = (
    "the a an and with of in on at to by from under over near into while as is are it its there then this that some "
    "one two three many person people object thing scene film movie sound sounds noise hear see show shows showing "
    "loud quiet silent silence no nothing only background room outside inside slow fast colourful color coloured "
    "black brown grey gray dark bright metallic ringing again every each other "
    "jumps jumping jumped hitting hits struck plays played playing speaks says said talk talks"
).split()


def named(index, names):
    """Index [b, 1] -> list of names."""
    return [names[i] for i in index[:, 0].tolist()]


def sometimes(keep, names):
    """keep [b, 1] bool -> the names, "" where not kept."""
    return [name if kept else "" for name, kept in zip(names, keep[:, 0].tolist())]


def tidy(text):
    """Single blanks, and "an" before a vowel."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\ban (?=[^aeiou\s])", "a ", text)
    return re.sub(r"\ba (?=[aeiou])", "an ", text)


def fields(draw, module, slots):
    """One dict of five captions per clip.

    draw: Draw of b clips; module: its PHRASES are field -> tuple of templates, its own SYNONYMS, if it has any, go
    before the common ones; slots: slot -> list of b meanings.
    """
    phrases, synonyms = module.PHRASES, {**SYNONYMS, **own_synonyms(module)}
    clips = len(draw.clips)
    numbers = draw.uniform(count=len(FIELDS) + len(slots) * len(phrases)).tolist()
    captions = []
    for clip in range(clips):
        uniform = iter(numbers[clip])
        caption = dict.fromkeys(FIELDS, "")
        for field, templates in phrases.items():
            words = {slot: _pick(synonyms[values[clip]], next(uniform)) for slot, values in slots.items()}
            caption[field] = tidy(_pick(templates, next(uniform)).format(**words))
        captions.append(caption)
    return captions


def own_synonyms(module):
    return getattr(module, "SYNONYMS", {})


def _pick(options, uniform):
    return options[int(uniform * len(options))]


def joined(caption, generator):
    """One sentence from a dict of captions; sometimes a field is left out, never the picture."""
    def number():
        return torch.rand(1, generator=generator).item()

    text = _pick(OPENINGS, number()) + caption["picture"]
    for field in FIELDS[1:]:
        if caption[field] and number() < .8:
            text += _pick(JOINERS, number()) + caption[field]
    return tidy(text)


def words(modules):
    """Sorted list of the words that the captions of some scenes and overlays need beside the common ones."""
    texts = []
    for module in modules:
        texts += [re.sub(r"\{\w+\}", " ", template) for group in module.PHRASES.values() for template in group]
        texts += [text for options in own_synonyms(module).values() for text in options]
    return _words(texts)


def common_words():
    """Sorted list of the words that any scene can use."""
    return _words([*(text for options in SYNONYMS.values() for text in options), *JOINERS, *OPENINGS, *COMMON])


def _words(texts):
    return sorted({word for text in texts for word in re.findall(r"[a-z]+", text)})
