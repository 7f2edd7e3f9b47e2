"""How well sound follows picture: one-to-one matching of what is seen with what is heard.

An offset is the time of the sound less that of the picture, in seconds: positive is late sound.
"""

from typing import NamedTuple

from .onsets import find_onsets
from .visual import find_events

WINDOW = 0.05


class Agreement(NamedTuple):
    """Of `seen` visual events and `heard` onsets, `offsets` (one per matched pair, seconds, picture order)."""

    seen: int
    heard: int
    offsets: tuple

    @property
    def recall(self):
        """Share of the visual events that are heard, or None without any."""
        return len(self.offsets) / self.seen if self.seen else None

    @property
    def precision(self):
        """Share of the onsets that are seen, or None without any."""
        return len(self.offsets) / self.heard if self.heard else None

    @property
    def f1(self):
        """2 * matched / (seen + heard), or None where nothing happens."""
        return 2 * len(self.offsets) / (self.seen + self.heard) if self.seen + self.heard else None

    @property
    def bias(self):
        """Median signed offset in seconds, or None without a match."""
        return _quantile(sorted(self.offsets), 0.5)

    def off_by(self, share):
        """The |offset| in seconds that `share` (0..1) of the matched pairs stay within, or None without a match."""
        return _quantile(sorted(map(abs, self.offsets)), share)

    def report(self):
        """The figures as a dict for JSON; times in milliseconds."""
        figures = {"seen": self.seen, "heard": self.heard, "matched": len(self.offsets), "precision": self.precision,
                   "recall": self.recall, "f1": self.f1, "bias_ms": _ms(self.bias), "median_ms": _ms(self.off_by(0.5)),
                   "p90_ms": _ms(self.off_by(0.9))}
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def measure(frames, rate, waveform, sample_rate, window=WINDOW, kind="auto"):
    """Agreement of a clip: frames [F, H, W, 3] at `rate`, waveform [C, N]; see `visual.find_events` for `kind`."""
    seen = [event.time for event in find_events(frames, rate, kind)]
    heard = [onset.time for onset in find_onsets(waveform, sample_rate)]
    return agree(seen, heard, window)


def agree(seen, heard, window=WINDOW):
    """Agreement of two lists of times in seconds under the best one-to-one matching."""
    return Agreement(len(seen), len(heard), tuple(b - a for a, b in match(seen, heard, window)))


def pooled(agreements):
    """One Agreement over many clips; every event counts once."""
    agreements = list(agreements)
    return Agreement(sum(a.seen for a in agreements), sum(a.heard for a in agreements),
                     tuple(offset for a in agreements for offset in a.offsets))


def by_chance(seen, heard, window=WINDOW, others=5):
    """What unrelated sound scores: every clip's events against the onsets of up to `others` other clips.

    `seen`, `heard`: lists of lists of times, one per clip, all clips of one length.
    """
    clips = len(seen)
    return pooled(agree(seen[k], heard[(k + step) % clips], window)
                  for step in range(1, min(others, clips - 1) + 1) for k in range(clips))


def match(first, second, window=WINDOW):
    """Pairs (a, b), a of `first`, b of `second`, |b - a| <= window, each time used once.

    As many pairs as can be; among those matchings the one with the smallest sum of |b - a|. Pairs
    on a line need never cross, so a table over the two sorted lists finds it.
    """
    first, second = sorted(first), sorted(second)
    best = [[(0, 0.0)] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            options = [best[i][j + 1], best[i + 1][j]]
            if abs(b - a) <= window:
                pairs, cost = best[i][j]
                options.append((pairs - 1, cost + abs(b - a)))
            best[i + 1][j + 1] = min(options)
    pairs, i, j = [], len(first), len(second)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((first[i], second[j]))
    return pairs[::-1]


def _quantile(ordered, share):
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _ms(seconds):
    return None if seconds is None else 1000 * seconds
