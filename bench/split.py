"""How fast a soundtrack is split and what memory it takes, beside torchaudio's HDemucs in the same run.

    python -m bench.split [--seconds 120] [--runs 3] [--threads 2]

Each run is a process of its own; the two take turns, on the same stereo noise at 48 kHz, by the same way as the node (pieces,
resampling, statistics). "rtf" is seconds of work per second of sound, median of the runs; "peak_mb" the most memory the
process held and "idle_mb" what it held before, with the network loaded. Without shipped weights the separator's are random,
as HDemucs' always are: speed does not depend on them.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import torch

from models.stems import checkpoint, hdemucs, loading
from models.stems.network import Separator
from models.stems.separation import separate

RATE = 48000


def separator():
    return loading.load(checkpoint.WEIGHTS) if checkpoint.WEIGHTS.exists() else Separator().eval()


def demucs():
    from torchaudio.models import hdemucs_high

    return hdemucs.SongSeparator(hdemucs_high(hdemucs.SOURCES).state_dict())


NETWORKS = {"separator": separator, "hdemucs": demucs}


def once(name, seconds):
    """Split noise with one network in this process."""
    network = NETWORKS[name]()
    engine = loading.engine_of(network)
    sound = 0.1 * torch.randn(1, 2, seconds * RATE, generator=torch.Generator().manual_seed(0))
    separate(sound[..., : 2 * RATE], RATE, engine)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, spent = time.perf_counter(), time.process_time()
    stems = separate(sound, RATE, engine)
    wall, cpu = time.perf_counter() - start, time.process_time() - spent
    error = (sum(stems.values()) - sound).abs().max().item()
    return {"parameters": sum(p.numel() for p in network.parameters()), "rtf": wall / seconds, "cpu_rtf": cpu / seconds, "sum_error": error,
            "idle_mb": idle // 1024, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=NETWORKS, help="one run of one network, in this process")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.only:
        print(json.dumps(once(args.only, args.seconds)))
        return
    command = [sys.executable, "-m", "bench.split", "--seconds", str(args.seconds), "--threads", str(args.threads), "--only"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(args.threads)}
    runs = {name: [] for name in NETWORKS}
    for _ in range(args.runs):
        for name, made in runs.items():
            made.append(json.loads(subprocess.run([*command, name], check=True, capture_output=True, text=True, env=environment).stdout))
    report = {name: {key: round(statistics.median(run[key] for run in made), 10) for key in made[0]} for name, made in runs.items()}
    report["times_faster"] = round(report["hdemucs"]["rtf"] / report["separator"]["rtf"], 2)
    report["times_faster_by_cpu_time"] = round(report["hdemucs"]["cpu_rtf"] / report["separator"]["cpu_rtf"], 2)
    print(json.dumps({**report, "seconds": args.seconds, "threads": args.threads}, indent=1))


if __name__ == "__main__":
    main()
