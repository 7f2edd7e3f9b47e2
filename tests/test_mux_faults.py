"""What goes wrong around Mux and Load AV: said in a line or put right and said, with nothing half-written and no input changed."""

import importlib
import os
import re
import resource
import signal
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import torch

import headless
from media import formats
from media.copying import CopySource
from media.delivery import level, write_beside
from media.errors import MediaError
from media.naming import claim
from media.reading import probe, read_clip, read_sound
from media.writing import write_clip, write_sound
from test_load_av import film
from test_mux import CHEAP, bars, noise

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def mux(tmp_path):
    """Run the Mux node on tensors -> (VIDEO, report); files go to tmp_path."""
    classes = headless.mount().node_classes()
    executor, session = (importlib.import_module(f"phonofilm.headless.{name}") for name in ("executor", "session"))

    def run(report=lambda done: None, **inputs):
        inputs = {"rate": 24.0, "filename_prefix": "clip", **inputs}
        return executor.call(classes["PhonofilmMux"], inputs, {}, {}, "1", "Mux", session.Session(tmp_path, report)).args
    return run


def audio(waveform, sample_rate=48000):
    return {"waveform": waveform[None], "sample_rate": sample_rate}


def only(folder):
    (path,) = folder.iterdir()
    return path


def test_everything_wrong_at_once_is_put_right_and_said(tmp_path, mux):
    pictures, stems = 3 * bars() - 1, {name: noise(2, 24000, seed) for seed, name in enumerate(("dialogue", "music"))}
    pictures[3, 5, 5], pictures[4, 6, 6] = float("nan"), float("-inf")
    stems["music"][:, 7] = float("inf")
    sound = 100 * sum(stems.values()).nan_to_num(0, 0, 0)
    sound[0, 5] = float("nan")
    given = [pictures, sound, *stems.values()]
    before = [tensor.clone() for tensor in given]
    _, report = mux(images=pictures, audio=audio(sound), stems={name: audio(wave) for name, wave in stems.items()}, loudness="-14 LUFS (YouTube, Spotify, Tidal playback)")
    assert "pictures with NaN or infinity, those pixels now black (frames): 2" in report
    assert "the sound: NaN or infinity, now 0 (samples): 1" in report and "Stem: music: NaN or infinity, now 0 (samples): 2" in report
    clip = read_clip(only(tmp_path), stems=True)
    assert clip.waveform.abs().max() <= 1 and all(torch.isfinite(wave).all() for wave in clip.stems.values())
    assert all(torch.equal(a.nan_to_num(7, 8, 9), b.nan_to_num(7, 8, 9)) for a, b in zip(given, before))


@pytest.mark.parametrize("wave,peak", [(100 * noise(2, 24000), 0.9), (torch.full((2, 24000), 0.5), 0.5), (torch.full((2, 24000), 1e-40), 0.0)], ids=["+40 dB", "DC", "denormal"])
def test_loud_constant_and_tiny_sound(tmp_path, mux, wave, peak):
    _, report = mux(images=bars(), audio=audio(wave), audio_codec="flac")
    assert read_clip(only(tmp_path)).waveform.abs().max() == pytest.approx(peak, abs=0.02)
    assert ("passed full scale" in report) == (peak == 0.9)


@pytest.mark.parametrize("sound", ["silence", "identical", "against each other"])
def test_sound_that_cancels_or_is_not_there_is_levelled(tmp_path, mux, sound):
    half = noise(2, 24000) * (sound != "silence")
    stems = {"a": audio(half), "b": audio(-half if sound == "against each other" else half)}
    mux(images=bars(), stems=stems, loudness="-23 LUFS (EBU R128)", container="mkv")
    clip = read_clip(only(tmp_path), stems=True)
    assert (clip.stems["a"] + clip.stems["b"] - clip.waveform).abs().max() < 2**-21
    assert clip.waveform.any() == (sound == "identical")


@pytest.mark.parametrize("container", formats.CONTAINERS)
def test_the_shortest_clips_and_sounds(tmp_path, container):
    form = formats.choose(container, CHEAP[container], quality="draft")
    for frames, samples in ((1, 0), (1, 1), (2, 2), (1, 1023), (2, 1025)):
        path = tmp_path / f"{frames}-{samples}.{container}"
        write_clip(path, bars(frames), 24, torch.full((2, samples), 0.3), 48000, form=form, stems={"a": torch.full((2, samples), 0.3)})
        clip = read_clip(path, stems=True)
        assert len(clip.frames) == frames and clip.waveform.shape == clip.stems["a"].shape == (2, 2000 * frames)
        with pytest.raises(MediaError, match="no frames"):
            write_clip(path, bars(0), 24, torch.zeros(2, samples), 48000, form=form)
        assert len(read_clip(path).frames) == frames, "what was there stays"


