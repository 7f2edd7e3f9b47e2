"""Pictures taken from another file packet by packet, bit for bit."""

from fractions import Fraction

import av

from .clock import snap_rate
from .formats import CONTAINERS
from .reading import CODEC_NAMES


class CopySource:
    """The picture packets of the file `path`: how many, when, and whether they can be moved as they are.

    `times` are the pts in rising order, in units of `unit` seconds, the first 0; `start` is where that is on the
    file's own clock (Fraction, seconds), `rate` the frames per second. Only the index is read here, no picture is decoded. `for_container(name)` tells whether the
    packets may go there: the codec plays in it, the file begins with a picture that stands by
    itself, and nothing in it is hidden by an edit list, as is the case in a clip cut by a phone.
    """

    def __init__(self, path):
        self.path = str(path)
        with av.open(self.path) as source:
            stream = source.streams.video[0] if source.streams.video else None
            self.codec = stream and CODEC_NAMES.get(stream.codec_context.name)
            self.packets, self.whole = 0, stream is not None
            pts, self.duration = [], 0
            for packet in source.demux(stream) if stream else ():
                if not packet.size:
                    continue
                if packet.pts is None or packet.is_discard or (not pts and not packet.is_keyframe):
                    self.whole = False
                    break
                pts.append(packet.pts)
                self.duration = packet.duration or self.duration
            self.whole = self.whole and len(set(pts)) == len(pts) > 0
            if not self.whole:
                return
            self.packets, self.width, self.height = len(pts), stream.width, stream.height
            self.rate = snap_rate(stream.average_rate or stream.base_rate)
            ordered = sorted(pts)
            self.unit = stream.time_base
            self.start = ordered[0] * self.unit
            at = [(p - ordered[0]) * self.unit * self.rate for p in ordered]
            # Matroska rounds every time to a millisecond; an even rate is restored from its count.
            self.even = all(abs(a - k) < max(Fraction(1, 50), self.rate / 900) for k, a in enumerate(at))
            if self.even:
                self.times, self.unit = range(len(pts)), 1 / self.rate
            else:
                self.times = [p - ordered[0] for p in ordered]
            # A packet is never shown before it is decoded.
            place = {p: k for k, p in enumerate(ordered)}
            self.order = [place[p] for p in pts]
            self.delay = max(self.times[k] - self.times[place_] for k, place_ in enumerate(self.order))

    def for_container(self, name):
        return self.whole and self.codec in CONTAINERS[name].video

    @property
    def frames(self):
        """Length of the clip in frames at `rate`."""
        if self.even:
            return self.packets
        last = (self.times[-1] + self.duration) * self.unit
        return max(1, round(last * self.rate))


class CopiedPictures:
    """A CopySource as the writer takes pictures: what `EncodedPictures` is for frames."""

    def __init__(self, source):
        self.source, self.rate, self.width, self.height = source, source.rate, source.width, source.height

    def open(self, container):
        self.input = av.open(self.source.path)
        stream = container.add_stream_from_template(self.input.streams.video[0], opaque=True)
        stream.time_base = self.source.unit
        return stream

    def encoded(self, stream):
        """Yield (frames so far, packets) for every packet."""
        source = self.source
        with self.input:
            number = 0
            for packet in self.input.demux(self.input.streams.video[0]):
                if not packet.size:
                    continue
                place = source.order[number]
                later = source.times[place + 1] if place + 1 < source.packets else source.times[place] + (1 if source.even else source.duration)
                shown = source.times[number]
                packet.stream, packet.time_base = stream, source.unit
                packet.pts, packet.dts, packet.duration = source.times[place], shown - source.delay, later - source.times[place]
                number += 1
                yield (source.frames if number == source.packets else min(source.frames, int(shown * source.unit * source.rate) + 1)), [packet]

    def rest(self, stream):
        return []
