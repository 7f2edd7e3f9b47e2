"""Write the averaged weights of a training state as the file that the pack ships, in half precision.

    python -m training.stems.publish --state runs/stems/separator/state.pt [--out models/weights/stems.safetensors]

The metadata says what made them: sizes, steps, hours, seeds. Its model card is models/weights/stems.md.
"""
import argparse
from pathlib import Path

import torch

from models.stems import checkpoint


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=checkpoint.WEIGHTS)
    args = parser.parse_args()
    state = torch.load(args.state, map_location="cpu", weights_only=True)
    if state["architecture"] != "separator":
        raise SystemExit(f"This state is of {state['architecture']}: only the separator is shipped.")
    training = {"steps": state["step"], "mixtures": state["step"] * state["batch"], "seconds_each": state["seconds"],
                "first_seed": state["seed"] * 10**9, "hours": round(state["spent"] / 3600, 2), "before": state.get("before")}
    checkpoint.save(args.out, state["average"], {"config": checkpoint.config_of(state["average"]).asdict(), "training": training})
    print(training)


if __name__ == "__main__":
    main()
