"""What the recipe minimises, and the figures it is judged by."""
import torch

WEIGHTS = 2.4, 0.7, 0.7, 0.2  # of the stems: dialogue counts most, and ambience, the quietest, would else count most
LEVELS = 2.0  # of the magnitudes against the errors
ALONE = 60.0  # dB of SI-SDR of the mixture, above which it is the stem
FLOOR = 1e-3  # of the error's power, as a share of the mixture's: nothing is gained below -30 dB


def standard(stems):
    """Stems [B, S, 2, N] scaled so that their sum has unit deviation; a silent mixture stays silent."""
    deviation = stems.sum(1).flatten(1).std(1)
    return stems / torch.where(deviation > 1e-8, deviation, 1.0).view(-1, 1, 1, 1)


def loss(made, stems):
    """Spectra of what was made and of the truth, each as real and imaginary parts [B, S, 2, T, F] -> scalar.

    Level-preserving: the logarithm of the error's power against the mixture's, which is defined for silent stems too
    (thresholded SNR, Wisdom et al. 2020), and L1 between magnitudes to the power 0.3. Both in the spectra that the masks
    are for: on a CPU a step takes half the time of one with the inverse transform and a spectral loss on the waves.
    """
    (real, imaginary), (a, b) = made, stems
    power = _power(a.sum(1), b.sum(1)).mean((1, 2, 3)).clamp_min(1e-12).view(-1, 1, 1, 1, 1)
    errors = (_power(real - a, imaginary - b) / power).mean((2, 3, 4))
    snr = ((errors + FLOOR).log() * torch.tensor(WEIGHTS, device=errors.device)).mean()
    return snr + LEVELS * (_level(real, imaginary, power) - _level(a, b, power)).abs().mean()


def _power(real, imaginary):
    return real.square() + imaginary.square()


def _level(real, imaginary, power):
    return (_power(real, imaginary) / power + 1e-7) ** 0.15


def si_sdr(made, true):
    """Scale-invariant signal to distortion ratio in dB over the last two axes (Le Roux et al. 2019); NaN where `true` is silent."""
    made, true = made.double().flatten(-2), true.double().flatten(-2)
    energy = true.square().sum(-1, keepdim=True)
    aim = (made * true).sum(-1, keepdim=True) / energy * true
    ratio = aim.square().sum(-1) / (made - aim).square().sum(-1).clamp_min(1e-20)
    return torch.where(energy[..., 0] > 1e-6 * true.shape[-1], 10 * ratio.clamp_min(1e-20).log10(), torch.nan)


def improvement(made, stems):
    """SI-SDR in dB that each stem gains over the mixture [B, S], NaN where the stem is silent, or alone: then there is nothing to gain."""
    before = si_sdr(stems.sum(1, keepdim=True).expand_as(stems), stems)
    return torch.where(before < ALONE, si_sdr(made, stems) - before, torch.nan)
