from comfy_api.v0_0_2 import io

from .strengths import stem_strengths, strength
from .types import Stems


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
                strength("picture", 0.0, "How new the picture becomes where one is given: 0 keeps it exactly, 1 makes it new."),
                strength("sound", 0.0, "How new the sound becomes where audio is given, or stems to a model that has none: 0 keeps it exactly, 1 makes it new."),
                *stem_strengths(0.0, "The same for this stem (starter)."),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="For Sampler: what is given, and a mask of what is to be made."),
                io.String.Output("report", display_name="report", tooltip="The clip, and everything that had to be changed to fit the model."),
            ],
        )

    @classmethod
    def execute(cls, vae, audio_vae, length, width, height, batch_size, rate=24.0, image_times="", **given) -> io.NodeOutput:
        from . import host
        from .inputs.encoding import lay_out

        return io.NodeOutput(*lay_out(host, vae, audio_vae, length, (width, height), batch_size, rate, image_times, given))
