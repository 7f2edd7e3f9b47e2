"""Train the joint transformer on cached latents, for a budget of wall-clock minutes or of samples.

    python -m training.joint.train --cache runs/cache --codecs models/weights --out runs/joint --minutes 90

Resumes from OUT/state.pt when it is there, and the budget counts what was spent before; --start-from models/weights
begins with what is shipped. Every --every minutes it writes the state, the averaged weights
and a contact sheet of held-out prompts. --slopes 0,0,0,0 trains without the time bias, --no-score without events and layout.
"""
import argparse
import copy
import json
import time
from pathlib import Path
from types import SimpleNamespace

import torch

from models.joint.checkpoint import read
from models.joint.config import JointConfig
from models.joint.text import TextEncoder
from models.joint.transformer import JointTransformer

from .data import Cache
from .objective import loss
from .words import ROOM, tokenizer

LENGTHS = {97: 0.86, 49: 0.07, 241: 0.07}  # share of the batches by number of pictures
WEIGHTS = (0.8, 0.6, 3.0, 1.0)  # of the losses of picture, sound, events and layout, so that none drowns the others
DECAY_FROM = 0.4  # share of the budget after which the learning rate falls to zero


class HalfNorm(torch.nn.RMSNorm):
    """RMSNorm whose weight takes the type of its input: under autocast the fused kernel needs both alike."""

    def forward(self, x):
        return torch.nn.functional.rms_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.eps)


LAYERS = SimpleNamespace(Linear=torch.nn.Linear, RMSNorm=HalfNorm)


def optimizers(model, encoder, muon_lr, adam_lr):
    """Muon (Jordan et al. 2024) for the matrices inside the blocks, AdamW for the rest."""
    matrices = [p for n, p in model.blocks.named_parameters() if p.ndim == 2 and not n.endswith("table")]
    inside = {id(p) for p in matrices}
    rest = [p for m in (model, encoder) for p in m.parameters() if id(p) not in inside]
    return (
        torch.optim.Muon(matrices, lr=muon_lr, momentum=0.95, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=adam_lr, betas=(0.9, 0.95), weight_decay=0.0),
    )


