"""When something is heard: onsets of a waveform, to a fraction of a millisecond.

Two steps. Spectral flux finds the candidates: how many decibels the bands of the spectrum stand
above the loudest they were just before, so that steady noise, ringing and vibrato give little.
Then each time is refined on the samples themselves: what a linear predictor, fitted to the sound
just before, cannot foresee grows abruptly at the true onset, and the most likely place of that
growth is taken. (Band-wise flux with a maximum filter: Boeck & Widmer, DAFx 2013, in spirit.)
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F

HOP = 1 / 375
WINDOW = 4 * HOP
BANDS = 28
SPACING = 0.05
SILENCE = 1e-3
FLOOR_DB = 55.0
RISE_DB = 2.0
SURROUNDINGS = 0.75
TEXTURE = 12


class Onset(NamedTuple):
    """`time` in seconds from sample 0; `strength`: peak of the sound in the 30 ms after it, full scale 1."""

    time: float
    strength: float


def find_onsets(waveform, sample_rate, rise_db=RISE_DB):
    """Onsets of a waveform [C, N] (or [N]) in time order; [] for silence, steady noise and held tones.

    `rise_db`: mean rise over the bands that an onset must show; lower finds softer ones and more
    that are none. Onsets nearer than 50 ms to a stronger one are not reported.
    """
    waveform = torch.atleast_2d(waveform).detach().to("cpu", torch.float32)
    if waveform.shape[1] < WINDOW * sample_rate or waveform.abs().max() < SILENCE:
        return []
    novelty = _novelty(waveform, sample_rate)
    hop = round(HOP * sample_rate)
    onsets = []
    for k in _peaks(novelty, rise_db):
        time = _refined(waveform, sample_rate, k * hop)
        after = waveform[:, max(0, round(time * sample_rate)):][:, :round(0.03 * sample_rate)]
        if after.numel() and after.abs().max() >= SILENCE:
            onsets.append(Onset(time, float(after.abs().max())))
    return onsets


def _novelty(waveform, sample_rate):
    """Mean rise in dB over the bands at each hop [T]; hop k is centred on sample k * hop."""
    hop, size = round(HOP * sample_rate), round(WINDOW * sample_rate)
    spectrum = torch.stft(waveform, size, hop, window=torch.hann_window(size), pad_mode="constant", return_complex=True)
    power = spectrum.abs().square().sum(0) / size**2
    bands = _filters(size, sample_rate) @ power
    level = 10 * torch.log10(bands + bands.max() * 10 ** (-FLOOR_DB / 10) + 1e-12)
    # The loudest of the five hops that end two hops earlier (the windows still overlap), and of the neighbouring bands.
    # What sounds already as the clip begins has no onset: the first whole window stands for the time before it.
    level = torch.cat([level[:, 2:3].expand(-1, 8), level[:, 2:]], 1)
    recent = F.max_pool2d(F.pad(level, (0, 0, 1, 1), value=-200.0)[None], (3, 5), 1)[0]
    return (level[:, 6:] - recent[:, :-2]).clamp(min=0).mean(0)


def _filters(size, sample_rate):
    """Bands [BANDS, bins]: one bin wide at the bottom, growing towards 16 kHz."""
    top = min(16000, sample_rate / 2)
    bins = torch.arange(size // 2 + 1) * sample_rate / size
    step = sample_rate / size
    edges = [0.5 * step]
    ratio = (top / edges[0]) ** (1 / BANDS)
    for k in range(BANDS):
        edges.append(max(edges[-1] + step, edges[0] * ratio ** (k + 1)))
    edges = torch.tensor(edges)
    inside = (bins >= edges[:-1, None]) & (bins < edges[1:, None])
    return inside[inside.any(1)].float()


def _peaks(novelty, rise_db):
    """Hops that are the largest within SPACING and stand out of their surroundings.

    More than TEXTURE rises a second are no events but a texture (drops of rain, a crowd's hands);
    there only what stands well above the rest counts.
    """
    def largest(reach):
        reach = round(reach / HOP)
        return novelty == F.max_pool1d(novelty[None], 2 * reach + 1, 1, reach)[0]

    rises = (largest(3 * HOP) & (novelty > rise_db)).nonzero()[:, 0]
    span = SURROUNDINGS / HOP
    peaks = []
    for k in (largest(SPACING) & (novelty > rise_db)).nonzero()[:, 0].tolist():
        near = rises[(rises - k).abs() < span]
        seconds = (min(k + span, len(novelty)) - max(k - span, 0)) * HOP
        if len(near) < TEXTURE * seconds or novelty[k] > 2.0 * novelty[near].quantile(0.75):
            peaks.append(k)
    return peaks


def _refined(waveform, sample_rate, centre):
    """The onset in seconds near sample `centre`: where what cannot be predicted from before begins."""
    before, after = round(0.045 * sample_rate), round(0.010 * sample_rate)
    start, end = centre - before, centre + after
    part = F.pad(waveform, (max(0, -start), max(0, end - waveform.shape[1])))[:, max(start, 0):][:, :before + after]
    calm = round(0.035 * sample_rate)
    surprise = _unpredicted(part, calm, order=24)
    energy = surprise.square().sum(0)[calm - round(0.006 * sample_rate):]
    k = _growth(energy, round(0.002 * sample_rate))
    return (start + calm - round(0.006 * sample_rate) + k) / sample_rate


def _unpredicted(part, calm, order):
    """Residual [C, n] of a linear predictor fitted to the first `calm` samples of part [C, n]."""
    part = part.double()
    past = F.pad(part, (order, 0)).unfold(1, order, 1)[:, :part.shape[1]]
    known, target = past[:, order:calm].reshape(-1, order), part[:, order:calm].reshape(-1, 1)
    gram = known.T @ known
    gram += torch.eye(order, dtype=gram.dtype) * (1e-4 * gram.diagonal().mean() + 1e-9)
    weights = torch.linalg.solve(gram, known.T @ target)
    return part - (past @ weights)[..., 0]


def _growth(energy, shortest):
    """Index at which a sequence of squared values most likely changes from a small to a larger variance."""
    n = len(energy)
    total = energy.cumsum(0)
    k = torch.arange(shortest, n - shortest)
    floor = 1e-7 * energy.max() + 1e-16
    low = total[k - 1] / k + floor
    high = (total[-1] - total[k - 1]) / (n - k) + floor
    return int(k[(-(k * low.log() + (n - k) * high.log())).argmax()])
