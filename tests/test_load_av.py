"""Reading files as they come: late, turned, uneven, with many tracks and channels, in part, and broken."""

import importlib
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from av.stream import Disposition

import headless
from media import formats
from media.errors import MediaError
from media.reading import Pictures, has_pictures, probe, read_clip, read_sound, read_sound_alone
from media.writing import write_clip, write_sound
from test_mux import bars, lag, noise

torch.set_num_threads(1)


def steps(frames, height=32, width=32):
    """[F, H, W, 3], each frame of one grey, all different."""
    return torch.linspace(0.1, 0.9, frames)[:, None, None, None].expand(frames, height, width, 3)


def level_of(frame):
    return float(frame.mean())


def film(path, times, sound=None, sound_at=0, sample_rate=48000, codec="ffv1"):
    """A file with pictures at `times` (milliseconds), one grey after another, and a waveform [C, N] that starts at `sound_at`."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=30)
        video.width = video.height = 32
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream("pcm_f32le", rate=sample_rate, layout="mono") if sound is not None else None
        for number, time in enumerate(times):
            grey = np.full((48, 32), 20 + 200 * number // len(times), np.uint8)
            grey[32:] = 128
            frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(video.encode(frame))
        if audio:
            block = av.AudioFrame.from_ndarray(sound.numpy(), format="flt", layout="mono")
            block.sample_rate, block.pts, block.time_base = sample_rate, round(sound_at * sample_rate), Fraction(1, sample_rate)
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
        container.mux(video.encode(None))


def test_a_variable_rate_keeps_its_times(tmp_path):
    """Bursts at 25 a second with pauses: every picture at its time, to half a frame, and the pauses are held."""
    times = [0, 40, 80, 400, 440, 480, 520, 1000, 1040, 1080]
    film(tmp_path / "uneven.mkv", times)
    info = probe(tmp_path / "uneven.mkv")
    clip = read_clip(tmp_path / "uneven.mkv")
    assert not info.even and clip.rate == info.rate == 25
    levels = [level_of(frame) for frame in clip.frames]
    changes = [0] + [k for k in range(1, len(levels)) if levels[k] > levels[k - 1] + 0.02]
    assert [Fraction(k) / clip.rate * 1000 for k in changes] == times
    assert len(clip.frames) == 28


def test_jitter_is_no_variable_rate(tmp_path):
    film(tmp_path / "jitter.mkv", [0, 33, 68, 99, 134, 166, 201, 233, 266, 301])
    clip = read_clip(tmp_path / "jitter.mkv")
    assert clip.rate == 30 and len(clip.frames) == 10
    assert [level_of(f) for f in clip.frames] == sorted({level_of(f) for f in clip.frames})


@pytest.mark.parametrize("delay", [0.5, -0.25])
def test_offsets_between_sound_and_picture_are_kept(tmp_path, delay):
    """Sound that starts later or earlier than the picture: sample 0 is where frame 0 is."""
    wave, first = noise(1, 48000), 1000
    film(tmp_path / "late.mkv", [first + 1000 * k // 25 for k in range(25)], wave, 1 + delay)
    clip = read_clip(tmp_path / "late.mkv")
    place = round(delay * 48000)
    if delay > 0:
        assert not clip.waveform[0, :place].any() and torch.equal(clip.waveform[0, place:], wave[0])
    else:
        assert torch.equal(clip.waveform[0], wave[0, -place:])


MATRIX = {0: (1, 0, 0, 1), -90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 90: (0, -1, 1, 0)}


@pytest.mark.parametrize("angle", MATRIX)
def test_a_rotation_is_applied(tmp_path, angle):
    """As a phone writes it: the sensor's pictures, and a matrix in the track header."""
    picture = torch.zeros(3, 32, 64, 3)
    picture[:, :16, :32] = 1  # top left, then where the matrix takes it
    path = tmp_path / "turned.mp4"
    write_clip(path, picture, 24, noise(1, 6000), 48000)
    data = path.read_bytes()
    a, b, c, d = (value << 16 for value in MATRIX[angle])
    at = data.index(b"tkhd") + 4 + 40
    turned = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data[:at] + turned + data[at + 36:])
    expected = np.rot90(picture[0].numpy(), angle // 90)
    back = read_clip(path).frames[0].numpy()
    assert back.shape == expected.shape and np.abs(back - expected).mean() < 0.02


def tracks(path, count=3):
    stems = {f"part {k}": 0.2 * noise(2, 48000, k + 2) for k in range(count)}
    write_clip(path, bars(24), 24, sum(stems.values()), 48000, form=formats.choose(path.suffix[1:], audio="flac"), stems=stems)
    return stems


def test_the_track_is_chosen(tmp_path):
    stems = tracks(tmp_path / "clip.mkv")
    for number, wave in enumerate(stems.values(), 2):
        clip = read_clip(tmp_path / "clip.mkv", track=number)
        assert (clip.waveform - wave).abs().max() < 2**-22 and not clip.stems
    assert read_clip(tmp_path / "clip.mkv", track=0).waveform is None
    with pytest.raises(MediaError, match="4 sound track.s., not 5: Mix, Stem: part 0"):
        read_clip(tmp_path / "clip.mkv", track=5)


def test_a_picture_alone(tmp_path):
    write_clip(tmp_path / "clip.mp4", bars(), 24)
    clip = read_clip(tmp_path / "clip.mp4", stems=True)
    assert clip.waveform is None and clip.sample_rate is None and clip.stems == {}


def test_sound_alone_is_refused(tmp_path):
    write_sound(tmp_path / "sound.flac", noise(1, 4800), 48000)
    with pytest.raises(MediaError, match="holds no pictures"):
        read_clip(tmp_path / "sound.flac")


@pytest.mark.parametrize("container,codec,audio", [("mp4", "h264", "aac"), ("mp4", "h264", "flac"), ("mov", "h264", "pcm24"), ("mkv", "h264", "flac"), ("webm", "vp9", "opus")])
@pytest.mark.parametrize("rate", [24, Fraction(30000, 1001)])
def test_a_window_is_the_part_of_the_whole(tmp_path, container, codec, audio, rate):
    path = tmp_path / f"clip.{container}"
    count = round(6 * rate)
    options = {"g": "24"} if codec == "vp9" else {"g": "24", "threads": "1"}
    write_clip(path, steps(count), rate, noise(2, 288000), 48000, form=formats.choose(container, codec, audio, "draft"), options=options)
    whole = read_clip(path)
    for start, duration in ((0, 0.5), (1, 1), (2.5, None), (3.3, 0.01), (5.9, 5)):
        part = read_clip(path, start, duration, progress=None)
        first = int(Fraction(start).limit_denominator(1000) * rate + Fraction(1, 1000))
        frames = count - first if duration is None else min(count - first, max(1, round(Fraction(duration).limit_denominator(1000) * rate)))
        assert part.rate == rate and torch.equal(part.frames, whole.frames[first:first + frames])
        at = round(first * 48000 / rate)
        if duration:
            assert part.waveform.shape[1] == round(frames * 48000 / rate)
        size = min(part.waveform.shape[1], whole.waveform.shape[1] - at)
        if size > 4000:
            assert abs(lag(whole.waveform[0, at:at + size], part.waveform[0, :size])) <= (49 if container in ("mkv", "webm") else 0.5)  # Matroska counts in ms


def test_what_is_outside_the_window_is_not_decoded(tmp_path):
    path = tmp_path / "clip.mp4"
    write_clip(path, steps(240), 24, form=formats.choose("mp4", quality="draft"), options={"g": "24", "bf": "0", "threads": "1"})
    reader, seen = Pictures(path, 8.0, 0.5), []
    slots = reader._slots
    reader._slots = lambda container: (seen.append(slot) or (slot, frame) for slot, frame in slots(container))
    assert len(list(reader)) == 12 and len(seen) < 60


def test_a_window_behind_the_end(tmp_path):
    write_clip(tmp_path / "clip.mp4", bars(), 24)
    with pytest.raises(MediaError, match="no picture at 7 s"):
        read_clip(tmp_path / "clip.mp4", 7)


@pytest.mark.parametrize("container,audio", [("mp4", "aac"), ("mkv", "flac"), ("mov", "pcm24"), ("webm", "opus")])
def test_eight_channels(tmp_path, container, audio):
    path = tmp_path / f"clip.{container}"
    write_clip(path, bars(), 24, noise(8, 24000), 48000, form=formats.choose(container, {"webm": "vp9"}.get(container, "h264"), audio))
    assert read_clip(path, stems=True).waveform.shape == (8, 24000)


def test_ten_bits_come_back_as_ten(tmp_path):
    ramp = torch.linspace(0.4, 0.5, 256)[None, None, :, None].expand(2, 16, 256, 3)
    write_clip(tmp_path / "clip.mkv", ramp, 24, form=formats.choose("mkv", "ffv1", depth=10))
    back = read_clip(tmp_path / "clip.mkv").frames
    assert len(back[0, 0, :, 0].unique()) > 90 and (back - ramp).abs().max() < 1 / 1000


@pytest.mark.parametrize("damage", ["cut", "cut index", "noise", "tail"])
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_a_damaged_file_is_read_or_refused(tmp_path, container, damage):
    path = tmp_path / f"clip.{container}"
    tracks(path)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[:len(data) * 3 // 5]
    elif damage == "cut index":
        data = data[:300]
    elif damage == "noise":
        hits = np.random.default_rng(0).integers(len(data) // 2, len(data), 200)
        for place in hits:
            data[place] ^= 0x5A
    else:
        data += b"\0" * 5000
    path.write_bytes(bytes(data))
    try:
        clip = read_clip(path, stems=True)
    except MediaError as error:
        assert "Cannot read" in str(error) or "holds no pictures" in str(error) or "could be decoded" in str(error)
    else:
        assert len(clip.frames) and torch.isfinite(clip.frames).all()


def test_sound_without_its_picture(tmp_path):
    stems = tracks(tmp_path / "clip.mkv")
    found, rate = read_sound(tmp_path / "clip.mkv", track=0, stems=True)
    assert list(found) == list(stems) and rate == 48000


def record(path, wave, cover=True):
    """A FLAC or MP3 of a waveform [2, N] with a picture on its cover."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("libmp3lame" if path.suffix == ".mp3" else "flac", rate=48000, layout="stereo")
        if cover:
            picture = container.add_stream("mjpeg", rate=1)
            picture.width = picture.height = 32
            picture.pix_fmt = "yuvj420p"
            picture.disposition = Disposition.attached_pic
            container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((48, 32), np.uint8), format="yuvj420p")))
            container.mux(picture.encode(None))
        for start in range(0, wave.shape[1], 1152):
            part = wave[:, start : start + 1152]
            block = av.AudioFrame.from_ndarray((part * 32767).round().to(torch.int16).numpy().T.reshape(1, -1).copy(), format="s16", layout="stereo")
            block.sample_rate = 48000
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))


@pytest.mark.parametrize("name, cover", [("song.flac", False), ("song.mp3", False), ("song.mp3", True)])
def test_a_file_of_sound_alone_gives_its_sound(tmp_path, name, cover):
    wave = noise(2, 48000)
    record(tmp_path / name, wave, cover)
    assert not has_pictures(tmp_path / name)
    clip = read_sound_alone(tmp_path / name)
    assert clip.frames is None and clip.rate is None and clip.sample_rate == 48000
    assert abs(clip.waveform.shape[1] - 48000) < 2304 and abs(lag(wave[0], clip.waveform[0])) < 0.01
    part = read_sound_alone(tmp_path / name, 0.25, 0.5)
    assert part.waveform.shape == (2, 24000) and abs(lag(clip.waveform[0, 12000:36000], part.waveform[0])) < 0.01
    assert read_sound_alone(tmp_path / name, 0.75, 5.0).waveform.shape[1] == clip.waveform.shape[1] - 36000
    with pytest.raises(MediaError, match="has no sound at 3 s"):
        read_sound_alone(tmp_path / name, 3)


def test_neither_picture_nor_sound(tmp_path):
    (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nword\n")
    with pytest.raises(MediaError, match="holds neither pictures nor sound"):
        read_sound_alone(tmp_path / "words.srt")


def test_a_sound_alone_in_a_workflow(tmp_path, caplog):
    """Its sound goes under other pictures; where pictures are wanted of it, one line says that there are none."""
    write_sound(tmp_path / "song.flac", noise(2, 48000), 48000)
    write_clip(tmp_path / "film.mp4", bars(), 24)
    load = node("LoadAV", file=str(tmp_path / "song.flac"))
    workflow = {"1": load, "2": node("LoadAV", file=str(tmp_path / "film.mp4")),
                "3": node("Mux", images=["2", 0], audio=["1", 1], rate=["2", 3], filename_prefix="clip", container="mkv", audio_codec="flac")}
    (out,) = headless.run(workflow, {}, out=tmp_path / "out.mkv")
    assert (read_clip(out).waveform - noise(2, 48000)[:, : read_clip(out).waveform.shape[1]])[:, :20000].abs().max() < 1e-4
    assert "song.flac holds no pictures; only audio and stems are given" in caplog.text
    for inputs, says in (({"video": ["1", 4]}, "song.flac holds no pictures"), ({"images": ["1", 0]}, "Connect either images or a video")):
        with pytest.raises(headless.mount().RunError, match=says):
            headless.run({"1": load, "3": node("Mux", **inputs, rate=24.0, filename_prefix="clip")}, {}, out=tmp_path / "none.mp4")
    assert not (tmp_path / "none.mp4").exists()


def node(kind, **inputs):
    return {"class_type": f"Phonofilm{kind}", "inputs": inputs}


def test_load_and_mux_without_comfyui(tmp_path):
    """What comes out of Load AV goes through Mux and comes back; the picture is copied, the stems are stems."""
    stems = tracks(tmp_path / "in.mkv")
    workflow = {"1": node("LoadAV", file=str(tmp_path / "in.mkv")),
                "2": node("Mux", video=["1", 4], audio=["1", 1], stems=["1", 2], rate=24.0, filename_prefix="clip", container="mkv")}
    (out,) = headless.run(workflow, {}, out=tmp_path / "out.mkv")
    clip, old = read_clip(out, stems=True), read_clip(tmp_path / "in.mkv", stems=True)
    assert torch.equal(clip.frames, old.frames) and torch.equal(clip.waveform, old.waveform)
    assert list(clip.stems) == list(stems) and all(torch.equal(clip.stems[name], old.stems[name]) for name in stems)


def test_mux_of_a_part(tmp_path):
    tracks(tmp_path / "in.mkv")
    workflow = {"1": node("LoadAV", file=str(tmp_path / "in.mkv"), start=0.25, duration=0.5),
                "2": node("Mux", video=["1", 4], rate=24.0, filename_prefix="clip", container="mov", stems_as="files", stems=["1", 2], loudness="-16 LUFS (Apple, podcast playback)")}
    folder = tmp_path / "out"
    folder.mkdir()
    files = headless.run(workflow, {}, out=folder)
    assert sorted(file.name for file in files) == ["clip_00001_.mov", *(f"clip_00001_part {k}.flac" for k in range(3))]
    clip = read_clip(folder / "clip_00001_.mov")
    assert len(clip.frames) == 12 and clip.waveform.shape == (2, 24000)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Exception, match="There is no file"):
        headless.run({"1": node("LoadAV", file=str(tmp_path / "none.mp4")), "2": node("Mux", video=["1", 4], rate=24.0, filename_prefix="clip")}, {}, out=tmp_path)


def test_mux_says_what_was_changed(tmp_path):
    mux = importlib.import_module("phonofilm.nodes.mux") if headless.mount() else None
    written = importlib.import_module("phonofilm.media.writing").Written(12, Fraction(24), 64, 64, 24000, 48000, ("a note",), True)
    text = mux.report(tmp_path / "clip.mp4", formats.Form("mp4", "h264", "aac"), written, [])
    assert text.splitlines() == ["clip.mp4: 12 frames of 64x64 at 24 per second, picture copied bit for bit, aac 24000 samples at 48000 Hz", "a note"]