def test_no_sound_is_no_track(tmp_path, mux):
    mux(images=bars())
    assert probe(only(tmp_path)).tracks == ()


@pytest.mark.parametrize("rate,exact", [("48000", 48000), (48000.0, 48000), ("abc", None), (None, None), (float("nan"), None), (0, None), (44100.5, None)])
def test_sample_rates_that_are_no_numbers(tmp_path, mux, rate, exact):
    if exact:
        mux(images=bars(), audio=audio(noise(2, 24000), rate))
        assert read_clip(only(tmp_path)).sample_rate == exact
    else:
        with pytest.raises(Exception, match="sample rate"):
            mux(images=bars(), audio=audio(noise(2, 24000), rate))
        assert not os.listdir(tmp_path)


def test_sounds_that_do_not_go_together(tmp_path, mux):
    one = audio(noise(2, 24000))
    for inputs, words in (({"stems": {"a": one, "b": audio(noise(2, 9))}}, r"do not sum to a mix.*b \[1, 2, 9\]"), ({"stems": {"a": one, "b": audio(noise(2, 24000), 44100)}}, "44100"),
                          ({"audio": one, "stems": {"a": audio(noise(2, 24000), 44100)}}, "at one rate"), ({"audio": {"waveform": noise(2, 9), "sample_rate": 48000}}, r"\[batch, channels")):
        with pytest.raises(Exception, match=words):
            mux(images=bars(), **inputs)
        assert not os.listdir(tmp_path)


def test_a_batch_of_sounds_under_one_run_of_frames(tmp_path, mux):
    waveform = torch.stack([noise(2, 12000, 1), noise(2, 12000, 2)])
    mux(images=bars(), audio={"waveform": waveform, "sample_rate": 48000}, audio_codec="flac")
    assert (read_clip(only(tmp_path)).waveform - torch.cat(list(waveform), 1)).abs().max() < 2**-22


@pytest.mark.parametrize("codec", formats.VIDEO)
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (63, 65)])
def test_tiny_and_odd_pictures_are_whole_or_refused(tmp_path, codec, size):
    path = tmp_path / "clip.mkv"
    try:
        write_clip(path, torch.rand(2, *size, 3), 24, form=formats.choose("mkv", codec, quality="draft"))
    except MediaError as error:
        assert max(size) < 3 and codec in ("h265", "av1", "ffv1") and "refused pictures of" in str(error) and not os.listdir(tmp_path)
    else:
        height, width = read_clip(path).frames.shape[1:3]
        assert 0 <= height - size[0] <= 1 and 0 <= width - size[1] <= 1


@pytest.mark.parametrize("container", formats.CONTAINERS)
def test_the_slowest_and_the_fastest(tmp_path, container):
    for rate in (Fraction(1, 100), Fraction(1, 3), 1000):
        path = tmp_path / f"clip.{container}"
        written = write_clip(path, bars(4), rate, form=formats.choose(container, CHEAP[container], quality="draft"))
        clip = read_clip(path)
        assert clip.rate == written.rate == rate and len(clip.frames) == 4


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("container", formats.CONTAINERS)
def test_a_disk_that_fills_up(small_disk, container):
    pictures, wave = torch.rand(24, 64, 64, 3, generator=torch.Generator().manual_seed(0)), noise(2, 96000)
    form = formats.choose(container, CHEAP[container], {"mp4": "flac", "webm": "opus"}.get(container, "auto"), "best")
    old = small_disk / f"clip.{container}"
    old.write_bytes(b"an older clip")
    with pytest.raises(MediaError, match="the disk is full"):
        write_clip(old, torch.cat([pictures] * 4), 24, wave, 48000, form=form, stems={"a": wave, "b": wave}, policy="longest")
    with pytest.raises(MediaError, match="the disk is full"):
        write_beside(old, {"a": wave[:, :20000], "b": wave}, 48000)
    assert os.listdir(small_disk) == [old.name] and old.read_bytes() == b"an older clip"
    (small_disk / "rest").write_bytes(bytes(200_000 - 4096 * 2))
    with pytest.raises(MediaError, match="the disk is full"):
        write_clip(claim(small_disk, "clip", f".{container}"), pictures, 24, form=form)
    assert sorted(os.listdir(small_disk)) == [old.name, "rest"]


