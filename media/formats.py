"""What goes into what: containers, codecs and qualities that play, as tables. New ones are new rows."""

import functools
from typing import NamedTuple

from .errors import MediaError

QUALITIES = ("draft", "standard", "high", "best")
DEPTHS = (8, 10)


class VideoCodec(NamedTuple):
    """`pixels`: (bits, alpha) -> pixel format; `options`: encoder settings per quality, after `common`."""

    encoder: str
    pixels: dict
    options: tuple
    common: dict = {}
    tag: str | None = None


class AudioCodec(NamedTuple):
    """`rates`: sample rates it takes, () for any; `kbps`: per channel and quality; `layouts`: those that differ from LAYOUTS;
    `widened`: channel counts that are written as the next one, see `soundtrack`."""

    encoder: str
    sample: str
    rates: tuple = ()
    kbps: tuple = ()
    layouts: dict = {}
    widened: tuple = ()


class Container(NamedTuple):
    """`muxer`: FFmpeg's name; `video`, `audio`: codecs it plays with, the default first; `alpha`: codecs that keep it."""

    muxer: str
    video: tuple
    audio: tuple
    alpha: tuple = ()


def _crf(values, key="preset", speeds=("veryfast", "fast", "medium", "slow")):
    return tuple({"crf": str(crf), key: speed} for crf, speed in zip(values, speeds))


VIDEO = {
    "h264": VideoCodec("libx264", {(8, False): "yuv420p", (10, False): "yuv420p10le"}, _crf((28, 23, 18, 12))),
    "h265": VideoCodec("libx265", {(8, False): "yuv420p", (10, False): "yuv420p10le"}, _crf((30, 26, 20, 14)), {"x265-params": "log-level=error"}, "hvc1"),
    "av1": VideoCodec("libsvtav1", {(8, False): "yuv420p", (10, False): "yuv420p10le"}, _crf((45, 35, 24, 15), speeds=("10", "8", "6", "5"))),
    "vp9": VideoCodec("libvpx-vp9", {(8, False): "yuv420p", (8, True): "yuva420p"}, _crf((40, 32, 22, 14), "cpu-used", ("6", "4", "3", "2")), {"b": "0", "row-mt": "1"}),
    "prores": VideoCodec("prores_ks", {(10, False): "yuv422p10le", (10, True): "yuva444p10le"}, tuple({"profile": p} for p in ("1", "2", "3", "3")), {"vendor": "apl0"}),
    "ffv1": VideoCodec("ffv1", {(8, False): "bgr0", (8, True): "bgra", (10, False): "gbrp10le", (10, True): "gbrap10le"}, ({},) * 4, {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}),
}
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
AUDIO = {
    "aac": AudioCodec("aac", "fltp", _AAC_RATES, (64, 96, 128, 160)),
    "opus": AudioCodec("libopus", "flt", (48000,), (48, 64, 96, 128), {4: "quad"}, (5, 7)),  # FFmpeg's libopus mixes up 5 and 7 channels
    "flac": AudioCodec("flac", "s32", layouts={4: "quad"}),
    "alac": AudioCodec("alac", "s32p", layouts={7: "6.1(back)", 8: "7.1(wide)"}),
    "pcm16": AudioCodec("pcm_s16le", "s16"),
    "pcm24": AudioCodec("pcm_s24le", "s32"),
    "pcm32f": AudioCodec("pcm_f32le", "flt"),
}
LOSSLESS = ("flac", "alac", "pcm16", "pcm24", "pcm32f")
# AAC is not offered in Matroska: nothing there says where its last block really ends.
CONTAINERS = {
    "mp4": Container("mp4", ("h264", "h265", "av1", "vp9"), ("aac", "opus", "flac", "alac")),
    "mov": Container("mov", ("prores", "h264", "h265"), ("pcm24", "pcm16", "pcm32f", "aac", "alac"), ("prores",)),
    "mkv": Container("matroska", ("h264", "h265", "av1", "vp9", "prores", "ffv1"), ("flac", "opus", "pcm16", "pcm24", "pcm32f"), ("vp9", "ffv1", "prores")),
    "webm": Container("webm", ("vp9", "av1"), ("opus",), ("vp9",)),
}
# What every browser of today shows. The rest gets a proxy for the preview.
_BROWSERS = {"mp4": ("h264", "av1", "vp9", "aac", "opus", "flac"), "webm": ("vp9", "av1", "opus")}
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


