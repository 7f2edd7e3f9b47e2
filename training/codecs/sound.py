"""Train the sound codec: python -m training.codecs.sound --minutes 22 --out runs/sound

Five distances: levels in the codec's own frames; how phases turn from frame to frame and from bin to bin (place in
time), which need no absolute phase (cf. Ai and Ling 2023); the frequency of held tones, and how steadily they are held
in the wave; the wave through windows from 3 to 85 ms; and its loudness millisecond by millisecond, for what sounds
before it should. In phase 2 the wave's distance becomes an energy distance (Gritsenko et al. 2020): two drawings of
the noise are pushed apart as they are drawn to the truth, so that rain stays rain instead of sinking to its average.
"""
import random

import torch
from torch.nn import functional as F

from media.sheet import write_png
from models.joint import spectrum
from models.joint.sound_codec import SoundCodec
from training.codecs import run
from training.world import sample

FRAMES, RATE = 97, spectrum.RATE
CROP_FRAMES = 48
POOL, RENDERED = 192, 4
FLOOR = 5e-5
TONE_WEIGHT = 20.0
"""A tone that is a semitone off (6 %) costs about as much as everything else."""
WINDOWS = ((2048, 1024), (512, 256, 128, 64))
"""One long and one short window are drawn for each step."""
DRAWN_EVERY = 3
"""In phase 2 the wave is drawn in one step of so many: it takes two thirds of a step's time."""


