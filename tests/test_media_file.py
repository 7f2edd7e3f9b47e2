"""Clips written and read back: the file must say exactly what was sent."""

import os
import resource
import threading
from fractions import Fraction

import av
import pytest
import torch

from media.clock import frame_at, frames_for, samples_for, seconds_of, snap_rate
from media.errors import MediaError
from media.naming import claim
from media.reading import read_clip
from media.writing import write_clip

torch.set_num_threads(1)


def moving_bar(frames, height=48, width=64):
    """[F, H, W, 3] with a bar that steps one column a frame, on grey."""
    picture = torch.full((frames, height, width, 3), 0.25)
    for k in range(frames):
        picture[k, :, k % width] = 0.9
    return picture


def clicks(channels, samples, at):
    wave = torch.zeros(channels, samples)
    wave[:, at] = 0.9
    return wave


@pytest.mark.parametrize("rate", [24, 25, 30, Fraction(24000, 1001), Fraction(30000, 1001)])
@pytest.mark.parametrize("sample_rate", [24000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_what_comes_back_is_what_was_sent(tmp_path, rate, sample_rate, channels):
    frames, samples = 49, samples_for(49, rate, sample_rate)
    at = [samples // 5, samples // 2 + 11, samples - 700]
    path = tmp_path / "clip.mp4"
    written = write_clip(path, moving_bar(frames), rate, clicks(channels, samples, at), sample_rate)
    assert written[:6] == (frames, rate, 64, 48, samples, sample_rate) and not written.notes
    clip = read_clip(path)
    assert clip.frames.shape == (frames, 48, 64, 3) and clip.rate == rate
    assert [int(f.mean((0, 2)).argmax()) for f in clip.frames] == list(range(frames))
    assert clip.waveform.shape == (channels, samples) and clip.sample_rate == sample_rate
    for position in at:
        window = clip.waveform[0, position - 300:position + 300]
        assert abs(int(window.abs().argmax()) - 300) <= 0.0005 * sample_rate
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.start_time == 0 and audio.start_time == 0
        assert video.average_rate == rate and video.duration * video.time_base == frames / Fraction(rate)
        assert audio.duration * audio.time_base == Fraction(samples, sample_rate)


def test_the_sound_is_padded_or_cut_to_the_picture(tmp_path):
    path = tmp_path / "clip.mp4"
    tone = 0.5 * torch.sin(torch.arange(96000) * 0.1)[None]
    write_clip(path, moving_bar(24), 24, tone[:, :12000], 48000)
    clip = read_clip(path)
    assert clip.waveform.shape == (1, 48000)
    assert clip.waveform[0, :11000].std() > 0.3 and clip.waveform[0, 14000:].abs().max() < 1e-3
    write_clip(path, moving_bar(24), 24, tone, 48000)
    clip = read_clip(path)
    assert clip.waveform.shape == (1, 48000)
    assert clip.waveform[0, -600:-480].abs().max() > 0.4 > 0.1 > clip.waveform[0, -20:].abs().max()


@pytest.mark.parametrize("samples", [1, 2, 1023, 1025])
@pytest.mark.parametrize("frames", [1, 2])
def test_the_smallest_clips_are_whole(tmp_path, frames, samples):
    write_clip(tmp_path / "clip.mp4", moving_bar(frames), 24, torch.full((2, samples), 0.3), 24000)
    clip = read_clip(tmp_path / "clip.mp4")
    assert len(clip.frames) == frames and clip.waveform.shape == (2, 1000 * frames)


@pytest.mark.parametrize("height,width", [(1, 1), (2, 2), (63, 65), (64, 33)])
def test_odd_sizes_get_their_edge_doubled(tmp_path, height, width):
    picture = torch.rand(1, height, width, 3).repeat(3, 1, 1, 1).mean(-1, keepdim=True).expand(-1, -1, -1, 3)
    write_clip(tmp_path / "clip.mp4", picture, 24, options={"crf": "1"})
    back = read_clip(tmp_path / "clip.mp4").frames
    assert back.shape[1:3] == (height + height % 2, width + width % 2)
    assert (back[:, :height, :width] - picture).abs().max() < 0.03
    assert (back[:, -1, :width] - picture[:, -1]).abs().max() < 0.03


def test_colours_are_rounded_not_truncated(tmp_path):
    torch.manual_seed(0)
    colours = torch.rand(16, 1, 1, 3).expand(16, 32, 32, 3)
    write_clip(tmp_path / "clip.mp4", colours, 24, options={"crf": "1"})
    error = 255 * (read_clip(tmp_path / "clip.mp4").frames - colours)
    assert error.abs().max() < 2.1 and error.mean().abs() < 0.4
    with av.open(str(tmp_path / "clip.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_metadata_comes_back(tmp_path):
    write_clip(tmp_path / "clip.mp4", moving_bar(2), 24, metadata={"prompt": {"1": ["ä", 2]}, "comment": "plain"})
    metadata = read_clip(tmp_path / "clip.mp4").metadata
    assert metadata["prompt"] == '{"1": ["\\u00e4", 2]}' and metadata["comment"] == "plain"


def test_index_first_and_sound_beside_picture(tmp_path):
    path = tmp_path / "clip.mp4"
    noise = torch.rand(96, 96, 96, 3, generator=torch.Generator().manual_seed(0))
    write_clip(path, noise, 24, torch.rand(2, 96 * 2000) - 0.5, 48000, options={"preset": "ultrafast"})
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        packets = [(p.pos, p.stream.type, float(p.pts * p.time_base)) for p in container.demux() if p.size]
    packets.sort()
    heard = 0.0
    for _, kind, time in packets:
        if kind == "audio":
            heard = time
        elif time > 2:  # while x264 looks ahead, its packets of the first second come late
            assert abs(time - heard) < 0.25


def test_chunks_are_read_as_they_are_written(tmp_path):
    asked = []

    def chunks():
        for k in range(0, 48, 8):
            asked.append((k, done[-1] if done else 0))
            yield moving_bar(48)[k:k + 8]

    done = []
    write_clip(tmp_path / "clip.mp4", chunks(), 24, torch.zeros(1, 96000), 48000, progress=done.append)
    assert done == list(range(1, 49))
    assert asked[-1] == (40, 40)
    assert len(read_clip(tmp_path / "clip.mp4").frames) == 48


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("old", [None, b"", b"an older clip", "claimed"])
def test_a_cancel_leaves_nothing_half_written(tmp_path, old):
    path = tmp_path / "clip.mp4"
    if old == "claimed":
        path, old = claim(tmp_path, "clip", ".mp4"), None
    if old is not None:
        path.write_bytes(old)

    def stop(done):
        if done == 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_clip(path, moving_bar(48), 24, torch.zeros(1, 96000), 48000, progress=stop)
    assert os.listdir(tmp_path) == ([] if old is None else ["clip.mp4"])
    if old is not None:
        assert path.read_bytes() == old


def test_nothing_is_left_on_a_full_disk(tmp_path):
    frames = torch.rand(48, 64, 64, 3)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        for limit in (100, 20_000, 60_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            with pytest.raises(MediaError, match="size limit"):
                write_clip(tmp_path / "clip.mp4", frames, 24, torch.rand(2, 96000) - 0.5, 48000)
            assert os.listdir(tmp_path) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o555)
    child = os.fork()
    if child == 0:  # root may write anywhere, so ask as nobody
        code = 1
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            for attempt in (lambda: write_clip(tmp_path / "clip.mp4", moving_bar(2), 24),
                            lambda: claim(tmp_path, "clip", ".mp4")):
                try:
                    attempt()
                except MediaError as error:
                    code = 0 if "no permission" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_paths_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    for path in ("none/clip.mp4", "file/clip.mp4", "x" * 300 + ".mp4"):
        with pytest.raises(MediaError, match="Cannot write"):
            write_clip(tmp_path / path, moving_bar(2), 24)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("frames,wave,sample_rate,message", [
    (torch.zeros(0, 8, 8, 3), None, None, "no frames"),
    ([], None, None, "no frames"),
    (torch.zeros(2, 8, 8, 2), None, None, r"\[F, H, W, C\]"),
    (torch.zeros(8, 8, 3), None, None, r"\[F, H, W, C\]"),
    (torch.zeros(1, 2, 8, 8, 3), None, None, r"\[F, H, W, C\]"),
    ([torch.zeros(2, 8, 8, 3), torch.zeros(2, 8, 9, 3)], None, None, "frame 2"),
    (torch.zeros(2, 8, 8, 3), torch.zeros(9), 48000, r"\[channels, samples\]"),
    (torch.zeros(2, 8, 8, 3), torch.zeros(1, 9), 44100.5, "sample rate"),
    (torch.zeros(2, 8, 8, 3), torch.zeros(1, 9), 0, "sample rate"),
    (torch.zeros(1, 2, 20000, 3), None, None, "encoder"),
])
def test_what_cannot_be_written_is_said(tmp_path, frames, wave, sample_rate, message):
    with pytest.raises(MediaError, match=message):
        write_clip(tmp_path / "clip.mp4", frames, 24, wave, sample_rate)
    assert os.listdir(tmp_path) == []


def test_inputs_are_not_changed(tmp_path):
    frames, wave = 3 * torch.rand(3, 9, 9, 3) - 1, 3 * torch.rand(2, 48000) - 1
    before = frames.clone(), wave.clone()
    write_clip(tmp_path / "clip.mp4", frames.requires_grad_(), 24, wave, 48000)
    assert torch.equal(frames, before[0]) and torch.equal(wave, before[1])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_taken(tmp_path, dtype):
    frames = moving_bar(3).transpose(1, 2).to(dtype)
    write_clip(tmp_path / "clip.mp4", frames, 24, torch.rand(1, 6000).to(dtype), 48000)
    assert (read_clip(tmp_path / "clip.mp4").frames - frames.float()).abs().mean() < 0.02


def test_names_are_claimed_once(tmp_path):
    (tmp_path / "clip_00007_.mp4").write_bytes(b"old")
    (tmp_path / "clip_other.mp4").write_bytes(b"old")
    names, barrier = [], threading.Barrier(8)

    def work():
        barrier.wait()
        for _ in range(10):
            names.append(claim(tmp_path, "clip", ".mp4").name)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == [f"clip_{n:05d}_.mp4" for n in range(8, 88)]
    assert not set(names) & set(os.listdir(tmp_path)), "nothing stands under a name before the file is whole"


def test_a_name_that_another_program_took_meanwhile(tmp_path):
    path = claim(tmp_path, "clip", ".mp4")
    path.write_bytes(b"theirs")
    with pytest.raises(MediaError, match="another program"):
        write_clip(path, moving_bar(2), 24)
    assert path.read_bytes() == b"theirs" and os.listdir(tmp_path) == [path.name]
    again = claim(tmp_path, "clip", ".mp4")
    write_clip(again, moving_bar(2), 24)
    assert sorted(os.listdir(tmp_path)) == ["clip_00001_.mp4", "clip_00002_.mp4"] == [path.name, again.name]


def test_a_late_sound_stays_late(tmp_path):
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=24)
        video.width, video.height, video.pix_fmt = 16, 16, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for k in range(24):
            frame = av.VideoFrame(16, 16, "yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, 24)
            container.mux(video.encode(frame))
        block = torch.full((1, 12000), 9000, dtype=torch.int16)
        sound = av.AudioFrame.from_ndarray(block.numpy(), format="s16", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = 48000, 24000, Fraction(1, 48000)
        container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    wave = read_clip(path).waveform[0]
    assert wave[:24000].abs().max() == 0 and wave[24000:36000].min() > 0.2


def test_eight_channels_do_not_crash(tmp_path):
    path = tmp_path / "surround.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 16, 16, "yuv420p"
        audio = container.add_stream("aac", rate=48000, layout="7.1")
        container.mux(video.encode(av.VideoFrame(16, 16, "yuv420p")))
        for k in range(4):
            packed = torch.zeros(1, 1024 * 8).numpy()
            sound = av.AudioFrame.from_ndarray(packed, format="flt", layout="7.1")
            sound.sample_rate, sound.pts, sound.time_base = 48000, 1024 * k, Fraction(1, 48000)
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    assert read_clip(path).waveform.shape[0] == 8


@pytest.mark.parametrize("content", [b"", b"not a film" * 100])
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "clip.mp4").write_bytes(content)
    with pytest.raises(MediaError, match="Cannot read"):
        read_clip(tmp_path / "clip.mp4")
    with pytest.raises(MediaError, match="Cannot read"):
        read_clip(tmp_path / "none.mp4")


@pytest.mark.parametrize("number,exact", [
    (23.976, Fraction(24000, 1001)), (23.98, Fraction(24000, 1001)), (Fraction(2997, 125), Fraction(24000, 1001)),
    (29.97, Fraction(30000, 1001)), (Fraction(2997, 100), Fraction(30000, 1001)), (59.94, Fraction(60000, 1001)),
    (59.94005994, Fraction(60000, 1001)), (24, 24), (24.0, 24), (12.5, Fraction(25, 2)), (1000, 1000),
    ("30000/1001", Fraction(30000, 1001)), (Fraction(30000, 1001), Fraction(30000, 1001)), (0.01, Fraction(1, 100)),
])
def test_rates_snap(number, exact):
    assert snap_rate(number) == exact


@pytest.mark.parametrize("number", [0, -24, float("nan"), float("inf"), 1e6, "film", None])
def test_impossible_rates_are_refused(number):
    with pytest.raises(MediaError, match="frame rate"):
        snap_rate(number)


def test_samples_for_rounds_exactly():
    assert samples_for(97, 24, 24000) == 97000
    assert samples_for(49, Fraction(24000, 1001), 44100) == round(Fraction(49 * 44100 * 1001, 24000))
    assert samples_for(10**6, Fraction(30000, 1001), 48000) == 1601600000


def test_frames_and_seconds_meet_exactly():
    rate = Fraction(30000, 1001)
    for frame in (0, 1, 7, 107_892):
        assert frame_at(seconds_of(frame, rate), rate) == frame
        assert frame_at(seconds_of(frame + 1, rate) - Fraction(1, 10**9), rate) == frame
    assert frames_for(4, 24) == 96 and frames_for(0, 24) == 1
