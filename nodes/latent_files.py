import os

from comfy_api.v0_0_2 import io, ui

SUFFIX = ".safetensors"


class PhonofilmSaveLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmSaveLatent",
            display_name="Save AV Latent",
            category="Phonofilm",
            description="Writes a clip's latent to a file: picture, sound, masks, length and rate, to go on with later.",
            search_aliases=["phonofilm", "export latent", "store latent", "keep latent"],
            is_output_node=True,
            inputs=[
                io.Latent.Input("latent", tooltip="A clip, from Sampler or Encode."),
                io.String.Input("filename_prefix", default="phonofilm/latent", tooltip="Name in the output folder; a counter is added. subfolder/name works."),
            ],
            outputs=[io.Latent.Output("latent", tooltip="The same latent.")],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
        )

    @classmethod
    def execute(cls, latent, filename_prefix) -> io.NodeOutput:
        from . import host
        from .inputs.latent_files import packed
        from ..media.naming import in_place_of
        from ..models.joint.latents import streams

        content = packed(latent, host.masks_of(latent, streams(latent)[0].device), host.workflow_metadata(cls.hidden))
        path, subfolder = host.output_target(filename_prefix, SUFFIX)
        with in_place_of(path) as fresh:
            fresh.write_bytes(content)
        return io.NodeOutput(latent, ui={"latents": [ui.SavedResult(path.name, subfolder, io.FolderType.output)]})


class PhonofilmLoadLatent(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        from . import host

        return io.Schema(
            node_id="PhonofilmLoadLatent",
            display_name="Load AV Latent",
            category="Phonofilm",
            description="Reads a clip's latent back from a file that Save AV Latent wrote.",
            search_aliases=["phonofilm", "import latent", "open latent", "restore latent"],
            inputs=[io.Combo.Input("file", options=host.latent_files(), tooltip="A file in ComfyUI's input folder, or, with [output] behind its name, in the output folder.")],
            outputs=[io.Latent.Output("latent", tooltip="The clip as it was saved, with its masks, length and rate.")],
        )

    @classmethod
    def execute(cls, file) -> io.NodeOutput:
        from . import host
        from .inputs.latent_files import read

        parts, masks, clip = read(host.input_path(file))
        latent = host.av_latent(parts, masks, clip)
        if clip is None:
            del latent["phonofilm"]
        return io.NodeOutput(latent)

    @classmethod
    def validate_inputs(cls, file):
        from . import host

        return host.has_input(file) or f"There is no {file} in the input folder; choose another."

    @classmethod
    def fingerprint_inputs(cls, file):
        from . import host

        return os.path.getmtime(host.input_path(file))
