"""How far held notes are from the pitch that was played, in cents (hundredths of a semitone)."""
import torch

REACH = 150
"""Cents on either side of the true pitch in which the note is looked for: chance is 75 off, a third within 50."""
KNOCK, SHORTEST, LONGEST = 0.03, 0.15, 0.27
"""Seconds: left out after an onset; a note shorter than this tells no pitch; what of a longer one is heard."""
FINE = 2 ** 17
"""Points of the spectrum: at 24 kHz 0.2 Hz apart, 2 cents at 150 Hz."""


def cents_off(tone, sample_rate, hertz):
    """Cents from `hertz` to the strongest frequency of a tone [N] within REACH of it."""
    spectrum = torch.fft.rfft(tone * torch.hann_window(len(tone), periodic=False), FINE).abs()
    cents = torch.arange(-REACH, REACH + 1.0)
    bins = (hertz * 2 ** (cents / 1200) * FINE / sample_rate).round().long()
    return float(cents[spectrum[bins].argmax()])


def notes_off(events, wave, sample_rate):
    """|cents_off| of each note that is held alone long enough; events of one track in time order, wave [C,N]."""
    played = [event for event in events if event.audible and event.pitch is not None]
    ends = [event.time for event in played[1:]] + [wave.shape[-1] / sample_rate]
    off = []
    for event, end in zip(played, ends):
        begin = event.time + KNOCK
        end = min(begin + LONGEST, end - 0.005)
        if end - begin >= SHORTEST:
            tone = wave.sum(0)[round(begin * sample_rate):round(end * sample_rate)]
            off.append(abs(cents_off(tone, sample_rate, 440 * 2 ** ((event.pitch - 69) / 12))))
    return off


def pitches(scores, waves, sample_rate):
    """`pitch_report` of clips: the events of each, as `notes_off` takes them, and its wave [C,N]."""
    return pitch_report(sum((notes_off(score, wave, sample_rate) for score, wave in zip(scores, waves)), []))


def pitch_report(off):
    """Count, median and share within 50 cents of `notes_off` values; None without a note."""
    if not off:
        return None
    off = torch.tensor(off)
    return {"notes": len(off), "median_cents": round(off.median().item(), 1), "within_50_cents": round((off <= 50).float().mean().item(), 3)}
