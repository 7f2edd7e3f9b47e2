"""A procedural audiovisual world: clips of picture, four stereo stems, exact events and captions from a seed.

Frame k shows the world at the instant k/24 s; sample n is the sound at n/rate; a clip of F frames has
round(F * rate / 24) samples. See `sample`.
"""
from dataclasses import dataclass
from typing import Optional

import torch

from . import backdrop, captions
from .canvas import Canvas
from .draw import Draw
from .events import RATE, STEMS, Event, listed
from .layout import Layout
from .overlays import OVERLAYS
from .scenes import SCENES as _SCENES
from .tape import Tape, settle

SCENES = tuple(_SCENES)
CORE = ("ball", "hammer", "drum", "clap", "light", "keyboard", "drop", "face", "rain")
CORE_OVERLAYS = ("rain", "wind", "music")


@dataclass
class Clips:
    """B clips.

    video float32 [B, 3, n, size, size] 0..1, or None; stems float32 [B, 4, 2, N] in the order of STEMS, or None;
    events: per clip a list of Event sorted by time; fields: per clip a dict of captions; scene: per clip a name;
    params: "scene.name" -> tensor [B, ...], NaN for clips of other scenes; layout: Layout of the pictures, x as the
    camera sees it, zeros for scenes that have none.
    """

    video: Optional[torch.Tensor]
    stems: Optional[torch.Tensor]
    events: list
    fields: list
    scene: list
    params: dict
    layout: Layout


def sample(batch, frames=97, seed=0, scene=None, device="cpu", size=64, sample_rate=24000, picture=True, sound=True,
           frame_index=None, overlays=True):
    """Draw clips.

    batch: how many, or a list of clip indices; clip i depends on (seed, i) alone. frames: 1..241. scene: None (any of
    CORE), a name, or several names to choose from. frame_index [B, n]: render those frames alone, also ones between the frames (3.5). overlays:
    False keeps weather and background music away (the scene "rain" keeps its rain).
    """
    clips = list(range(batch)) if isinstance(batch, int) else [int(i) for i in batch]
    names = (scene,) if isinstance(scene, str) else tuple(scene or CORE)
    device = torch.device(device)
    seconds = frames / float(RATE)
    samples = round(frames * sample_rate / RATE)
    if frame_index is None:
        frame_index = torch.arange(frames)[None].expand(len(clips), -1)
    t = (frame_index / float(RATE)).to(device)

    pick = Draw(seed, clips, "pick").choice(len(names))[:, 0].tolist()
    chosen = [names[i] for i in pick]
    look = backdrop.setup(Draw(seed, clips, "look"))
    seen = look.to(device)
    out = Clips(
        video=torch.zeros(len(clips), 3, t.shape[1], size, size, device=device) if picture else None,
        stems=torch.zeros(len(clips), len(STEMS), 2, samples, device=device) if sound else None,
        events=[[] for _ in clips], fields=[dict.fromkeys(captions.FIELDS, "") for _ in clips], scene=chosen, params={},
        layout=Layout(torch.zeros(*t.shape, 2, 4, device=device), torch.zeros(len(clips), 3, 3, device=device)))

    def layer(name, module, index, over):
        draw = Draw(seed, [clips[i] for i in index], name)
        rows = torch.tensor(index)
        plan = module.setup(draw, look.take(rows)).spread(len(index))
        _note(out, name, plan, index, seconds)
        for i, words in zip(index, captions.fields(Draw(seed, draw.clips, name + " words"), module, plan.slots)):
            out.fields[i].update({field: text for field, text in words.items() if text})
        plan = plan.to(device)
        if not over and hasattr(module, "layout"):
            own, when = seen.take(rows), t[rows.to(device)]
            there = module.layout(plan, own, when)
            there.things[..., 0] -= backdrop.camera(own, when)[..., None]
            out.layout.things[rows.to(device)], out.layout.colours[rows.to(device)] = there
        if picture:
            _paint(out.video, module, plan, seen, t, rows, size, over)
        if sound:
            tape = Tape(Draw(seed, draw.clips, name + " tape"), seconds, samples, sample_rate, device)
            module.sound(plan, tape)
            out.stems[rows.to(device)] += tape.stems

    for name in dict.fromkeys(chosen):
        layer(name, _SCENES[name], [i for i, other in enumerate(chosen) if other == name], over=False)
    fate = Draw(seed, clips, "overlays").uniform(count=16).tolist()
    for number, (name, module) in enumerate(OVERLAYS.items()):
        index = [
            i for i, one in enumerate(chosen)
            if fate[i][number] < module.chance(one) and (overlays or module.chance(one) == 1)
        ]
        if index:
            layer("over " + name, module, index, over=True)

    if picture:
        out.video.clamp_(0, 1)
    if sound:
        out.stems = settle(out.stems)
    out.events = [sorted(events, key=lambda event: event.time) for events in out.events]
    return out


def _paint(video, module, plan, look, t, rows, size, over):
    """Render a scene or an overlay; clips whose camera rests are kept apart, since they need only one background."""
    rows = rows.to(t.device)
    moving = look.moving[rows, 0]
    for part in (moving, ~moving):
        index = part.nonzero()[:, 0]
        if not len(index):
            continue
        here, when = rows[index], t[rows[index]]
        own = look.take(here)
        camera = backdrop.camera(own, when)
        canvas = Canvas.blank(len(index), size, camera if own.moving.any() else camera[:, :1])
        if over:
            canvas.image = video[here]
        module.paint(plan.take(index), own, canvas, when)
        canvas.unfold(t.shape[1])
        video[here] = canvas.image


def _note(out, name, plan, index, seconds):
    for happenings in plan.hits:
        for i, events in zip(index, listed(happenings, seconds)):
            out.events[i] += events
    for key, value in plan.tensors().items():
        whole = torch.full((len(out.scene), *value.shape[1:]), float("nan"))
        whole[index] = value.float()
        out.params[f"{name}.{key}"] = whole


def vocabulary():
    """All words that a caption can hold.

    First those of CORE, sorted; then scene by scene those that a later scene or the overlay of its name adds. So a
    scene that is appended moves no word, and weights keep their word table.
    """
    groups = [[*(_SCENES[name] for name in CORE), *(OVERLAYS[name] for name in CORE_OVERLAYS)]]
    groups += [[book[name] for book in (_SCENES, OVERLAYS) if name in book] for name in SCENES if name not in CORE]
    known = sorted({*captions.common_words(), *captions.words(groups[0])})
    for group in groups[1:]:
        known += [word for word in captions.words(group) if word not in known]
    return known


def plain_caption(fields, generator):
    """One sentence from a clip's captions; generator: torch.Generator on the CPU."""
    return captions.joined(fields, generator)
