"""Pictures through an encoder, frame by frame."""

import os
from itertools import repeat

import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from . import formats
from .pixels import Quantiser, whole_frames

BT709 = 1
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
_STEPS = {"yuv420p": (2, 2), "yuva420p": (2, 2), "yuv420p10le": (2, 2), "yuv422p10le": (1, 2)}


class EncodedPictures:
    """Frames (see `write_clip`) at `rate`, encoded as `form` says; the last is held up to `least` frames, none come after `most`."""

    least, most = 1, None

    def __init__(self, frames, rate, form, options, notes):
        self.frames, self.rate, self.form, self.options = whole_frames(frames), rate, form, options
        self.first = next(self.frames)
        shape = self.first.shape
        self.format, depth, self.alpha = form.pixel_format(shape[-1] == 4)
        if depth < form.depth:
            notes[f"{form.video} is written with {depth} bits, not {form.depth}"] += 1
        self.packed = {(8, False): "rgb24", (8, True): "rgba", (10, False): "rgb48le", (10, True): "rgba64le"}[depth, self.alpha]
        self.quantise = Quantiser(shape, depth, self.alpha, _STEPS.get(self.format, (1, 1)), notes)
        self.width, self.height = self.quantise.width, self.quantise.height
        self.is_rgb = self.format.startswith(("bgr", "gbr"))
        self.reformatter = VideoReformatter()

    def open(self, container):
        codec = formats.VIDEO[self.form.video]
        os.environ.setdefault("SVT_LOG", "1")  # errors; by default the library prints its settings to the terminal
        options = {**self.form.video_options(self.alpha), **self.options}
        stream = container.add_stream(codec.encoder, rate=self.rate, options=options)
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, self.format
        context = stream.codec_context
        context.time_base = 1 / self.rate
        context.thread_type = "AUTO"  # PyAV's own choice has x264 cut each picture into slices, which costs quality
        context.color_primaries = context.color_trc = BT709
        context.colorspace = 0 if self.is_rgb else BT709
        context.color_range = ColorRange.JPEG if self.is_rgb else ColorRange.MPEG
        if codec.tag and self.form.container in ("mp4", "mov"):
            context.codec_tag = codec.tag
        return stream

    def encoded(self, stream):
        """Yield (frames so far, packets) for every frame."""
        count = 0
        for count, frame in enumerate(self._frames(), 1):
            picture = self._picture(self.quantise(frame))
            picture.pts, picture.time_base = count - 1, 1 / self.rate
            yield count, stream.encode(picture)

    def rest(self, stream):
        return stream.encode(None)

    def _frames(self):
        last, given = self.first, 0
        while last is not None and (self.most is None or given < self.most):
            yield last
            given, held = given + 1, last
            last = next(self.frames, None)
        yield from repeat(held, max(0, self.least - given))

    def _picture(self, pixels):
        frame = av.VideoFrame.from_ndarray(pixels, format=self.packed)
        if self.is_rgb:
            return self.reformatter.reformat(frame, format=self.format, interpolation=_EXACT)
        return self.reformatter.reformat(
            frame, format=self.format, interpolation=_EXACT, src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU709, dst_color_trc=BT709, dst_color_primaries=BT709)
