"""What one training step asks of the network: a mode for each clip says what is given, what is noise, what is learned.

Noise levels sigma run from 1 (noise) to 0 (data). Levels are drawn logit-normal (Esser et al. 2024), those of
picture and sound shifted to high noise, where it is decided what is where; an error at low noise cannot be seen.
"""
import math

import torch

from models.joint.config import EVENT_WIDTH, LAYOUT_WIDTH, SHIFT
from models.joint.transformer import MIN_SIGMA

MODES = {
    "joint": 0.40,  # picture and sound from text and score
    "sound": 0.06,  # sound from a given picture
    "picture": 0.08,  # picture from a given sound
    "alone": 0.08,  # one of them without the other, for sync guidance
    "prefix": 0.08,  # both continue a given beginning, or a given first picture
    "stems": 0.04,  # some stems given, each at a level of its own
    "score": 0.12,  # events and layout from text, at times with a first picture
    "score_picture": 0.07,  # events and layout from a given picture
    "score_sound": 0.03,
    "score_prefix": 0.04,
}
TEXT_DROP = 0.10
SCORE_JITTER = 0.12  # share of clips whose given score or layout is slightly noisy
LAYOUT_DROP = 0.06  # share of clips without layout
FLOORS = 0.1, 0.08, 0.04, 0.04  # of the weights of nearly clean picture, sound, events and layout
CENTRES = math.log(SHIFT), math.log(7.0)  # of the levels' logits; the second in half of the clips


def draw_modes(size: int, generator=None, scored=True) -> list[str]:
    modes = {mode: share for mode, share in MODES.items() if scored or not mode.startswith("score")}
    index = torch.multinomial(torch.tensor(list(modes.values())), size, True, generator=generator)
    return [list(modes)[i] for i in index]


def levels(modes, slabs, stems, sounds, generator=None, scored=True):
    """sigma and target masks of picture [B,1,Tv,1,1], sound [B,1,S,Ta], events and layout [B,1,1] for the modes."""
    size = len(modes)
    uniform = lambda *s: torch.rand(*s, generator=generator)
    draw = lambda *s: torch.sigmoid(torch.randn(*s, generator=generator) * 1.1 + CENTRES[int(uniform(1) < 0.5)])
    picture, sound, score, layout = torch.ones(size, slabs), torch.ones(size, stems, sounds), torch.zeros(size), torch.zeros(size)
    learn_picture, learn_sound, learn_score, learn_layout = (torch.zeros(size) for _ in range(4))
    for i, mode in enumerate(modes):
        if mode.startswith("score"):
            score[i] = layout[i] = torch.sigmoid(torch.randn(1, generator=generator) + 0.4)
            if uniform(1) < 0.3:
                score[i] = 0  # the user's own
            learn_score[i] = learn_layout[i] = 1
            if mode == "score_picture":
                picture[i] = 0
            elif mode == "score_sound":
                sound[i] = 0
            elif mode == "score_prefix":
                k = 1 + int(uniform(1) * slabs * 0.6)
                picture[i, :k], sound[i, :, : 4 * k - 3] = 0, 0
            elif uniform(1) < 0.25:
                picture[i, 0] = 0
            continue
        if uniform(1) < SCORE_JITTER:
            score[i] = uniform(1) * 0.3
        if uniform(1) < SCORE_JITTER:
            layout[i] = uniform(1) * 0.4
        elif uniform(1) < LAYOUT_DROP:
            layout[i] = 1
        if not scored:
            score[i] = layout[i] = 1
        sigma = draw(1)
        picture[i], sound[i] = sigma, sigma if uniform(1) < 0.6 else draw(1)
        learn_picture[i] = learn_sound[i] = 1
        if mode == "sound":
            picture[i], learn_picture[i] = 0, 0
        elif mode == "picture":
            sound[i], learn_sound[i] = 0, 0
        elif mode == "alone":
            if uniform(1) < 0.5:
                picture[i], learn_picture[i] = 1, 0
            else:
                sound[i], learn_sound[i] = 1, 0
        elif mode == "prefix":
            if uniform(1) < 0.5:
                picture[i, 0] = 0
            else:
                k = 1 + int(uniform(1) * slabs * 0.6)
                picture[i, :k], sound[i, :, : 4 * k - 3] = 0, 0
        elif mode == "stems":
            sound[i] = draw(stems, 1) * (uniform(stems, 1) < 0.5)
            if uniform(1) < 0.5:
                picture[i], learn_picture[i] = 0, 0
    return (
        (picture.view(size, 1, slabs, 1, 1), learn_picture.view(-1, 1, 1, 1, 1)),
        (sound.view(size, 1, stems, sounds), learn_sound.view(-1, 1, 1, 1)),
        (score.view(size, 1, 1), learn_score.view(-1, 1, 1)),
        (layout.view(size, 1, 1), learn_layout.view(-1, 1, 1)),
    )


