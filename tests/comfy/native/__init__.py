"""A custom node folder of the test server: text for the tiny models, without their text encoders, small H3 VAEs, spoilt input,
and a meter of memory."""
import json
import logging
import zlib

import comfy.nested_tensor
import comfy.sample
import comfy.samplers
import comfy.utils
import torch
from torch.profiler import ProfilerActivity, profile

from .small_h3 import shrink

shrink()


class TinyText:
    """CONDITIONING of random numbers, as wide as the model takes it."""

    RETURN_TYPES, FUNCTION, CATEGORY = ("CONDITIONING",), "make", "tests"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "seed": ("INT", {"default": 0})}, "optional": {"score": ("BOOLEAN", {"default": False})}}

    def make(self, model, seed, score=False):
        conditioning = random_text(model, seed)
        if score:
            conditioning[0][1]["phonofilm_score"] = {"seconds": 1.0, "events": []}
        return (conditioning,)


def random_text(model, seed):
    kind = type(model.model).__name__
    width, extra = {"LTXAV": (64, {}), "LTXV": (32, {}), "MiniMaxH3": (48, {"minimax_token_tags": torch.ones(6, dtype=torch.long)})}[kind]
    return [[torch.randn(1, 6, width, generator=torch.Generator().manual_seed(seed)), extra]]


class TinyClip:
    """A CLIP whose CONDITIONING are random numbers, others for each text; the log tells what texts it was given."""

    RETURN_TYPES, FUNCTION, CATEGORY = ("CLIP",), "make", "tests"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",)}}

    def make(self, model):
        self.model = model
        return (self,)

    def tokenize(self, text):
        return text

    def encode_from_tokens_scheduled(self, text):
        logging.info("TinyClip: %s", json.dumps(text))
        return random_text(self.model, zlib.crc32(text.encode()))


class Broken:
    """What a file or a foreign node may give: IMAGE, AUDIO and, of the one that is given, LATENT, each spoilt in the way that is named."""

    RETURN_TYPES, FUNCTION, CATEGORY = ("IMAGE", "AUDIO", "LATENT"), "make", "tests"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"how": ("STRING", {"default": ""})}, "optional": {"latent": ("LATENT",)}}

    def make(self, how, latent=None):
        frames = torch.zeros({"no frames": 0, "one frame": 1}.get(how, 9), 64, 64, 3)
        wave = torch.zeros(2 if how == "two sounds" else 1, 2, 600 if how == "short" else 48000)
        if how == "NaN":
            frames[3, 0, 0, 0] = wave[0, 0, 5] = float("nan")
        return frames, {"waveform": wave, "sample_rate": 48000}, latent and self.spoilt(how, latent)

    @staticmethod
    def spoilt(how, latent):
        picture, sound = (part.clone() for part in latent["samples"].unbind())
        masks = [torch.ones_like(part[:, :1]) for part in (picture, sound)]
        if how == "NaN":
            sound[0, 0, 0, 0] = float("nan")
        if how == "batch":
            sound = torch.cat([sound, sound])
        if how == "mask of another batch":
            masks[0] = torch.cat([masks[0]] * 3)
        if how == "mask without axes":
            masks[1] = torch.ones(7)
        if how == "one mask":
            masks.pop()
        if how == "mask beyond 1":
            masks[0] *= 2
        nested = comfy.nested_tensor.NestedTensor
        return {**latent, "samples": nested([picture, sound]), **({"noise_mask": nested(masks)} if "mask" in how else {})}


class MaskAsLatent:
    """The noise mask of an AV latent as one, so that it can be saved."""

    RETURN_TYPES, FUNCTION, CATEGORY = ("LATENT",), "make", "tests"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"latent": ("LATENT",)}}

    def make(self, latent):
        return ({"samples": latent["noise_mask"]},)


class PeakMemory:
    """JSON {what: [bytes that ComfyUI is told, bytes allocated at the highest]} of one clip: sampled, and through both codecs both ways."""

    RETURN_TYPES, FUNCTION, CATEGORY, OUTPUT_NODE = (), "measure", "tests", True

    @classmethod
    def INPUT_TYPES(cls):
        sockets = {name: (name.upper(),) for name in ("model", "latent")} | {name: ("VAE",) for name in ("vae", "audio_vae")}
        return {"required": {**sockets, **{name: ("CONDITIONING",) for name in ("positive", "negative")}}}

    def measure(self, model, latent, vae, audio_vae, positive, negative):
        picture, sound = latent["samples"].unbind()
        packed = comfy.utils.pack_latents([picture, sound])[0]
        noise = comfy.sample.prepare_noise(latent["samples"], 0)
        found = {"sample": (model.model.memory_required([2 * len(packed), *packed.shape[1:]]),
                            peak(lambda: comfy.sample.sample(model, noise, 1, 2.0, "euler", "simple", positive, negative, latent["samples"])))}
        for name, codec, stream in (("picture", vae, picture), ("sound", audio_vae, sound)):
            made = []
            found[f"decode {name}"] = codec.memory_used_decode(stream.shape, codec.vae_dtype), peak(lambda: made.append(codec.decode(stream)))
            given = made[0][:1].flatten(0, 1) if name == "picture" else made[0]
            seen = given.movedim(-1, 1) if name == "sound" else given.movedim(-1, 0)[None]
            found[f"encode {name}"] = codec.memory_used_encode(seen.shape, codec.vae_dtype), peak(lambda: codec.encode(given))
        return {"ui": {"text": [json.dumps(found)]}}


def peak(work):
    """Bytes that `work` has allocated at once, at the highest."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        work()
    held = highest = 0
    for event in sorted((event for event in seen.profiler.kineto_results.events() if event.name() == "[memory]"), key=lambda event: event.start_ns()):
        held += event.nbytes()
        highest = max(highest, held)
    return highest


NODE_CLASS_MAPPINGS = {"TinyText": TinyText, "TinyClip": TinyClip, "PeakMemory": PeakMemory, "Broken": Broken, "MaskAsLatent": MaskAsLatent}
