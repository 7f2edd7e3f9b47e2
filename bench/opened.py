"""Directions in which a range of a clip is made anew, or more is made at its end. Each: held-out clips -> Findings."""
import torch

from media.sync import WINDOW

from .clips import FRAMES, RATE, SAMPLE_RATE
from .desk import PLAYED_AT, kept, masks_of
from .findings import Findings
from .moved import move_in, rendered
from .seams import abruptness, borders
from .times import heard_times, seen_times

HEAD = 49
"""Pictures that are given where the rest of the clip is made by Extend."""
EDITED = 1.0
"""Seconds that are made anew by Edit; where they begin goes through the clip, from clip to clip."""


def edit(clips):
    """A second in the middle is made anew in picture and sound; `made` is what is seen and what is heard within it."""
    starts = [0.6 + 0.29 * k % 1.8 for k in range(len(clips))]
    laid = [clips.desk.edit(latent, start, start + EDITED) for latent, start in zip(clips.whole, starts)]
    return _made_anew(clips, laid, [(start, start + EDITED) for start in starts])


def extend(clips):
    """The first half is given, as stems and pictures, and goes on; `made` is what is seen and what is heard after it."""
    head = HEAD * SAMPLE_RATE // RATE
    given = [clips.desk.lay_out(length=HEAD / RATE, frames=frames[:HEAD], sound=sound[..., :head], sample_rate=SAMPLE_RATE)
             for frames, sound in zip(clips.frames, clips.stems)]
    laid = [clips.desk.extend(latent, (FRAMES - HEAD) / RATE) for latent in given]
    return _made_anew(clips, laid, [(HEAD / float(RATE), FRAMES / float(RATE))] * len(clips))


def _made_anew(clips, laid, ranges):
    made = clips.desk.make(laid, clips.prompts)
    frames, stems = clips.desk.show(made), clips.desk.play(made)
    within = lambda lists: [[time for time in times if start <= time < end] for times, (start, end) in zip(lists, ranges)]
    heard = heard_times(stems, clips.scene, PLAYED_AT)
    pairs = {"made": (within(seen_times(frames, clips.scene)), within(heard)), "codec": (within(clips.seen_again), within(clips.heard_again))}
    return Findings(len(clips), pairs, {"kept": kept(laid, made)}, seams=_seams(clips, laid, stems), clip=(frames[0], stems[0].sum(0)))


def _seams(clips, laid, stems):
    """At the seams of what was made, at the other borders of latents in the same clips as the codec plays them whole, and there at the
    places of the seams: what happens in a clip happens in its middle more than elsewhere."""
    at, inside, there = [], [], []
    for latent, sound, whole in zip(laid, stems, clips.played):
        seams, others = borders(masks_of(latent)[1][0], PLAYED_AT)
        at.append(abruptness(sound.sum(0), PLAYED_AT, seams))
        inside.append(abruptness(whole.sum(0), PLAYED_AT, others))
        there.append(abruptness(whole.sum(0), PLAYED_AT, seams))
    return {name: tuple(torch.cat([row[k] for row in rows]) for rows in (at, inside, there)) for k, name in enumerate(("seam_energy", "seam_prominence"))}


def edit_that_moves(clips):
    """In a new picture of a range one event comes earlier or later; the sound of the range is made anew to it.

    "moved": an onset within 50 ms of the new time. "before": the same in the sound as it was. "gone": none any more at the old one.
    None for a scene in which no event has room.
    """
    moves = {k: move for k, times in enumerate(clips.true) if (move := move_in(times, FRAMES / float(RATE)))}
    if not moves:
        return None
    index = list(moves)
    pictures = rendered(clips.scene, index, list(moves.values()))
    whole = [clips.desk.lay_out(frames=frames, sound=clips.stems[k], sample_rate=SAMPLE_RATE) for k, frames in zip(index, pictures)]
    laid = [clips.desk.edit(latent, move.start, move.end, picture=0.0) for latent, move in zip(whole, moves.values())]
    made = clips.desk.make(laid, [clips.prompts[k] for k in index])
    stems = clips.desk.play(made)
    heard = heard_times(stems, clips.scene, PLAYED_AT)
    near = lambda times, time: any(abs(one - time) <= WINDOW for one in times)
    shares = {"kept": kept(laid, made), "moved": [near(times, move.new) for times, move in zip(heard, moves.values())],
              "before": [near(clips.heard_again[k], move.new) for k, move in moves.items()],
              "gone": [not near(times, move.old) for times, move in zip(heard, moves.values())]}
    wanted = [[move.new if time == move.old else time for time in clips.true[k]] for k, move in moves.items()]
    within = lambda lists: [[time for time in times if move.start <= time < move.end] for times, move in zip(lists, moves.values())]
    return Findings(len(index), {"made": (within(wanted), within(heard))}, shares, clip=(pictures[0], stems[0].sum(0)))
