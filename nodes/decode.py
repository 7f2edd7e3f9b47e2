from comfy_api.v0_0_2 import io

from .types import Stems


class PhonofilmDecode(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmDecode",
            display_name="Decode",
            category="Phonofilm",
            description="Turns a latent into frames and sound of exactly the length that was asked for: the mix and, from the starter, dialogue, music, effects and ambience apart.",
            search_aliases=["phonofilm", "vae decode", "audio vae decode", "stems", "latent to video"],
            inputs=[
                io.Latent.Input("latent", tooltip="From Sampler."),
                io.Vae.Input("vae", tooltip="Codec of the picture."),
                io.Vae.Input("audio_vae", tooltip="Codec of the sound."),
                io.Float.Input("rate", default=24.0, min=1.0, max=240.0, step=0.001, tooltip="Frames per second, used only where the latent does not say its own."),
            ],
            outputs=[
                io.Image.Output("images", tooltip="The frames; several clips follow one another."),
                io.Audio.Output("audio", tooltip="The mix: the sum of the stems."),
                Stems.Output("stems", tooltip="Dialogue, music, effects and ambience, each by itself; the mix alone where the model or the given sound has no stems."),
                io.Float.Output("rate", tooltip="Frames per second of the images."),
            ],
        )

    @classmethod
    def execute(cls, latent, vae, audio_vae, rate) -> io.NodeOutput:
        from . import host

        progress = host.Progress(2)
        stems = host.decode_sound(latent, vae, audio_vae)
        progress.update(1)
        frames, own_rate = host.decode_picture(latent, vae, audio_vae)
        progress.update(2)
        return io.NodeOutput(frames.flatten(0, 1), mix_of(stems), stems, float(own_rate or rate))


def mix_of(stems):
    """The sum of stems as AUDIO."""
    first = next(iter(stems.values()))
    return {"waveform": sum(stem["waveform"] for stem in stems.values()), "sample_rate": first["sample_rate"]}