class Form(NamedTuple):
    """One allowed choice: names from the tables above."""

    container: str
    video: str
    audio: str
    quality: str = "high"
    depth: int = 8

    def pixel_format(self, alpha):
        """(pixel format, depth that it has, whether it has alpha): the nearest to what was asked that can be had."""
        has = _pixel_formats(VIDEO[self.video].encoder)
        alpha = alpha and self.video in CONTAINERS[self.container].alpha
        offered = {key: name for key, name in VIDEO[self.video].pixels.items() if name in has}
        best = min(offered, key=lambda key: (key[1] != alpha, abs(key[0] - self.depth)))
        return offered[best], *best

    def video_options(self, alpha):
        codec = VIDEO[self.video]
        options = {**codec.common, **codec.options[QUALITIES.index(self.quality)]}
        return {**options, "profile": "4"} if alpha and self.video == "prores" else options

    def sample_rate(self, wanted):
        """The rate to write sound of `wanted` Hz at: the same, or the next higher one that the codec takes."""
        rates = AUDIO[self.audio].rates
        return wanted if not rates or wanted in rates else min((r for r in rates if r >= wanted), default=max(rates))

    def channels(self, given):
        """How many channels sound of `given` ones is written with."""
        return 2 if given not in LAYOUTS else given + 1 if given in AUDIO[self.audio].widened else given

    def layout(self, channels):
        return AUDIO[self.audio].layouts.get(channels, LAYOUTS[channels])

    def bit_rate(self, channels, sample_rate):
        """Bits per second, None for codecs without a choice."""
        kbps = AUDIO[self.audio].kbps
        return min(1000 * kbps[QUALITIES.index(self.quality)], 4 * sample_rate) * channels if kbps else None

    @property
    def shows_in_browsers(self):
        return shows_picture(self.container, self.video, self.depth) and self.audio in _BROWSERS[self.container]


def shows_picture(container, video, depth=8):
    """Whether browsers show pictures of this codec and depth from this container."""
    return video in _BROWSERS.get(container, ()) and (depth == 8 or video != "h264")


def choose(container="mp4", video="auto", audio="auto", quality="high", depth=8):
    """A Form, with "auto" filled in. MediaError for what does not play together or is not in this PyAV."""
    if container not in CONTAINERS:
        raise MediaError(f"There is no container {container!r}; there is {', '.join(CONTAINERS)}.")
    home, picked = CONTAINERS[container], []
    for name, offered in ((video, home.video), (audio, home.audio)):
        name = offered[0] if name == "auto" else name
        if name not in offered:
            others = [other for other, row in CONTAINERS.items() if name in row.video + row.audio]
            raise MediaError(f"{name} does not play in {container}, which takes {', '.join(offered)}; {name} goes into {' or '.join(others) or 'nothing here'}.")
        picked.append(name)
    missing = [name for name in picked if not available(name)]
    if missing:
        raise MediaError(f"The installed PyAV cannot encode {' and '.join(missing)}; choose another codec, or install PyAV from its wheels.")
    if quality not in QUALITIES or depth not in DEPTHS:
        raise MediaError(f"Quality is one of {', '.join(QUALITIES)} and depth 8 or 10, not {quality!r} and {depth!r}.")
    return Form(container, *picked, quality, depth)


def available(name):
    """Whether the installed PyAV really encodes this codec of the tables."""
    return bool(_pixel_formats(VIDEO[name].encoder)) if name in VIDEO else _opens(name)


@functools.cache
def _pixel_formats(encoder):
    import av  # here, so that menus can be made from these tables before anything heavy is loaded

    try:
        return tuple(entry.name for entry in av.Codec(encoder, "w").video_formats or ())
    except ValueError:  # UnknownCodecError
        return ()


@functools.cache
def _opens(name):
    import av

    codec = AUDIO[name]
    try:
        context = av.CodecContext.create(codec.encoder, "w")
        context.sample_rate, context.layout, context.format = 48000, "stereo", codec.sample
        context.open()
        return True
    except (ValueError, OSError):
        return False
