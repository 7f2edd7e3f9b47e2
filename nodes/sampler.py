import math

from comfy_api.v0_0_2 import io

from .types import Score

SCALES = {
    "picture_guidance": "How closely the picture follows the prompt. 1 is off; too much makes it harsh.",
    "sound_guidance": "How closely the sound follows the prompt. 1 is off.",
    "sync_guidance": "How much picture and sound listen to each other beyond what they do anyway. 1 is off and fastest.",
    "skip_guidance": "Draws the picture cleaner, away from what the network without a few of its layers would draw. 1 is off and faster. The starter's alone: for other models use core's skip-layer nodes.",
    "score_guidance": "Holds the picture to the score: away from what the network would draw if it were not told what happens when. 1 is off and faster; too much makes it harsh. The starter's alone.",
}

LATER = "skip_guidance", "score_guidance"  # appended, so that workflows made before keep their order


def settings():
    """How a clip is drawn: the inputs that Sampler shares with Shot List."""
    from . import host

    return [
        io.Int.Input("seed", default=0, min=0, max=0xFFFFFFFFFFFFFFFF, control_after_generate=True, tooltip="The same seed and settings make the same clip."),
        io.Int.Input("steps", default=12, min=1, max=1000, tooltip="More are slower; beyond 24 little changes."),
        io.Combo.Input("sampler", options=host.sampler_names(), default="euler", tooltip="How a step is taken. euler is what the starter was tested with."),
        io.Combo.Input("scheduler", options=host.scheduler_names(), default="simple", tooltip="How the steps are spaced."),
        *(scale(name) for name in SCALES if name not in LATER),
    ]


def scale(name, **place):
    return io.Float.Input(name, default=usual(name), min=0.0, max=30.0, step=0.1, tooltip=SCALES[name], **place)


def usual(name):
    from ..models.joint.guidance import Guidance

    return getattr(Guidance(), name.removesuffix("_guidance"))


class PhonofilmSampler(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmSampler",
            display_name="Sampler",
            category="Phonofilm",
            description="Makes picture and sound in one run, or the one to the other. The starter drafts its score first where the prompt carries none; LTX-2 and MiniMax H3 have none.",
            search_aliases=["phonofilm", "ksampler", "generate", "text to audio video", "guider", "joint sampler"],
            inputs=[
                io.Model.Input("model", tooltip="From Load Model; or LTX-2, or MiniMax H3."),
                io.Conditioning.Input("positive", tooltip="What to make."),
                io.Conditioning.Input("negative", tooltip="What to keep away from."),
                io.Latent.Input("latent", tooltip="From Empty Latent or Encode: size and length. What it holds outside its mask comes back bit for bit."),
                *settings(),
                io.Float.Input("denoise", default=1.0, min=0.0, max=1.0, step=0.01, tooltip="1 makes everything anew; less stays nearer to what the latent holds."),
                io.Int.Input("takes", default=1, min=1, max=16, tooltip="Different clips from one prompt, seed by seed; they come as a batch."),
                io.Vae.Input("vae", optional=True, tooltip="Connect both codecs to have several takes put in order, the one first whose sound fits its picture best. They are decoded for it."),
                io.Vae.Input("audio_vae", optional=True, tooltip="Codec of the sound, see vae."),
                *(scale(name, optional=True) for name in LATER),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="The clip; several takes come as a batch, one behind the other."),
                Score.Output("score", tooltip="The score that was used: yours, or the one that was drafted. Only the starter follows one."),
                io.String.Output("report", display_name="report", tooltip="How well each take's sound fits its picture, best first, where the codecs are connected."),
            ],
        )

    @classmethod
    def execute(cls, model, positive, negative, latent, takes, vae=None, audio_vae=None, **settings) -> io.NodeOutput:
        from . import host

        for name in LATER:
            settings.setdefault(name, usual(name))
        for name in SCALES:
            if not math.isfinite(settings[name]):
                raise ValueError(f"{name} is {settings[name]}: it must be a number, 1 is off.")
        if (vae is None) != (audio_vae is None):
            raise ValueError(f"Takes are put in order by picture and sound: connect {'vae' if vae is None else 'audio_vae'} too, or neither.")
        latent, scores = host.sample(model, positive, negative, latent, takes=takes, **settings)
        if vae is None or takes == 1 or len(scores) == 1:
            return io.NodeOutput(latent, scores[0], "")
        latent, order, lines = best_first(latent, takes, vae, audio_vae)
        return io.NodeOutput(latent, scores[order[0]], "\n".join(lines))


def best_first(latent, takes, vae, audio_vae):
    """See in_order of inputs/takes.py."""
    from . import host
    from .decode import mix_of
    from .inputs.takes import in_order

    def show(clip):
        frames, rate = host.decode_picture(clip, vae, audio_vae)
        return frames[0], rate or 24

    return in_order(latent, takes, show, lambda clip: mix_of(host.decode_sound(clip, vae, audio_vae)))
