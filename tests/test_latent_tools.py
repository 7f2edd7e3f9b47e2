"""Cut, join, batch, pick, save and load of AV latents, on every model's grid and headless."""
import importlib
import json
import threading
from fractions import Fraction

import pytest
import torch
from safetensors.torch import save_file

from headless.nested import NestedTensor
from models.joint.grids import H3, LTX, STARTER
from models.joint.latents import check_latent, clip_entry
from test_ranges import clip_of
from tiny import in_headless

GRIDS = (STARTER, LTX, H3)
RATE = Fraction(24)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """The node classes in the headless host, and the codecs of a tiny starter."""
    with in_headless(tmp_path_factory.mktemp("models"), tmp_path_factory.mktemp("out")) as (classes, vae, audio_vae):
        yield classes, {"vae": vae, "audio_vae": audio_vae}


def run(pack, name, *args, **kwargs):
    with torch.inference_mode():
        return pack[0][f"Phonofilm{name}"].execute(*args, **kwargs).args


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a["samples"].unbind(), b["samples"].unbind())) and a["phonofilm"] == b["phonofilm"]


def made(pack, frames, seed=0, batch=1):
    """A starter's clip as its codec would give it: encoded noise that changes slowly."""
    generator = torch.Generator().manual_seed(seed)
    vae, audio_vae = pack[1].values()
    with torch.inference_mode():
        video = torch.rand(batch, 3, STARTER.frames_for(frames), 4, 4, generator=generator).repeat_interleave(32, 3).repeat_interleave(32, 4)
        wave = 0.1 * torch.randn(batch, 4, 2, STARTER.frames_for(frames) * 1000, generator=generator)
        parts = [vae.encode(video), audio_vae.encode(wave, 24000)]
    return {"samples": NestedTensor(parts), "phonofilm": clip_entry(RATE, frames, 48000)}


@pytest.mark.parametrize("grid, seconds, steps", [(STARTER, 1.5, 36), (LTX, 1.28, 32), (H3, 2.125, 51)])
def test_what_is_apart_comes_together_bit_for_bit(pack, grid, seconds, steps):
    """The beginning of a clip and, behind it, a window from the place where latents meet."""
    clip = clip_of(grid, 100)
    begin, _ = run(pack, "CutLatent", clip, 0.0, 80 / float(clip_rate(clip)))
    check_latent(begin, grid)
    assert begin["phonofilm"]["frames"] == 80 and torch.equal(begin["samples"].unbind()[0][:, :, 0], clip["samples"].unbind()[0][:, :, 0])
    end = shifted(clip, grid, steps)
    whole, report = run(pack, "JoinLatent", begin, end, (80 - steps) / float(clip_rate(clip)))
    assert same(whole, clip) and "again" not in report


def clip_rate(clip):
    return Fraction(*clip["phonofilm"]["rate"])


def shifted(clip, grid, frames):
    """The clip from a place of its grid on, by hand; the first picture latent is that which ends with the place's picture."""
    picture, sound = clip["samples"].unbind()
    rate, count = clip_rate(clip), clip["phonofilm"]["frames"] - frames
    first = next(i for i, (a, b) in enumerate(grid.spans(grid.frames_for(clip["phonofilm"]["frames"]))) if b > frames)
    start = int(frames / rate * grid.sound_per_second)
    parts = [picture[:, :, first:], sound.narrow(grid.time_axis, start, sound.shape[grid.time_axis] - start)]
    return {"samples": NestedTensor(parts), "phonofilm": clip_entry(rate, count, 48000)}


