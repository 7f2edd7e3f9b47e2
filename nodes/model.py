from comfy_api.v0_0_2 import io


class PhonofilmLoadModel(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        from . import host

        return io.Schema(
            node_id="PhonofilmLoadModel",
            display_name="Load Model",
            category="Phonofilm",
            description="Loads a model that makes picture and sound together. The starter comes with the pack and needs no download.",
            search_aliases=["phonofilm", "audio video model", "checkpoint", "starter", "load joint model"],
            inputs=[
                io.Combo.Input("model_name", options=host.model_names(), tooltip="starter is the model that comes with the pack. Others are files in ComfyUI's checkpoints folder."),
            ],
            outputs=[
                io.Model.Output("model", tooltip="The network that makes picture and sound; for Sampler."),
                io.Clip.Output("clip", tooltip="The text encoder; for Prompt."),
                io.Vae.Output("vae", tooltip="Codec of the picture."),
                io.Vae.Output("audio_vae", tooltip="Codec of the sound."),
            ],
        )

    @classmethod
    def execute(cls, model_name) -> io.NodeOutput:
        from . import host

        return io.NodeOutput(*host.load_model(model_name))
