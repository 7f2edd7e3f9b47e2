import logging

from comfy_api.v0_0_2 import io, ui


class PhonofilmSyncMeter(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmSyncMeter",
            display_name="Sync Meter",
            category="Phonofilm",
            description="Measures how far the sound of a clip is from its picture: what is seen to happen is matched with what is heard. Where nothing can be told for certain it says so and gives no number.",
            search_aliases=["phonofilm", "av sync", "lip sync", "audio offset", "audio delay", "sync test", "bt.1359"],
            inputs=[
                io.Video.Input("video", optional=True, tooltip="A video whose picture is measured, and whose sound where no audio is connected. Either this or images."),
                io.Image.Input("images", optional=True, tooltip="The frames. Either these or a video."),
                io.Float.Input("rate", default=24.0, min=1.0, max=240.0, step=0.001, optional=True, tooltip="Frames per second of the images; a video has its own. 23.976, 29.97 and 59.94 mean 24000/1001 and so on, exactly."),
                io.Audio.Input("audio", optional=True, tooltip="The sound; it starts with the first frame."),
                io.Float.Input("nudge_ms", default=0.0, min=-10000.0, max=10000.0, step=0.1, optional=True, tooltip="Milliseconds that are added to the offset output, to correct it by hand. It changes neither the grade nor the plot."),
            ],
            outputs=[
                io.Float.Output("offset_ms", display_name="offset_ms", tooltip="Milliseconds by which the sound is late (above 0) or early (below 0), plus nudge_ms; nudge_ms alone where there is no number. Wired into ms of Shift Audio in its mode to correct a measured offset, it puts the sound right."),
                io.String.Output("report", display_name="report", tooltip="The offset with its 95 % confidence interval, its grade and the matched events as JSON; offset_ms is null and reason says why where there is no number."),
                io.Image.Output("plot", display_name="plot", tooltip="What is seen and heard to happen over time, and which belongs to which."),
            ],
            is_output_node=True,  # its timeline tells without anything behind it, and after a reload of the page a run that computes nothing tells again
        )

    @classmethod
    def execute(cls, video=None, images=None, rate=24.0, audio=None, nudge_ms=0.0) -> io.NodeOutput:
        from . import host
        from ..media.clock import snap_rate
        from ..media.sync_plot import draw
        from ..media.sync_report import as_json, measure_sync
        from ..media.sync_timeline import timeline
        from ..media.waveforms import tidy

        if (images is None) == (video is None):
            raise ValueError("Connect either images or a video to Sync Meter.")
        progress = host.Progress(3)
        if video is not None:
            parts = video.get_components()
            images, rate = parts.images, parts.frame_rate
            audio = parts.audio if audio is None else audio
        if audio is None:
            raise ValueError("Sync Meter has no sound to compare with the picture: connect audio, or a video that has sound.")
        progress.update(1)
        waveform, sample_rate, notes = tidy(audio)
        rate, waveform = snap_rate(rate), waveform.transpose(0, 1).flatten(1)
        sync = measure_sync(images, rate, waveform, sample_rate)
        for note in (*notes, *sync.notes):
            logging.getLogger(__name__).warning("Sync Meter: %s", note)
        progress.update(2)
        shown = {**timeline(sync, rate, nudge_ms, notes), "clip": preview(images, rate, waveform, sample_rate)}
        return io.NodeOutput((sync.ms or 0.0) + nudge_ms, as_json(sync, nudge_ms, notes), draw(sync), ui={"phonofilm_timeline": [shown]})


def preview(images, rate, waveform, sample_rate):
    """What was measured as a file for the canvas to play, {filename, subfolder, type}; None where nobody looks, or where it cannot be written."""
    from . import host
    from ..media.errors import MediaError
    from ..media.sync_timeline import write_preview

    target = host.preview_target("phonofilm_sync", ".mp4")
    if target is None:
        return None
    try:
        write_preview(target[0], images, rate, waveform, sample_rate)
    except MediaError as error:
        logging.getLogger(__name__).warning("Sync Meter: nothing to play beside the timeline. %s", error)
        return None
    return ui.SavedResult(target[0].name, target[1], io.FolderType.temp)
