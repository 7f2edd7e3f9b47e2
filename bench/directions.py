"""What each direction does on held-out clips, through the plain classes behind the nodes: sync, what is kept, seams.

    python -m bench.directions [--clips 100] [--fewer 25] [--directions video_to_sound edit] [--scenes ball hammer]
                               [--weights models/weights] [--fast] [--sheet directions.png]

Clips are spread evenly over the trained scenes; nothing is rejected or made twice. Prompts are the world's own captions. --clips is
for video_to_sound, sound_to_video, redo_stem and edit_that_moves, --fewer for the rest (photograph_to_av takes a few of them). "made" is
the model, "codec" what the codecs alone make of the true clip (the ceiling), each with precision, recall, F1 at 50 ms, one to one,
median |offset| in ms, and the F1 that the sounds of other clips of the scene would get (chance); "of_codec" is the one F1 over the
other. "seen" counts the true audible events where the picture is given (video_to_sound, redo_stem, edit_that_moves, dialogue, unseen),
else the visual events that are detected. "kept" is the share of the clips in which all that was given is there bit for bit.

    video_to_sound, redo_stem            onsets in the scene's stem; redo_stem keeps picture and other stems
    sound_to_video, mix_to_video         what is seen against the onsets of the given stems, or of one mix of them
    image_and_sound_to_video             the same with the first image given
    image_to_av, photograph_to_av        first picture against the codec's own reconstruction of it alone: |difference of PSNR|, loss
    edit, extend                         one second anew; the second half anew: seams in dB beside all other borders of latents
    edit_that_moves                      a new picture in which one event is moved: share of the sounds that move with it
    dialogue                             syllables and SI-SDR of a voice under rain and music
    unseen                               video to sound for films of another world (bench/unseen), whose times are exact

The sheet has the first clip of two scenes a direction, in the report's order: frames and the spectrogram of the mix.
"""
import argparse
import json
import sys
import time
from pathlib import Path

import torch

from media.canvas import Canvas
from media.sheet import contact_sheet, write_png
from models.joint import checkpoint

from . import given, opened, voice
from .clips import RATE, trained_scenes
from .desk import PLAYED_AT, Desk
from .findings import summary
from .held_out import HeldOut
from .strangers import unseen
from .unseen import SCENES as STRANGE

ON_HELD_OUT = {
    "video_to_sound": given.video_to_sound, "sound_to_video": given.sound_to_video, "mix_to_video": given.mix_to_video,
    "image_and_sound_to_video": given.image_and_sound_to_video, "image_to_av": given.image_to_av, "photograph_to_av": given.photograph_to_av,
    "redo_stem": given.redo_stem, "edit": opened.edit, "extend": opened.extend, "edit_that_moves": opened.edit_that_moves,
}
DIRECTIONS = (*ON_HELD_OUT, "dialogue", "unseen")
OFTEN = ("video_to_sound", "sound_to_video", "redo_stem", "edit_that_moves")
SPOKEN = "face"
SHOWN, COLUMNS = 2, 8
"""Clips of a direction on the sheet, and pictures of each."""


def spread(clips: int, scenes) -> dict[str, int]:
    """How many clips of each scene, so that all of them together are `clips`."""
    return {scene: clips // len(scenes) + (k < clips % len(scenes)) for k, scene in enumerate(scenes)}


def measured(desk: Desk, clips: int, fewer: int, directions, scenes) -> dict:
    """direction -> scene -> Findings. clips, fewer: how many of the directions of OFTEN, and of the others; at least one a scene."""
    found = {name: {} for name in directions}

    def note(name, scene, findings):
        if findings:
            found[name][scene] = findings

    many, few = (spread(max(len(scenes), number), scenes) for number in (clips, fewer))
    on_held_out = [name for name in directions if name in ON_HELD_OUT]
    for scene in scenes if on_held_out else ():
        every = HeldOut(desk, scene, max(many[scene], few[scene]))
        for name in on_held_out:
            note(name, scene, ON_HELD_OUT[name](every.first((many if name in OFTEN else few)[scene])))
            print(f"{scene} {name}: {time.process_time():.0f} s of CPU so far", file=sys.stderr, flush=True)
    if "dialogue" in directions:
        note("dialogue", SPOKEN, voice.dialogue(HeldOut(desk, SPOKEN, fewer)))
    if "unseen" in directions:
        for scene, count in spread(max(len(STRANGE), fewer), STRANGE).items():
            note("unseen", scene, unseen(desk, scene, count))
    return found


def sheet(found: dict) -> torch.Tensor:
    rows = []
    for name, scenes in found.items():
        for scene, findings in list(scenes.items())[:SHOWN]:
            frames, waveform = findings.clip
            strip = contact_sheet(frames, waveform, PLAYED_AT, RATE, columns=COLUMNS)
            label = Canvas(strip.shape[1], 12, (0.1, 0.1, 0.1))
            label.text(4, 3, f"{name}: {scene}".replace("_", " "), (1.0, 1.0, 1.0), size=1)
            rows += [(label.image * 255).byte(), strip]
    wide = max(row.shape[1] for row in rows)
    return torch.cat([torch.nn.functional.pad(row, (0, 0, 0, wide - row.shape[1])) for row in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=100, help="at least one a scene")
    parser.add_argument("--fewer", type=int, help="a quarter of them where it is not said")
    parser.add_argument("--directions", nargs="+", choices=DIRECTIONS, default=DIRECTIONS)
    parser.add_argument("--scenes", nargs="+", choices=trained_scenes(), default=trained_scenes())
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--fast", action="store_true", help="the transformer in bfloat16")
    parser.add_argument("--sheet", type=Path, help="a PNG to write")
    args = parser.parse_args()
    desk, fewer = Desk(args.weights, args.steps, fast=args.fast), args.fewer or max(1, args.clips // 4)
    found = {name: scenes for name, scenes in measured(desk, args.clips, fewer, args.directions, args.scenes).items() if scenes}
    if args.sheet:
        write_png(args.sheet, sheet(found))
    print(json.dumps({name: summary(scenes) for name, scenes in found.items()}, indent=1))


if __name__ == "__main__":
    main()
