"""The text encoder: a word table of our own, and a tokenizer that says which words it does not know.

The vocabulary travels in the weights as UTF-8 bytes, one word a line; word 0 is padding.
"""
import re

import torch
from torch import nn

from .config import TEXT_LENGTH

FIELDS = ("picture", "dialogue", "music", "effects", "ambience")
SUFFIXES = ("s", "es", "ing", "ed", "ly", "er", "y")


class Tokenizer:
    """Words -> indices. A field name followed by a colon ("effects:") is a word of its own."""

    def __init__(self, words: list[str]):
        self.words = words
        self.index = {word: i for i, word in enumerate(words)}

    @classmethod
    def from_bytes(cls, data: torch.Tensor) -> "Tokenizer":
        return cls(bytes(data.to(torch.uint8).tolist()).decode("utf-8").split("\n"))

    def to_bytes(self) -> torch.Tensor:
        return torch.tensor(list("\n".join(self.words).encode("utf-8")), dtype=torch.uint8)

    def find(self, word: str) -> int | None:
        """Index of the word, or of a known word it is a simple inflection of."""
        if word in self.index:
            return self.index[word]
        stems = [word] + [word[: -len(s)] for s in SUFFIXES if word.endswith(s) and len(word) - len(s) > 2]
        stems += [s[:-1] for s in stems[1:] if len(s) > 3 and s[-1] == s[-2]] + [s + "e" for s in stems[1:]]
        for stem in stems:
            for candidate in [stem] + [stem + s for s in SUFFIXES]:
                if candidate in self.index:
                    return self.index[candidate]
        return None

    def __call__(self, text: str) -> tuple[list[int], list[str]]:
        """-> (TEXT_LENGTH indices, padded with 0; words that are not known or did not fit)."""
        tokens, unknown = [], []
        for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*:?", text.lower()):
            if word.rstrip(":") not in FIELDS:
                word = word.rstrip(":")
            found = self.find(word)
            if found is None:
                unknown.append(word)
            elif len(tokens) == TEXT_LENGTH:
                unknown.append(f"{word} (too long: {TEXT_LENGTH} words are read)")
            else:
                tokens.append(found)
        return tokens + [0] * (TEXT_LENGTH - len(tokens)), unknown


def join_fields(fields: dict[str, str]) -> str:
    """The five fields as one text with the field names as tags; empty fields are left out."""
    return " ".join(f"{name}: {fields[name].strip()}" for name in FIELDS if fields.get(name, "").strip())


class TextEncoder(nn.Module):
    """[B, TEXT_LENGTH] word indices -> [B, TEXT_LENGTH, dim]. Padding gives zeros, so an empty text is no text."""

    def __init__(self, words: int, dim: int, vocabulary_bytes: int = 0, operations=nn, dtype=None, device=None):
        super().__init__()
        self.table = operations.Embedding(words, dim, dtype=dtype, device=device)
        self.place = operations.Embedding(TEXT_LENGTH, dim, dtype=dtype, device=device)
        self.register_buffer("vocabulary", torch.zeros(vocabulary_bytes, dtype=torch.uint8, device=device))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        places = torch.arange(tokens.shape[1], device=tokens.device)
        return (self.table(tokens) + self.place(places)) * (tokens > 0).unsqueeze(-1)
