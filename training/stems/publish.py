"""Write the averaged weights of a training state as the file that the pack ships.

    python -m training.stems.publish --state runs/stems/separator/state.pt [--out models/weights/stems.safetensors]

Of several states that were kept of one run, the last one last, the mean is written (Izmailov et al. 2018). The metadata says what made
them: sizes, steps, hours, seeds. Its model card is models/weights/stems.md.
"""
import argparse
from pathlib import Path

import torch

from models.stems import checkpoint


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=checkpoint.WEIGHTS)
    args = parser.parse_args()
    states = [torch.load(path, map_location="cpu", weights_only=True) for path in args.state]
    for state in states:
        if state["architecture"] != "separator":
            raise SystemExit(f"This state is of {state['architecture']}: only the separator is shipped.")
    state = states[-1]
    weights = {name: (sum(one["average"][name] for one in states) / len(states)).to(last) for name, last in state["average"].items()}
    training = {"steps": state["step"], "mixtures": state["mixtures"], "seconds_each": state["seconds"],
                "first_seed": state["seed"] * 10**9, "hours": round(state["spent"] / 3600, 2), "before": state["before"],
                "mean_of_steps": [one["step"] for one in states]}
    checkpoint.save(args.out, weights, {"config": checkpoint.config_of(weights).asdict(), "training": training})
    print(training)


if __name__ == "__main__":
    main()
