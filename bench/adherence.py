"""Does a clip hold what the prompt asked for: the right sound in the right stem, and one ball where one was asked.

    python -m bench.adherence [--clips 50] [--weights models/weights]

On the keyboard also how far its held notes are from their pitch: those of the truth and of its reconstruction against the notes that
were played, those of text to AV against the score that was drafted for it (no picture shows which octave or key a keyboard is in).

Sounds are classified by a ridge classifier trained on other true clips (material of a ball, or the scene);
its score on codec-reconstructed truth stands beside the model's. Balls are counted as moving regions.
"""
import argparse
import json
from pathlib import Path
from types import SimpleNamespace

import torch

from models.joint import checkpoint
from models.joint.score import decode
from training.world import sample as world

from .blobs import one_object
from .clips import FRAMES, HELD_OUT, SAMPLE_RATE, Maker, stem_of, trained_scenes, truth
from .pitch import pitches

TRAINING_CLIPS = 64
BANDS = 48


def features(stems: torch.Tensor) -> torch.Tensor:
    """Log spectrum of each stem, its mean and its peaks over time, relative to the loudest: [B, 4, 2, N] -> [B, D]."""
    window = torch.hann_window(1024)
    rows = []
    for wave in stems.mean(2):
        power = torch.stft(wave, 1024, 512, window=window, return_complex=True).abs().square()
        edges = torch.logspace(0.5, 2.7, BANDS + 1).long().clamp(max=512)
        bands = torch.stack([power[:, a : max(b, a + 1)].mean(1) for a, b in zip(edges, edges[1:])], 1)
        log = (bands + 1e-6).log()
        rows.append(torch.cat([log.mean(2).flatten(), log.amax(2).flatten()]))
    return torch.stack(rows)


def classes(scene: str, batch) -> list[str]:
    if scene != "ball":
        return [scene] * len(batch.scene)
    return [f"ball {int(m)}" for m in batch.params["ball.material"].flatten()]


class Classifier:
    """Ridge regression to one-hot classes on standardised features."""

    def __init__(self, x: torch.Tensor, names: list[str]):
        self.names = sorted(set(names))
        self.mean, self.std = x.mean(0), x.std(0) + 0.05
        target = torch.nn.functional.one_hot(torch.tensor([self.names.index(n) for n in names])).float()
        a = self._design(x)
        self.weights = torch.linalg.solve(a.T @ a + 100 * torch.eye(a.shape[1]), a.T @ target)

    def _design(self, x):
        return torch.cat([(x - self.mean) / self.std, torch.ones(len(x), 1)], 1)

    def __call__(self, x):
        return [self.names[i] for i in (self._design(x) @ self.weights).argmax(1)]


def train_classifier() -> Classifier:
    x, names = [], []
    for k, scene in enumerate(trained_scenes()):
        count = TRAINING_CLIPS * (3 if scene == "ball" else 1)
        batch = world(count, frames=FRAMES, seed=HELD_OUT + 500 + k, scene=scene, picture=False)
        x.append(features(batch.stems))
        names += classes(scene, batch)
    return Classifier(torch.cat(x), names)


def drafted(tokens):
    """The notes of score tokens [slabs, EVENT_WIDTH or more], as `pitches` takes them."""
    return [SimpleNamespace(audible=True, **event) for event in decode(tokens) if event["track"] == "music"]


def share(flags) -> float:
    flags = list(flags)
    return round(sum(flags) / len(flags), 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--weights", type=Path, default=checkpoint.WEIGHTS)
    parser.add_argument("--fast", action="store_true", help="the transformer in bfloat16")
    args = parser.parse_args()
    maker, classify, report = Maker(args.weights, fast=args.fast), train_classifier(), {}
    for scene in trained_scenes():
        batch, clips = truth(scene, args.clips)
        names, stem = classes(scene, batch), stem_of(scene)
        rows = {"truth": clips, "codec": maker.reconstruct(clips)}
        rows["text_to_av"] = maker.decode(*maker.text_to_av(scene, args.clips, batch))
        report[scene] = {}
        for row, made in rows.items():
            loudness = made.stems.square().mean((2, 3))[:, :3]
            report[scene][row] = {
                "right_sound": share(a == b for a, b in zip(classify(features(made.stems)), names)),
                "right_stem": share((loudness.argmax(1) == stem).tolist()),
            }
            if scene == "ball":
                report[scene][row]["one_ball"] = share(one_object(f) for f in made.frames)
        if scene == "keyboard":
            for row, made in rows.items():
                scores = [drafted(tokens) for tokens in made.scores] if row == "text_to_av" else clips.scores
                report[scene][row]["pitch"] = pitches(scores, made.stems[:, stem], SAMPLE_RATE)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
