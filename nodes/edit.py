from comfy_api.v0_0_2 import io

from .strengths import stem_strengths, strength


class PhonofilmEdit(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmEdit",
            display_name="Edit",
            category="Phonofilm",
            description="Opens a range of a clip's time, for Sampler to make it anew in picture, sound or single stems. What is before and after it is kept bit for bit.",
            search_aliases=["phonofilm", "inpaint", "retake", "replace sound", "redo stem", "temporal inpainting", "adr"],
            inputs=[
                io.Latent.Input("latent", tooltip="A clip, from Sampler or Encode."),
                io.Float.Input("start", default=0.0, min=0.0, max=600.0, step=0.01, tooltip="Seconds at which the range begins. Latents that it touches are opened whole; report says which."),
                io.Float.Input("end", default=0.0, min=0.0, max=600.0, step=0.01, tooltip="Seconds at which it ends; 0 is the end of the clip."),
                strength("picture", 1.0, "How new the picture becomes in the range: 1 makes it new, 0 keeps it."),
                strength("sound", 1.0, "How new the sound becomes in the range: 1 makes it new, 0 keeps it."),
                *stem_strengths(1.0, "Times sound_strength, for this stem alone (starter)."),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="The same clip with a mask of what is to be made."),
                io.String.Output("report", display_name="report", tooltip="The seconds that are opened."),
            ],
        )

    @classmethod
    def execute(cls, latent, start, end, picture_strength=1.0, sound_strength=1.0, **stems) -> io.NodeOutput:
        from .inputs.ranges import edit
        from ..models.joint.config import STEMS

        return io.NodeOutput(*edit(latent, start, end, picture_strength, sound_strength, {name: stems.get(f"{name}_strength", 1.0) for name in STEMS}))


class PhonofilmExtend(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmExtend",
            display_name="Extend",
            category="Phonofilm",
            description="Makes a clip longer: what there is stays bit for bit, and Sampler makes what comes after it.",
            search_aliases=["phonofilm", "continue video", "longer", "video extension", "outpaint time"],
            inputs=[
                io.Latent.Input("latent", tooltip="A clip, from Sampler or Encode."),
                io.Float.Input("seconds", default=2.0, min=0.1, max=600.0, step=0.01, tooltip="How much longer it becomes."),
                io.Float.Input("head", default=0.0, min=0.0, max=600.0, step=0.01, optional=True, tooltip="For long clips: seconds at the end that are kept as the beginning of a window of their own, so that the model sees no more than those and what is new. Join AV Latents puts the window behind the clip. 0 keeps the whole clip in one."),
                io.Vae.Input("vae", optional=True, tooltip="Codec of the picture, needed with head: a window's first picture has a latent to itself."),
                io.Vae.Input("audio_vae", optional=True, tooltip="Codec of the sound, see vae."),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="The longer clip with a mask of what is to be made."),
                io.String.Output("report", display_name="report", tooltip="From when on picture and sound are new."),
            ],
        )

    @classmethod
    def execute(cls, latent, seconds, head=0.0, vae=None, audio_vae=None) -> io.NodeOutput:
        from . import host
        from .inputs.joining import window
        from .inputs.ranges import extend

        return io.NodeOutput(*(window(host, latent, head, seconds, vae, audio_vae) if head else extend(latent, seconds)))
