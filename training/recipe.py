"""The whole recipe in one command: both codecs, the cache of latents, the joint transformer, the packed weights.

    python -m training.recipe --minutes 150 --out runs/recipe [--device cuda --batch 256] [--threads 2]

The budget is shared between the stages; a stage that is done is not done again, and one that was cut short goes on from
its last checkpoint, so the same command may be given until it says that all is done. Needs torch alone.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SHARES = {"picture": 0.20, "picture decoder": 0.06, "sound": 0.13, "sound decoder": 0.05, "cache": 0.12, "transformer": 0.42, "publish": 0.02}
LENGTHS = {97: 0.88, 49: 0.06, 241: 0.06}  # share of the cache's time by number of pictures
FIRST_SEEDS = {97: 0, 49: 30_000_000, 241: 60_000_000}


def codec(name, args, minutes, decoder_only):
    out = args.out / name
    command = ["training.codecs." + name, "--out", out, "--minutes", minutes, "--device", args.device, "--threads", args.threads,
               "--seed", args.seed, "--save-minutes", args.every]
    command += ["--decoder-only"] * decoder_only + ["--resume"] * _begun(out, 2 if decoder_only else 1)
    run(command)
    if decoder_only:
        args.codecs.mkdir(parents=True, exist_ok=True)
        shutil.copy(out / "final.safetensors", args.codecs / f"{name}.safetensors")


def _begun(out, phase):
    log = out / "log.jsonl"
    return (out / "state.pt").exists() and json.loads(log.read_text().splitlines()[-1])["phase"] == phase


def cache(args, minutes):
    for frames, share in LENGTHS.items():
        run(["training.joint.cache", "--codecs", args.codecs, "--out", args.out / "cache", "--clips", 10**6, "--minutes", minutes * share,
             "--frames", frames, "--seed", FIRST_SEEDS[frames] + args.seed, "--threads", args.threads, "--device", args.device])


def transformer(args, minutes):
    run(["training.joint.train", "--cache", args.out / "cache", "--codecs", args.codecs, "--out", args.out / "joint", "--minutes", minutes,
         "--every", args.every, "--threads", args.threads, "--device", args.device, "--batch", args.batch, "--seed", args.seed])


def publish(args, _):
    run(["training.joint.publish", "--state", args.out / "joint" / "state.pt", "--codecs", args.codecs, "--cache", args.out / "cache",
         "--out", args.out / "weights"])


STAGES = {
    "picture": lambda args, minutes: codec("picture", args, minutes, False),
    "picture decoder": lambda args, minutes: codec("picture", args, minutes, True),
    "sound": lambda args, minutes: codec("sound", args, minutes, False),
    "sound decoder": lambda args, minutes: codec("sound", args, minutes, True),
    "cache": cache,
    "transformer": transformer,
    "publish": publish,
}


def run(command):
    subprocess.run([sys.executable, "-m", *map(str, command)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=150, help="wall-clock budget of all stages together")
    parser.add_argument("--out", type=Path, default=Path("runs/recipe"))
    parser.add_argument("--every", type=float, default=4, help="minutes between checkpoints")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=32, help="of the transformer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.codecs = args.out / "codecs"
    args.out.mkdir(parents=True, exist_ok=True)
    done = args.out / "done.json"
    finished = json.loads(done.read_text()) if done.exists() else {}
    for name, stage in STAGES.items():
        if name in finished:
            continue
        begun = time.monotonic()
        stage(args, args.minutes * SHARES[name])
        finished[name] = round(time.monotonic() - begun)
        done.with_suffix(".part").write_text(json.dumps(finished))
        os.replace(done.with_suffix(".part"), done)
    print(json.dumps({"seconds": finished, "weights": str(args.out / "weights")}))


if __name__ == "__main__":
    main()
