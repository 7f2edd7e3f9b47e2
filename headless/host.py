"""What nodes.host does in ComfyUI, in plain torch: the same names, the same latents for the same seed.

MODEL, CLIP, VAE and AUDIO_VAE are the starter or its codecs themselves; CONDITIONING and LATENT have core's form.
"""

import functools
import json
import os
from fractions import Fraction
from pathlib import Path

import torch

from ..media.naming import claim
from ..models.joint import checkpoint, sampling, text
from ..models.joint import score as score_tokens
from ..models.joint.config import RATE, STEMS
from ..models.joint.grid import slabs_of
from ..models.joint.grids import STARTER
from ..models.joint.guidance import Guidance
from ..models.joint.latents import check_latent, clip_entry, is_of, streams
from ..models.joint.picture_codec import STRIDE, PictureCodec
from ..models.joint.showing import shown
from ..models.stems import hdemucs
from ..models.stems import loading as separators
from .nested import NestedTensor
from .session import current

FOLDER = "PHONOFILM_CHECKPOINTS"  # environment variable: a folder with more models
SIDE = 128  # pixels of the starter's picture
SAMPLE_RATE = 48000
DRAFT_FRAMES = 97


def checkpoints():
    folder = os.environ.get(FOLDER)
    return {path.name: path for path in sorted(Path(folder).glob("*.safetensors"))} if folder else {}


def model_names():
    return ["starter", *checkpoints()]


def sampler_names():
    return list(sampling.SAMPLERS)


def scheduler_names():
    return list(sampling.SCHEDULERS)


def load_model(name):
    path = checkpoint.WEIGHTS if name == "starter" else checkpoints()[name]
    starter = _load(path)
    return starter, starter, starter.picture, starter.sound


@functools.lru_cache(maxsize=1)
def _load(path):
    return checkpoint.load(path)


def _separators():
    folder = os.environ.get(FOLDER)
    files = sorted(Path(folder).iterdir()) if folder else []
    return {path.name: path for path in files if path.suffix == ".safetensors" or hdemucs.is_named(path.name)}


def separator_names():
    return separators.names(_separators())


