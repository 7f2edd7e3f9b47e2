from comfy_api.v0_0_2 import io

VAE_TIP = "Codec of the picture; only needed where latents have to be encoded again, report says how many were."
SOUND_TIP = "Codec of the sound, see vae."


def codecs():
    return [io.Vae.Input("vae", optional=True, tooltip=VAE_TIP), io.Vae.Input("audio_vae", optional=True, tooltip=SOUND_TIP)]


class PhonofilmBatchLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmBatchLatent",
            display_name="Batch AV Latents",
            category="Phonofilm",
            description="Two clips, or batches of them, as one batch: picture, sound and masks. Core's Batch Latents takes one of the two only.",
            search_aliases=["phonofilm", "latent batch", "combine latents", "merge latents"],
            inputs=[
                io.Latent.Input("latent", tooltip="The first clips."),
                io.Latent.Input("after", tooltip="Those that follow, of the same size, length and rate."),
            ],
            outputs=[io.Latent.Output("latent", tooltip="The batch: the first clips, then the others.")],
        )

    @classmethod
    def execute(cls, latent, after) -> io.NodeOutput:
        from . import host
        from ..models.joint.latents import batched, streams

        latents = [latent, after]
        return io.NodeOutput(batched(latents, [host.masks_of(one, streams(one)[0].device) for one in latents]))


class PhonofilmPickLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmPickLatent",
            display_name="Pick AV Latent",
            category="Phonofilm",
            description="Clips out of a batch, such as one of Sampler's takes.",
            search_aliases=["phonofilm", "latent from batch", "select take", "choose take", "split batch"],
            inputs=[
                io.Latent.Input("latent", tooltip="A batch of clips."),
                io.Int.Input("index", default=0, min=-64, max=63, tooltip="The first of them: 0 is the first of the batch, -1 the last."),
                io.Int.Input("count", default=1, min=1, max=64, tooltip="How many, as far as there are."),
            ],
            outputs=[io.Latent.Output("latent", tooltip="The chosen clips, with their masks.")],
        )

    @classmethod
    def execute(cls, latent, index, count) -> io.NodeOutput:
        from ..models.joint.latents import chosen, streams

        clips = len(streams(latent)[0])
        if not -clips <= index < clips:
            raise ValueError(f"index is {index}, but latent holds {clips} clips: choose {-clips} to {clips - 1}.")
        first = index % clips
        return io.NodeOutput(chosen(latent, list(range(first, min(clips, first + count)))))


class PhonofilmCutLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmCutLatent",
            display_name="Cut AV Latent",
            category="Phonofilm",
            description="A range of a clip's time as a clip of its own, picture and sound in step. Latents are kept bit for bit where the model's grid allows; the first picture of the starter and of LTX-2, which has a latent to itself, is encoded again.",
            search_aliases=["phonofilm", "latent cut", "trim latent", "crop time", "split clip"],
            inputs=[
                io.Latent.Input("latent", tooltip="A clip, from Sampler, Encode or Load AV Latent."),
                io.Float.Input("start", default=0.0, min=-3600.0, max=3600.0, step=0.01, tooltip="Seconds at which it begins; below 0 from the end of the clip. It moves to the nearest place where latents can be kept, see exact."),
                io.Float.Input("end", default=0.0, min=-3600.0, max=3600.0, step=0.01, tooltip="Seconds at which it ends, to the nearest picture; below 0 from the end of the clip, 0 is the end."),
                io.Boolean.Input("exact", default=False, optional=True, tooltip="Begin at exactly start: the clip is decoded and encoded again where that is not on the model's grid. Off: every 4 pictures (1/6 s) of the starter, 8 of LTX-2 (1 s at 24 per second), 51 of MiniMax H3 (2.1 s)."),
                *codecs(),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="The range as a clip of its own."),
                io.String.Output("report", display_name="report", tooltip="The seconds that were cut out, and what was kept of the latents."),
            ],
        )

    @classmethod
    def execute(cls, latent, start, end, exact=False, vae=None, audio_vae=None) -> io.NodeOutput:
        from . import host
        from .inputs.joining import cut

        return io.NodeOutput(*cut(host, latent, start, end, exact, vae, audio_vae))


class PhonofilmJoinLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmJoinLatent",
            display_name="Join AV Latents",
            category="Phonofilm",
            description="One clip and another after it as one clip, picture and sound in step. A window that Extend made with head continues its clip without a seam; other clips are cut hard, and encoded again where the model's grid needs it.",
            search_aliases=["phonofilm", "latent concat", "concatenate clips", "append", "long video", "stitch"],
            inputs=[
                io.Latent.Input("latent", tooltip="The clip that comes first."),
                io.Latent.Input("after", tooltip="The clip that comes after it."),
                io.Float.Input("overlap", default=0.0, min=0.0, max=600.0, step=0.001, tooltip="Seconds at the beginning of after that are the end of latent once more; they come from latent. 0: what Extend kept as head, and nothing for other clips."),
                *codecs(),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="Both as one clip."),
                io.String.Output("report", display_name="report", tooltip="The new length, and what was kept of the latents."),
            ],
        )

    @classmethod
    def execute(cls, latent, after, overlap, vae=None, audio_vae=None) -> io.NodeOutput:
        from . import host
        from .inputs.joining import join

        return io.NodeOutput(*join(host, latent, after, overlap, vae, audio_vae))
