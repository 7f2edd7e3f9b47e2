"""How well sound follows picture, and how far the detectors that say so can be trusted.

    python -m bench.sync [--clips 50] [--scenes ball hammer] [--weights models/weights]
    python -m bench.sync --truth [--clips 24] [--scenes ball hammer] [--size 128]

For each trained scene: "codec" is the reconstructed truth (the ceiling), "text_to_av" clips made from its
captions alone, each with "agreement" of the visual events with the onsets in the right stem and "chance";
"visual_share" is how many visual events a made clip has beside a reconstructed one. "video_to_sound" is the
sound made for the true picture: onsets against the true audible event times. Nothing is rejected.

--truth calibrates the detectors on the procedural world's held-out clips, where every event is known:
"seen" is the visual detector against the true events (its own recall, precision and error), "heard" the
onset detector against them in the stem they sound in, "agreement" the one against the other (what a
perfect model would score) and "chance" the same with the sound of other clips. "none" counts the clips
of pure weather in which the visual detector rightly finds nothing.
"""
import argparse
import json
from pathlib import Path

from media.onsets import find_onsets
from media.sync import agree, by_chance, pooled
from media.visual import find_events
from models.joint import checkpoint
from training.world import SCENES, sample

from .clips import FRAMES, HELD_OUT, RATE, SAMPLE_RATE, SEEN_AS, Maker, stem_of, trained_scenes, truth
from .times import heard_times, seen_times, true_times

CHUNK = 8


def observed(scene, count, size):
    """Per clip of a scene: (true times of its audible events, times seen, times heard)."""
    rows = []
    for first in range(0, count, CHUNK):
        clips = sample(list(range(first, min(first + CHUNK, count))), frames=FRAMES, seed=HELD_OUT + list(SCENES).index(scene),
                       scene=scene, size=size, sample_rate=SAMPLE_RATE)
        for video, stems, events in zip(clips.video, clips.stems, clips.events):
            rows.append((
                [event.time for event in events if event.audible],
                [event.time for event in find_events(video.permute(1, 2, 3, 0), RATE, SEEN_AS.get(scene, "auto"))],
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


def measured(maker, scene, count):
    batch, clips = truth(scene, count)
    latents = maker.encode(clips)
    report, watched = {}, {"codec": maker.decode(*latents, clips.scores), "text_to_av": maker.decode(*maker.text_to_av(scene, count, batch))}
    seen = {name: seen_times(made.frames, scene) for name, made in watched.items()}
    for name, made in watched.items():
        heard = heard_times(made.stems, scene)
        report[name] = {"agreement": pooled(map(agree, seen[name], heard)).report(), "chance": by_chance(seen[name], heard).report()}
    report["visual_share"] = round(sum(map(len, seen["text_to_av"])) / max(1, sum(map(len, seen["codec"]))), 3)
    report["video_to_sound"] = dubbed(maker, scene, count, batch, latents[0])
    return report


def dubbed(maker, scene, count, batch, picture):
    """Agreement of the onsets that are made for the true pictures (latents) with the true audible events, and chance."""
    true = true_times(batch.events, scene)
    made = maker.decode(picture, *maker.video_to_sound(scene, count, batch, picture)[1:])
    heard = heard_times(made.stems, scene)
    return {"agreement": pooled(map(agree, true, heard)).report(), "chance": by_chance(true, heard).report()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", action="store_true", help="calibrate the detectors instead")
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--scenes", nargs="+", choices=SCENES)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    parser.add_argument("--fast", action="store_true", help="the transformer in bfloat16")
    parser.add_argument("--size", type=int, default=128)
    args = parser.parse_args()
    if args.truth:
        report = {scene: calibration(scene, args.clips, args.size) for scene in args.scenes or SCENES}
    else:
        maker = Maker(args.weights, fast=args.fast)
        report = {scene: measured(maker, scene, args.clips) for scene in args.scenes or trained_scenes()}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
