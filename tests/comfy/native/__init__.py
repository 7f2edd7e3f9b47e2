"""A custom node folder of the test server: text for the tiny models, without their text encoders, and small H3 VAEs."""
import torch

from .small_h3 import shrink

shrink()


class TinyText:
    """CONDITIONING of random numbers, as wide as the model takes it."""

    RETURN_TYPES, FUNCTION, CATEGORY = ("CONDITIONING",), "make", "tests"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "seed": ("INT", {"default": 0})}, "optional": {"score": ("BOOLEAN", {"default": False})}}

    def make(self, model, seed, score=False):
        kind = type(model.model).__name__
        width, extra = {"LTXAV": (64, {}), "LTXV": (32, {}), "MiniMaxH3": (48, {"minimax_token_tags": torch.ones(6, dtype=torch.long)})}[kind]
        if score:
            extra["phonofilm_score"] = {"seconds": 1.0, "events": []}
        return ([[torch.randn(1, 6, width, generator=torch.Generator().manual_seed(seed)), extra]],)


NODE_CLASS_MAPPINGS = {"TinyText": TinyText}
