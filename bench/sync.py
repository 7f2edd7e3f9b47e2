"""How well sound follows picture, and how far the detectors that say so can be trusted.

    python -m bench.sync --truth [--clips 24] [--scenes ball hammer] [--size 128]

--truth calibrates the detectors on the procedural world's held-out clips, where every event is known:
"seen" is the visual detector against the true events (its own recall, precision and error), "heard" the
onset detector against them in the stem they sound in, "agreement" the one against the other (what a
perfect model would score) and "chance" the same with the sound of other clips. "none" counts the clips
of pure weather in which the visual detector rightly finds nothing.
"""
import argparse
import json

import torch

from media.onsets import find_onsets
from media.sync import agree, by_chance, pooled
from media.visual import find_events
from training.world import SCENES, sample

from .clips import FRAMES, HELD_OUT, RATE, SAMPLE_RATE, stem_of

CHUNK = 8


def observed(scene, count, size, kind="auto"):
    """Per clip of a scene: (true times of its audible events, times seen, times heard)."""
    rows = []
    for first in range(0, count, CHUNK):
        clips = sample(list(range(first, min(first + CHUNK, count))), frames=FRAMES, seed=HELD_OUT + list(SCENES).index(scene),
                       scene=scene, size=size, sample_rate=SAMPLE_RATE)
        for video, stems, events in zip(clips.video, clips.stems, clips.events):
            rows.append((
                [event.time for event in events if event.audible],
                [event.time for event in find_events(video.permute(1, 2, 3, 0), RATE, kind)],
                [onset.time for onset in find_onsets(stems[stem_of(scene)], SAMPLE_RATE)],
            ))
    return rows


def calibration(scene, count, size):
    true, seen, heard = zip(*observed(scene, count, size))
    return {
        "seen": pooled(map(agree, true, seen)).report(),
        "heard": pooled(map(agree, true, heard)).report(),
        "agreement": pooled(map(agree, seen, heard)).report(),
        "chance": by_chance(seen, heard).report(),
        "none": sum(not times for times in seen),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", action="store_true", required=True)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=SCENES)
    parser.add_argument("--size", type=int, default=128)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps({scene: calibration(scene, args.clips, args.size) for scene in args.scenes}, indent=1))


if __name__ == "__main__":
    main()
