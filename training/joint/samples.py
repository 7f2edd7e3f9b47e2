"""A contact sheet of what the network makes of some prompts, with spectrograms."""
from pathlib import Path

import torch

from models.joint.config import STEMS
from models.joint.guidance import Guidance
from models.joint.sampling import STEPS, Conditions, draft_score, sample

from .codecs import load_codecs

PROMPTS = (
    "picture: a big red rubber ball bouncing effects: rubber bouncing",
    "picture: a small metal ball bouncing effects: metal bouncing",
    "picture: a hammer hitting an anvil slowly",
    "picture: a stick hitting a drum fast",
    "picture: two hands clapping",
    "picture: a pulsing light music: chords",
    "picture: a keyboard with lit keys music: piano notes",
    "picture: water drops falling into a pool",
    "picture: a face talking dialogue: a low voice",
    "picture: rain ambience: heavy rain on a metal roof",
)


@torch.inference_mode()
def generate(nets, tokenizer, texts, slabs=25, seed=0, steps=STEPS, size=8, device="cpu", guidance=Guidance()):
    """Latents of picture and sound, and the score tokens, for a list of texts."""
    transformer, encoder = nets["transformer"], nets["text"]
    config = transformer.config
    tokens = torch.tensor([tokenizer(t)[0] for t in texts], device=device)
    text = encoder(tokens)
    count = len(texts)
    picture = torch.zeros(count, config.picture_channels, slabs, size, size, device=device)
    sound = torch.zeros(count, config.sound_channels, len(STEMS), 4 * slabs - 3, device=device)
    masks = torch.ones_like(picture[:, :1]), torch.ones_like(sound[:, :1])
    score = draft_score(transformer, text, picture, sound, *masks, seed)
    conditions = Conditions(text, torch.zeros_like(text), score)
    return (*sample(transformer, picture, sound, conditions, seed=seed, steps=steps, guidance=guidance), score)


@torch.inference_mode()
def write_sheet(nets, tokenizer, codecs: Path, path: Path, device="cpu"):
    from media.sheet import contact_sheet, write_png
    from models.joint.score import decode

    picture_codec, sound_codec = load_codecs(codecs, device)
    picture, sound, score = generate(nets, tokenizer, PROMPTS, device=device)
    rows = []
    for p, s, e in zip(picture.split(1), sound.split(1), score):
        video = picture_codec.decode(p)[0].permute(1, 2, 3, 0).clamp(0, 1).cpu()
        wave = sound_codec.decode(s, 24000)[0].sum(0).cpu()
        rows.append(contact_sheet(video, wave, 24000, 24, events=decode(e)))
    write_png(path, torch.cat(rows, 0))
