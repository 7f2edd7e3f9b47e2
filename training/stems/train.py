"""Train the separator on mixtures of a library that was rendered before, for a budget of wall-clock minutes or of steps.

    python -m training.stems.library --help
    python -m training.stems.train --library runs/stems/library --out runs/stems/separator --minutes 90 --cores 2
    python -m training.stems.train --library runs/stems/library --out runs/stems/separator --minutes 90 --device cuda --batch 64 --at-once 64
    python -m training.stems.train --library runs/stems/library --out runs/stems/hdemucs --minutes 90 --architecture hdemucs-small

Goes on from OUT/state.pt when it is there, and the budget counts what was spent before. Every --every minutes it writes the state
and a spectrogram of a held-out mixture, its true stems and the ones made; log.jsonl has the losses and, for each
stem, the SI-SDR improvement in dB on a fixed held-out batch. What is shipped: training.stems.publish.
"""
import argparse
import copy
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from media.sheet import spectrogram, write_png
from models.joint.config import STEMS
from models.stems.checkpoint import read
from training.codecs.optim import optimisers
from training.memory import keep_freed
from training.stems.architectures import ARCHITECTURES, HEADS, parts_of, run, spectra
from training.stems.mixtures import Mixtures
from training.stems.objective import improvement, loss, standard

LEVEL = 0.5  # deviation of the logarithm of the gain a clip is given, as a file's parts differ in level from the whole
SOME = 2  # one frame in so many has its masks made and counts, in turn: frames overlap, and masks are a third of the work


def pace(spent):
    """Learning rate as a share of its peak when a share `spent` of the budget is gone."""
    if spent < 0.01:
        return max(spent, 1e-3) / 0.01
    return min(1.0, 0.005 + (1 - spent) / 0.8)


def _begin_as(new, old):
    """Fill `new` in place with as much of `old` as it holds; further columns are zero, further rows stay as they are."""
    if new.ndim > 1:
        new[:, old.shape[1] :] = 0
    new[tuple(map(slice, old.shape))] = old[tuple(map(slice, new.shape))].to(new)