class SoundPool:
    """Rendered stems, renewed a scene at a time: mostly what sounds, some silence, some mixes of all stems."""

    def __init__(self, scenes, device, seed):
        self.scenes, self.device, self.turn, self.seed = scenes, device, 0, seed
        self.waves = torch.zeros(POOL, 2, FRAMES * RATE // 24, device=device)
        self.filled = self.at = 0
        while self.filled < min(POOL, 6 * len(scenes)):
            self.renew()

    def renew(self):
        """Render one more scene over the oldest waves; returns how many that made."""
        scene = self.scenes[self.turn % len(self.scenes)]
        stems = sample(RENDERED, frames=FRAMES, seed=self.seed * 1_000_003 + self.turn, scene=scene,
                       device=self.device, sample_rate=RATE, picture=False).stems
        mixes = stems[:1].sum(1)
        waves = stems.flatten(0, 1)
        waves = torch.cat([waves[waves.abs().amax((1, 2)) > 1e-4], mixes])
        where = (self.at + torch.arange(len(waves), device=self.device)) % POOL
        self.waves[where] = waves
        self.at = (self.at + len(waves)) % POOL
        self.filled = min(POOL, self.filled + len(waves))
        self.turn += 1
        return len(waves)

    def draw(self, count):
        """Crops [count,2,CROP_FRAMES*1000] at any sample, turned up and down, sides and signs swapped."""
        length = CROP_FRAMES * RATE // 24
        crops = []
        for row in torch.randint(0, self.filled, (count,)).tolist():
            begin = random.randrange(self.waves.shape[-1] - length + 1)
            crops.append(self.waves[row, :, begin:begin + length])
        waves = torch.stack(crops)
        if random.random() < 0.5:
            waves = waves.flip(1)
        dice = torch.rand(count, 1, 1, device=self.device)
        loud = 10 ** ((torch.rand_like(dice) * 36 - 30) / 20)
        gain = torch.where(dice < 0.4, loud, torch.ones_like(dice))
        gain = torch.where(dice > 0.95, torch.zeros_like(dice), gain)
        waves = waves * gain * torch.where(torch.rand_like(dice) < 0.5, -1.0, 1.0)
        return waves / waves.abs().amax((1, 2), keepdim=True).clamp_min(1)


def magnitudes(wave, length):
    """Magnitudes [M,T,bins] of waves [M,N]; a full-scale sine has 1."""
    w = torch.hann_window(length, device=wave.device)
    # Twice as fast as torch.stft on a CPU, forth and back.
    frames = F.pad(wave, (length // 2, length // 2)).unfold(-1, length, length // 4)
    # The small offset keeps the root's slope finite in silence.
    return torch.fft.rfft(frames * (w * (2 / w.sum()))).abs() + 1e-7


def distance(a, b):
    """Between magnitudes: of their logarithms above the floor, and of their roots, where loud parts count more."""
    return ((a + FLOOR).log() - (b + FLOOR).log()).abs().mean() + 4 * (a.sqrt() - b.sqrt()).abs().mean()


def misturned(turn, truth, axis):
    """How far phase differences along an axis are from the truth's, 0..2, loud places counting most.

    turn: the differences, radians; truth complex [M,T,BINS]; axis: 1 is from frame to frame, 2 from bin to bin.
    """
    size = truth.shape[axis] - 1
    step = truth.narrow(axis, 1, size) * truth.narrow(axis, 0, size).conj()
    strength = step.abs()
    ahead = step / (strength + 1e-12)
    weight = strength.sqrt().sqrt()
    return (weight * (1 - turn.cos() * ahead.real - turn.sin() * ahead.imag)).sum() / (weight.sum() + 1e-3)


def held_tones(spectra):
    """The tones that a sound holds: (advance, weight), both [M,T,BINS], of complex spectra [M,T,BINS].

    advance: cycles per hop of the loudest bin within two of each, counted up from that bin's own centre. A tone is
    so one number with no wrap in it; the cosine of a phase has its slope next to the truth alone, and taught the
    decoder no pitch. weight: root of the amplitude above the floor, where the last five turns agree; next to 0 in
    noise.
    """
    turn = F.pad((spectra[:, 1:] * spectra[:, :-1].conj()).angle() / (2 * torch.pi), (0, 0, 1, 0))
    place = torch.arange(spectrum.BINS, device=turn.device) * (RATE / 2 / spectrum.BINS / spectrum.HOPS)
    advance = turn - (turn - place).round()
    size = spectra.abs()
    amplitude = (size * F.pad(size, (0, 0, 1, 0))[:, :-1]).sqrt()
    unit = torch.stack([(2 * torch.pi * turn).cos(), (2 * torch.pi * turn).sin()], 1)
    agreed = F.avg_pool2d(F.pad(unit, (0, 0, 4, 0)), (5, 1), 1).square().sum(1)
    loudest = F.pad(amplitude, (2, 2)).unfold(-1, 5, 1).argmax(-1) - 2
    loudest = (loudest + torch.arange(spectrum.BINS, device=turn.device)).clamp(0, spectrum.BINS - 1)
    weight = (amplitude - FLOOR).clamp_min(0).sqrt() * agreed.gather(2, loudest) ** 4
    return advance.gather(2, loudest), weight


def mistuned(advance, tones):
    """How far turns of bins, in cycles per hop, are from the tones held: mean share of the frequency."""
    truth, weight = tones
    return (weight * (advance - truth).abs() / truth.clamp_min(1)).sum() / (weight.sum() + 1e-2)


def unsteady(wave, truth, weight):
    """How far the tones of a wave [M,2,N] turn otherwise than in the spectra of the truth [M,T,BINS], 0..2."""
    made = spectrum.analyse(wave, RATE).sum(1)
    made, seen = (x[:, 1:] * x[:, :-1].conj() for x in (made, truth))
    made, seen = (x / (x.abs() + 1e-12) for x in (made, seen))
    return (weight[:, 1:] * (1 - (made * seen.conj()).real)).sum() / (weight[:, 1:].sum() + 1e-2)


def loudness(wave):
    """Log level per millisecond [M,2,N/25] of the slope of waves [M,2,N], where blows stand out."""
    slope = F.pad(wave.diff(), (1, 0)).unflatten(-1, (-1, 25))
    return ((slope.square().mean(-1) + 1e-12).sqrt() + 2 * FLOOR).log()


class SoundRecipe:
    heads = ("speak", "drift", "open", "encoder.write")

    def __init__(self, args):
        torch.manual_seed(args.seed)
        random.seed(args.seed)
        self.args, self.watch, self.debt = args, run.Stopwatch(), 0.0
        self.codec = SoundCodec().to(args.device)
        self.shares, self.turn = self.watch.shares, 0
        self.pool = SoundPool(args.drawn, args.device, args.seed)

    def batch(self):
        self.debt += self.args.batch / self.args.reuse
        while self.debt > 0:
            # A crop is half of a wave.
            self.debt -= 2 * self.watch.time("render", self.pool.renew)
        return self.pool.draw(self.args.batch)

    def loss(self, codec, frozen):
        truth = self.batch()
        with run.autocast(self.args.device):
            with torch.set_grad_enabled(not frozen):
                raw = codec.analyse(truth).float()
            if frozen:
                mean, std = codec.mean, codec.std
            else:
                std, mean = torch.std_mean(raw, (0, 2))
                codec.mean.lerp_(mean.detach(), 0.02)
                codec.std.lerp_(std.detach(), 0.02)
            latents = (raw - mean[:, None]) / (std[:, None] + 1e-4)
            blur = torch.rand(len(latents), 1, 1, device=latents.device) * 0.2
            said = codec.describe(latents + blur * torch.randn_like(latents))
        seen = spectrum.analyse(truth, RATE)
        both = seen.sum(1)
        tones = held_tones(both)
        near = distance(said.level, seen.abs())
        tone = mistuned(said.advance, tones)
        pitch, place = (misturned(said.phase.diff(dim=axis), both, axis) for axis in (1, 2))
        loss = 0.5 * near + TONE_WEIGHT * tone + 0.5 * (pitch + place)
        marks = {"near": near, "tone": tone, "pitch": pitch, "place": place, "hiss": said.share.mean()}
        self.turn += 1
        if not frozen or self.turn % DRAWN_EVERY == 0:
            loss = loss + self.drawn(codec, said, truth, both, tones[1], 2 if frozen else 1)
        return loss, {k: float(v.detach()) for k, v in marks.items()}

    def drawn(self, codec, said, truth, both, tonal, count):
        """Loss of `count` waves drawn of what was said: as a whole, in its tones, and millisecond by millisecond."""
        drawings = [codec.compose(said, torch.randn_like(truth)) for _ in range(count)]
        early = (loudness(drawings[0]) - loudness(truth)).abs().mean()
        far = 0.0
        for windows in WINDOWS:
            length = random.choice(windows)
            target = magnitudes(truth.flatten(0, 1), length)
            made = [magnitudes(d.flatten(0, 1), length) for d in drawings]
            far = far + sum(distance(m, target) for m in made) / len(made)
            if count > 1:
                far = far - 0.5 * distance(*made)
        return far + early + unsteady(drawings[0], both, tonal)

    @torch.no_grad()
    def measure(self, codec):
        """Mean and deviation of the raw latents over fresh draws, silence and mixes included."""
        raw = torch.cat([codec.analyse(self.batch()).float() for _ in range(40)])
        std, mean = torch.std_mean(raw, (0, 2))
        return mean, std + 1e-4

    def report(self, codec, path):
        """Log-spectral distance (dB, where the truth sounds) per scene, level of decoded silence, spectrogram pairs."""
        marks, rows = {}, []
        for number, scene in enumerate(self.args.scenes):
            clips = sample(4, frames=FRAMES, seed=-900 - number, scene=scene, device=self.args.device,
                           sample_rate=RATE, picture=False, overlays=False)
            loudest = clips.stems.square().sum((2, 3)).argmax(1)
            truth = clips.stems[torch.arange(4), loudest][:, None]
            made = codec.decode(codec.encode(truth, RATE), RATE)
            seen, heard = (20 * (magnitudes(x[:, 0, 0], 512) + 1e-5).log10() for x in (truth, made))
            audible = seen > -70
            marks[scene] = round(float((seen - heard).square()[audible].mean().sqrt()), 2)
            rows.append(torch.cat([((x[0].T.flip(0) + 90) / 90).clamp(0, 1) for x in (seen, heard)], -1))
        silence = codec.decode(codec.encode(torch.zeros(1, 1, 2, RATE), RATE), RATE)
        marks["silence_dbfs"] = round(float(20 * (silence.square().mean().sqrt() + 1e-9).log10()), 1)
        sheet = torch.cat(rows, 0)[..., None].expand(-1, -1, 3)
        write_png(path, (sheet * 255).round().byte().cpu())
        return marks


def main():
    args = run.arguments("sound", batch=8)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    run.Trainer(SoundRecipe(args), args).run()


if __name__ == "__main__":
    main()
