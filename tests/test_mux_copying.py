"""Pictures that are copied into a new file as they are, packet for packet."""

import os
from fractions import Fraction

import av
import pytest

from media import formats
from media.clock import samples_for
from media.copying import CopySource
from media.delivery import pictures_of
from media.writing import write_clip
from test_mux import FRAMES, bars, check, noise
from test_mux_faults import Cancelled


def packets(path):
    with av.open(str(path)) as file:
        return [(bytes(packet), packet.pts * packet.time_base) for packet in file.demux(video=0) if packet.size]




@pytest.mark.parametrize("source,target,codec", [("mp4", "mp4", "h264"), ("mkv", "mp4", "h264"), ("mp4", "mkv", "h265"), ("mkv", "mov", "h265"), ("mkv", "webm", "vp9"),
                                                 ("webm", "mp4", "vp9"), ("mp4", "webm", "av1"), ("mov", "mkv", "prores"), ("mkv", "mkv", "ffv1")])
@pytest.mark.parametrize("rate", [24, Fraction(30000, 1001)])
def test_pictures_are_copied_bit_for_bit(tmp_path, source, target, codec, rate):
    old, new = tmp_path / f"old.{source}", tmp_path / f"new.{target}"
    write_clip(old, bars(), rate, noise(1, 20000), 48000, form=formats.choose(source, codec))
    given = pictures_of(str(old), 0, 0, target, "auto", "picture")
    assert given.video == codec and given.frames == FRAMES and given.origin == 0
    wave = noise(2, samples_for(FRAMES, rate, 48000), 5)
    written = write_clip(new, given.pictures, given.rate, wave, 48000, form=formats.choose(target, codec))
    assert written.copied and written.rate == rate and written.frames == FRAMES
    before, after = packets(old), packets(new)
    assert [data for data, _ in after] == [data for data, _ in before]
    assert max(abs(a - b) for (_, a), (_, b) in zip(before, after)) <= Fraction(1, 1000)
    check(new, written, Fraction(rate), wave, 48000, formats.CONTAINERS[target].audio[0])


def test_what_cannot_be_copied_is_encoded(tmp_path):
    old = tmp_path / "old.mp4"
    write_clip(old, bars(), 24)
    for arguments in ((0.1, 0, "mp4", "auto", "picture"), (0, 0.2, "mp4", "auto", "picture"), (0, 0, "webm", "auto", "picture"), (0, 0, "mp4", "h264", "picture"), (0, 0, "mp4", "auto", "sound")):
        assert not isinstance(pictures_of(str(old), *arguments).pictures, CopySource)


def test_a_variable_rate_is_copied_with_its_times(tmp_path):
    old, new = tmp_path / "old.mkv", tmp_path / "new.mp4"
    times = [0, 40, 100, 140, 300, 330]
    with av.open(str(old), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time in times:
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    written = write_clip(new, CopySource(old), None, noise(1, 48000), 48000)
    assert written.copied
    assert sorted(time for _, time in packets(new)) == [Fraction(time, 1000) for time in times]
    assert [data for data, _ in packets(new)] == [data for data, _ in packets(old)]


def test_a_cancel_while_copying(tmp_path):
    write_clip(tmp_path / "old.mp4", bars(48), 24)

    def stop(done):
        raise Cancelled

    with pytest.raises(Cancelled):
        write_clip(tmp_path / "new.mp4", CopySource(tmp_path / "old.mp4"), None, noise(1, 96000), 48000, progress=stop)
    assert os.listdir(tmp_path) == ["old.mp4"]
