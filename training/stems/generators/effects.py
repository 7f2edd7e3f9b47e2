"""Events for training: things struck, broken, moved, fired; engines, animals, machines. Modal, granular and painted noise."""
import torch

from ...world import sample
from ..sound import (RATE, at, band, clock, coloured, curve, fall, filtered, grains, humped, joined, modes, painted, peak, place, pulses,
                     resonances, saturated, samples, unit)


def world(dice):
    """Events of the project's procedural world: balls, hammers, doors, glasses, drops, claps, steps, thunder."""
    scene = dice.choice(("ball", "hammer", "clap", "drop", "footsteps", "door", "glass", "thunder"))
    clips = sample(1, 97, dice.getrandbits(40), scene, sample_rate=RATE, picture=False, overlays=False)
    return clips.stems[0, 2].mean(0)


# material: hertz of the lowest mode, spread of the modes, decay at 1 kHz, how decay falls with frequency
_MATERIALS = {"wood": (150, 2.6, .05, .7), "metal": (300, 2.2, .6, .4), "plate": (90, 1.7, .9, .6), "stone": (500, 2.0, .02, .5),
              "plastic": (250, 2.4, .03, .6), "glass": (900, 1.9, .25, .6), "pipe": (200, 2.76, .8, .5), "tin": (400, 1.35, .15, .5)}


def _struck(dice, material, size, seconds, hard):
    low, spread, decay, slope = _MATERIALS[material]
    count = dice.randint(6, 40)
    hertz = low / size * (1 + torch.arange(count) * dice.uniform(.5, 1) * (spread - 1)) * (1 + dice.values(count, -.12, .12))
    gain = dice.values(count, .1, 1) / (1 + (hertz / (800 + 9000 * hard)) ** 2)
    body = modes(hertz, gain, decay * (hertz / 1000) ** -slope * dice.uniform(.5, 1.8), samples(seconds), dice.values(count, 0, .3))
    body = body * (1 - clock(len(body)) / seconds).clamp(max=.3) / .3
    knock = band(dice.noise(1500), 80, 1000 + 14000 * hard) * fall(1500, .0015 + .006 * (1 - hard))
    return joined(peak(body), peak(knock) * dice.uniform(.1, .9))


def impact(dice):
    """One or a few blows on wood, metal, plates, stone, plastic, glass, pipes, tins."""
    material, size, hard = dice.choice(list(_MATERIALS)), dice.log(.4, 3), dice.random()
    blows = dice.choice((1, 1, 1, 2, 3, 5))
    track = torch.zeros(samples(1.2 + .4 * blows))
    start = 0
    for _ in range(blows):
        place(track, _struck(dice, material, size, 1.2, hard) * dice.uniform(.4, 1), start)
        start += samples(dice.log(.05, .4))
    return track


def bounce(dice):
    """Something dropped that bounces ever faster and comes to rest, or rolls away."""
    material, size, gap, loss = dice.choice(list(_MATERIALS)), dice.log(.4, 2), dice.uniform(.15, .5), dice.uniform(.6, .85)
    one = _struck(dice, material, size, .5, dice.random())
    track, when, strength = torch.zeros(samples(2.8)), 0.0, 1.0
    while gap > .012 and when < 2.4:
        place(track, one * strength, samples(when))
        when, gap, strength = when + gap, gap * loss, strength * loss
    return track


def shatter(dice):
    """Glass, plates, ice: a blow, then splinters that ring high and fall."""
    def splinter(d):
        hertz = d.logs(d.randint(2, 6), 1800, 16000)
        return modes(hertz, torch.ones(len(hertz)), d.log(.01, .12), samples(.25)) * d.log(.05, 1)
    n = samples(dice.uniform(.7, 2.2))
    track = _struck(dice, "glass", dice.log(.5, 2), .5, 1.0)
    crash = band(dice.noise(samples(.3)), 1500, 18000) * fall(samples(.3), dice.uniform(.02, .08))
    rain = torch.zeros(n)
    for _ in range(dice.randint(20, 130)):
        place(rain, splinter(dice), samples(min(dice.expovariate(3), n / RATE)))
    return joined(track, peak(crash), peak(rain) * dice.uniform(.5, 1))


