import logging
from contextlib import ExitStack

from comfy_api.v0_0_2 import InputImpl, io, ui

from .inputs.film import file_of
from .loudness import TARGETS
from .types import Stems


class PhonofilmMux(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        from ..media.formats import AUDIO, CONTAINERS, QUALITIES, VIDEO
        from ..media.provenance import KINDS

        return io.Schema(
            node_id="PhonofilmMux",
            display_name="Mux",
            category="Phonofilm",
            description="Writes picture and sound into one file in the output folder and shows it. A video that is only given new sound keeps its picture bit for bit.",
            search_aliases=["phonofilm", "save video", "video combine", "mp4", "mov", "mkv", "webm", "prores", "add audio to video", "export"],
            inputs=[
                io.Image.Input("images", optional=True, tooltip="The frames. Either these or a video."),
                io.Video.Input("video", optional=True, tooltip="A video whose picture is used, and whose sound where none is connected."),
                io.Audio.Input("audio", optional=True, tooltip="The sound; it starts with the first frame and is cut or padded to the length of the picture."),
                Stems.Input("stems", optional=True, tooltip="Further tracks after the mix, or files beside the video. Mixed to one sound where no audio is connected."),
                io.Float.Input("rate", default=24.0, min=1.0, max=240.0, step=0.001, tooltip="Frames per second of the images. 23.976, 29.97 and 59.94 mean 24000/1001 and so on, exactly."),
                io.String.Input("filename_prefix", default="phonofilm/clip", tooltip="Folder and beginning of the name below the output folder."),
                io.Combo.Input("container", options=list(CONTAINERS), optional=True, tooltip="mp4 plays everywhere, webm in browsers, mov is for editing, mkv for keeping."),
                io.Combo.Input("video_codec", options=["auto", *VIDEO], optional=True, tooltip="auto: that of the video where the container takes it, so that nothing is encoded again; otherwise h264 in mp4 and mkv, prores in mov, vp9 in webm. ffv1 loses nothing. vp9, prores and ffv1 keep alpha."),
                io.Combo.Input("audio_codec", options=["auto", *AUDIO], optional=True, tooltip="auto: aac in mp4, 24-bit pcm in mov, flac in mkv, opus in webm. flac, alac and pcm lose nothing."),
                io.Combo.Input("quality", options=list(QUALITIES), default="high", optional=True, tooltip="Of lossy codecs: draft is small and fast, best is large and slow."),
                io.Combo.Input("bit_depth", options=["8", "10"], optional=True, tooltip="Bits of the picture. 10 avoids bands in skies; browsers show 10-bit h264 only through a preview file."),
                io.Combo.Input("duration", options=["picture", "sound", "longest"], optional=True, tooltip="How long the clip is. picture: the sound is padded with silence, or cut with a fade of 10 ms. sound: the last frame is held, or frames are left out."),
                io.Combo.Input("stems_as", options=["tracks", "files", "nothing"], optional=True, tooltip="tracks: in the same file after the mix, which is what players play. files: 24-bit FLAC beside it."),
                io.Combo.Input("loudness", options=list(TARGETS), default=TARGETS[0], optional=True, tooltip="Brings the sound to this integrated loudness under the ceiling. YouTube and others only say at what level they play; broadcasters require theirs."),
                io.Float.Input("custom_loudness", default=-18.0, min=-60.0, max=0.0, step=0.1, optional=True, tooltip="The target in LUFS where loudness is custom."),
                io.Float.Input("ceiling", default=-1.0, min=-20.0, max=0.0, step=0.1, optional=True, tooltip="Highest true peak in dBTP where there is a loudness target, and wherever sound passes full scale. -2 leaves room for AAC below 256 kb/s."),
                io.Combo.Input("provenance", options=["auto", *KINDS], optional=True, tooltip="What the file says of its origin, as tags and as IPTC digital source type. auto: what the workflow says; captured media is never called AI."),
                io.Boolean.Input("sign", default=False, optional=True, advanced=True, tooltip="Signs the file by C2PA with your own key, so that a later change shows: mp4 and mov, with the package c2pa-python. The environment variables PHONOFILM_C2PA_CERTIFICATE and PHONOFILM_C2PA_KEY name the PEM files; nothing of them enters the workflow."),
            ],
            outputs=[
                io.Video.Output("video", tooltip="The written file."),
                io.String.Output("report", tooltip="What was written, and everything that had to be changed on the way."),
            ],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo, io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, rate, filename_prefix, images=None, video=None, audio=None, stems=None, container="mp4", video_codec="auto", audio_codec="auto",
                quality="high", bit_depth="8", duration="picture", stems_as="tracks", loudness="off", custom_loudness=-18.0, ceiling=-1.0,
                provenance="auto", sign=False) -> io.NodeOutput:
        from . import host
        from ..media import delivery, formats, provenance as origin, signing
        from ..media.clock import snap_rate
        from ..media.levelling import target_of
        from ..media.naming import release
        from ..media.writing import write_clip

        if (images is None) == (video is None):
            raise ValueError("Connect either images or a video to Mux.")
        before = host.Progress(1)

        def listen(*_):
            before.update(0)  # what comes before the frames has no bar, but hears a cancel

        with ExitStack() as held:
            if video is not None:
                source, sound = from_video(video, audio, stems, container, video_codec, duration, listen, held)
            else:
                source, sound = delivery.Source(images, snap_rate(rate), len(images), video_codec, 0), one_sound(audio, stems)
            form = formats.choose(container, source.video, audio_codec, quality, int(bit_depth))
            kind = origin.kind_of(cls.hidden.prompt or {}, cls.hidden.unique_id) if provenance == "auto" else provenance
            who = signing.identity(container, kind) if sign else None
            waveform, sample_rate = sound
            tracks = separate(stems, sample_rate) if stems_as != "nothing" else {}
            notes = []
            if waveform is not None:
                waveform, tracks, notes = delivery.level(
                    waveform, tracks, sample_rate, target_of(loudness, custom_loudness), ceiling, form.audio != "pcm32f", listen)

            def finish(fresh):
                origin.add_xmp(fresh, kind, origin.TOOL, container)
                if who:
                    signing.sign(fresh, who, kind, origin.TOOL, path.name)

            path, subfolder = host.output_target(filename_prefix, f".{container}")
            progress = host.Progress(max(source.frames, length_in_frames(waveform, sample_rate, source.rate) if duration != "picture" else 0)).update
            beside = []
            try:
                if stems_as == "files":
                    beside = delivery.write_beside(path, tracks, sample_rate, listen)
                written = write_clip(
                    path, source.pictures, source.rate, waveform, sample_rate, form=form, policy=duration, stems=tracks if stems_as == "tracks" else None,
                    metadata={**origin.tags(kind, origin.TOOL, container), **host.workflow_metadata(cls.hidden)},
                    finish=finish, progress=progress)
            except BaseException:
                delivery.discard(beside)
                release(path)
                raise
            for note in notes + list(written.notes):
                logging.getLogger(__name__).warning("Mux: %s", note)

            saved = [ui.SavedResult(file.name, subfolder, io.FolderType.output) for file in (path, *beside)]
            shown = saved[0]
            if not form.shows_in_browsers and (proxy := host.preview_target(path.stem, ".mp4")):
                delivery.write_proxy(proxy[0], path, waveform, sample_rate, progress)
                shown = ui.SavedResult(proxy[0].name, proxy[1], io.FolderType.temp)
            shows = {**ui.PreviewVideo([shown]).as_dict(), "files": saved[1:] if shown is saved[0] else saved}
            return io.NodeOutput(InputImpl.VideoFromFile(str(path)), report(path, form, written, notes), ui=shows)


def from_video(video, audio, stems, container, video_codec, duration, listen, held):
    """(delivery.Source, (Sound, sample rate) or (None, None)) of a VIDEO; its own sound only where nothing else is connected.

    A file is not read into memory; what has to stay open until the clip is written enters `held`, an ExitStack.
    """
    from ..media import delivery
    from ..media.clock import snap_rate
    from ..media.reading import laid_sounds

    file = file_of(video)
    if file is None:
        parts = video.get_components()
        source = delivery.Source(parts.images, snap_rate(parts.frame_rate), len(parts.images), video_codec, 0)
        return source, one_sound(parts.audio if audio is None and not stems else audio, stems)
    start, seconds = video.get_active_trim_window()
    source = delivery.pictures_of(file, start, seconds, container, video_codec, duration)
    if audio is not None or stems:
        return source, one_sound(audio, stems)
    sounds, sample_rate = held.enter_context(laid_sounds(file, source.origin, seconds or None, progress=listen))
    return source, (sounds.get(None), sample_rate)


def one_sound(audio, stems):
    """AUDIO, or the sum of the stems, as (Sound, sample rate); (None, None) where there is neither. MediaError for stems that make no sum."""
    from ..media.delivery import in_a_row, sum_of
    from ..media.waveforms import whole_rate

    if audio is None and not stems:
        return None, None
    waveform, rate = (in_a_row(audio["waveform"]), audio["sample_rate"]) if audio is not None else sum_of(stems)
    return waveform, whole_rate(rate)


def separate(stems, sample_rate):
    """Stems as {name: Sound}. Raises ValueError where their rate is not that of the sound beside them."""
    from ..media.delivery import in_a_row

    for name, sound in (stems or {}).items():
        if sound["sample_rate"] != sample_rate:
            raise ValueError(f"The stem {name} has {sound['sample_rate']} Hz and the sound {sample_rate} Hz; they go into one file only at one rate.")
    return {name: in_a_row(sound["waveform"]) for name, sound in (stems or {}).items()}


def length_in_frames(waveform, sample_rate, rate):
    return 0 if waveform is None else round(waveform.shape[1] * rate / sample_rate)


def report(path, form, written, notes):
    sound = f", {form.audio} {written.samples} samples at {written.sample_rate} Hz" if written.sample_rate else ", no sound"
    picture = "picture copied bit for bit" if written.copied else form.video
    return "\n".join([f"{path.name}: {written.frames} frames of {written.width}x{written.height} at {written.rate} per second, {picture}{sound}", *notes, *written.notes])
