"""What the stem console of Mix Stems shows and plays, as JSON for the canvas."""

import logging

from comfy_api.v0_0_2 import InputImpl

from .. import host
from ...media import monitor
from ...media.clock import snap_rate
from ...media.delivery import in_a_row
from ...media.errors import MediaError
from ...media.pieces import Clean
from ...media.waveforms import whole_rate
from ...media.writing import write_sound


def console(stems, video, progress):
    """The stems as they come in, and the picture, for the canvas; None where there is no browser or its files cannot be written.

    {"rate": Hz, "samples": of each stem, "stems": [{"name", "channels", "file", "outline"}, ...], "picture": {"file", "start"} or None}
    with `file` as /view takes it, `outline` of media.monitor and `start` in seconds of the picture's file. Files have names made from
    their content: a run that only moves a fader writes none. `progress()` is called along the way; what it raises cancels.
    """
    files = host.shown_files()
    if files is None:
        return None
    try:
        shown = [stem(name, audio, files, progress) for name, audio in stems.items()]
        audio = next(iter(stems.values()))
        batch, _, samples = audio["waveform"].shape
        return {"rate": whole_rate(audio["sample_rate"]), "samples": batch * samples, "stems": shown,
                "picture": None if video is None else picture(video, files, progress)}
    except MediaError as error:
        logging.getLogger(__name__).warning("Mix Stems: the console cannot play this mix. %s", error)
        return None


def stem(name, audio, files, progress):
    sound = Clean(in_a_row(audio["waveform"]), progress)
    values, digest = monitor.outline(sound)
    path = files.path(f"phonofilm_{digest}_{whole_rate(audio['sample_rate'])}.wav")
    if not path.exists():
        write_sound(path, sound, audio["sample_rate"], progress)
    return {"name": name, "channels": sound.shape[0], "file": files.view(path), "outline": values}


def picture(video, files, progress):
    """A silent file that browsers show goes to them as it is; of others, and of frames, a temporary file is made."""
    # Others would encode their pictures to give a source.
    file = video.get_stream_source() if isinstance(video, InputImpl.VideoFromFile) else None
    if isinstance(file, str):
        start, duration = video.get_active_trim_window()
        begins = monitor.shown_from(file, start)
        if begins is not None:
            return {"file": files.view(file), "start": begins}
        path = files.path(f"phonofilm_{monitor.digest_of_file(file, start, duration)}.mp4")
        if not path.exists():
            monitor.write_shown(path, file, start, duration, progress)
    else:
        parts = video.get_components()
        rate = snap_rate(parts.frame_rate)
        path = files.path(f"phonofilm_{monitor.digest_of(parts.images, rate)}.mp4")
        if not path.exists():
            monitor.write_frames(path, parts.images, rate, progress)
    return {"file": files.view(path), "start": 0.0}
