"""What the stem console is given to play and to draw."""

import struct

import av
import pytest
import torch

from media import formats
from media.delivery import in_a_row
from media.monitor import digest_of, digest_of_file, outline, shown_from, write_shown
from media.reading import probe, read_clip, read_sound_alone
from media.writing import write_clip, write_sound

RATE = 48000


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


def noise(samples=RATE, channels=2, level=0.1):
    return level * torch.randn(1, channels, samples, generator=torch.Generator().manual_seed(0))


def test_outline_holds_the_extremes_of_every_part():
    sound = noise(10_007, channels=3)
    values, _ = outline(in_a_row(sound), columns=10)
    edges = [k * 10_007 // 10 for k in range(11)]
    for k, (start, end) in enumerate(zip(edges, edges[1:])):
        part = sound[0, :, start:end]
        assert values[2 * k:2 * k + 2] == [round(1000 * float(part.min())), round(1000 * float(part.max()))]
    assert len(outline(in_a_row(sound))[0]) == 1200
    assert outline(in_a_row(torch.tensor([[[0.5, -20.0, 0.25]]])))[0] == [500, 500, -8000, -8000, 250, 250], "no more parts than samples, and bounded"


def test_the_digest_tells_sounds_apart():
    sound = noise()
    changed = sound.clone()
    changed[0, 1, 777] += 1e-6
    kinds = [sound, changed, sound[:, :1], sound[..., :-1], sound.reshape(2, 1, -1)]
    digests = [outline(in_a_row(kind))[1] for kind in kinds]
    assert len(set(digests)) == len(kinds) and outline(in_a_row(sound.clone()))[1] == digests[0]


@pytest.mark.parametrize("channels", range(1, 9))
def test_wav_keeps_every_sample(tmp_path, channels):
    sound = noise(5_001, channels, level=2.0)
    write_sound(tmp_path / "stem.wav", in_a_row(sound), RATE)
    data = (tmp_path / "stem.wav").read_bytes()
    at, form = 12, {}
    while data[at:at + 4] != b"data":
        form[data[at:at + 4]] = data[at + 8:at + 8 + struct.unpack("<I", data[at + 4:at + 8])[0]]
        at += 8 + len(form[data[at:at + 4]]) + len(form[data[at:at + 4]]) % 2
    assert at + 8 < 1024, "the console looks for the samples in the first 1024 bytes"
    assert struct.unpack("<H", form[b"fmt "][2:4]) == (channels,)
    read = torch.frombuffer(bytearray(data[at + 8:]), dtype=torch.float32).view(-1, channels)[:5_001].T
    assert torch.equal(read, sound[0]), "what passes full scale too"
    assert torch.equal(read_sound_alone(tmp_path / "stem.wav").waveform, sound[0])


def film(path, seconds=1, sound=True, **form):
    frames = torch.rand(24 * seconds, 48, 64, 3, generator=torch.Generator().manual_seed(0))
    write_clip(path, frames, 24, *((noise()[0], RATE) if sound else ()), form=formats.choose(**form))
    return path


def test_what_browsers_show_is_shown_as_it_is(tmp_path):
    path = film(tmp_path / "a.mp4", 2, sound=False)
    assert shown_from(path) == 0 and shown_from(path, 0.5) == pytest.approx(0.5)
    assert shown_from(path, 0.51) == pytest.approx(0.5), "the picture on the screen at that time"
    assert shown_from(film(tmp_path / "b.webm", sound=False, container="webm")) == 0


@pytest.mark.parametrize("form", [dict(container="mov", video="prores"), dict(container="mkv", video="ffv1"), dict(container="mp4", video="h265"),
                                  dict(container="mp4", depth=10), dict(container="mkv", video="h264"), dict(container="mp4"), dict(container="webm")], ids=str)
def test_what_they_do_not_show_or_play_by_its_sound_gets_a_copy_that_they_do(tmp_path, form):
    path = film(tmp_path / f"a.{form['container']}", **form)
    assert shown_from(path) is None
    write_shown(tmp_path / "shown.mp4", path)
    assert shown_from(tmp_path / "shown.mp4") == 0
    info = probe(tmp_path / "shown.mp4")
    assert info.rate == 24 and not info.tracks and len(read_clip(tmp_path / "shown.mp4", track=0).frames) == 24
    if form in (dict(container="mkv", video="h264"), dict(container="mp4"), dict(container="webm")):
        with av.open(str(path)) as old, av.open(str(tmp_path / "shown.mp4")) as new:
            assert [bytes(p)[-20:] for p in old.demux(video=0) if p.size] == [bytes(p)[-20:] for p in new.demux(video=0) if p.size], "copied, not encoded"


def test_a_trimmed_film_is_shown_from_its_start(tmp_path):
    path = film(tmp_path / "a.mov", 2, container="mov", video="prores")
    write_shown(tmp_path / "shown.mp4", path, 0.5, 1)
    whole, part = read_clip(path, track=0).frames, read_clip(tmp_path / "shown.mp4", track=0).frames
    assert len(part) == 24
    apart = [(part[0] - frame).abs().mean() for frame in whole]
    assert min(range(len(apart)), key=apart.__getitem__) == 12


def test_digests_of_pictures(tmp_path):
    frames = torch.rand(20, 4, 4, 3)
    changed = frames.clone()
    changed[19, 3, 3, 2] += 0.01
    assert len({digest_of(frames, 24), digest_of(changed, 24), digest_of(frames, 25), digest_of(frames.reshape(20, 8, 2, 3), 24)}) == 4
    path = film(tmp_path / "a.mp4")
    before = digest_of_file(path, 0, 0)
    assert digest_of_file(path, 0, 0) == before != digest_of_file(path, 0, 1)
    path.write_bytes(path.read_bytes() + b"0")
    assert digest_of_file(path, 0, 0) != before