def load_separator(name):
    path = separators.path_of(name, _separators().get(name))
    return _load_separator(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _load_separator(path, _changed):
    return separators.engine_of(separators.load(path))


def encode_prompt(clip, fields, score=None):
    """-> (CONDITIONING, words not known). The score travels in it under "phonofilm_score"."""
    tokens, unknown = clip.tokenizer(text.join_fields(fields))
    extra = {} if score is None else {"phonofilm_score": score}
    return [[clip.text(torch.tensor([tokens])), extra]], unknown


def empty_latent(model, width, height, frames, batch):
    if (width, height) != (SIDE, SIDE):
        raise ValueError(f"The starter makes {SIDE}x{SIDE} pictures, not {width}x{height}; scale the frames after Decode.")
    config = model.transformer.config
    picture = torch.zeros(batch, config.picture_channels, slabs_of(frames), height // STRIDE, width // STRIDE)
    sound = torch.zeros(batch, config.sound_channels, len(STEMS), frames)
    return {"samples": NestedTensor((picture, sound)), "phonofilm": clip_entry(RATE, frames, SAMPLE_RATE)}


def grid_of(vae, audio_vae):
    """The starter's grid; it is the only model here. Raises ValueError where the two are swapped."""
    if not isinstance(vae, PictureCodec):
        raise ValueError("vae and audio_vae are swapped: the codec of the picture goes into vae.")
    return STARTER


def encode_picture(vae, frames):
    """[F, H, W, 3] -> [1, Cv, T, h, w]."""
    return vae.encode(frames.movedim(-1, 0)[None])


def encode_sound(audio_vae, waves, count):
    """[M, 2, N] at 24 kHz -> [M, Ca, 1, count]."""
    return audio_vae.encode(waves[:, None], STARTER.sound_rate)[..., :count]


def av_latent(streams, masks, clip):
    mask = {} if all((part == 1).all() for part in masks) else {"noise_mask": NestedTensor(masks)}
    return {"samples": NestedTensor(streams), **mask, "phonofilm": clip}


def draft_score(model, positive, latent, seed):
    if latent is None:
        latent = empty_latent(model, SIDE, SIDE, DRAFT_FRAMES, 1)
    picture, sound, *masks = _streams(latent)
    return score_tokens.score_of(_draft(model, positive, picture, sound, masks, seed, None, Progress(sampling.SCORE_STEPS))[0])


def sample(model, positive, negative, latent, *, seed, steps, sampler, scheduler, picture_guidance, sound_guidance, sync_guidance,
           skip_guidance, score_guidance, denoise, takes):
    """-> (LATENT with the takes one after another in its batch, the score of the first clip of each)."""
    check_latent(latent, STARTER)
    if denoise == 0:
        return latent, [positive[0][1].get("phonofilm_score") or {"seconds": 0.0, "events": []}]
    picture, sound, *masks = _streams(latent)
    batch, slabs = picture.shape[0], picture.shape[2]
    given = positive[0][1].get("phonofilm_score")
    guidance = Guidance(picture_guidance, sound_guidance, sync_guidance, skip_guidance, score_guidance)
    events = score_tokens.encode(given["events"], slabs) if given else None
    progress = Progress(takes * (steps + sampling.SCORE_STEPS))
    results, scores = [], []
    for take in range(takes):
        tokens = _draft(model, positive, picture, sound, masks, seed + take, events, progress)
        conditions = sampling.Conditions(_text(positive, batch), _text(negative, batch), tokens)
        results.append(sampling.sample(
            model.transformer, picture, sound, conditions, seed=seed + take, steps=steps, sampler=sampler, scheduler=scheduler, guidance=guidance,
            denoise=denoise, mask_picture=masks[0], mask_sound=masks[1], progress=lambda *_: progress.advance()))
        scores.append(given or score_tokens.score_of(tokens[0]))
    return {**latent, "samples": NestedTensor(torch.cat(parts) for parts in zip(*results))}, scores


def _streams(latent):
    """LATENT -> picture, sound, and their masks (1 generate, 0 keep), ones where it has none."""
    picture, sound = latent["samples"].unbind()
    return picture, sound, *masks_of(latent, picture.device)


def masks_of(latent, device):
    """One mask per stream with a single channel; 1 generate, 0 keep, ones where the latent has none.

    A mask for fewer clips than there are, as after several takes, goes for those after them too.
    """
    parts = [torch.ones_like(part[:, :1], device=device) for part in latent["samples"].unbind()]
    if "noise_mask" not in latent:
        return parts
    return [mask[torch.arange(len(part)) % len(mask)].expand_as(part) for mask, part in zip(latent["noise_mask"].unbind(), parts)]


def _text(conditioning, batch):
    return conditioning[0][0].expand(batch, -1, -1)


def _draft(model, positive, picture, sound, masks, seed, events, progress):
    text = _text(positive, picture.shape[0])
    return sampling.draft_score(model.transformer, text, picture, sound, *masks, seed, events, progress=progress.advance)


def decode_picture(latent, vae, audio_vae):
    """-> (frames [B, F, H, W, 3], the latent's rate as a Fraction or None)."""
    picture, clip = _own(latent)[0], latent.get("phonofilm")
    video = shown(lambda latents: vae.decode(latents).permute(0, 2, 3, 4, 1), picture, masks_of(latent, picture.device)[0])
    return (video[:, : clip["frames"]], Fraction(*clip["rate"])) if clip else (video, None)


def _own(latent):
    """[picture, sound] of the starter's latent. Raises ValueError for that of another model, which a file may hold."""
    if not is_of(STARTER, *streams(latent)):
        raise ValueError("vae and audio_vae are of the starter, the latent of another model: decode it in ComfyUI, with the model that made it.")
    return streams(latent)


def decode_sound(latent, vae, audio_vae):
    """-> {stem: AUDIO}."""
    waves = audio_vae.decode(_own(latent)[1], SAMPLE_RATE)
    if "phonofilm" in latent:
        waves = waves[..., : latent["phonofilm"]["samples"]]
    names = STEMS if waves.shape[1] == len(STEMS) else ("mix",)
    return {name: {"waveform": waves[:, index], "sample_rate": SAMPLE_RATE} for index, name in enumerate(names)}


class Progress:
    """Progress of the present node: `update` takes the steps done, `advance` counts one more."""

    def __init__(self, total):
        self.total, self.done, self.session = total, 0, current.get()

    def update(self, done):
        self.done = done
        self.session.report(done / self.total)

    def advance(self):
        self.update(self.done + 1)


def output_target(prefix, suffix):
    """Claim a file below the run's folder for the prefix, which may name subfolders -> (Path, subfolder)."""
    root = current.get().folder.resolve()
    path = (root / prefix).resolve()
    if not path.is_relative_to(root) or not path.name or path == root:
        raise ValueError(f"filename_prefix {prefix!r} leads out of the output folder; give a name, or folder/name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return claim(path.parent, path.name, suffix), str(path.parent.relative_to(root)) if path.parent != root else ""


def workflow_metadata(hidden):
    return {"prompt": json.dumps(hidden.prompt)}


def preview_target(prefix, suffix):
    """A claimed temporary file to show in place of one that browsers cannot -> (Path, subfolder); nothing is shown here, so None."""
    return None


def shown_files():
    """Files for a browser; nothing is shown here, so None."""
    return None


def subgraph_prefix(node):
    return f"{node}."


def input_files():
    """The files to choose from: none, which lets any path through."""
    return []


def latent_files():
    return []


def input_path(name):
    """The Path of an input file, as it was given. Raises ValueError where it is no file."""
    if not has_input(name):
        raise ValueError(f"There is no file {name}.")
    return Path(name)


def has_input(name):
    return Path(name).is_file()
