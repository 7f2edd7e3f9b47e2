"""What a VIDEO is made of, without decoding the pictures of one that is a file."""
from comfy_api.v0_0_2 import InputImpl


def file_of(video):
    """The path of a VIDEO that is a file, else None: others would encode their pictures to give one."""
    file = video.get_stream_source() if isinstance(video, InputImpl.VideoFromFile) else None
    return file if isinstance(file, str) else None


def sound_of(video):
    """The sound of a VIDEO as AUDIO that begins with its first picture, None where it is silent."""
    from ...media.reading import Pictures, read_sound

    file = file_of(video)
    if file is None:
        return video.get_components().audio
    start, seconds = video.get_active_trim_window()
    sounds, rate = read_sound(file, Pictures(file, start).origin, seconds or None)
    return {"waveform": sounds[None][None], "sample_rate": rate} if sounds else None
