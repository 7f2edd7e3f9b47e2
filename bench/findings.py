"""What a direction showed on the clips of one scene, and the report over all scenes."""
from dataclasses import dataclass, field

import torch

from media.sync import agree, by_chance, pooled


@dataclass
class Findings:
    """pairs: name -> (times seen or true, times heard), a list per clip each; seconds. shares: name -> one bool per case.
    values: name -> numbers. seams: name -> (at the seams, inside true clips, in those at the
    places of the seams), energies in dB. clip: (frames, waveform) to look at.
    """

    clips: int
    pairs: dict = field(default_factory=dict)
    shares: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    seams: dict = field(default_factory=dict)
    clip: tuple = ()

    def __post_init__(self):
        self.clip = tuple(part.clone() for part in self.clip)  # a view would keep the whole batch in memory


def summary(found: dict[str, Findings]) -> dict:
    """The figures of one direction; found: by scene."""
    parts = list(found.values())
    report = {"clips": sum(part.clips for part in parts)}
    for name in parts[0].shares:
        flags = [flag for part in parts for flag in part.shares[name]]
        report[name] = {"cases": len(flags), "share": round(sum(flags) / max(1, len(flags)), 4)}
    for name in parts[0].pairs:
        of_scene = {scene: pooled(map(agree, *part.pairs[name])) for scene, part in found.items()}
        chance = pooled(by_chance(*part.pairs[name]) for part in parts)
        report[name] = {**pooled(of_scene.values()).report(), "chance_f1": rounded(chance.f1),
                        "scenes": {scene: rounded(agreement.f1) for scene, agreement in of_scene.items()}}
    if {"made", "codec"} <= report.keys():
        report["of_codec"] = rounded((report["made"]["f1"] or 0) / max(report["codec"]["f1"] or 0, 1e-9))
    for name in parts[0].values:
        numbers = torch.tensor([number for part in parts for number in part.values[name]])
        report[name] = {"cases": len(numbers), **{label: rounded(numbers.quantile(share).item()) for label, share in (("median", 0.5), ("p95", 0.95), ("max", 1.0))}}
    for name in parts[0].seams:
        seam, inside, there = (torch.cat([part.seams[name][side] for part in parts]) for side in (0, 1, 2))
        limit = inside.quantile(0.95)
        report[name] = {"seams": len(seam), "median_db": rounded(seam.median().item()), "mean_db": rounded(_mean(seam)), "inside_median_db": rounded(inside.median().item()),
                        "inside_p95_db": rounded(limit.item()), "share_above_it": rounded((seam > limit).float().mean().item()),
                        "share_of_true_there": rounded((there > limit).float().mean().item())}
    return report


def _mean(decibels):
    """Mean of energies given in dB, in dB."""
    return 10 * (10 ** (decibels / 10)).mean().log10().item()


def rounded(number):
    return None if number is None else round(number, 4)
