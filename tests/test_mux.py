"""The truth of every file that can be written: what was sent is what comes back, in every form that is offered."""

import itertools
import os
from fractions import Fraction

import av
import pytest
import torch
import torchaudio

from media import formats
from media.clock import samples_for
from media.delivery import level, write_beside, write_proxy
from media.errors import MediaError
from media.provenance import add_xmp, kind_of, tags
from media.reading import chunks_of, probe, read_clip
from media.writing import write_clip

torch.set_num_threads(1)

RATES = (Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001))
SAMPLE_RATES = (16000, 44100, 48000, 96000)
FRAMES = 12
ONE_THREAD = {"h264": {"threads": "1"}, "h265": {"x265-params": "log-level=error:pools=none:frame-threads=1"}, "av1": {"svtav1-params": "lp=1"}}
CHEAP = {"mp4": "h264", "mov": "h264", "mkv": "ffv1", "webm": "vp9"}
VIDEOS = [(name, codec) for name, row in formats.CONTAINERS.items() for codec in row.video]
AUDIOS = [(name, codec) for name, row in formats.CONTAINERS.items() for codec in row.audio]


def bars(frames=FRAMES, height=64, width=64, channels=3):
    """[F, H, W, C]: a bar that steps five columns a frame, on grey."""
    picture = torch.full((frames, height, width, channels), 0.25)
    for k in range(frames):
        picture[k, :, k * 5 % width:k * 5 % width + 3] = 0.9
    return picture


def noise(channels, samples, seed=1):
    return 0.2 * torch.randn(channels, samples, generator=torch.Generator().manual_seed(seed)).clamp(-4, 4)