@pytest.mark.parametrize("start, end, first, last", [(0.5, 1.5, 12, 36), (0.52, 1.5, 12, 36), (-2.0, 0.0, 24, 72), (-2.0, -1.0, 24, 48), (0.0, 0.0, 0, 72)])
def test_a_cut_keeps_latents_and_time(pack, start, end, first, last):
    clip = made(pack, 72)
    out, report = run(pack, "CutLatent", clip, start, end, **pack[1])
    assert out["phonofilm"] == clip_entry(RATE, last - first, 48000)
    check_latent(out, STARTER)
    (picture, sound), (old, old_sound) = out["samples"].unbind(), clip["samples"].unbind()
    assert torch.equal(picture[:, :, 1:], old[:, :, first // 4 + 1 : first // 4 + picture.shape[2]])
    assert torch.equal(sound, old_sound[..., first : first + sound.shape[-1]])
    assert report.startswith(f"from {first / 24:.4g} s to {last / 24:.4g} s; picture: {picture.shape[2] - (first > 0)} of {picture.shape[2]} latents kept")


def test_the_first_picture_of_a_cut_is_that_of_its_time(pack):
    """Decoded, encoded by itself and decoded again, it is what the codec makes of the picture at that time."""
    clip, (vae, audio_vae) = made(pack, 73), pack[1].values()
    out, _ = run(pack, "CutLatent", clip, 1.0, 0.0, vae=vae, audio_vae=audio_vae)
    with torch.inference_mode():
        picture = vae.decode(clip["samples"].unbind()[0])[:, :, 24:25]
        assert torch.allclose(out["samples"].unbind()[0][:, :, :1], vae.encode(picture), atol=1e-5)


def test_an_exact_cut_is_encoded_again(pack):
    clip = made(pack, 73)
    out, report = run(pack, "CutLatent", clip, 0.55, 1.55, exact=True, **pack[1])
    assert out["phonofilm"]["frames"] == 24 and "picture: 0 of 7 latents kept, the others encoded again; sound: 25 of 25" in report
    with torch.inference_mode():
        vae = pack[1]["vae"]
        expected = vae.encode(vae.decode(clip["samples"].unbind()[0])[:, :, 13:38])
        assert torch.allclose(out["samples"].unbind()[0][:, :, :6], expected[:, :, :6], atol=1e-4)  # the seventh reaches beyond the cut


def test_a_hard_cut_between_two_clips(pack):
    """Lengths add up, what is on the grid is kept, and the pictures at the cut are each clip's own."""
    one, two = made(pack, 72, 1), made(pack, 50, 2)
    out, report = run(pack, "JoinLatent", one, two, 0.0, **pack[1])
    assert out["phonofilm"] == clip_entry(RATE, 122, 48000) and "picture: 31 of 32 latents kept" in report and "sound: 124 of 125" in report
    frames, audio, *_ = run(pack, "Decode", out, pack[1]["vae"], pack[1]["audio_vae"], 24.0)
    assert len(frames) == 122 and audio["waveform"].shape[-1] == 122 * 2000
    picture, sound = out["samples"].unbind()
    assert torch.equal(picture[:, :, :18], one["samples"].unbind()[0][:, :, :18]) and torch.equal(picture[:, :, 19:], two["samples"].unbind()[0][:, :, 1:])
    assert torch.equal(sound[..., :72], one["samples"].unbind()[1][..., :72]) and torch.equal(sound[..., 73:122], two["samples"].unbind()[1][..., 1:50])


def test_silence_stays_silent_where_a_clip_goes_on(pack):
    """The codec writes into the last latent that the sound ends; kept within a longer clip, it clicked 50 dB below full scale."""
    starter = importlib.import_module("phonofilm.models.joint.checkpoint").load()
    codecs = {"vae": starter.picture, "audio_vae": starter.sound}
    with torch.inference_mode():
        silence = starter.sound.encode(torch.zeros(1, 4, 2, 49000), 24000)
        longer = starter.sound.encode(torch.zeros(1, 4, 2, 98000), 24000)
    clip = {"samples": NestedTensor([torch.zeros(1, 24, 13, 8, 8), silence]), "phonofilm": clip_entry(RATE, 49, 48000)}
    opened, _ = run(pack, "Extend", clip, 1.0, 1.0, **codecs)
    picture, sound = opened["samples"].unbind()
    mask = opened["noise_mask"].unbind()[1]
    window = {**opened, "samples": NestedTensor([picture, torch.where(mask == 0, sound, longer[..., 20 : 20 + sound.shape[-1]])])}
    whole = [run(pack, "JoinLatent", clip, after, 0.0, **codecs)[0] for after in (window, clip)]
    for latent in whole:
        _, audio, *_ = run(pack, "Decode", latent, starter.picture, starter.sound, 24.0)
        assert audio["waveform"][..., 4000:-4000].abs().max() < 1e-3


def test_windows_follow_one_another(pack):
    """Extend with head, four times: what there was stays bit for bit but for the sound that says that it ends, and the length is exact."""
    clip, frames = made(pack, 97), 97
    for seed in range(4):
        opened, report = run(pack, "Extend", clip, 3.0, 1.0, **pack[1])
        begin = opened["phonofilm"]["begins"]
        assert begin % 4 == 0 and frames - 24 - 4 < begin <= frames - 24 and "window of its own" in report
        picture, sound = opened["samples"].unbind()
        masks = opened["noise_mask"].unbind()
        head = frames - begin
        assert opened["phonofilm"]["frames"] == head + 72 and not masks[1][..., : head - 1].any() and masks[1][..., head - 1 :].all()
        filled = [torch.where(mask == 0, part, torch.randn(part.shape, generator=torch.Generator().manual_seed(seed))) for mask, part in zip(masks, (picture, sound))]
        window = {**opened, "samples": NestedTensor(filled)}
        longer, report = run(pack, "JoinLatent", clip, window, 0.0)
        frames += 72
        assert longer["phonofilm"] == clip_entry(RATE, frames, 48000) and "again" not in report
        old, new = (latent["samples"].unbind() for latent in (clip, longer))
        kept = (frames - 73) // 4 + 1 if (frames - 73) % 4 == 0 else (frames - 73) // 4
        assert torch.equal(new[0][:, :, :kept], old[0][:, :, :kept]) and torch.equal(new[1][..., : frames - 73], old[1][..., : frames - 73])
        assert torch.equal(new[1][..., frames - 73 :], filled[1][..., head - 1 :])
        clip = longer
    assert clip["phonofilm"]["frames"] == 97 + 4 * 72


def test_masks_travel_along(pack):
    clip = made(pack, 73)
    opened, _ = run(pack, "Edit", clip, 1.0, 2.0)
    cut, _ = run(pack, "CutLatent", opened, 0.5, 0.0, **pack[1])
    picture, sound = cut["noise_mask"].unbind()
    assert (sound[0, 0, 0] > 0).nonzero()[:, 0].tolist() == list(range(12, 36))
    assert picture.amax((0, 1, 3, 4)).nonzero()[:, 0].tolist() == [i - 3 for i in opened["noise_mask"].unbind()[0].amax((0, 1, 3, 4)).nonzero()[:, 0].tolist()]
    joined, _ = run(pack, "JoinLatent", clip, cut, 0.0, **pack[1])
    mask = joined["noise_mask"].unbind()[1][0, 0, 0]
    assert mask[:73].all() and (mask[73:73 + 61] > 0).nonzero()[:, 0].tolist() == list(range(12, 36))


def test_batches(pack):
    one, two = made(pack, 25, 1, batch=2), made(pack, 25, 2)
    three, = run(pack, "BatchLatent", one, two)
    assert len(three["samples"].unbind()[0]) == 3 and three["phonofilm"] == one["phonofilm"]
    assert same(run(pack, "PickLatent", three, -1, 1)[0], two) and same(run(pack, "PickLatent", three, 0, 2)[0], one)
    opened, _ = run(pack, "Edit", two, 0.0, 0.5)
    mixed, = run(pack, "BatchLatent", one, opened)
    masks = mixed["noise_mask"].unbind()
    assert masks[1].shape[0] == 3 and masks[1][:2].all() and not masks[1][2].all()
    (last,) = run(pack, "PickLatent", mixed, 2, 1)
    assert torch.equal(last["noise_mask"].unbind()[1], opened["noise_mask"].unbind()[1])
    joined, _ = run(pack, "JoinLatent", three, two, 1.0, **pack[1])
    assert len(joined["samples"].unbind()[1]) == 3


FAULTS = {
    "range": (lambda p, a, b: run(p, "CutLatent", a, 2.0, 1.0), "start 2 s to end 1 s is no range of this clip, which goes from 0 to 3"),
    "beyond": (lambda p, a, b: run(p, "CutLatent", a, 0.0, 9.0), "is no range"),
    "no vae": (lambda p, a, b: run(p, "CutLatent", a, 1.0, 2.0), "connect vae and audio_vae"),
    "window without vae": (lambda p, a, b: run(p, "Extend", a, 1.0, 1.0), "connect vae and audio_vae"),
    "other model": (lambda p, a, b: run(p, "JoinLatent", a, clip_of(LTX, 73), 0.0), "after is of LTX-2 and latent of the starter"),
    "other size": (lambda p, a, b: run(p, "JoinLatent", a, clip_of(STARTER, 73), 0.0), "after has another size"),
    "mix": (lambda p, a, b: run(p, "JoinLatent", clip_of(STARTER, 25), clip_of(STARTER, 25, stems=1), 0.0), "after has stems where latent has a mix"),
    "overlap": (lambda p, a, b: run(p, "JoinLatent", a, b, 2.0), "cannot have 2 s in common"),
    "batch": (lambda p, a, b: run(p, "BatchLatent", a, b), "latent 2 is 25 pictures at 24 per second.*Cut AV Latent makes lengths equal"),
    "decode": (lambda p, a, b: run(p, "Decode", clip_of(LTX, 25), p[1]["vae"], p[1]["audio_vae"], 24.0), "vae and audio_vae are of the starter, the latent of another model"),
    "index": (lambda p, a, b: run(p, "PickLatent", a, 3, 1), "index is 3, but latent holds 1 clips"),
    "picture alone": (lambda p, a, b: run(p, "SaveLatent", {"samples": torch.zeros(1, 4, 8, 8)}, "x"), None),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_go_together_is_named(pack, name):
    act, says = FAULTS[name]
    a, b = made(pack, 73), made(pack, 25)
    if says is None:
        a["samples"] = NestedTensor([a["samples"].unbind()[0]])
        act, says = lambda p, x, y: run(p, "SaveLatent", x, "x"), "does not hold picture and sound together"
    with pytest.raises(ValueError, match=says):
        act(pack, a, b)


def saved(pack, latent, prefix="latents/clip"):
    """The path of the file that Save AV Latent writes."""
    session = importlib.import_module("phonofilm.headless.session").current.get()
    node = type("Node", (pack[0]["PhonofilmSaveLatent"],), {"hidden": type("Hidden", (), {"prompt": {"1": 2}})})
    out = node.execute(latent, prefix)
    (item,) = out.ui["latents"]
    return session.folder / item["subfolder"] / item["filename"]


@pytest.mark.parametrize("grid", GRIDS)
def test_what_is_saved_comes_back(pack, grid):
    clip = clip_of(grid, 73)
    path = saved(pack, clip)
    (back,) = run(pack, "LoadLatent", str(path))
    assert same(back, clip) and "noise_mask" not in back
    opened, _ = run(pack, "Edit", clip, 1.0, 2.0)
    (back,) = run(pack, "LoadLatent", str(saved(pack, opened)))
    assert all(torch.equal(a, b) for a, b in zip(back["noise_mask"].unbind(), opened["noise_mask"].unbind()))
    bare = {"samples": clip["samples"]}
    assert set(run(pack, "LoadLatent", str(saved(pack, bare)))[0]) == {"samples"}


def test_names_are_claimed_once(pack):
    clip, found = clip_of(STARTER, 25), []
    threads = [threading.Thread(target=lambda: found.append(in_context(pack, clip))) for _ in range(8)]
    current = importlib.import_module("phonofilm.headless.session").current
    session = current.get()

    def in_context(pack, clip):
        current.set(session)
        return saved(pack, clip, "race")

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8 and all(same(run(pack, "LoadLatent", str(path))[0], clip) for path in found)
    assert len(list(session.folder.glob("*race*"))) + len(list(session.folder.glob(".*race*"))) == 8


@pytest.mark.skipif(not importlib.util.find_spec("resource"), reason="no file size limit here")
def test_a_full_disk_leaves_nothing(pack):
    import resource
    import signal

    folder = importlib.import_module("phonofilm.headless.session").current.get().folder
    before, limits = set(folder.rglob("*")), resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(Exception, match="full"):
            saved(pack, clip_of(STARTER, 25), "full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert set(folder.rglob("*")) == before


@pytest.mark.parametrize("content, says", [
    (b"no latent at all", "cannot be read"), (b"", "cannot be read"),
    ({"latent_tensor": torch.zeros(1, 4, 8, 8)}, "is no AV latent: choose a file that Save AV Latent wrote"),
    ({"picture": torch.zeros(1), "sound": torch.zeros(1)}, "is no AV latent"),
    ("newer", "of a newer Phonofilm"),
])
def test_foreign_files_are_refused_in_one_line(pack, tmp_path, content, says):
    path = tmp_path / "foreign.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "newer":
        save_file({"picture": torch.zeros(1)}, path, {"phonofilm_av_latent": "2"})
    else:
        save_file(content, path)
    with pytest.raises(ValueError, match=says) as caught:
        run(pack, "LoadLatent", str(path))
    assert "foreign.safetensors" in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_truncated_file(pack, tmp_path):
    path = saved(pack, clip_of(STARTER, 25))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged"):
        run(pack, "LoadLatent", str(path))
    header = whole[8 : 8 + int.from_bytes(whole[:8], "little")]
    assert json.loads(header)["__metadata__"]["prompt"] == '{"1": 2}'
