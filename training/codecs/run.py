"""What the two codec recipes share: the wall-clock schedule, averaged weights, checkpoints, the log.

Phase 1 trains encoder and decoder; at its end the averaged encoder and the latent statistics freeze.
Phase 2 (--decoder-only) improves the decoder alone, as long as one likes: latents cached with the frozen
encoder, and transformers trained on them, stay valid. It goes on from phase 1 in the same folder, or from the
codecs in any other (--start-from).
"""
import argparse
import copy
import json
import math
import os
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from training.joint.codecs import load_codecs

from .optim import optimisers

SCENES = "ball hammer drum clap light keyboard drop face rain".split()


def arguments(name, batch):
    """The command line of a recipe."""
    parser = argparse.ArgumentParser(prog=f"python -m training.codecs.{name}")
    parser.add_argument("--minutes", type=float, default=25, help="wall-clock budget of this phase")
    parser.add_argument("--out", type=Path, default=Path("runs") / name)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--scenes", nargs="+", default=SCENES)
    parser.add_argument("--often", nargs="+", default=[], help="scenes to draw once more in every turn; naming one twice adds two")
    parser.add_argument("--rate", type=float, default=1.0, help="learning rate, as a share of the recipe's own")
    parser.add_argument("--reuse", type=float, default=1.5, help="times each rendered piece is seen, about")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/state.pt")
    parser.add_argument("--decoder-only", action="store_true", help="phase 2: from OUT/frozen.safetensors; with --resume from OUT/state.pt")
    parser.add_argument("--start-from", type=Path, metavar="DIR",
                        help="with --decoder-only: begin with the codecs in DIR, starter shards or NAME.safetensors")
    args = parser.parse_args()
    if args.minutes <= 0:
        parser.error("--minutes must be above 0")
    if args.start_from and (args.resume or not args.decoder_only):
        parser.error("--start-from needs --decoder-only, and no --resume")
    needed = args.start_from or args.out / ("state.pt" if args.resume else "frozen.safetensors")
    if (args.resume or args.decoder_only) and not needed.exists():
        parser.error(f"nothing to go on from: {needed} does not exist")
    args.name, args.drawn = name, args.scenes + args.often
    return args


def finished(args):
    """The state dict that phase 2 begins with: an encoder that stays and a decoder to improve."""
    if not args.start_from:
        return load_file(args.out / "frozen.safetensors", args.device)
    codecs = dict(zip(("picture", "sound"), load_codecs(args.start_from, args.device)))
    return codecs[args.name].state_dict()


def rate(spent):
    """Learning rate as a share of its peak when a share `spent` of the budget is gone."""
    if spent < 0.02:
        return max(spent, 1e-3) / 0.02
    return 1.0 if spent < 0.6 else 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min((spent - 0.6) / 0.4, 1)))