def lag(sent, got):
    """How many samples later `got` is than `sent`, by the peak of their correlation, with parts of a sample."""
    size = 2 * max(len(sent), len(got))
    curve = torch.fft.irfft(torch.fft.rfft(got.double(), size) * torch.fft.rfft(sent.double(), size).conj(), size)
    peak = int(curve.argmax())
    a, b, c = (float(curve[(peak + step) % size]) for step in (-1, 0, 1))
    return (peak if peak < size // 2 else peak - size) + 0.5 * (a - c) / (a - 2 * b + c)


def check(path, written, rate, wave, sample_rate, audio):
    clip = read_clip(path)
    assert clip.rate == rate == written.rate and len(clip.frames) == FRAMES == written.frames
    assert [int(frame[:, :60].mean((0, 2)).reshape(12, 5).mean(1).argmax()) for frame in clip.frames] == list(range(12))
    assert clip.sample_rate == written.sample_rate and clip.waveform.shape == (len(wave), samples_for(FRAMES, rate, clip.sample_rate))
    if audio in formats.LOSSLESS:
        step = 2**-15 if audio == "pcm16" else 2**-22
        assert clip.sample_rate == sample_rate and (clip.waveform - wave).abs().max() <= step
    else:
        sent = wave if clip.sample_rate == sample_rate else torchaudio.functional.resample(wave, sample_rate, clip.sample_rate)
        assert all(abs(lag(a, b)) < 0.0005 * clip.sample_rate for a, b in zip(sent, clip.waveform))
    as_any_program_sees_it(path, written, rate, audio)


def as_any_program_sees_it(path, written, rate, audio):
    """The same file through PyAV alone."""
    boxes = path.suffix in (".mp4", ".mov")
    with av.open(str(path)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        # Matroska keeps times in milliseconds and the rate as nanoseconds a frame.
        assert abs(video.average_rate / rate - 1) <= (0 if boxes else 1e-6)
        times = [frame.pts * frame.time_base for frame in container.decode(video)]
        assert len(times) == FRAMES and times[0] == 0
        assert all(abs(time - k / rate) <= (0 if boxes else Fraction(1, 1000)) for k, time in enumerate(times))
        if boxes:
            assert video.duration * video.time_base == FRAMES / rate
            assert sound.duration * sound.time_base == Fraction(written.samples, written.sample_rate)
            data = path.read_bytes()
            assert data.index(b"moov") < data.index(b"mdat")
        else:  # where Opus' 6.5 ms of preparation count as time
            assert abs(Fraction(container.duration, av.time_base) - FRAMES / rate) <= (Fraction(17, 2000) if audio == "opus" else Fraction(1, 1000))
    with av.open(str(path)) as container:
        blocks = [(frame.pts * frame.time_base, frame.samples) for frame in container.decode(audio=0)]
    # FFmpeg gives the last block of the codec whole, though an edit list ends the track before; lossless codecs and Matroska have no such rest.
    rest = {"aac": 1023, "opus": 959}.get(audio, 0) if boxes else 0
    assert blocks[0][0] == 0 and 0 <= sum(samples for _, samples in blocks) - written.samples <= rest


@pytest.mark.parametrize("container,codec", VIDEOS)
def test_every_picture_codec_at_every_rate(tmp_path, container, codec):
    audios = itertools.cycle(formats.CONTAINERS[container].audio)
    for number, rate in enumerate(RATES):
        sample_rate, audio, depth = SAMPLE_RATES[number % 4], next(audios), (8, 10)[number % 2]
        wave = noise(2, samples_for(FRAMES, rate, sample_rate))
        path = tmp_path / f"{number}.{container}"
        form = formats.choose(container, codec, audio, depth=depth)
        written = write_clip(path, bars(), rate, wave, sample_rate, form=form, options=ONE_THREAD.get(codec))
        check(path, written, rate, wave, sample_rate, audio)
        with av.open(str(path)) as file:
            context = file.streams.video[0].codec_context
            assert (context.color_primaries, context.color_trc) == (1, 1) or container == "mov" and codec == "prores"
            assert (context.colorspace, context.color_range) == ((0, 2) if codec == "ffv1" else (1, 1)) or codec == "prores"


@pytest.mark.parametrize("container,codec", AUDIOS)
def test_every_sound_codec_at_every_rate(tmp_path, container, codec):
    for number, (rate, sample_rate) in enumerate(itertools.product(RATES, SAMPLE_RATES)):
        wave = noise((1, 2)[number % 2], samples_for(FRAMES, rate, sample_rate))
        path = tmp_path / f"{number}.{container}"
        form = formats.choose(container, CHEAP[container], codec, "draft")
        written = write_clip(path, bars(), rate, wave, sample_rate, form=form, options=ONE_THREAD.get(CHEAP[container]))
        check(path, written, rate, wave, sample_rate, codec)
        assert bool(written.notes) == (written.sample_rate != sample_rate)


@pytest.mark.parametrize("container,codec", AUDIOS)
@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8])
def test_many_channels_stay_apart(tmp_path, container, codec, channels):
    wave = torch.zeros(channels, 24000)
    time = torch.arange(24000) / 48000
    for number in range(channels):
        wave[number] = 0.4 * torch.sin(2 * torch.pi * (40 + 12 * number) * time)  # low, for the LFE's sake
    path = tmp_path / f"clip.{container}"
    write_clip(path, bars(), 24, wave, 48000, form=formats.choose(container, CHEAP[container], codec))
    back = read_clip(path).waveform
    if codec == "opus" and channels in (5, 7):
        assert back.shape[0] == channels + 1
        back = torch.cat([back[:3], back[4:]]) if channels == 5 else torch.cat([back[:5], back[6:]])
    assert back.shape == wave.shape
    alike = torch.nn.functional.normalize(back[:, 2400:-2400], dim=1) @ torch.nn.functional.normalize(wave[:, 2400:-2400], dim=1).T
    assert (alike.diag() > 0.9).all() and alike.abs().argmax(1).tolist() == list(range(channels))