def test_killed_in_the_middle(tmp_path):
    """Only hidden files are left, and the next clip gets a name of its own."""
    script = ("import torch; from media.naming import claim; from media.writing import write_clip\n"
              f"write_clip(claim({str(tmp_path)!r}, 'clip', '.mp4'), (torch.rand(8, 64, 64, 3) for _ in range(10**6)), 24, progress=lambda done: print(done, flush=True))")
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while int(process.stdout.readline()) < 60:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = os.listdir(tmp_path)
    assert left and all(name.startswith(".") for name in left)
    path = claim(tmp_path, "clip", ".mp4")
    write_clip(path, bars(), 24)
    assert len(read_clip(path).frames) == 12


@pytest.mark.parametrize("prefix", ["../clip", "/clip", "a/../../clip", "", "a\0b", "x" * 300, ".."])
def test_prefixes_that_cannot_be(tmp_path, mux, prefix):
    with pytest.raises(Exception) as error:
        mux(images=bars(2), filename_prefix=prefix)
    assert "\n" not in str(error.value) and not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("prefix,name", [("CON", "CON_00001_.mp4"), ("a b/ä%date%", "a b/ä%date%_00001_.mp4"), ("C:x", "C:x_00001_.mp4")])
def test_odd_prefixes_that_are_names(tmp_path, mux, prefix, name):
    if os.name == "nt":
        pytest.skip("Windows has names of its own")
    mux(images=bars(2), filename_prefix=prefix)
    assert (tmp_path / name).is_file()


def test_names_of_stems_that_are_no_names(tmp_path, mux):
    stems = {name: audio(noise(1, 24000)) for name in ("../../up", "a\0b", "/", "")}
    mux(images=bars(), stems=stems, stems_as="files")
    assert len(os.listdir(tmp_path)) == 1 + len(stems)
    with pytest.raises(Exception, match="too long"):
        mux(images=bars(), stems={"x" * 300: audio(noise(1, 24000))}, stems_as="files")
    assert len(os.listdir(tmp_path)) == 1 + len(stems)


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("inputs", [{}, {"stems_as": "files"}, {"loudness": "-14 LUFS (YouTube, Spotify, Tidal playback)"}], ids=["tracks", "files", "levelled"])
def test_a_cancel_of_the_node(tmp_path, mux, inputs):
    def stop(done):
        raise Cancelled("stopped")

    wave = noise(2, 24000)
    with pytest.raises(Exception, match="stopped"):
        mux(report=stop, images=bars(), audio=audio(wave), stems={"a": audio(wave)}, **inputs)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("container", formats.CONTAINERS)