class Training:
    """A network, its average, optimisers and counters, as saved in state.pt."""

    def __init__(self, args):
        self.args = args
        torch.manual_seed(args.seed)
        self.network = ARCHITECTURES[args.architecture]().to(args.device)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.hands = [self.network, *(self._other_hand() for _ in range(min(args.cores, args.batch // args.at_once) - 1))]
        self.pool = ThreadPoolExecutor(len(self.hands))
        self.optimisers = optimisers(self.network, HEADS, args.rate, args.rate / 2, self.pool.map)
        self.step, self.mixtures, self.spent, self.before = 0, 0, 0.0, None

    def _other_hand(self):
        """The same network, weights shared, with gradients of its own."""
        hand = copy.deepcopy(self.network)
        for mine, shared in zip(hand.parameters(), self.network.parameters()):
            mine.data = shared.data
        return hand

    def start_from(self, path):
        """Begin with the weights that are shipped; what made them goes into the state as `before`.

        Layers they lack begin as the identity, and wider ones as what they were: new columns begin at zero.
        """
        weights, metadata = read(path)
        for one in (self.network, self.average):
            for name, new in one.state_dict().items():
                if name in weights:
                    _begin_as(new, weights[name])
        self.before = metadata["training"]

    def state(self):
        return {"network": self.network.state_dict(), "average": self.average.state_dict(),
                "optimisers": [one.state_dict() for one in self.optimisers],
                "step": self.step, "mixtures": self.mixtures, "spent": self.spent, "architecture": self.args.architecture,
                "seconds": self.args.seconds, "seed": self.args.seed, "before": self.before}

    def load(self, state):
        if state["architecture"] != self.args.architecture:
            raise SystemExit(f"{self.args.out} holds a run of {state['architecture']}: choose another folder, or that architecture.")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for one, saved in zip(self.optimisers, state["optimisers"]):
            one.load_state_dict(saved)
        self.step, self.mixtures, self.spent, self.before = (state[key] for key in ("step", "mixtures", "spent", "before"))

    def seeds(self, ahead):
        """Those of the batch so many steps from now; none twice, though a run may go on with batches of another size."""
        first = self.args.seed * 10**9 + self.mixtures + ahead * self.args.batch
        return list(range(first, first + self.args.batch))

    def used(self):
        """Share of the budget that is gone."""
        return self.step / self.args.steps if self.args.steps else self.spent / (60 * self.args.minutes)

    def advance(self, stems):
        """One step on stems [B, 4, 2, N] -> its loss."""
        stems = standard(stems.to(self.args.device))
        stems = stems * (LEVEL * torch.randn(len(stems), 1, 1, 1, device=stems.device)).exp()
        share = pace(self.used())
        for one in self.optimisers:
            for group in one.param_groups:
                group["lr"] = group["peak"] * share
            one.zero_grad(set_to_none=True)
        parts, hands = stems.split(self.args.at_once), len(self.hands)
        value = sum(self.pool.map(self.backward, self.hands, (parts[first::hands] for first in range(hands))))
        for mine, *others in zip(*(hand.parameters() for hand in self.hands)):
            for other in others:
                mine.grad += other.grad
                other.grad = None
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        if torch.isfinite(norm):
            for one in self.optimisers:
                one.step()
        self.step += 1
        self.mixtures += len(stems)
        keep = min(self.args.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - keep)
            for mine, live in zip(self.average.buffers(), self.network.buffers()):
                mine.copy_(live)
        return value

    def backward(self, network, parts):
        """The gradients of some parts of the batch, into the network -> their share of the loss."""
        some, value = slice(self.step % SOME, None, SOME), 0.0
        for part in parts:
            share = loss(spectra(network, part.sum(1), some, self.args.device), parts_of(part, some)) * len(part) / self.args.batch
            share.backward()
            value += share.item()
        return value

    @torch.no_grad()
    def held_out(self, stems):
        """-> (loss, improvement per stem in dB, what was made of the first clip [4, 2, N])."""
        stems = standard(stems)
        made = torch.cat([run(self.average, part.sum(1).to(self.args.device), self.args.device).float().cpu() for part in stems.split(4)])
        gains = improvement(made, stems).nanmean(0)
        return loss(parts_of(made), parts_of(stems)).item(), {name: round(gain, 2) for name, gain in zip(STEMS, gains.tolist())}, made[0]

    def save(self):
        part = self.args.out / "state.part"
        torch.save(self.state(), part)
        part.replace(self.args.out / "state.pt")


def sheet(true, made, width=480):
    """Spectrograms, the mixture first, then the stems: true on the left, made on the right. [4, 2, N] each -> uint8 [H, W, 3]."""
    rows = [torch.cat([spectrogram(side, 48000, width, 96) for side in pair], 1)
            for pair in [(true.sum(0), made.sum(0)), *zip(true, made)]]
    return torch.cat([torch.nn.functional.pad(row, (0, 0, 0, 0, 0, 2), value=60) for row in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--start-from", type=Path, metavar="FILE", help="begin a new run with the separator's weights in FILE; with another --seed, "
                        "or it hears their mixtures again")
    parser.add_argument("--steps", type=int, help="stop after so many steps instead")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="separator")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a mixture")
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--at-once", type=int, default=1, help="mixtures of a batch that pass through the network together: the steps are "
                        "the same, and 1 is a third faster than 6 on a CPU, whose cache then holds them; on a GPU, all")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate of the matrices")
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--held-out", type=int, default=12, help="mixtures in the fixed held-out batch")
    parser.add_argument("--makers", type=int, default=1, help="threads that make mixtures beside the training")
    parser.add_argument("--cores", type=int, default=1, help="among which the mixtures of a batch are shared out; the steps are the same")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    keep_freed()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    args.out.mkdir(parents=True, exist_ok=True)

    training = Training(args)
    if (args.out / "state.pt").exists():
        training.load(torch.load(args.out / "state.pt", map_location=args.device, weights_only=True))
    elif args.start_from:
        training.start_from(args.start_from)
    fixed = Mixtures(args.library, "held_out", args.seconds).batch(list(range(args.held_out)))
    mixtures = Mixtures(args.library, "train", args.seconds)
    print(f"{sum(p.numel() for p in training.network.parameters()) / 1e6:.2f} M parameters, step {training.step}", flush=True)

    def log(**values):
        line = json.dumps({"step": training.step, "s": round(training.spent), **values})
        print(line, flush=True)
        with open(args.out / "log.jsonl", "a") as file:
            file.write(line + "\n")

    def checkpoint():
        value, gains, made = training.held_out(fixed)
        write_png(args.out / f"sheet-{training.step:07d}.png", sheet(standard(fixed)[0], made))
        training.save()
        log(held_out=round(value, 4), si_sdr_improvement=gains)

    begun = time.monotonic() - training.spent
    saved = logged = time.monotonic()
    recent = []
    with ThreadPoolExecutor(args.makers) as makers:
        ahead = [makers.submit(mixtures.batch, training.seeds(i)) for i in range(args.makers + 1)]
        while training.used() < 1:
            stems = ahead.pop(0).result()
            ahead.append(makers.submit(mixtures.batch, training.seeds(len(ahead) + 1)))
            recent.append(training.advance(stems))
            now = time.monotonic()
            training.spent = now - begun
            if now - logged > 20:
                log(loss=round(sum(recent) / len(recent), 4), step_ms=round((now - logged) / len(recent) * 1e3))
                recent, logged = [], now
            if now - saved > 60 * args.every:
                checkpoint()
                saved = logged = time.monotonic()
                recent = []
        for one in ahead:
            one.cancel()
    checkpoint()


if __name__ == "__main__":
    main()
