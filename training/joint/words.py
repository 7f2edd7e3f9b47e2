"""The vocabulary of the text encoder: padding, field names, and every word the world's captions can hold."""
from models.joint.text import FIELDS, Tokenizer
from training.world import vocabulary

ROOM = 640  # rows of the word table, so that later words need no new shape


def tokenizer() -> Tokenizer:
    words = ["", *(f"{field}:" for field in FIELDS), *vocabulary()]
    if len(words) > ROOM:
        raise ValueError(f"{len(words)} words do not fit the table of {ROOM}: raise ROOM and train again.")
    return Tokenizer(words)
