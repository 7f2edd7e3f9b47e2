import os

from comfy_api.v0_0_2 import InputImpl, io

from .types import Stems


class PhonofilmLoadAV(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        from . import host

        return io.Schema(
            node_id="PhonofilmLoadAV",
            display_name="Load AV",
            category="Phonofilm",
            description="Reads picture and sound of a file on one clock: late sound stays late, a variable frame rate becomes a constant one by its timestamps, a phone's rotation is applied, and stems that Mux wrote come back as stems.",
            search_aliases=["phonofilm", "load video", "load audio", "import video", "open video", "video to images", "stems", "upload"],
            inputs=[
                io.Combo.Input("file", options=host.input_files(), upload=io.UploadType.video, tooltip="A film in ComfyUI's input folder, or a picture."),
                io.Int.Input("audio_track", default=1, min=1, max=64, optional=True, tooltip="Which sound track. 1 is the first, in our files the mix."),
                io.Float.Input("start", default=0.0, min=0.0, max=1e6, step=0.001, optional=True, tooltip="Seconds to leave out at the beginning. They are skipped, not decoded."),
                io.Float.Input("duration", default=0.0, min=0.0, max=1e6, step=0.001, optional=True, tooltip="Seconds to read; 0 reads to the end."),
            ],
            outputs=[
                io.Image.Output("images", tooltip="The frames."),
                io.Audio.Output("audio", tooltip="The sound; it begins with the first frame. Nothing where the file is silent."),
                Stems.Output("stems", tooltip="The stems of a file that Mux wrote; otherwise the sound as the only stem, mix."),
                io.Float.Output("rate", tooltip="Frames per second of the images."),
                io.Video.Output("video", tooltip="The file itself, from start for duration."),
            ],
        )

    @classmethod
    def execute(cls, file, audio_track=1, start=0.0, duration=0.0) -> io.NodeOutput:
        from . import host
        from ..media.reading import probe, read_clip

        path = host.input_path(file)
        info = probe(path)
        frames = max(1, round((duration or max(0.0, info.seconds - start)) * info.rate))
        clip = read_clip(path, start, duration or None, audio_track if info.tracks else 0, stems=True, progress=host.Progress(frames).update)
        audio = None if clip.waveform is None else {"waveform": clip.waveform[None], "sample_rate": clip.sample_rate}
        stems = {name: {"waveform": wave[None], "sample_rate": clip.sample_rate} for name, wave in clip.stems.items()}
        if not stems and audio:
            stems = {"mix": audio}
        video = InputImpl.VideoFromFile(str(path), start_time=start, duration=duration)
        return io.NodeOutput(clip.frames, audio, stems, float(clip.rate), video)

    @classmethod
    def validate_inputs(cls, file):
        from . import host

        return host.has_input(file) or f"There is no {file} in the input folder; upload it, or choose another."

    @classmethod
    def fingerprint_inputs(cls, file, **_):
        from . import host

        return os.path.getmtime(host.input_path(file))
