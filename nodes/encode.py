from fractions import Fraction

from comfy_api.v0_0_2 import io

from .types import Stems

NOTHING = object()  # an input that nothing is connected to; None is one whose source has nothing
STRENGTH = {"default": 0.0, "min": 0.0, "max": 1.0, "step": 0.01, "optional": True}


class PhonofilmEncode(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmEncode",
            display_name="Encode",
            category="Phonofilm",
            description="Lays out a clip from whatever is given: images at their times, a video, a sound or stems, in any mix or nothing. What is given is kept, the rest is left for Sampler to make. Works with the starter, LTX-2 and MiniMax H3, as their VAEs tell.",
            search_aliases=["phonofilm", "image to video", "video to audio", "audio to video", "vae encode", "first last frame", "foley", "inpaint audio"],
            inputs=[
                io.Vae.Input("vae", tooltip="Codec of the picture. It says which model the clip is for."),
                io.Vae.Input("audio_vae", tooltip="Codec of the sound, of the same model."),
                io.Float.Input("length", default=0.0, min=0.0, max=600.0, step=0.01, tooltip="Seconds. 0: as long as the frames, else the sound, else 4 s. Decode gives exactly this length, whatever the model's grid is."),
                io.Int.Input("width", default=0, min=0, max=4096, tooltip="Pixels; 0 for both: as the picture that is given, else what suits the model. The starter makes 128x128."),
                io.Int.Input("height", default=0, min=0, max=4096, tooltip="Pixels; 0 for both: as the picture that is given, else what suits the model. The starter makes 128x128."),
                io.Int.Input("batch_size", default=1, min=1, max=64, tooltip="Clips made at once, each from its own noise. MiniMax H3 makes one."),
                io.Image.Input("first_image", optional=True, tooltip="The first picture of the clip."),
                io.Image.Input("last_image", optional=True, tooltip="The last picture. It is held still for the last latent: 4 pictures of the starter, 8 of LTX-2, 4 of MiniMax H3."),
                io.Image.Input("images", optional=True, tooltip="Pictures to be shown at image_times. Each is held still for the latent it falls into, as the last picture is."),
                io.String.Input("image_times", default="", optional=True, tooltip="Seconds at which images are shown, one for each: 0.5, 2"),
                io.Image.Input("frames", optional=True, tooltip="The frames of a video, kept as far as they go; what comes after them is made new."),
                io.Float.Input("rate", default=24.0, min=1.0, max=240.0, step=0.001, optional=True, tooltip="Frames per second of the frames; 23.976, 29.97 and 59.94 mean 24000/1001 and so on, exactly. LTX-2 makes its clip at this rate, the others at 24."),
                io.Audio.Input("audio", optional=True, tooltip="A sound as one mix, kept as far as it goes. Either this or stems."),
                Stems.Input("stems", optional=True, tooltip="Stems, of which those that are missing are made new. The starter keeps each by itself, other models their sum."),
                io.Float.Input("picture_strength", **STRENGTH, tooltip="How new the picture becomes where one is given: 0 keeps it exactly, 1 makes it new."),
                io.Float.Input("sound_strength", **STRENGTH, tooltip="How new the sound becomes where audio is given, or stems to a model that has none: 0 keeps it exactly, 1 makes it new."),
                io.Float.Input("dialogue_strength", **STRENGTH, tooltip="The same for this stem (starter)."),
                io.Float.Input("music_strength", **STRENGTH, tooltip="The same for this stem (starter)."),
                io.Float.Input("effects_strength", **STRENGTH, tooltip="The same for this stem (starter)."),
                io.Float.Input("ambience_strength", **STRENGTH, tooltip="The same for this stem (starter)."),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="For Sampler: what is given, and a mask of what is to be made."),
                io.String.Output("report", display_name="report", tooltip="The clip, and everything that had to be changed to fit the model."),
            ],
        )

    @classmethod
    def execute(cls, vae, audio_vae, length, width, height, batch_size, first_image=NOTHING, last_image=NOTHING, images=NOTHING,
                image_times="", frames=NOTHING, rate=24.0, audio=NOTHING, stems=NOTHING, **strengths) -> io.NodeOutput:
        from . import host
        from .inputs import picture, sound
        from .inputs.clip import plan
        from ..media.clock import snap_rate
        from ..models.joint.config import STEMS

        grid, rate = host.grid_of(vae, audio_vae), snap_rate(rate)
        video = None if frames is NOTHING else picture.checked(frames, "frames")
        if video is not None and len(video) == 1:
            raise ValueError("frames holds one picture, which is no video: connect it to first_image, or more frames here.")
        stills = [(name, picture.one(image, name)) for name, image in (("first_image", first_image), ("last_image", last_image)) if image is not NOTHING]
        several = [] if images is NOTHING else list(picture.checked(images, "images")[:, None])
        times = picture.parse_times(image_times, len(several))
        name, sounds = heard(audio, stems, grid)
        shown = next((images for images in [video, *(image for _, image in stills), *several] if images is not None), None)
        seconds = sound.seconds_of(next(iter(sounds.values()))) if sounds else None

        clip, notes = plan(grid, length, (width, height), batch_size, shown, rate, seconds)
        ends = {"first_image": Fraction(0), "last_image": clip.seconds}
        at = [(name, image, ends[name]) for name, image in stills]
        at += [(f"image {number}", image, time) for number, (image, time) in enumerate(zip(several, times), 1)]
        zeros = clip.empty(1 if sound.MIX in sounds else len(STEMS))
        progress = host.Progress(2)
        latents, mask, more = picture.picture_stream(
            lambda frames: host.encode_picture(vae, frames), clip, zeros[0], video, rate, at, strengths.get("picture_strength", 0.0))
        notes += more
        progress.update(1)
        streams, masks = [latents, zeros[1]], [mask, zeros[1][:, :1] + 1]
        if sounds:
            kept = {stem: strengths.get(f"{'sound' if stem == sound.MIX else stem}_strength", 0.0) for stem in sounds}
            streams[1], masks[1], more = sound.sound_stream(
                lambda waves, count: host.encode_sound(audio_vae, waves, count), clip, zeros[1], name, sounds, kept)
            notes += more
        progress.update(2)
        return io.NodeOutput(host.av_latent(streams, masks, clip.key()), "\n".join([clip.described(), *notes]))


def heard(audio, stems, grid):
    """(name of the input, {stem or "mix": AUDIO}) of what is connected; a model without stems gets their sum."""
    from .inputs import sound

    if audio is not NOTHING and stems is not NOTHING:
        raise ValueError("Connect either audio or stems to Encode, not both.")
    if stems is not NOTHING:
        sounds = sound.stems_of(stems)
        return "stems", sound.mixed(sounds) if grid.sound_rows else sounds
    return "audio", {} if audio is NOTHING else {sound.MIX: sound.checked(audio, "audio")}
