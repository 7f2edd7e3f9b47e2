"""The pictures of the templates: each workflow of workflows/api run as it is, its result as workflows/NAME.jpg.

    python -m bench.thumbnails [--only edit extend] [--folder workflows] [--keep FOLDER]

Sixteen frames in the order of time, row by row, and under them the spectrogram of the sound: 512x640. A film, a picture or a
sound that a workflow begins with comes from what text_to_av makes. --keep leaves the clips in a folder. Prints which file took how many
seconds. Workflows on models that ComfyUI loads, LTX-2 and MiniMax H3, are left out, and so is the splitting of stems where there is no separator.
"""
import argparse
import json
import tempfile
import time
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import av
import torch

import headless
from media.naming import in_place_of
from media.reading import read_clip
from media.sheet import spectrogram, write_png
from models.stems import checkpoint as separator

ROOT = Path(__file__).resolve().parent.parent
FIRST = "text_to_av"
COLUMNS, ROWS, BAND = 4, 4, 128


def thumbnail(clip) -> torch.Tensor:
    """uint8 [640, 512, 3] of a Clip of 128x128 pictures."""
    shown = ((torch.arange(COLUMNS * ROWS) + 0.5) * len(clip.frames) / (COLUMNS * ROWS)).long()
    tiles = (clip.frames[shown].clamp(0, 1) * 255).round().byte().unflatten(0, (ROWS, COLUMNS))
    picture = tiles.permute(0, 2, 1, 3, 4).flatten(0, 1).flatten(1, 2)
    return torch.cat([picture, spectrogram(clip.waveform, clip.sample_rate, picture.shape[1], BAND)])


def write_jpg(path, image):
    with in_place_of(path) as fresh, av.open(str(fresh), "w", format="image2", options={"update": "1"}) as file:
        stream = file.add_stream("mjpeg", rate=Fraction(1), options={"q:v": "3", "qmin": "1"})
        stream.height, stream.width = image.shape[:2]
        stream.pix_fmt = "yuvj444p"
        file.mux(stream.encode(av.VideoFrame.from_ndarray(image.numpy(), format="rgb24")))
        file.mux(stream.encode(None))


def workflow(name, files):
    """A shipped workflow with the files that it begins with, by the names it has for them."""
    graph = json.loads((ROOT / "workflows" / "api" / f"{name}.json").read_text())
    for node in graph.values():
        if "file" in node["inputs"]:
            node["inputs"]["file"] = str(files[node["inputs"]["file"]])
    return graph


def runs_here(name, classes):
    kinds = {node["class_type"] for node in workflow(name, defaultdict(str)).values()}
    return kinds <= classes.keys() and (separator.WEIGHTS.exists() or "PhonofilmSplitStems" not in kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--folder", type=Path, default=ROOT / "workflows")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    classes = headless.mount().node_classes()
    names = [FIRST, *sorted(path.stem for path in (ROOT / "workflows" / "api").glob("*.json") if path.stem != FIRST and runs_here(path.stem, classes))]
    report = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        film = folder / f"{FIRST}.mp4"
        files = {"film.mp4": film, "picture.png": folder / "picture.png", "last.png": folder / "last.png"}
        for name in names:
            if args.only and name not in args.only and (name != FIRST or film.exists()):
                continue
            start = time.monotonic()
            (path,) = headless.run(workflow(name, files), {}, out=folder / f"{name}.mp4")
            clip = read_clip(path)
            if name == FIRST:
                for name_of, frame in (("picture.png", clip.frames[0]), ("last.png", clip.frames[-1])):
                    write_png(files[name_of], (frame * 255).round().byte())
            if not args.only or name in args.only:
                write_jpg(args.folder / f"{name}.jpg", thumbnail(clip))
                report[f"{name}.jpg"] = round(time.monotonic() - start, 1)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
