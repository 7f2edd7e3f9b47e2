"""From everything that is connected to Encode to one LATENT."""
from fractions import Fraction

from ...media.clock import snap_rate
from ...models.joint.config import STEMS
from . import picture, sound
from .clip import plan


def lay_out(host, vae, audio_vae, length, size, batch, rate, image_times, given: dict):
    """(LATENT, report) of `given`: the optional inputs of Encode that are connected, by name, and its strengths.

    An input that is there with the value None is one whose source has nothing. Raises ValueError, in one line that names
    the input and what helps, for what cannot be laid out.
    """
    grid, rate = host.grid_of(vae, audio_vae), snap_rate(rate)
    video = video_of(given)
    stills = stills_of(given, image_times)
    name, sounds = sounds_of(given, grid)
    shown = video if video is not None else next((image for _, image, _ in stills), None)
    seconds = sound.seconds_of(next(iter(sounds.values()))) if sounds else None
    clip, notes = plan(grid, length, size, batch, shown, rate, seconds)

    progress = host.Progress(2)
    pictures, waves = clip.empty(1 if sound.MIX in sounds else len(STEMS))
    pictures, picture_mask, more = picture.picture_stream(
        lambda frames: host.encode_picture(vae, frames), clip, pictures, video, rate, stills, given.get("picture_strength", 0.0))
    notes += more
    progress.update(1)
    sound_mask = waves[:, :1] + 1
    if sounds:
        strengths = {stem: given.get(f"{'sound' if stem == sound.MIX else stem}_strength", 0.0) for stem in sounds}
        waves, sound_mask, more = sound.sound_stream(
            lambda parts, count: host.encode_sound(audio_vae, parts, count), clip, waves, name, sounds, strengths)
        notes += more
    progress.update(2)
    return host.av_latent([pictures, waves], [picture_mask, sound_mask], clip.entry()), "\n".join([clip.described(), *notes])


def video_of(given):
    """The frames [F, H, W, 3] of a video, or None."""
    if "frames" not in given:
        return None
    video = picture.checked(given["frames"], "frames")
    if len(video) == 1:
        raise ValueError("frames holds one picture, which is no video: connect it to first_image, or more frames here.")
    return video


def stills_of(given, image_times):
    """[(name, [1, H, W, 3], seconds)] of the single images; None seconds are the end of the clip."""
    ends = {"first_image": Fraction(0), "last_image": None}
    stills = [(name, picture.one(given[name], name), seconds) for name, seconds in ends.items() if name in given]
    images = picture.checked(given["images"], "images")[:, None] if "images" in given else ()
    times = picture.parse_times(image_times, len(images))
    return stills + [(f"image {number}", image, time) for number, (image, time) in enumerate(zip(images, times), 1)]


def sounds_of(given, grid):
    """(name of the input, {stem or "mix": AUDIO}) of the sound; a model without stems gets their sum."""
    if "audio" in given and "stems" in given:
        raise ValueError("Connect either audio or stems to Encode, not both.")
    if "stems" in given:
        stems = sound.stems_of(given["stems"])
        return "stems", sound.mixed(stems) if grid.sound_rows else stems
    return "audio", {sound.MIX: sound.checked(given["audio"], "audio")} if "audio" in given else {}
