"""The tape on which a scene records: four stereo stems that share a room."""
import math

import torch

from .events import STEMS
from .modal import GRID, burst, fast_length, impulses, levelled


def gains(place):
    """Horizontal place 0..1 -> constant-power gains [..., 2], never wholly on one side."""
    angle = (0.1 + 0.8 * place.clamp(0, 1)) * math.pi / 2
    return torch.stack([torch.cos(angle), torch.sin(angle)], -1)


class Tape:
    """stems [b, 4, 2, N]; `draw` gives the noise; seconds and samples are those of the clip."""

    def __init__(self, draw, seconds, samples, rate, device):
        self.draw, self.seconds, self.samples, self.rate, self.device = draw, seconds, samples, rate, device
        self.stems = torch.zeros(len(draw.clips), len(STEMS), 2, samples, device=device)
        self._wet = draw.uniform(0, 1)[:, 0].to(device) ** 2 * 0.10
        self._decay = draw.uniform(0.03, 0.09).to(device)

    def noise(self, name, *shape):
        return self.draw.noise(name, *shape).to(self.device)

    def _room(self, length):
        """Spectrum [b, 2, f] of the direct sound plus a few reflections that begin 7 ms later."""
        tail = burst(self.noise("room", 2, 6000), self._decay, self.rate, 150, 6000)
        tail = tail / tail.pow(2).sum(-1, keepdim=True).sqrt() * self._wet[:, None, None] * 3
        late = torch.zeros(*tail.shape[:2], length, device=self.device)
        start = round(0.007 * self.rate)
        late[..., start:start + tail.shape[-1]] = tail
        late[..., 0] = 1
        return torch.fft.rfft(late)

    def strike(self, hits, response, level, attack=0.0004, fade=0.03):
        """Sound every event of `hits` through response [b, V, L] into its stem, at the place where it is seen.

        level: peak of an event of strength 1; attack, fade: seconds, see modal.levelled.
        """
        voices, rate = response.shape[1], self.rate
        response = levelled(response, rate, attack, fade)
        length = fast_length(self.samples + response.shape[-1] + round(0.26 * rate))
        spectrum = torch.fft.rfft(response, length)
        if voices == 1:
            train = impulses(hits.time, hits.strength[..., None] * gains(hits.place), hits.voice, 1, self.samples, rate)
            sound = torch.fft.rfft(train[:, :, 0], length) * spectrum
        else:
            train = impulses(hits.time, hits.strength[..., None], hits.voice, voices, self.samples, rate)
            sound = torch.fft.rfft(train[:, 0], length) * spectrum
            sound = torch.einsum("bvc,bvf->bcf", _by_voice(hits, voices).to(sound.dtype), sound)
        stereo = torch.fft.irfft(sound * self._room(length), length)[..., :self.samples]
        self.stems[:, STEMS.index(hits.track)] += level * stereo

    def lay(self, stem, stereo):
        """Add a finished sound [b, 2, n >= N]."""
        self.stems[:, STEMS.index(stem)] += stereo[..., :self.samples]

    @property
    def grid_samples(self):
        """How many noise samples on the 24 kHz grid cover the clip."""
        return math.ceil(self.seconds * GRID) + 2


def _by_voice(hits, voices):
    """Gains [b, voices, 2] of scenes in which each voice keeps its place."""
    place = torch.full((len(hits.time), voices), 0.5, device=hits.time.device)
    return gains(place.scatter(1, hits.voice, hits.place))


def settle(stems, ceiling=0.89):
    """Turn clips down whose sum would exceed the ceiling in either channel; never up."""
    peak = stems.sum(1).abs().amax((1, 2)).clamp(min=1e-6)
    return stems * (ceiling / peak).clamp(max=1)[:, None, None, None]