def door(dice):
    """A latch, a creak of stick and slip, a slam, a bolt, a drawer."""
    parts, panel = [], dice.log(.7, 2.5)
    if dice.flag(.5):
        n = samples(dice.uniform(.3, 1.4))
        rate = curve(dice, n, 3, 15, 130)
        creak = resonances(pulses(rate, 2.0), dice.logs(6, 300, 5000).tolist(), dice.logs(6, 20, 150).tolist(), dice.values(6).tolist())
        parts.append(unit(creak) * .25 * torch.sin(clock(n) / clock(n)[-1] * 3.14))
    if dice.flag(.7):
        slam = joined(_struck(dice, "wood", panel * 1.5, .8, .4), band(dice.noise(samples(.4)), 40, 500) * fall(samples(.4), .07))
        parts += [torch.zeros(samples(dice.uniform(0, .2))), slam]
    for _ in range(dice.randint(1, 3)):
        parts += [_struck(dice, dice.choice(("metal", "tin", "plastic")), .5, .25, .9) * dice.uniform(.2, .7), torch.zeros(samples(dice.uniform(.02, .15)))]
    return torch.cat(parts)


def steps(dice):
    """Footsteps of one person on wood, stone, gravel, snow, leaves, water, stairs of metal."""
    ground, pace, heel = dice.choice(("wood", "stone", "plate", "gravel", "snow", "leaves", "wet")), dice.uniform(.28, .75), dice.random()
    count = dice.randint(2, 8)
    track = torch.zeros(samples(count * pace + .5))
    for number in range(count):
        n = samples(.35)
        if ground in ("gravel", "snow", "leaves", "wet"):
            low, high, density = {"gravel": (800, 9000, 60), "snow": (1500, 8000, 150), "leaves": (2500, 16000, 40), "wet": (300, 5000, 25)}[ground]
            crunch = grains(dice, n, density, lambda d: band(d.noise(240), low, high) * fall(240, d.log(.0005, .003)) * d.random())
            foot = peak(crunch * humped(n, .03, .08)) + .3 * peak(band(dice.noise(n), 50, 250) * fall(n, .03))
        else:
            foot = joined(_struck(dice, ground, 1.5, .35, heel), .4 * peak(band(dice.noise(n), 60, 2500) * humped(n, .01, .03)))
        place(track, foot * dice.uniform(.6, 1), samples(number * pace * dice.uniform(.96, 1.04)))
    return track


def whoosh(dice):
    """Air moved by a swing, a throw, a pass, a sword, wings."""
    n = samples(dice.log(.12, 1.6))
    t = clock(n) / (n / RATE)
    middle, rise = dice.uniform(.3, .8), dice.uniform(1, 4)
    envelope = torch.exp(-((t - middle) * 2 * rise) ** 2)
    low, high, width = dice.log(120, 700), dice.log(700, 6000), dice.uniform(.3, 1.2)
    centre = low * (high / low) ** envelope
    return painted(dice.noise(n), lambda f, s: torch.exp(-((f.clamp(min=20) / at(s, centre)).log() / width) ** 2)) * envelope


def clicks(dice):
    """Switches, keys, levers, ratchets, typing, a camera."""
    kind, size, gap = dice.choice(("plastic", "metal", "tin", "wood")), dice.log(.2, .7), dice.log(.02, .3)
    track, start = torch.zeros(samples(2.2)), 0
    one = _struck(dice, kind, size, .08, dice.random())
    for _ in range(dice.choice((1, 2, 2, 3, 6, 12))):
        place(track, (one if dice.flag(.5) else _struck(dice, kind, size, .08, dice.random())) * dice.uniform(.4, 1), start)
        start += samples(gap * dice.uniform(.6, 1.4))
    return track[:start + 4800]


def splash(dice):
    """Something falls into water: the slap, spray, and bubbles that rise in pitch (Minnaert)."""
    size = dice.random()
    n = samples(.6 + 1.6 * size)
    spray = band(dice.noise(n), 400 - 250 * size, 12000) * humped(n, .01 + .05 * size, .08 + .3 * size)
    bubbles = torch.zeros(n)
    for _ in range(dice.randint(4, 10 + int(60 * size))):
        m = samples(dice.log(.02, .15))
        t, hertz = clock(m), dice.log(250, 3500)
        place(bubbles, torch.sin(6.28318 * hertz * (t + dice.uniform(0, 4) * t * t)) * fall(m, len(t) / RATE / 4) * dice.random(),
              samples(min(dice.expovariate(4), n / RATE)))
    return peak(spray) * dice.uniform(.2, 1) + peak(bubbles) * dice.uniform(.2, 1)


