"""Impulse responses of rooms, [channels, n]: two places in one room, each left and right, direct sound first."""
import math

import torch

from ..sound import RATE, clock, filtered, place, samples

SECONDS = 0.34                      # what is left of a longer tail then is faded away


def _finished(places):
    fade = torch.ones(samples(SECONDS))
    fade[-4800:] = torch.linspace(1, 0, 4800) ** 2
    out = torch.stack([ear[:len(fade)] * fade for ear in places])
    return out / out.pow(2).sum(1).mean().sqrt()


def scattered(dice):
    """Statistical: a few early echoes at random, then noise whose decay depends on the band, alike in colour but not in detail left and right."""
    n, decay = samples(SECONDS), dice.log(.04, .6) / 6.9
    damp, wet, early = dice.uniform(.2, 1.0), dice.log(.05, 1.2), dice.randint(2, 14)
    first = dice.uniform(.004, .03)
    places = []
    for _ in range(2):
        side, near = dice.uniform(-.7, .7), dice.log(.5, 2)
        for ear in (-1, 1):
            out = torch.zeros(n)
            out[samples(.0003 * max(0, ear * side))] = 1 + .5 * ear * side
            for _ in range(early):
                late = dice.uniform(first, first * 4)
                place(out, torch.tensor([dice.gauss(0, 1) * wet * math.exp(-late / decay / 2) * .4]), samples(late))
            tail = torch.zeros(n)
            for low, high, share in ((0, 400, 1.1), (400, 2500, 1.0), (2500, 24000, 1 - .6 * damp)):
                part = filtered(dice.noise(n), lambda f: ((f >= low) & (f < high)).float())
                tail += part * torch.exp(-clock(n) / (decay * share))
            tail[:samples(first)] = 0
            places.append(out + tail * wet * near / tail.pow(2).sum().sqrt().clamp(min=1e-6))
    return _finished(places)


def shoebox(dice):
    """Geometric: the image sources of a rectangular room (Allen and Berkley 1979) to the 9th order, heard by two ears 18 cm apart."""
    n = samples(SECONDS)
    size = torch.tensor([dice.uniform(2.2, 12), dice.uniform(2.2, 9), dice.uniform(2.2, 5)])
    walls = dice.values(3, .55, .97)
    head = size * torch.tensor([dice.uniform(.2, .8), dice.uniform(.2, .8), .5])
    order = torch.arange(-9, 10)
    x, y, z = (g.flatten() for g in torch.meshgrid(order, order, order, indexing="ij"))
    index = torch.stack([x, y, z], 1)
    index = index[index.abs().sum(1) <= 9]
    places = []
    for _ in range(2):
        source = size * torch.tensor([dice.uniform(.1, .9), dice.uniform(.1, .9), dice.uniform(.3, .7)])
        image = torch.where(index % 2 == 0, index * size + source, (index + 1) * size - source)
        loss = (walls ** index.abs()).prod(1)
        shortest = (source - head).norm()
        for ear in (-.09, .09):
            way = image - head - torch.tensor([ear, 0.0, 0.0])
            far = way.norm(dim=1).clamp(min=.3)
            facing = 1 + .35 * math.copysign(1, ear) * way[:, 0] / far        # the head's shadow
            late = ((far - shortest + .1) / 343 * RATE)
            out = torch.zeros(n + 1)
            inside = late < n - 1
            low, part = late[inside].long(), late[inside].frac()
            gain = (loss * facing / far)[inside]
            out.index_add_(0, low, gain * (1 - part))
            out.index_add_(0, low + 1, gain * part)
            places.append(filtered(out[:n], lambda f: 1 / (1 + (f / 14000) ** 2)))
    return _finished(places)
