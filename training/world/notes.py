"""Notes and chords."""
import torch

from .modal import burst, mixed, ring

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11, 12), (0, 2, 3, 5, 7, 8, 10, 12)
SCALES = torch.tensor([MINOR, MAJOR])
# for each timbre: overtone ratio, gain, decay relative to the fundamental
TIMBRES = ("piano", "bell", "organ")
_RATIO = torch.tensor([[1, 2.001, 3.003, 4.01, 5.02, 6.03], [1, 2.76, 5.40, 8.93, 2.0, .5], [1, 2, 3, 4, 6, 8]])
_GAIN = torch.tensor([[1, .55, .3, .18, .1, .06], [1, .5, .22, .08, .12, .1], [1, .6, .25, .35, .12, .10]])
_DECAY = torch.tensor([[1, .7, .5, .4, .3, .25], [1, .6, .35, .2, .8, .7], [1.3, 1.3, 1.2, 1.2, 1., 1.]])


def hertz(pitch):
    """MIDI note number -> frequency."""
    return 440 * 2 ** ((pitch - 69) / 12)


def tones(pitch, timbre, decay, seconds, rate):
    """Chords of P notes: pitch [b, V, P] MIDI, timbre [b, 1] index, decay [b, 1] seconds -> [b, V, L]."""
    device = pitch.device
    clips, voices, notes = pitch.shape

    def spread(table, base):
        return (base[..., None] * table.to(device)[timbre[:, 0]][:, None, None]).flatten(2)

    one = torch.ones_like(pitch)
    length = decay[..., None] * (hertz(pitch) / 300) ** -0.35
    return ring(spread(_RATIO, hertz(pitch)), spread(_GAIN, one), spread(_DECAY, length), seconds, rate)


def triads(root, major):
    """root [b, V] MIDI, major [b, 1 or V] bool -> [b, V, 4]: bass, root, third, fifth."""
    third = torch.where(major, 4.0, 3.0).expand_as(root)
    return torch.stack([root - 12, root, root + third, root + 7], -1)


def hammered(response, tape, name):
    """The same notes [b, V, L] with the short knock of the key before them, which marks their instant."""
    voices = response.shape[1]
    knock = burst(tape.noise(name, voices, 960), response.new_full((1, voices), .004), tape.rate, 900, 9000)
    knock = knock / knock.abs().amax(-1, keepdim=True)
    return mixed(response / response.abs().amax(-1, keepdim=True), knock * .55)