class Trainer:
    """Runs a recipe for its budget.

    A recipe has: `codec`; `heads`, names of output layers; `loss(codec, frozen) -> (scalar, dict of floats)`;
    `measure(codec) -> (mean, std)` of the raw latents; `report(codec, path) -> dict of floats`, which also
    draws a contact sheet; `seconds`, a dict it may fill with the time its data took.
    """

    def __init__(self, recipe, args):
        self.recipe, self.args = recipe, args
        self.codec = recipe.codec
        self.average = copy.deepcopy(self.codec).requires_grad_(False)
        self.step, self.spent, self.phase = 0, 0.0, 1
        saved = self._read() if args.resume else None
        if args.decoder_only and self.phase == 1:
            self.phase, self.step, self.spent, saved = 2, 0, 0.0, None
            weights = finished(args)
            for network in (self.codec, self.average):
                network.load_state_dict({**network.state_dict(), **weights})  # of an older codec some layers are new
        if self.phase == 2:
            self.codec.encoder.requires_grad_(False)
        self.optimisers = optimisers(self.codec, recipe.heads)
        if saved:
            for optimiser, state in zip(self.optimisers, saved["optimisers"]):
                optimiser.load_state_dict(state)

    def run(self):
        args, budget = self.args, self.args.minutes * 60
        args.out.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic() - self.spent
        logged = saved = time.monotonic()
        sums, count = {}, 0
        self.codec.train()
        while self.spent < budget:
            values = self._advance(self.spent / budget)
            for key, value in values.items():
                sums[key] = sums.get(key, 0.0) + value
            count += 1
            now = time.monotonic()
            self.spent = now - begun
            if now - logged > 20 or self.step == 1:
                self.log({k: round(v / count, 4) for k, v in sums.items()}
                         | {"step_ms": round((now - logged) / count * 1e3), **self.recipe.shares(now - logged)})
                sums, count, logged = {}, 0, now
            if now - saved > args.save_minutes * 60:
                self.save(f"phase{self.phase}_{self.step:06d}")
                saved = logged = time.monotonic()
        self.finish()

    def _advance(self, spent):
        share = rate(spent) * self.args.rate
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * share
            optimiser.zero_grad(set_to_none=True)
        loss, values = self.recipe.loss(self.codec, self.phase == 2)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.codec.parameters(), 4.0)
        if not math.isfinite(float(norm)):
            self.log({"skipped": "the gradient is not finite"})
            self.step += 1
            return values
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        # In phase 2 the average begins as a finished decoder and must not forget it for the first noisy steps.
        keep = 0.998 if self.phase == 2 else min(0.998, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mine, live in zip(self.average.state_dict().values(), self.codec.state_dict().values()):
                mine.lerp_(live, 1 - keep)
        return values | {"loss": float(loss.detach()), "norm": float(norm)}

    def finish(self):
        """Freeze what phase 1 made, and leave the last checkpoint."""
        if self.phase == 1:
            mean, std = self.recipe.measure(self.average)
            self.average.mean.copy_(mean)
            self.average.std.copy_(std)
        self.save("frozen" if self.phase == 1 else "final")

    def save(self, name):
        """The averaged weights as OUT/NAME.safetensors and OUT/codec.safetensors, the state, the sheet."""
        out = self.args.out
        begun = time.monotonic()
        self.average.eval()
        with torch.no_grad():
            marks = self.recipe.report(self.average, out / f"{name}.png")
        self.log({"checkpoint": name, **marks, "report_s": round(time.monotonic() - begun, 1)})
        metadata = {"config": json.dumps(self.average.config), "phase": str(self.phase), "steps": str(self.step),
                    "seconds": str(round(self.spent)), "marks": json.dumps(marks)}
        weights = {k: v.detach().float().cpu().contiguous() for k, v in self.average.state_dict().items()}
        for path in {out / "codec.safetensors", out / f"{name}.safetensors"}:
            save_file(weights, str(path) + ".part", metadata)
            os.replace(str(path) + ".part", path)
        torch.save({"codec": self.codec.state_dict(), "average": self.average.state_dict(), "step": self.step,
                    "spent": self.spent, "phase": self.phase,
                    "optimisers": [o.state_dict() for o in self.optimisers]}, out / "state.part")
        os.replace(out / "state.part", out / "state.pt")

    def _read(self):
        saved = torch.load(self.args.out / "state.pt", map_location=self.args.device, weights_only=True)
        self.codec.load_state_dict(saved["codec"])
        self.average.load_state_dict(saved["average"])
        self.step, self.spent, self.phase = saved["step"], saved["spent"], saved["phase"]
        return saved

    def log(self, values):
        line = json.dumps({"phase": self.phase, "step": self.step, "s": round(self.spent)} | values)
        print(line, flush=True)
        with open(self.args.out / "log.jsonl", "a") as file:
            file.write(line + "\n")


def autocast(device):
    """bfloat16 where matrices are multiplied: about five times float32's speed on CPUs that have it."""
    return torch.autocast(torch.device(device).type, torch.bfloat16)


class Stopwatch(dict):
    """Seconds spent per named kind of work, since last asked."""

    def time(self, name, work, *args, **kwargs):
        begun = time.monotonic()
        made = work(*args, **kwargs)
        self[name] = self.get(name, 0.0) + time.monotonic() - begun
        return made

    def shares(self, elapsed):
        made = {f"{k}_share": round(v / max(elapsed, 1e-9), 3) for k, v in self.items()}
        self.clear()
        return made