class Run:
    """Networks, averages, optimizers and counters of one training, as saved in state.pt."""

    def __init__(self, config: JointConfig, words, device, lrs):
        self.tokenizer = words
        torch.manual_seed(0)
        data = words.to_bytes()
        self.nets = torch.nn.ModuleDict({"transformer": JointTransformer(config, LAYERS).reset(), "text": TextEncoder(ROOM, config.dim, len(data))})
        self.nets["text"].vocabulary.copy_(data)
        torch.nn.init.normal_(self.nets["text"].table.weight, std=0.3)
        torch.nn.init.normal_(self.nets["text"].place.weight, std=0.02)
        self.nets.to(device)
        self.average = copy.deepcopy(self.nets).requires_grad_(False)
        self.optimizers = optimizers(self.nets["transformer"], self.nets["text"], *lrs)
        self.lrs, self.step, self.samples, self.seconds = lrs, 0, 0, 0.0

    def state(self):
        return {
            "nets": self.nets.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "counters": (self.step, self.samples, self.seconds),
        }

    def load(self, state):
        self.nets.load_state_dict(state["nets"])
        self.average.load_state_dict(state["average"])
        for o, s in zip(self.optimizers, state["optimizers"]):
            o.load_state_dict(s)
        self.step, self.samples, self.seconds = state["counters"]

    def start_from(self, weights):
        """Take over the weights of another run wherever the shapes agree."""
        own = self.nets.state_dict()
        fitting = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
        for nets in (self.nets, self.average):
            nets.load_state_dict({**own, **fitting})
        print(f"{len(fitting)} of {len(own)} tensors taken over", flush=True)

    def update(self, losses, scale, decay):
        """One optimizer step at `scale` times the base learning rates; the average follows with `decay`."""
        sum(w * x for w, x in zip(WEIGHTS, losses)).backward()
        torch.nn.utils.clip_grad_norm_(self.nets.parameters(), 1.0)
        for o, lr in zip(self.optimizers, self.lrs):
            for group in o.param_groups:
                group["lr"] = lr * scale
            o.step()
        self.nets.zero_grad(set_to_none=True)
        self.step += 1
        decay = min(decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            ours, theirs = list(self.average.parameters()), list(self.nets.parameters())
            torch._foreach_lerp_(ours, theirs, 1 - decay)


def weights_of(path: Path, device) -> dict:
    """Weights of transformer and text: of a folder of shards, or the averages of a state.pt."""
    if path.is_dir():
        return {k: v.float() if v.is_floating_point() else v for k, v in read(path)[0].items()}
    return torch.load(path, map_location=device, weights_only=False)["average"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--codecs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--samples", type=int, help="stop after so many samples instead")
    parser.add_argument("--every", type=float, default=10, help="minutes between checkpoints")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--patch", default="2,4", help="rows and columns of latents per picture token")
    parser.add_argument("--slopes", default="0,0,6,20")
    parser.add_argument("--no-score", dest="scored", action="store_false")
    parser.add_argument("--muon-lr", type=float, default=2e-3)
    parser.add_argument("--adam-lr", type=float, default=1e-3)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--start-from", type=Path, help="shipped weights, or state.pt of a run of other sizes: what has the same shape is taken over")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="fuse the blocks: needs a C++ compiler and minutes at first")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    args.out.mkdir(parents=True, exist_ok=True)

    words = tokenizer()
    cache = Cache(args.cache, words, args.seed)
    some = next(iter(cache.held_out.values()))[0]
    patch = tuple(int(p) for p in args.patch.split(","))
    slopes = tuple(float(s) for s in args.slopes.split(","))
    config = JointConfig(args.dim, args.depth, len(slopes), some["picture"].shape[1], some["sound"].shape[1], patch, slopes)
    run = Run(config, words, args.device, (args.muon_lr, args.adam_lr))
    if (args.out / "state.pt").exists():
        run.load(torch.load(args.out / "state.pt", map_location=args.device, weights_only=False))
        print(f"resumed after {run.samples} samples", flush=True)
    elif args.start_from:
        run.start_from(weights_of(args.start_from, args.device))
    if args.compile:  # in place, so that names in state.pt stay; the average is not trained and stays as it is
        for block in run.nets["transformer"].blocks:
            block.compile(dynamic=False)
    torch.manual_seed(args.seed + run.step)
    print(f"{sum(p.numel() for p in run.nets.parameters()) / 1e6:.2f} M parameters", flush=True)

    start, saved, refreshed, recent = time.time(), time.time(), time.time(), []
    before = run.seconds
    while True:
        used = run.samples / args.samples if args.samples else (before + time.time() - start) / (60 * args.minutes)
        if used >= 1:
            break
        frames = [f for f in LENGTHS if f in cache.train]
        share = torch.tensor([LENGTHS[f] for f in frames])
        frames = frames[torch.multinomial(share, 1)]
        size = max(2, args.batch * 97 // max(frames, 97))
        batch = cache.batch(frames, size)
        mix = torch.rand(1).item() < 0.07
        losses = loss(run.nets["transformer"], run.nets["text"], batch, args.device, mix, scored=args.scored)
        warm = min(1.0, (run.step + 1) / 60)
        run.update(losses, warm * min(1.0, max(0.02, (1 - used) / (1 - DECAY_FROM))), args.average)
        run.samples += size
        recent.append(torch.stack([x.detach() for x in losses]))
        if run.step % 50 == 0:
            report(run, cache, args, recent, start, used)
            recent = []
        if time.time() - refreshed > 60:
            cache.refresh()
            refreshed = time.time()
        if time.time() - saved > 60 * args.every:
            checkpoint(run, args, before + time.time() - start)
            saved = time.time()
    checkpoint(run, args, before + time.time() - start)


def report(run, cache, args, recent, start, used):
    mean = torch.stack(recent).mean(0).tolist()
    held = cache.batch(97, 64, cache.held_out[97])
    with torch.no_grad():
        generator = torch.Generator().manual_seed(1)
        valid = [x.item() for x in loss(run.average["transformer"], run.average["text"], held, args.device, generator=generator, scored=args.scored)]
    rate = len(recent) * args.batch / max(1e-6, time.time() - report.__dict__.get("last", start))
    report.last = time.time()
    line = {"step": run.step, "samples": run.samples, "clips": cache.clips(97), "rate": round(rate, 1), "used": round(used, 3)}
    line["train"], line["held_out"] = [round(x, 4) for x in mean], [round(x, 4) for x in valid]
    print(json.dumps(line), flush=True)


def checkpoint(run, args, seconds):
    from .samples import write_sheet

    run.seconds = seconds
    torch.save(run.state(), args.out / "state.tmp")
    (args.out / "state.tmp").replace(args.out / "state.pt")
    write_sheet(run.average, run.tokenizer, args.codecs, args.out / f"sheet-{run.samples:08d}.png", args.device)


if __name__ == "__main__":
    main()
