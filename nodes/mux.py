from comfy_api.v0_0_2 import InputImpl, io, ui

from .types import Stems


class PhonofilmMux(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmMux",
            display_name="Mux",
            category="Phonofilm",
            description="Writes picture and sound into one mp4 in the output folder and shows it.",
            search_aliases=["phonofilm", "save video", "video combine", "mp4", "add audio to video", "export"],
            inputs=[
                io.Image.Input("images", optional=True, tooltip="The frames. Either these or a video."),
                io.Video.Input("video", optional=True, tooltip="A video whose picture is used, and whose sound where none is connected."),
                io.Audio.Input("audio", optional=True, tooltip="The sound; it starts with the first frame and is cut or padded to the length of the picture."),
                Stems.Input("stems", optional=True, tooltip="Mixed to one sound where no audio is connected."),
                io.Float.Input("rate", default=24.0, min=1.0, max=240.0, step=0.001, tooltip="Frames per second of the images. 23.976, 29.97 and 59.94 mean 24000/1001 and so on, exactly."),
                io.String.Input("filename_prefix", default="phonofilm/clip", tooltip="Folder and beginning of the name below the output folder."),
            ],
            outputs=[
                io.Video.Output("video", tooltip="The written file."),
            ],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, rate, filename_prefix, images=None, video=None, audio=None, stems=None) -> io.NodeOutput:
        from . import host
        from ..media.writing import write_clip

        if (images is None) == (video is None):
            raise ValueError("Connect either images or a video to Mux.")
        if video is not None:
            parts = video.get_components()
            images, rate, audio = parts.images, parts.frame_rate, parts.audio if audio is None and stems is None else audio
        waveform, sample_rate = one_sound(audio, stems)

        path, subfolder = host.output_target(filename_prefix, ".mp4")
        write_clip(path, images, rate, waveform, sample_rate,
                   metadata=host.workflow_metadata(cls.hidden), progress=host.Progress(len(images)).update)
        saved = ui.SavedResult(path.name, subfolder, io.FolderType.output)
        return io.NodeOutput(InputImpl.VideoFromFile(str(path)), ui=ui.PreviewVideo([saved]))


def one_sound(audio, stems):
    """AUDIO, or the sum of the stems, as ([C, N], sample rate); (None, None) where there is neither.

    Sounds of a batch follow one another, as the frames of a batch do.
    """
    if audio is None and not stems:
        return None, None
    sounds = [audio] if audio is not None else list(stems.values())
    waveform = sum(sound["waveform"] for sound in sounds)
    return waveform.transpose(0, 1).flatten(1), sounds[0]["sample_rate"]
