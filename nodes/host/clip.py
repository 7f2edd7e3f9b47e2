"""The text encoder as a real comfy.sd.CLIP, so that core's CLIPTextEncode and friends take it."""
import logging
from types import SimpleNamespace

import comfy.ops
import comfy.sd
import torch

from ...models.joint.text import TextEncoder, Tokenizer, join_fields

KEY = "phonofilm"  # of the token lists, as core keys them by encoder


class HostTextEncoder(TextEncoder):
    """TextEncoder with the methods that comfy.sd.CLIP calls."""

    def __init__(self, words, dim, vocabulary_bytes, dtype, device):
        super().__init__(words, dim, vocabulary_bytes, operations=comfy.ops.manual_cast, dtype=dtype, device=device)
        self.dtypes = {dtype}

    def set_clip_options(self, options):
        self.execution_device = options.get("execution_device", self.table.weight.device)

    def reset_clip_options(self):
        self.execution_device = None

    def encode_token_weights(self, tokens):
        """-> (conditioning [B, TEXT_LENGTH, dim] float32, no pooled output). Weights on words have no effect."""
        indices = torch.tensor([[word for word, _ in row] for row in tokens[KEY]], device=self.execution_device)
        return self(indices).float(), None


class HostTokenizer:
    """Tokenizer behind the two methods that comfy.sd.CLIP calls."""

    def __init__(self, tokenizer: Tokenizer):
        self.words = tokenizer

    def tokenize_with_weights(self, text, return_word_ids=False, **_):
        indices, unknown = self.words(text)
        if unknown:
            logging.warning("Phonofilm does not know these words and leaves them out: %s", ", ".join(unknown))
        return {KEY: [[(index, 1.0) for index in indices]]}

    def state_dict(self):
        return {}


def make_clip(state: dict[str, torch.Tensor]) -> comfy.sd.CLIP:
    """A CLIP of the state dict of a TextEncoder."""
    tokenizer = HostTokenizer(Tokenizer.from_bytes(state["vocabulary"]))
    words, dim = state["table.weight"].shape

    def encoder(dtype, device, model_options):
        return HostTextEncoder(words, dim, len(state["vocabulary"]), dtype, device)

    target = SimpleNamespace(params={}, clip=encoder, tokenizer=lambda **_: tokenizer)
    # Core would take half precision; the table is small, and its sums would be rounded.
    return comfy.sd.CLIP(target, state_dict=state, parameters=words * dim, model_options={"dtype": torch.float32})


def encode_prompt(clip, fields: dict[str, str], score: dict | None = None):
    """(CONDITIONING, words that were not understood) of a prompt's fields; {} is no prompt at all.

    `score` (PHONOFILM_SCORE) travels along and is used instead of a drafted one.
    """
    tokenizer = getattr(clip.tokenizer, "words", None)
    if not isinstance(tokenizer, Tokenizer):
        raise ValueError("Prompt needs the clip output of Phonofilm's Load Model; for other models use CLIP Text Encode.")
    indices, unknown = tokenizer(join_fields(fields))
    extra = {} if score is None else {"phonofilm_score": score}
    tokens = {KEY: [[(index, 1.0) for index in indices]]}
    return clip.encode_from_tokens_scheduled(tokens, add_dict=extra), unknown
