"""AUDIO as it comes off the wires, made safe to compute with."""

import torch

from .errors import MediaError


def floats(waveform):
    """A waveform as float32 on the CPU; whole numbers are scaled to full scale 1. The input itself where it is that already."""
    whole = not waveform.is_floating_point()
    waveform, scale = waveform.detach().to("cpu"), torch.iinfo(waveform.dtype).max + 1 if whole else 1
    return waveform.float() / scale if whole else waveform.float()


def tidy(audio, name="the sound"):
    """AUDIO -> (waveform [B, C, T] float32 on the CPU, sample rate, warnings); the input itself is never changed.

    Integer samples are scaled to full scale 1; NaN and infinity become 0, and one warning (a line of text that begins
    with `name`) counts them. MediaError where there is no AUDIO, no sample, or no whole positive rate.
    """
    if audio is None:
        raise MediaError(f"There is no {name.removeprefix('the ')}: what it comes from is silent.")
    waveform, rate = audio["waveform"], whole_rate(audio["sample_rate"])
    if waveform.dim() != 3:
        raise MediaError(f"A waveform must be [batch, channels, samples]; that of {name} is {list(waveform.shape)}.")
    if not waveform.numel():
        raise MediaError(f"The waveform of {name} is empty: {list(waveform.shape)}.")
    waveform = floats(waveform)
    bad = waveform.numel() - int(torch.isfinite(waveform).sum())
    if not bad:
        return waveform, rate, []
    return torch.nan_to_num(waveform, 0.0, 0.0, 0.0), rate, [f"{name}: {bad} samples were NaN or infinite and are silent now."]


def whole_rate(rate):
    """A sample rate as int. MediaError unless it is a whole number from 1 to 768000, or text that says one."""
    try:
        whole = int(float(rate))
        if whole == float(rate) and 1 <= whole <= 768000:
            return whole
    except (TypeError, ValueError, OverflowError):
        pass
    raise MediaError(f"The sample rate is {rate}; it must be a whole number of samples per second.")
