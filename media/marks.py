"""Marks: what a contact leaves in its place, there at once and for a while, as rings where a drop went in."""

import torch
import torch.nn.functional as F

from .contacts import Contact

CELLS = 16
STAYS = 3
SPACING = 4
FAINT = 0.01
LEAST = 0.1
PART = 0.3                  # of a great mark of the clip
FEWEST = 3
AT_ONCE = 0.82
SHARE = 0.5


def find_marks(still):
    """Contacts of stabilised frames [F, 3, h, w] that leave marks, or [] where marks are not plain.

    A mark takes its cells away from how they rest, and they stay so for STAYS frames more; a thing that passes leaves them sooner.
    Marks are plain where most of what stays comes in them and where they come whole in one frame, as no thing that moves there does.
    Such a contact lies between the first frame that shows it and the one before: its time is the middle.
    """
    cells = F.adaptive_avg_pool2d(still, CELLS).flatten(1)
    away = (cells - cells.median(0).values).abs()
    frames = len(away)
    later = F.pad(away.T, (0, STAYS), mode="replicate").T.unfold(0, STAYS + 1, 1).amin(2)
    before = F.pad(away.T, (2, 0), mode="replicate").T.unfold(0, 2, 1).amax(2)[:frames]
    stays = (later - before - FAINT).clamp(min=0)
    total = stays.sum(1)
    largest = F.max_pool1d(total[None], 2 * SPACING - 1, 1, SPACING - 1)[0]
    tops = [k for k in ((total == largest) & (total > LEAST)).nonzero()[:, 0].tolist() if 1 <= k < frames - 1]
    if len(tops) < FEWEST:
        return []
    marks = [k for k in tops if total[k] > PART * total[tops].quantile(0.75)]
    sudden = torch.stack([_suddenness(away @ stays[k], k) for k in marks])
    if sudden.quantile(0.25) < AT_ONCE or total[marks].sum() < SHARE * total.sum():
        return []
    return [Contact(k - 0.5, float(total[k])) for k in marks]


def _suddenness(course, k):
    """How much of its way to the mark at frame k the course [F] goes in the step to that frame."""
    low, high = course[max(0, k - SPACING):k].min(), course[k:k + SPACING].max()
    return (course[k] - course[k - 1]) / (high - low).clamp(min=1e-9)
