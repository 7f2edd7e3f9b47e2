import logging
import os

from comfy_api.v0_0_2 import InputImpl, io

from .types import Stems

RATE = 24.0  # pictures per second where there are none, for what wants a number


class PhonofilmLoadAV(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        from . import host

        return io.Schema(
            node_id="PhonofilmLoadAV",
            display_name="Load AV",
            category="Phonofilm",
            description="Reads picture and sound of a file on one clock: late sound stays late, a variable frame rate becomes a constant one by its timestamps, a phone's rotation is applied, and stems that Mux wrote come back as stems. A file of sound alone gives its sound.",
            search_aliases=["phonofilm", "load video", "load audio", "import video", "open video", "video to images", "stems", "upload"],
            inputs=[
                io.Combo.Input("file", options=host.input_files(), upload=io.UploadType.video, tooltip="A film, a sound or a picture in ComfyUI's input folder. A sound has no pictures: what is wired to images or video says so when it runs. The cover of a record counts as none."),
                io.Int.Input("audio_track", default=1, min=1, max=64, optional=True, tooltip="Which sound track. 1 is the first, in our files the mix."),
                io.Float.Input("start", default=0.0, min=0.0, max=1e6, step=0.001, optional=True, tooltip="Seconds to leave out at the beginning. They are skipped, not decoded."),
                io.Float.Input("duration", default=0.0, min=0.0, max=1e6, step=0.001, optional=True, tooltip="Seconds to read; 0 reads to the end."),
            ],
            outputs=[
                io.Image.Output("images", tooltip="The frames. Nothing where the file is sound alone."),
                io.Audio.Output("audio", tooltip="The sound; it begins with the first frame. Nothing where the file is silent."),
                Stems.Output("stems", tooltip="The stems of a file that Mux wrote; otherwise the sound as the only stem, mix."),
                io.Float.Output("rate", tooltip="Frames per second of the images; 24 where there are none."),
                io.Video.Output("video", tooltip="The file itself, from start for duration."),
            ],
        )

    @classmethod
    def execute(cls, file, audio_track=1, start=0.0, duration=0.0) -> io.NodeOutput:
        from . import host
        from ..media.reading import probe, read_clip

        path = host.input_path(file)
        clip = _read(path, start, duration, audio_track)
        audio = None if clip.waveform is None else {"waveform": clip.waveform[None], "sample_rate": clip.sample_rate}
        stems = {name: {"waveform": wave[None], "sample_rate": clip.sample_rate} for name, wave in clip.stems.items()}
        if not stems and audio:
            stems = {"mix": audio}
        video = InputImpl.VideoFromFile(str(path), start_time=start, duration=duration)
        return io.NodeOutput(clip.frames, audio, stems, float(clip.rate or RATE), video)

    @classmethod
    def validate_inputs(cls, file):
        from . import host

        return host.has_input(file) or f"There is no {file} in the input folder; upload it, or choose another."

    @classmethod
    def fingerprint_inputs(cls, file, **_):
        from . import host

        return os.path.getmtime(host.input_path(file))


def _read(path, start, duration, track):
    """The Clip of a file, with progress."""
    from . import host
    from ..media.reading import has_pictures, probe, read_clip, read_sound_alone

    if not has_pictures(path):
        logging.getLogger(__name__).warning("Load AV: %s holds no pictures; only audio and stems are given.", path.name)
        progress = host.Progress(1)
        return read_sound_alone(path, start, duration or None, track, stems=True, progress=lambda: progress.update(0))
    info = probe(path)
    frames = max(1, round((duration or max(0.0, info.seconds - start)) * info.rate))
    return read_clip(path, start, duration or None, track if info.tracks else 0, stems=True, progress=host.Progress(frames).update)