def shot(dice):
    """Gunshots, firecrackers, blasts, canon: a shock, a blow of low noise, echoes."""
    size, n = dice.random(), samples(2.2)
    blast = coloured(dice, n, -2 - 6 * size) * fall(n, .03 + .3 * size) + .5 * coloured(dice, n, -6) * humped(n, .004, .08 + .5 * size)
    crack = dice.noise(n) * fall(n, .0015)
    out = saturated(joined(peak(blast), peak(crack) * (1 - .7 * size)), dice.uniform(1, 6))
    for _ in range(dice.randrange(5)):
        late = samples(dice.uniform(.08, .9))
        place(out, band(out[:n - late].clone(), 100, 3000) * dice.uniform(.02, .25), late)
    return out if dice.flag(.7) else torch.cat([out[:samples(dice.uniform(.08, .2))] for _ in range(dice.randint(2, 6))] + [out])


def passing(dice):
    """A car, a motorcycle, a propeller, a truck comes and goes: pulses and noise with the Doppler shift."""
    n = samples(dice.uniform(1.6, 3.2))
    t = clock(n) - n / RATE * dice.uniform(.35, .65)
    speed, near = dice.uniform(8, 45), dice.uniform(3, 12)
    distance = (near ** 2 + (speed * t) ** 2).sqrt()
    shift = 1 - speed ** 2 * t / distance / 343
    engine = pulses(dice.log(25, 180) * shift * (1 + .01 * curve(dice, n, 20, -1, 1)), dice.uniform(.4, 1.5))
    engine = resonances(engine, dice.logs(4, 80, 2000).tolist(), dice.logs(4, 40, 400).tolist(), dice.values(4, .3, 1).tolist())
    tyres = band(coloured(dice, n, -3), 150, 7000)
    return (unit(engine) * dice.random() + unit(tyres) * dice.random()) * (near / distance) ** dice.uniform(1, 1.6)


def motor(dice):
    """A motor that starts, runs and stops within seconds: drills, mixers, scooters, winches, servos, zips."""
    n = samples(dice.uniform(.3, 2.5))
    t = clock(n) / (n / RATE)
    course = dice.log(50, 700) * (1 - torch.exp(-t / dice.uniform(.03, .3))) * torch.where(t > .8, 1 - dice.uniform(0, .7) * (t - .8) / .2, 1.0)
    whine = pulses(course.clamp(min=8) * (1 + .01 * curve(dice, n, 30, -1, 1)), dice.uniform(.8, 2))
    body = resonances(whine, dice.logs(5, 200, 6000).tolist(), dice.logs(5, 60, 600).tolist(), dice.values(5, .2, 1).tolist())
    return (unit(body) + dice.uniform(0, .8) * band(dice.noise(n), 600, 9000)) * torch.sin(3.14 * t.clamp(.02, 1)) ** .4


def creature(dice):
    """Animal-like calls: barks, meows, birds, cows, frogs, roars, squeaks, by sweeps of pitch through a moving throat."""
    kind = dice.choice(("bark", "meow", "bird", "moo", "frog", "roar", "squeak", "horse"))
    pitch, length, repeat = {"bark": ((250, 700), (.08, .2), 3), "meow": ((400, 800), (.4, 1.0), 1), "bird": ((1800, 6500), (.04, .3), 6), "moo": ((90, 180), (.8, 1.8), 1),
                             "frog": ((120, 400), (.1, .3), 4), "roar": ((60, 130), (.7, 2), 1), "squeak": ((1200, 4000), (.05, .2), 4), "horse": ((500, 1100), (.8, 1.6), 1)}[kind]
    middle, track, start, rough = dice.log(*pitch), torch.zeros(samples(3)), 0, kind in ("roar", "bark", "frog", "horse")
    shape = [dice.uniform(.7, 1.4) for _ in range(4)]
    for _ in range(dice.randint(1, repeat)):
        n = samples(dice.uniform(*length))
        t = clock(n) / (n / RATE)
        course = middle * torch.lerp(torch.lerp(torch.full_like(t, shape[0]), torch.full_like(t, shape[1]), t), torch.lerp(torch.full_like(t, shape[2]), torch.full_like(t, shape[3]), t), t)
        if kind == "horse":
            course = course * (1 + .12 * torch.sin(6.28 * 9 * clock(n)))
        if kind in ("bird", "squeak"):
            voice = torch.sin(6.28318 * (course * (1 + dice.uniform(0, .15) * torch.sin(6.28 * dice.uniform(15, 60) * clock(n)))).cumsum(0) / RATE)
        else:
            source = unit(pulses(course * (1 + .03 * rough * curve(dice, n, 150, -1, 1)), 1.5)) + (.2 + .6 * rough) * dice.noise(n)
            opening = dice.log(400, 900) * (1 + 1.2 * torch.sin(3.14 * t))
            voice = painted(source, lambda f, s: .03 + 1 / (1 + ((f - at(s, opening)) / 200) ** 2) + .5 / (1 + ((f - 2.4 * at(s, opening)) / 300) ** 2))
        place(track, unit(voice) * torch.sin(3.14 * t) ** .5, start)
        start += n + samples(dice.log(.03, .4))
    return track[:min(start, len(track))]


