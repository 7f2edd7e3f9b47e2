"""Directions in which a picture, a sound or single stems are given and the rest is made. Each: held-out clips -> Findings."""
import torch

from models.joint.config import STEMS

from .clips import stem_of, trained_scenes
from .codec import decibels
from .desk import PLAYED_AT, SECONDS, kept
from .findings import Findings
from .photograph import photograph
from .times import heard_times, seen_times

PER_PHOTOGRAPH = 6
"""Held-out clips for each photograph."""


def video_to_sound(clips):
    """The onsets that are made for the true pictures against the true audible events."""
    laid = clips.laid_out("frames")
    made = clips.desk.make(laid, clips.prompts)
    stems = clips.desk.play(made)
    pairs = {"made": (clips.true, heard_times(stems, clips.scene, PLAYED_AT)), "codec": (clips.true, clips.heard_again)}
    return Findings(len(clips), pairs, {"kept": kept(laid, made)}, clip=(clips.frames[0], stems[0].sum(0)))


def sound_to_video(clips, *given):
    """What is seen in the pictures that are made for the true sound, against the onsets of that sound as it was given."""
    laid = clips.laid_out(*given or ["stems"])
    made = clips.desk.make(laid, clips.prompts)
    frames = clips.desk.show(made)
    pairs = {"made": (seen_times(frames, clips.scene), clips.onsets), "codec": (clips.seen_again, clips.onsets)}
    return Findings(len(clips), pairs, {"kept": kept(laid, made)}, clip=(frames[0], clips.played[0].sum(0)))


def mix_to_video(clips):
    """The same where the sound is one mix, as a user's soundtrack is."""
    return sound_to_video(clips, "mix")


def image_and_sound_to_video(clips):
    return sound_to_video(clips, "first_image", "stems")


def image_to_av(clips):
    """First image on even clips, first and last on odd ones; `made` is what is seen against what is heard."""
    laid = [one if k % 2 == 0 else other for k, (one, other) in enumerate(zip(clips.laid_out("first_image"), clips.laid_out("first_image", "last_image")))]
    made = clips.desk.make(laid, clips.prompts)
    frames, stems = clips.desk.show(made), clips.desk.play(made)
    pairs = {"made": (seen_times(frames, clips.scene), heard_times(stems, clips.scene, PLAYED_AT)), "codec": (clips.seen_again, clips.heard_again)}
    values = _beside_codec(clips.desk, frames[:, 0], clips.frames[:, 0])
    return Findings(len(clips), pairs, {"kept": kept(laid, made)}, values, clip=(frames[0], stems[0].sum(0)))


def photograph_to_av(clips):
    """A picture that is nothing like the world's, scaled and cut as Encode does, with a prompt of the world."""
    count = -(-len(clips) // PER_PHOTOGRAPH)
    first = trained_scenes().index(clips.scene) * 100
    photographs = [photograph(first + k)[None] for k in range(count)]
    laid = [clips.desk.lay_out(length=SECONDS, first_image=one) for one in photographs]
    made = clips.desk.make(laid, clips.prompts[:count])
    frames, stems = clips.desk.show(made), clips.desk.play(made)
    fitted = torch.cat([clips.desk.encoding.picture.fitted(one, *frames.shape[2:4]) for one in photographs])
    values = _beside_codec(clips.desk, frames[:, 0], fitted)
    return Findings(count, {}, {"kept": kept(laid, made)}, values, clip=(frames[0], stems[0].sum(0)))


def _beside_codec(desk, first, given):
    """PSNR of the clip's first picture and of the codec's reconstruction of it alone, each against the image that was given: |difference|
    in dB, and how much of it is loss. The decoder draws a picture that has neighbours better than one alone."""
    with torch.inference_mode():
        again = torch.stack([desk.starter.picture.decode(desk.host.encode_picture(desk.starter.picture, one[None]))[0, :, 0].movedim(0, -1) for one in given])
    above = [decibels(a, c) - decibels(b, c) for a, b, c in zip(first, again, given)]
    return {"psnr_difference_db": [abs(x) for x in above], "psnr_lost_db": [max(0.0, -x) for x in above]}


def redo_stem(clips):
    """The scene's stem is made anew while picture and other stems are kept, in latents and in what is played."""
    stem = stem_of(clips.scene)
    laid = [clips.desk.lay_out(frames=frames, sound=sound, sample_rate=clips.sample_rate, **{f"{STEMS[stem]}_strength": 1.0})
            for frames, sound in zip(clips.frames, clips.stems)]
    made = clips.desk.make(laid, clips.prompts)
    stems = clips.desk.play(made)
    others = [k for k in range(len(STEMS)) if k != stem]
    pairs = {"made": (clips.true, heard_times(stems, clips.scene, PLAYED_AT)), "codec": (clips.true, clips.heard_again)}
    shares = {"kept": kept(laid, made), "other_stems_identical": [torch.equal(a[others], b[others]) for a, b in zip(stems, clips.played)]}
    return Findings(len(clips), pairs, shares, clip=(clips.frames[0], stems[0].sum(0)))
