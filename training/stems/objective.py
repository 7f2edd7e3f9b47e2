"""What the recipe minimises, and the figures it is judged by."""
import torch

SIZES = 1024, 4096  # windows of the spectral loss, in samples
ALONE = 60.0  # dB of SI-SDR of the mixture, above which it is the stem
FLOOR = 10 ** -3.5  # of the error's power, as a share of the mixture's: nothing is gained below -35 dB


def standard(stems):
    """Stems [B, S, 2, N] scaled so that their sum has unit deviation; a silent mixture stays silent."""
    deviation = stems.sum(1).flatten(1).std(1)
    return stems / torch.where(deviation > 1e-8, deviation, 1.0).view(-1, 1, 1, 1)


def loss(made, stems):
    """made, stems [B, S, 2, N], the mixture of unit deviation -> scalar.

    Level-preserving: the logarithm of the error's power against the mixture's, which is defined for silent stems too
    (thresholded SNR, Wisdom et al. 2020), and L1 between magnitudes to the power 0.3 at two resolutions.
    """
    snr = ((made - stems).square().mean((2, 3)) + FLOOR).log().mean()
    return snr + sum((_levels(made, size) - _levels(stems, size)).abs().mean() for size in SIZES)


def _levels(wave, size):
    spectra = torch.stft(wave.flatten(0, -2), size, size // 2, window=torch.hann_window(size, device=wave.device), return_complex=True)
    return (spectra.real.square() + spectra.imag.square() + 1e-6) ** 0.15


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
