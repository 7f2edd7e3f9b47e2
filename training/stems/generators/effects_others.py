"""Events for the held-out set, by other means than in `effects`: finite differences, waveguides, combs, chaos, sums of chirps."""
import math

import torch
from torchaudio.functional import lfilter

from ..sound import RATE, band, clock, curve, fall, humped, joined, peak, place, samples, saturated, unit


def membrane(dice):
    """A plate or a skin struck: the wave equation with stiffness and loss on a grid, by finite differences."""
    rows, columns, n = dice.randint(5, 9), dice.randint(5, 12), samples(.7)
    tension, stiff, loss, dull = dice.log(.01, .35), dice.log(.0005, .02), dice.log(2e-5, 2e-3), dice.log(1e-4, 3e-2)
    now = torch.zeros(1, 1, rows, columns)
    now[0, 0, dice.randrange(rows), dice.randrange(columns)] = 1
    before, out = now * .98, []
    around = torch.tensor([[[[0., 1, 0], [1, -4, 1], [0, 1, 0]]]])
    ear = dice.randrange(rows), dice.randrange(columns)
    matrix = torch.nn.functional.conv2d(torch.eye(rows * columns).view(-1, 1, rows, columns), around, padding=1).view(rows * columns, -1)
    # one step as a matrix: next = A now - B before
    eye = torch.eye(rows * columns)
    ahead = 2 * eye + tension * matrix - stiff * matrix @ matrix - loss * eye + dull * matrix
    behind = (1 - loss) * eye + dull * matrix
    step = torch.cat([torch.cat([ahead, -behind], 1), torch.cat([eye, torch.zeros_like(eye)], 1)])
    values, vectors = torch.linalg.eig(step.double())
    start = torch.cat([now.flatten(), before.flatten()]).to(vectors)
    weight = torch.linalg.solve(vectors, start) * vectors[ear[0] * columns + ear[1]]
    values = values / values.abs().clamp(min=1)                               # what would grow is kept level
    far = weight * values ** (128 * torch.arange(-(-n // 128))[:, None])
    near = values[:, None] ** torch.arange(128)
    out = (far @ near).real.flatten()[:n].float()
    out = band(out - out.mean(), 30, 20000) * fall(n, .35)
    return out if dice.flag(.6) else torch.cat([out[:samples(dice.uniform(.06, .3))], out[:samples(dice.uniform(.06, .3))], out])


def waveguide(dice):
    """A bar, a rod, a bottle, a wire hit: a loop of delay with a low pass and an all pass that bends the overtones."""
    delay, n = dice.randint(12, 400), samples(1.2)
    hit = torch.zeros(n)
    width = dice.randint(2, 200)
    hit[:width] = dice.noise(width) * torch.hann_window(width)
    keep, dark = dice.uniform(.85, .997), dice.uniform(.05, .5)
    loop = torch.zeros(delay + 2)
    loop[0], loop[delay], loop[delay + 1] = 1, -keep * (1 - dark), -keep * dark
    out = lfilter(hit, loop, torch.eye(1, delay + 2)[0], clamp=False)
    bend = dice.uniform(-.7, .7)
    return lfilter(out, torch.tensor([1, bend]), torch.tensor([bend, 1]), clamp=False)


def fragments(dice):
    """A break: hundreds of chirps and ticks whose rate falls."""
    n = samples(dice.uniform(.8, 2))
    out, low = torch.zeros(n), dice.log(500, 4000)
    for _ in range(dice.randint(60, 250)):
        m = samples(dice.log(.003, .06))
        t = clock(m)
        hertz = low * 2 ** dice.uniform(0, 3)
        place(out, torch.sin(6.28318 * hertz * (t - dice.uniform(0, 3) * t * t)) * torch.hann_window(2 * m)[m:] * dice.random() ** 2,
              int(n * dice.random() ** dice.uniform(2, 5)))
    return joined(out, unit(dice.noise(900)) * fall(900, .004) * out.abs().amax())


def comb_pass(dice):
    """Something rushes by: noise through a comb whose delay changes with distance, as off the ground."""
    n = samples(dice.uniform(.3, 2))
    t = clock(n) / (n / RATE) - dice.uniform(.35, .6)
    near = dice.uniform(.05, .25)
    gain = near / (near ** 2 + t ** 2).sqrt()
    noise = band(dice.noise(n + 2000), 80, dice.log(2000, 14000), 1)
    late = 20 + dice.uniform(50, 900) * gain
    index = (torch.arange(n) + 2000 - late).clamp(min=0)
    low = index.long()
    echo = torch.lerp(noise[low], noise[(low + 1).clamp(max=len(noise) - 1)], index - low)
    return (noise[2000:2000 + n] + dice.uniform(-.9, .9) * echo) * gain ** dice.uniform(1, 3)


def blast(dice):
    """A shot as an N wave and its reflections from walls at random distances."""
    n, length = samples(1.8), samples(dice.log(.0008, .02))
    wave = torch.linspace(1, -1, length)
    out = torch.zeros(n)
    place(out, wave, 0)
    for _ in range(dice.randint(100, 500)):
        late = dice.expovariate(dice.uniform(3, 12))
        place(out, wave * dice.gauss(0, .12) * math.exp(-late * 4), samples(late))
    dust = band(dice.noise(n), 60, dice.log(800, 6000), 1) * humped(n, .003, dice.log(.03, .4))
    return saturated(joined(peak(out), peak(dust) * dice.uniform(.1, .8)), dice.uniform(.5, 4))


def engine(dice):
    """An engine that revs, idles or fades away: harmonics with jitter, one by one."""
    n = samples(dice.uniform(.8, 3))
    t = clock(n)
    base = dice.log(28, 220) * curve(dice, n, 1.5, .7, 1.6)
    turn = base.double().cumsum(0) / RATE
    out = 0
    for order in range(1, dice.randint(12, 40)):
        half = order / 2 if dice.flag(.4) else float(order)
        out = out + dice.random() / order ** .7 * curve(dice, n, 25, .3, 1) * torch.sin(6.28318 * (turn * half + dice.random()).remainder(1)).float()
    return (unit(out) + .3 * dice.random() * band(dice.noise(n), 300, 5000, 1)) * (t / .05).clamp(max=1) * curve(dice, n, 1, .2, 1)


def chaos(dice):
    """Calls of beasts and birds from an oscillator that breaks into subharmonics: feedback of phase."""
    track, start = torch.zeros(samples(2.6)), 0
    middle = dice.log(150, 4500)
    for _ in range(dice.randint(1, 5)):
        n = samples(dice.uniform(.08, .7))
        t = clock(n)
        course = middle * curve(dice, n, 5, .6, 1.7)
        turn = course.double().cumsum(0).float() / RATE
        one = torch.sin(6.28318 * turn)
        for _ in range(3):
            one = torch.sin(6.28318 * turn * 1 + dice.uniform(0, 2.2) * one + dice.uniform(0, 1.5) * torch.sin(3.14159 * turn))
        place(track, one * (1 + dice.uniform(0, 1) * torch.sin(6.28 * dice.uniform(20, 90) * t)) * torch.hann_window(n) ** .4, start)
        start += n + samples(dice.log(.04, .3))
    return track[:min(start, len(track))]


def drip(dice):
    """Drops and gulps: single bubbles, each a sine that rises as it shrinks, with a tick."""
    track = torch.zeros(samples(2.2))
    for _ in range(dice.choice((1, 2, 4, 12, 40))):
        n = samples(dice.uniform(.04, .25))
        t = clock(n)
        hertz = dice.log(300, 2800)
        drop = torch.sin(6.28318 * hertz * t * (1 + dice.uniform(1, 6) * t)) * torch.exp(-t * dice.uniform(20, 90)) * (t / .002).clamp(max=1)
        place(track, drop * dice.log(.1, 1), int(dice.random() * 1.9 * RATE))
    return track


def friction(dice):
    """Squeaks, scrapes and creaks: a mass on a spring dragged, which sticks and slips (a saw with chance in its period)."""
    n = samples(dice.uniform(.25, 1.8))
    rate = curve(dice, n, 4, 20, dice.log(60, 900))
    jitter = 1 + .3 * dice.random() * curve(dice, n, 300, -1, 1)
    saw = (rate * jitter).cumsum(0) / RATE
    saw = saw - saw.floor() - .5
    slow, fast_ = dice.log(200, 900), dice.log(1500, 7000)
    out = torch.zeros(n)
    for centre, quality in ((slow, 12), (fast_, 20), (slow * 2.3, 15)):
        radius = math.exp(-math.pi * centre / quality / RATE)
        out = out + lfilter(saw, torch.tensor([1, -2 * radius * math.cos(2 * math.pi * centre / RATE), radius ** 2]), torch.tensor([1 - radius, 0, 0]), clamp=False)
    return out * torch.hann_window(n) ** .3


def treads(dice):
    """Steps and handling: each a puff of filtered noise whose band wanders, with a knock from a two-mode resonator."""
    pace, count = dice.uniform(.3, .8), dice.randint(1, 7)
    track = torch.zeros(samples(pace * count + .4))
    ring, low = dice.log(60, 700), dice.log(100, 2500)
    radius = dice.uniform(.98, .999)
    for number in range(count):
        n = samples(.3)
        puff = band(dice.noise(n), low * dice.uniform(.8, 1.2), low * dice.uniform(3, 6), 1) * humped(n, .015, dice.uniform(.02, .07)) * (dice.values(n) > .5)
        knock = lfilter(dice.noise(n) * fall(n, .001), torch.tensor([1, -2 * radius * math.cos(2 * math.pi * ring / RATE), radius ** 2]), torch.tensor([1., 0, -1]), clamp=False)
        place(track, peak(puff) * dice.random() + peak(knock) * dice.random(), samples(number * pace * dice.uniform(.95, 1.05)))
    return track


def device(dice):
    """Beeps, rings and warbles by amplitude and phase modulation; data tones; a disc that spins down."""
    n = samples(dice.uniform(.2, 2))
    t = clock(n)
    tones = sum(torch.sin(6.28318 * dice.log(400, 4000) * t + dice.uniform(0, 6) * torch.sin(6.28318 * dice.log(2, 60) * t)) for _ in range(dice.randint(1, 3)))
    gate = ((t * dice.log(1, 14)).remainder(1) < dice.uniform(.2, .8)).float()
    return tones * torch.nn.functional.avg_pool1d(gate[None], 241, 1, 120)[0]