def emphasis(batch, stems):
    """Weights of the elements: what moves and what sounds counts more than what stands still."""
    moving = batch["motion"] / batch["motion"].mean().clamp_min(1e-3)
    picture = 0.35 + moving.clamp(max=5)
    active = batch["activity"]
    sounding = active / active[:, :3][active[:, :3] > 0.05].mean().nan_to_num(1.0).clamp_min(0.05)
    sound = 0.3 + sounding.clamp(max=4)
    if stems > 1:
        sound[:, 3] = 0.4
    return picture.unsqueeze(1), sound.unsqueeze(1)


def loss(model, encoder, batch, device="cpu", mix=False, generator=None, scored=True):
    """Losses of picture, sound, events and layout, each a mean over what is learned. `mix` shows the mix instead of stems;
    without `scored` neither events nor layout are ever shown or learned."""
    picture = batch["picture"]
    keep = slice(4, 5) if mix else slice(0, 4)
    sound, heard = batch["sound"][:, :, keep], batch["activity"][:, keep]
    size, slabs, stems, sounds = picture.shape[0], picture.shape[2], sound.shape[2], sound.shape[3]
    modes = draw_modes(size, generator, scored)
    parts = levels(modes, slabs, stems, sounds, generator, scored)
    given = torch.tensor([m in ("sound", "score_picture") for m in modes])
    dropped = torch.rand(size, generator=generator) < torch.where(given, 3 * TEXT_DROP, TEXT_DROP)
    tokens = batch["tokens"] * ~dropped[:, None]
    # half of those without text lose the layout too: the negative side of guidance
    parts[3][0][dropped & (torch.rand(size, generator=generator) < 0.5)] = 1
    weights = [w.to(device) for w in emphasis({**batch, "activity": heard}, stems)] + [torch.ones(1, device=device)] * 2
    data = [x.to(device) for x in (picture, sound, batch["score"], batch["layout"])]
    sigmas = [s.to(device) for s, _ in parts]
    learn = [w.to(device) for _, w in parts]
    noise = [torch.randn(x.shape, generator=generator).to(device) if generator else torch.randn_like(x) for x in data]
    noisy = [(1 - s) * x + s * n for x, s, n in zip(data, sigmas, noise)]
    with torch.autocast(torch.device(device).type, torch.bfloat16):
        out = model(*noisy[:2], torch.cat(noisy[2:], -1), encoder(tokens.to(device)), *sigmas[:2], torch.cat(sigmas[2:], -1))
    losses = []
    out = *out[:2], *out[2].split([EVENT_WIDTH, LAYOUT_WIDTH], -1)
    for v, z, x, s, on, weight, floor in zip(out, noisy, data, sigmas, learn, weights, FLOORS):
        c = s.clamp_min(MIN_SIGMA)
        error = (v.float() - (z - x) / c).square() * (c * c / (s * s + floor))
        weight = (weight * on * (s > 0)).expand(x.shape)
        losses.append((error * weight).sum() / weight.sum().clamp_min(1.0))
    return losses