def test_nothing_is_left_of_a_cancel_or_a_full_disk(tmp_path, container):
    path, form = tmp_path / f"clip.{container}", formats.choose(container, CHEAP[container], quality="draft")
    pictures, wave = torch.rand(24, 64, 64, 3, generator=torch.Generator().manual_seed(0)), noise(2, 48000)

    def stop(done):
        if done == 7:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_clip(path, pictures, 24, wave, 48000, form=form, stems={"a": wave}, progress=stop)
    assert os.listdir(tmp_path) == []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, hard))
        with pytest.raises(MediaError, match="size limit"):
            write_clip(path, pictures, 24, wave, 48000, form=form)
        with pytest.raises(MediaError, match="size limit"):
            write_sound(tmp_path / "wave.flac", wave, 48000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == []


def edited(path, track, duration=None, media_time=None, count=None):
    """Rewrite the edit list of a track of an mp4."""
    data = bytearray(path.read_bytes())
    at = [found.start() for found in re.finditer(b"elst", data)][track]
    for place, kind, value in ((8, ">I", count), (12, ">I", duration), (16, ">i", media_time)):
        if value is not None:
            struct.pack_into(kind, data, at + place, value)
    path.write_bytes(data)


@pytest.mark.parametrize("track", [0, 1])
@pytest.mark.parametrize("edit", [{"duration": 2**31 - 1}, {"media_time": 2**31 - 256}, {"duration": 2**31 - 1, "media_time": -1}, {"duration": 0, "media_time": 0},
                                  {"media_time": -5}, {"count": 2**31 - 1}], ids=str)
def test_edit_lists_that_cannot_be(tmp_path, track, edit):
    path = tmp_path / "clip.mp4"
    write_clip(path, bars(), 24, noise(1, 24000), 48000)
    edited(path, track, **edit)
    try:
        clip = read_clip(path)
        source = CopySource(path)
    except MediaError as error:
        assert "No picture" in str(error)
    else:
        assert len(clip.frames) <= 12 and source.packets <= 12 and (clip.waveform is None or clip.waveform.shape[1] < 26000)


@pytest.mark.parametrize("what", ["picture", "sound"])
def test_times_that_jump_ahead_by_days(tmp_path, what):
    path = tmp_path / "clip.mkv"
    late = 500_000
    film(path, [0, 40, 80, 120, late * 1000 if what == "picture" else 160], noise(1, 4800), late if what == "sound" else 0)
    with pytest.raises(MediaError, match="damaged. Give a duration"):
        read_clip(path)
    assert len(read_clip(path, 0, 0.12).frames) == 3


def test_a_sound_track_that_nobody_decodes(tmp_path):
    """As in a phone's film with Apple's spatial sound beside the plain one."""
    path = tmp_path / "clip.mp4"
    write_clip(path, bars(), 24, noise(1, 24000), 48000, stems={"spatial": noise(1, 24000)})
    data = bytearray(path.read_bytes())
    for old, new in ((b"mp4a", b"apac"), (b"esds", b"free")):
        at = data.rindex(old)
        data[at:at + 4] = new
    path.write_bytes(data)
    clip = read_clip(path, stems=True)
    assert len(clip.frames) == 12 and clip.waveform.shape == (1, 24000) and clip.stems == {}
    assert [track.name for track in probe(path).tracks] == ["Mix"]
    written = write_clip(tmp_path / "new.mp4", CopySource(path), None, clip.waveform, 48000)
    assert written.copied and written.frames == 12


def test_a_cancel_is_heard_before_the_frames(tmp_path):
    """In levelling, in stems beside the file and in reading sound, which take seconds where a clip is long."""
    wave, path = noise(2, 96000), tmp_path / "clip.mp4"
    write_clip(path, bars(), 24, wave, 48000, policy="sound")

    def stop(*_):
        raise Cancelled

    for work in (lambda: level(wave, {}, 48000, -14.0, -1.0, True, stop), lambda: write_beside(path, {"a": wave}, 48000, stop),
                 lambda: read_sound(path, progress=stop), lambda: write_sound(tmp_path / "wave.flac", wave, 48000, stop)):
        with pytest.raises(Cancelled):
            work()
    calls = []
    read_clip(path, progress=calls.append)
    assert len(calls) > 3 * 48, "also while the pictures become floats and while the sound is read"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("ends", ["whole", "cancelled", "broken"])
def test_the_sound_of_a_file_lies_in_a_temporary_file_until_the_clip_is_written(tmp_path, mux, monkeypatch, ends):
    film, folder = tmp_path / "film.mkv", tmp_path / "temporary"
    folder.mkdir()
    write_clip(film, bars(), 24, noise(2, 24000), 48000)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    seen = []

    def lying():
        return os.listdir(folder) or [link for link in Path("/proc/self/fd").glob("*") if os.path.realpath(link).startswith(str(folder))]

    def report(done):
        seen.append(len(lying()))
        if seen[-1] and ends == "cancelled":
            raise Cancelled("stopped")

    inputs = {"container": "webm", "audio_codec": "aac"} if ends == "broken" else {"container": "mkv"}
    video = sys.modules["comfy_api.v0_0_2"].InputImpl.VideoFromFile(str(film))
    try:
        mux(report=report, video=video, **inputs)
    except Exception as error:
        assert not lying(), "while the error is still looked at"
        assert ends != "whole" and ("stopped" in str(error)) == (ends == "cancelled")
    else:
        assert ends == "whole"
    assert not lying() and (max(seen) or not Path("/proc/self/fd").exists())


def test_a_disk_for_temporary_files_that_fills_up(tmp_path, small_disk, monkeypatch):
    write_clip(tmp_path / "long.mkv", bars(), 24, noise(2, 96000), 48000, policy="longest")
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    with pytest.raises(MediaError, match="folder for temporary files.*the disk is full"):
        read_sound(tmp_path / "long.mkv")
    disk = os.statvfs(small_disk)
    assert disk.f_bfree == disk.f_blocks, "what was laid there is gone"