def rustle(dice):
    """Cloth, paper, plastic bags, keys, coins, chains: many small grains in gestures."""
    n = samples(dice.uniform(.4, 2.2))
    kind = dice.choice(("cloth", "paper", "bag", "keys", "chain"))
    if kind in ("keys", "chain"):
        low = 2500 if kind == "keys" else 900
        base = dice.logs(5, low, 4 * low)
        sound = grains(dice, n, dice.randint(8, 50), lambda d: modes(base * d.uniform(.9, 1.1), d.values(5), d.log(.02, .12), samples(.2)) * d.log(.1, 1))
    else:
        low, high, density = {"cloth": (200, 5000, 300), "paper": (700, 13000, 200), "bag": (1500, 17000, 350)}[kind]
        sound = grains(dice, n, density, lambda d: d.noise(160) * fall(160, d.log(.0004, .004)) * d.random() ** 3)
        sound = band(sound, low, high, 1)
    return sound * curve(dice, n, 4, 0, 1) ** 2


def signal(dice):
    """Made tones that are not music: telephones, alarms, beeps, buzzers, horns, sirens, sonar, whistles."""
    n = samples(dice.uniform(.3, 2.6))
    t = clock(n)
    hertz, rate = dice.log(250, 3500), dice.log(1.5, 25)
    kind = dice.choice(("beep", "two", "siren", "bell", "horn", "sonar"))
    gate = (torch.sin(6.28 * rate * t) > dice.uniform(-.5, .5)).float()
    if kind == "bell":
        return modes(hertz * torch.tensor([1, 1.51, 2.32, 3.12]), torch.tensor([1, .8, .7, .5]), .4, n) * (.3 + .7 * (t * rate).remainder(1).neg().exp())
    course = {"beep": torch.full_like(t, hertz), "two": hertz * (1 + .26 * gate), "siren": hertz * (1 + .35 * torch.sin(6.28 * rate / 6 * t)),
              "horn": torch.full_like(t, hertz / 4), "sonar": hertz * (1 - .02 * t)}[kind]
    wave = torch.sin(6.28318 * course.double().cumsum(0) / RATE).float() if kind in ("sonar", "beep") and dice.flag(.6) else unit(pulses(course, dice.uniform(.3, 2)))
    gate = band(gate, 0, 400, 1) if kind == "beep" else fall(n, .5) if kind == "sonar" else torch.ones(n)
    return wave * gate


def zap(dice):
    """Electric sparks, lasers, glitches, energy: sweeps and crackle."""
    n = samples(dice.log(.1, 1.5))
    t = clock(n)
    if dice.flag(.5):
        sweep = (dice.log(800, 9000) * torch.exp(-t / dice.log(.03, .4)) + dice.log(60, 300)).cumsum(0) / RATE
        return saturated(torch.sin(6.28318 * sweep + dice.uniform(0, 3) * torch.sin(6.28318 * dice.log(30, 400) * t)), dice.uniform(.5, 4)) * humped(n, .003, n / RATE / 2)
    spark = dice.noise(n) * (dice.values(n) > 1 - dice.log(.001, .05)).float() * 3 + .1 * band(dice.noise(n), 2000, 16000)
    buzz = pulses(torch.full((n,), dice.choice((50., 60., 100., 120.))), 2.0)
    return spark * (1 + unit(buzz)).abs() * curve(dice, n, 12, 0, 1)


def rumble(dice):
    """Collapses, thunder, explosions far off, furniture pushed: low noise in waves."""
    n = samples(dice.uniform(1, 3))
    low = coloured(dice, n, -9) * curve(dice, n, 8, .1, 1) * humped(n, dice.uniform(.01, .4), dice.uniform(.4, 1.2))
    debris = grains(dice, n, dice.randint(0, 60), lambda d: _struck(d, d.choice(("stone", "wood", "tin")), d.log(.5, 2), .2, d.random()) * d.log(.02, 1))
    return peak(low) + peak(debris) * dice.uniform(0, .5) * (debris.abs().amax() > 0)


def steam(dice):
    """A hiss let out: sprays, air brakes, tyres, matches, a can, frying for a moment."""
    n = samples(dice.log(.15, 2.2))
    colour = filtered(dice.noise(n), lambda f: (f / (f + dice.log(500, 5000))) ** 2)
    return unit(colour) * humped(n, dice.log(.002, .1), n / RATE / dice.uniform(1.5, 5)) * curve(dice, n, 20, .6, 1)
