"""Muon for the matrices inside a network, AdamW for the rest."""
import torch


def orthogonal(update, steps=5):
    """The nearest semi-orthogonal matrix to `update` [rows, cols], by a quintic Newton-Schulz iteration.

    Coefficients from Jordan et al., "Muon" (2024); bfloat16 is exact enough for a direction.
    """
    x = update.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if tall else x).to(update)


class Muon(torch.optim.Optimizer):
    """Momentum whose step is made orthogonal, scaled to the step size AdamW would take (Liu et al. 2025).

    Convolution kernels count as matrices [out, in * kernel]. spread: a `map` for the matrices, such as that of a pool of threads.
    """

    def __init__(self, params, lr=2e-3, momentum=0.95, weight_decay=0.01, spread=map):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.spread = spread

    def step(self, closure=None):
        for group in self.param_groups:
            for _ in self.spread(lambda p: self._move(p, group), [p for p in group["params"] if p.grad is not None]):
                pass

    @torch.no_grad()
    def _move(self, p, group):
        memory = self.state[p].setdefault("momentum", torch.zeros_like(p))
        memory.lerp_(p.grad, 1 - group["momentum"])
        ahead = p.grad.lerp(memory, group["momentum"]).flatten(1)
        step = orthogonal(ahead).reshape(p.shape) * 0.2 * max(ahead.shape) ** 0.5
        p.mul_(1 - group["lr"] * group["weight_decay"]).add_(step, alpha=-group["lr"])


def optimisers(network, heads, muon_rate=2e-3, adam_rate=1e-3, spread=map):
    """[Muon, AdamW] over a network's trainable parameters.

    heads: parts of names (outputs, say) whose matrices AdamW should have, besides vectors and depthwise kernels.
    """
    matrices, others = [], []
    for name, p in network.named_parameters():
        if p.requires_grad:
            inner = p.ndim > 1 and min(p.shape[0], p[0].numel()) >= 24 and not any(h in name for h in heads)
            (matrices if inner else others).append(p)
    pair = [Muon(matrices, muon_rate, spread=spread), torch.optim.AdamW(others, adam_rate, (0.9, 0.98), weight_decay=0.0)]
    for optimiser in pair:
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    return pair
