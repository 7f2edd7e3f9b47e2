"""The memory that Mux takes: the same for a long clip as for a short one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from media import formats
from media.writing import write_clip
from test_mux import noise

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="no figures of memory here")
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_memory_does_not_grow_with_length(tmp_path, container):
    """Streamed frames, twice and twenty times as many as the encoder looks ahead; only the sound is held, by the caller."""
    script = f"""
import torch
from media import formats
from media.writing import write_clip
torch.set_num_threads(1)
chunk, sound = torch.rand(8, 32, 48, 3), torch.zeros(2, 1_600_000)
def most(frames):
    open("/proc/self/clear_refs", "w").write("5")
    write_clip({str(tmp_path / f"clip.{container}")!r}, (chunk for _ in range(frames // 8)), 24, sound, 48000, form=formats.choose({container!r}, "h264", quality="draft"), stems={{"a": sound}})
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
most(80)
print(most(80), most(800))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    short, long = map(int, done.stdout.split())
    assert long - short < 6000, f"{long - short} kB more for 30 s more"


def most_mapped(script, *lengths):
    """kB that a script's `write(seconds)` takes at most beyond what it was called with, for each of the lengths, in processes of their own."""
    script = f"""
import sys, torch
from media import formats
from media.delivery import level, pictures_of, sum_of, write_beside
from media.reading import laid_sounds
from media.writing import write_clip
torch.set_num_threads(1)
def mapped(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
{script}
write(2)
print(write(int(sys.argv[1])))
"""
    steady = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(1 << 18), "MALLOC_ARENA_MAX": "1"}  # glibc gives large blocks back at once
    return [int(subprocess.run([sys.executable, "-c", script, str(seconds)], cwd=ROOT, env=steady, capture_output=True, text=True, check=True).stdout) for seconds in lengths]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no figures of memory here")
def test_levelling_takes_no_more_memory_for_a_longer_sound(tmp_path):
    """Summed from two stems, brought to a loudness under a ceiling, into a file with the stems and beside it: no copy of any of them is made."""
    short, long = most_mapped(f"""
def write(seconds):
    stems = {{name: {{"waveform": torch.empty(1, 2, 48000 * seconds).normal_(0, 0.1), "sample_rate": 48000}} for name in "ab"}}
    stems["a"]["waveform"][..., ::48000] = 2
    held = mapped("VmSize")
    tracks = {{name: sound["waveform"][0] for name, sound in stems.items()}}
    mix, rate = sum_of(stems)
    mix, tracks, _ = level(mix, tracks, rate, -14.0, -3.0, True)
    write_beside({str(tmp_path / "clip.mkv")!r}, tracks, rate)
    pictures = (torch.zeros(8, 32, 48, 3) for _ in range(-(-seconds // 8)))
    write_clip({str(tmp_path / "clip.mkv")!r}, pictures, 1, mix, rate, form=formats.choose("mkv", "h264", "flac", quality="draft"), stems=tracks)
    return mapped("VmPeak") - held
""", 10, 50)
    assert long - short < 8000, f"{long - short} kB more for 40 s more, where one of the sounds has 15 MB more"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no figures of memory here")
def test_the_sound_of_a_file_takes_no_more_memory_for_a_longer_one(tmp_path):
    """The sound of a file, brought to a loudness under a ceiling beside its copied picture."""
    for seconds in (2, 10, 50):
        wave = noise(2, 48000 * seconds)
        wave[:, ::48000] = 2
        pictures = (torch.zeros(8, 32, 48, 3) for _ in range(-(-seconds // 8)))
        write_clip(tmp_path / f"{seconds}.mkv", pictures, 1, wave, 48000, form=formats.choose("mkv", "h264", "pcm32f", quality="draft"))
    short, long = most_mapped(f"""
def write(seconds):
    film, held = f"{tmp_path}/{{seconds}}.mkv", mapped("VmSize")
    source = pictures_of(film, 0, 0, "mkv", "auto", "picture")
    with laid_sounds(film, source.origin) as (sounds, rate):
        sound, _, _ = level(sounds[None], {{}}, rate, -14.0, -3.0, True)
        write_clip({str(tmp_path / "clip.mkv")!r}, source.pictures, source.rate, sound, rate, form=formats.choose("mkv", "h264", "flac", quality="draft"))
    return mapped("VmPeak") - held
""", 10, 50)
    assert long - short < 8000, f"{long - short} kB more for 40 s more, where the sound has 15 MB more"