@pytest.mark.parametrize("channels", [9, 16, 64])
def test_more_channels_are_folded(tmp_path, channels):
    written = write_clip(tmp_path / "clip.mp4", bars(), 24, noise(channels, 24000), 48000)
    assert read_clip(tmp_path / "clip.mp4").waveform.shape == (2, 24000) and "folded to stereo" in written.notes[0]


@pytest.mark.parametrize("sample_rate", [8000, 11025, 22050, 44101, 192000, 384000])
@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
def test_odd_sample_rates(tmp_path, sample_rate, container):
    wave = noise(2, sample_rate // 2)
    path = tmp_path / f"clip.{container}"
    written = write_clip(path, bars(), 24, wave, sample_rate, form=formats.choose(container, CHEAP[container]))
    clip = read_clip(path)
    assert clip.waveform.shape[1] == round(clip.sample_rate / 2) and bool(written.notes) == (clip.sample_rate != sample_rate)
    if sample_rate != 44101:
        sent = torchaudio.functional.resample(wave, sample_rate, clip.sample_rate)[0]
        assert abs(lag(sent, clip.waveform[0])) < 0.0005 * clip.sample_rate


def test_lossless_is_lossless(tmp_path):
    picture = torch.randint(0, 256, (5, 33, 35, 4), generator=torch.Generator().manual_seed(0)) / 255
    path = tmp_path / "clip.mkv"
    write_clip(path, picture[..., :3], 24, form=formats.choose("mkv", "ffv1"))
    assert torch.equal((read_clip(path).frames * 255).round(), (picture[..., :3] * 255).round())


@pytest.mark.parametrize("container,codec,depth", [("webm", "vp9", 8), ("mkv", "vp9", 8), ("mkv", "ffv1", 8), ("mkv", "ffv1", 10), ("mov", "prores", 10)])
def test_alpha_is_kept_where_the_codec_has_it(tmp_path, container, codec, depth):
    picture = bars(channels=4)
    picture[..., 3] = torch.linspace(0, 1, 64)
    path = tmp_path / f"clip.{container}"
    written = write_clip(path, picture, 24, form=formats.choose(container, codec, depth=depth))
    assert not written.notes
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9" if codec == "vp9" else stream.codec_context.name, "r")
        decoder.extradata = stream.codec_context.extradata
        decoder.width, decoder.height = stream.width, stream.height
        if codec == "ffv1":
            decoder = stream.codec_context
        frame = next(f for packet in file.demux(stream) for f in decoder.decode(packet))
        alpha = torch.from_numpy(frame.reformat(format="rgba").to_ndarray())[..., 3].float() / 255
    assert (alpha - picture[0, ..., 3]).abs().mean() < 0.02


def test_alpha_elsewhere_is_laid_over_black(tmp_path):
    picture = torch.ones(3, 32, 32, 4)
    picture[:, :, :16, 3] = 0
    written = write_clip(tmp_path / "clip.mp4", picture, 24)
    back = read_clip(tmp_path / "clip.mp4").frames
    assert back[:, :, :14].max() < 0.05 and back[:, :, 18:].min() > 0.95 and "black" in written.notes[0]


def test_grey_pictures(tmp_path):
    write_clip(tmp_path / "clip.mp4", torch.full((2, 32, 32, 1), 0.5), 24)
    assert (read_clip(tmp_path / "clip.mp4").frames - 0.5).abs().max() < 0.02


def test_ten_bits_are_more_than_eight(tmp_path):
    ramp = torch.linspace(0.4, 0.5, 256)[None, None, :, None].expand(2, 64, 256, 3)
    errors = []
    for depth in formats.DEPTHS:
        write_clip(tmp_path / "clip.mp4", ramp, 24, form=formats.choose("mp4", depth=depth), options={"crf": "1"})
        errors.append((read_clip(tmp_path / "clip.mp4").frames - ramp).abs().mean())
    assert errors[1] < errors[0] / 2


def test_what_does_not_go_together_is_said():
    for wrong, words in ((("webm", "h264"), "h264 does not play in webm, which takes vp9, av1; h264 goes into mp4 or mov or mkv"), (("avi",), "no container 'avi'"),
                         (("mp4", "auto", "pcm24"), "goes into mov or mkv"), (("mp4", "auto", "auto", "perfect"), "Quality is one of")):
        with pytest.raises(MediaError, match=words):
            formats.choose(*wrong)


def test_a_missing_encoder_is_named(monkeypatch):
    monkeypatch.setitem(formats.VIDEO, "h265", formats.VIDEO["h265"]._replace(encoder="libnothing"))
    with pytest.raises(MediaError, match="cannot encode h265"):
        formats.choose("mp4", "h265")


@pytest.mark.parametrize("policy,sound,frames", [("picture", 0.25, 12), ("picture", 1.0, 12), ("sound", 0.25, 6), ("sound", 1.0, 24), ("sound", 0.26, 7),
                                                 ("longest", 0.25, 12), ("longest", 1.0, 24)])
def test_how_long_a_clip_is(tmp_path, policy, sound, frames):
    wave = noise(2, round(sound * 48000))
    path = tmp_path / "clip.mkv"
    written = write_clip(path, bars(), 24, wave, 48000, form=formats.choose("mkv", "ffv1", "pcm32f"), policy=policy)
    clip = read_clip(path)
    assert len(clip.frames) == frames == written.frames and clip.waveform.shape[1] == frames * 2000
    assert torch.equal(clip.frames[min(11, frames - 1)], clip.frames[-1])
    kept = min(wave.shape[1], frames * 2000) - (480 if wave.shape[1] > frames * 2000 else 0)
    assert torch.equal(clip.waveform[:, :kept], wave[:, :kept])
    if wave.shape[1] < frames * 2000:
        assert not clip.waveform[:, wave.shape[1]:].any()


@pytest.mark.parametrize("container", formats.CONTAINERS)
def test_stems_are_tracks_after_the_mix(tmp_path, container):
    stems = {name: 0.3 * noise(2, 24000, seed) for seed, name in enumerate(("dialogue", "music", "my effects"))}
    mix = sum(stems.values())
    path = tmp_path / f"clip.{container}"
    form = formats.choose(container, CHEAP[container], {"mp4": "flac"}.get(container, "auto"))
    write_clip(path, bars(), 24, mix, 48000, form=form, stems=stems)
    assert [track.name for track in probe(path).tracks] == ["Mix", "Stem: dialogue", "Stem: music", "Stem: my effects"]
    with av.open(str(path)) as file:
        assert [bool(s.disposition & av.stream.Disposition.default) for s in file.streams.audio] == [True, False, False, False]
    clip = read_clip(path, stems=True)
    assert list(clip.stems) == list(stems)
    for name in stems:
        if form.audio in formats.LOSSLESS:
            assert (clip.stems[name] - stems[name]).abs().max() < 2**-22
        assert abs(lag(stems[name][0], clip.stems[name][0])) < 24
    if form.audio in formats.LOSSLESS:
        assert (sum(clip.stems.values()) - clip.waveform).abs().max() < 2**-20


def test_stems_beside_the_file(tmp_path):
    stems = {"dialogue": noise(2, 9999), "mu/sic": noise(2, 9999, 2)}
    files = write_beside(tmp_path / "clip_00001_.mp4", stems, 44100)
    assert sorted(os.listdir(tmp_path)) == ["clip_00001_dialogue.flac", "clip_00001_mu_sic.flac"]
    for file, wave in zip(files, stems.values()):
        with av.open(str(file)) as flac:
            assert flac.streams.audio[0].codec_context.format.name == "s32"
            blocks = [torch.from_numpy(frame.to_ndarray().reshape(-1, 2).T.copy()) for frame in flac.decode(audio=0)]
        assert (torch.cat(blocks, 1).double() / 2**31 - wave).abs().max() < 2**-22
    with pytest.raises(MediaError):
        write_beside(tmp_path / "clip_00002_.mp4", {"dialogue": noise(2, 100), "no rate": torch.zeros(2, 2, 2)}, 44100)
    assert len(os.listdir(tmp_path)) == 2


def test_a_long_file_passes_through_in_chunks(tmp_path):
    old = tmp_path / "old.mkv"
    write_clip(old, bars(50), 24, form=formats.choose("mkv", "ffv1"))
    reader, chunks = chunks_of(old)
    sizes = [len(chunk) for chunk in chunks]
    assert sizes == [8] * 6 + [2] and reader.rate == 24


def test_a_proxy_shows_what_browsers_cannot(tmp_path):
    old = tmp_path / "old.mov"
    write_clip(old, bars(), 24, form=formats.choose("mov"))
    assert not formats.choose("mov").shows_in_browsers and not formats.choose("mp4", depth=10).shows_in_browsers and formats.choose("webm").shows_in_browsers
    write_proxy(tmp_path / "proxy.mp4", old, noise(2, 24000), 48000)
    with av.open(str(tmp_path / "proxy.mp4")) as file:
        assert [stream.codec_context.name for stream in file.streams] == ["h264", "aac"]
        assert file.streams.video[0].codec_context.pix_fmt == "yuv420p"


def test_loudness_goes_over_mix_and_stems():
    stems = {"a": noise(2, 96000), "b": 0.5 * noise(2, 90000, 2)}
    mix = stems["a"].clone()
    mix[:, :90000] += stems["b"]
    louder, tracks, notes = level(mix, stems, 48000, -10.0, -1.0, True)
    assert tracks["b"].shape == (2, 90000)
    louder, tracks = louder[:, :], {name: wave[:, :] for name, wave in tracks.items()}
    assert louder.abs().max() <= 0.8913
    tracks["b"] = torch.nn.functional.pad(tracks["b"], (0, 6000))
    assert (sum(tracks.values()) - louder).abs().max() < 1e-5
    assert level(mix, stems, 48000, None, -1.0, True)[0] is mix
    hot, _, notes = level(100 * mix, {}, 48000, None, -1.0, True)
    assert hot[:, :].abs().max() < 0.9 and "full scale" in notes[0]
    assert level(100 * mix, {}, 48000, None, -1.0, False)[2] == []
    broken = mix.clone()
    broken[0, 5] = float("nan")
    fixed, clean = (level(wave, {}, 48000, -20.0, -1.0, True)[0][:, 10:] for wave in (broken, mix))
    assert (fixed - clean).abs().max() < 1e-4, "what is broken is measured as silence"


@pytest.mark.parametrize("container", formats.CONTAINERS)
def test_provenance(tmp_path, container):
    path = tmp_path / f"clip.{container}"
    form = formats.choose(container, CHEAP[container])
    for kind, word in (("generated", "/trainedAlgorithmicMedia"), ("generated and captured", "compositeWithTrainedAlgorithmicMedia"), ("captured", None)):
        write_clip(path, bars(), 24, noise(1, 24000), 48000, form=form, metadata=tags(kind, "Phonofilm", container),
                   finish=lambda fresh, kind=kind: add_xmp(fresh, kind, "Phonofilm", container))
        data, found = path.read_bytes(), {key.lower(): value for key, value in read_clip(path).metadata.items()}
        if word:
            assert word in found["digital_source_type"] and "AI-generated" in found["comment"]
            assert data.count(b"Iptc4xmpExt:DigitalSourceType") == 1 and word.encode() in data
        else:
            assert b"Algorithmic" not in data and b"AI-" not in data
        with av.open(str(path), options={"export_xmp": "1"}) as file:
            assert bool(word) == any("DigitalSourceType=" in value for value in file.metadata.values())
    assert tags("say nothing", "Phonofilm", container) == {}


def test_the_workflow_tells_the_provenance():
    made = {"1": {"class_type": "KSampler", "inputs": {}}, "2": {"class_type": "VAEDecode", "inputs": {"samples": ["1", 0]}},
            "3": {"class_type": "PhonofilmLoadAV", "inputs": {}}, "4": {"class_type": "LTXVAudioVAELoader", "inputs": {}},
            "5": {"class_type": "PhonofilmMux", "inputs": {"images": ["2", 0], "vae": ["4", 0]}},
            "6": {"class_type": "PhonofilmMux", "inputs": {"images": ["2", 0], "audio": ["3", 1]}},
            "7": {"class_type": "PhonofilmMux", "inputs": {"video": ["3", 4]}}}
    assert [kind_of(made, number) for number in "567"] == ["generated", "generated and captured", "captured"]


@pytest.mark.parametrize("sound", [torch.zeros(2, 0), torch.full((2, 24000), float("nan")), torch.full((2, 24000), float("inf"))])
def test_broken_sound_becomes_silence_and_is_said(tmp_path, sound):
    before = sound.clone()
    written = write_clip(tmp_path / "clip.mp4", bars(), 24, sound, 48000)
    assert not read_clip(tmp_path / "clip.mp4").waveform.any()
    assert "empty" in written.notes[0] or "NaN" in written.notes[0] and "48000" in written.notes[0]
    assert torch.equal(sound.nan_to_num(7.0), before.nan_to_num(7.0))


def test_broken_pictures_are_repaired_and_said(tmp_path):
    picture = bars()
    picture[3, 5, 5] = float("nan")
    picture[4, 5, 5] = float("inf")
    before = picture.clone()
    written = write_clip(tmp_path / "clip.mp4", picture, 24, options={"crf": "1"})
    assert written.notes == ("pictures with NaN or infinity, those pixels now black (frames): 2",)
    assert read_clip(tmp_path / "clip.mp4").frames[3, 5, 5].max() < 0.2 and torch.equal(picture.nan_to_num(), before.nan_to_num())


@pytest.mark.parametrize("dtype", [torch.int16, torch.float16, torch.bfloat16, torch.float64])
def test_sound_of_other_types(tmp_path, dtype):
    wave = noise(2, 48000).transpose(0, 1).contiguous().transpose(0, 1)
    sent = (wave * 32768).to(dtype) if dtype == torch.int16 else wave.to(dtype)
    write_clip(tmp_path / "clip.mov", bars(), 24, sent, 48000, form=formats.choose("mov", "h264", "pcm32f"))
    assert (read_clip(tmp_path / "clip.mov").waveform[:, :20000] - wave[:, :20000]).abs().max() < 0.004


def test_sound_beyond_full_scale_never_wraps(tmp_path):
    wave = torch.full((1, 24000), 100.0)
    write_clip(tmp_path / "clip.mkv", bars(), 24, wave, 48000, form=formats.choose("mkv", "ffv1", "pcm24"))
    assert read_clip(tmp_path / "clip.mkv").waveform.min() > 0.99


def test_sound_is_within_a_frame_of_its_picture(tmp_path):
    """In the file, not only in time: a player that reads along never waits for the other half."""
    path = tmp_path / "clip.mp4"
    pictures = torch.rand(60, 64, 64, 3, generator=torch.Generator().manual_seed(0))
    write_clip(path, pictures, 24, noise(2, 120000), 48000, stems={"a": noise(2, 120000, 3)}, options={"preset": "ultrafast"})
    with av.open(str(path)) as container:
        order = sorted((p.pos, p.stream.index, p.dts * p.time_base) for p in container.demux() if p.size)
    latest = {}
    for _, index, time in order:
        latest[index] = time
        if len(latest) == 3:
            assert max(latest.values()) - min(latest.values()) < Fraction(1, 24) + Fraction(1024, 48000)
