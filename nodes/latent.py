from comfy_api.v0_0_2 import io


class PhonofilmEmptyLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmEmptyLatent",
            display_name="Empty Latent",
            category="Phonofilm",
            description="The size and length of a clip to make, for picture and sound together.",
            search_aliases=["phonofilm", "empty av latent", "duration", "resolution", "audio video latent"],
            inputs=[
                io.Model.Input("model", tooltip="The model that will fill it."),
                io.Int.Input("width", default=128, min=16, max=4096, step=16, tooltip="Pixels. The starter makes 128x128."),
                io.Int.Input("height", default=128, min=16, max=4096, step=16, tooltip="Pixels. The starter makes 128x128."),
                io.Float.Input("seconds", default=4.0, min=1.0, max=10.0, step=0.1, tooltip="Length. Snaps to the nearest 4n+1 frames at 24 per second: 4 s become 97 frames, 4.04 s."),
                io.Int.Input("batch_size", default=1, min=1, max=64, tooltip="Clips made at once, each from its own noise."),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="An empty clip; for Sampler."),
            ],
        )

    @classmethod
    def execute(cls, model, width, height, seconds, batch_size) -> io.NodeOutput:
        from . import host
        from ..models.joint.config import MAX_SECONDS, MIN_SECONDS
        from ..models.joint.grid import snap_frames

        if not MIN_SECONDS <= seconds <= MAX_SECONDS:
            raise ValueError(f"A clip of {seconds:g} s cannot be made: seconds goes from {MIN_SECONDS:g} to {MAX_SECONDS:g}.")
        return io.NodeOutput(host.empty_latent(model, width, height, snap_frames(seconds), batch_size))
