"""How long a 4 s clip takes through the headless runner, beside what this machine's matrix product gives.

    python -m bench.speed [--runs 5]

"clip_s" is sampling, decoding and muxing with the model loaded and default settings, median of the runs;
"load_s" the first load in a fresh process, "peak_mb" the most memory the process held.
"""
import argparse
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path

import torch

ROOT = Path(__file__).parent.parent
WORKFLOW = ROOT / "workflows" / "api" / "text_to_av.json"


def matmul_gflops(size=1024, repeats=20) -> float:
    a = torch.randn(size, size)
    a @ a
    start = time.time()
    for _ in range(repeats):
        a @ a
    return 2 * size**3 * repeats / (time.time() - start) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    import headless

    headless.mount()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(args.runs + 1):
            start = time.time()
            headless.run(WORKFLOW, {}, seed=run, out=f"{folder}/{run}.mp4")
            times.append(time.time() - start)
    print(json.dumps({
        "clip_s": round(statistics.median(times[1:]), 2),
        "first_clip_with_load_s": round(times[0], 2),
        "runs_s": [round(t, 2) for t in times],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "threads": torch.get_num_threads(),
        "matmul_gflops": round(matmul_gflops()),
    }))


if __name__ == "__main__":
    main()
