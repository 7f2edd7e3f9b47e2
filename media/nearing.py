"""Contacts told by the whole picture: it goes faster and faster to one look, hands together or a hammer down, and turns there."""

import numpy as np

from .contacts import motion_of
from .rises import risen_cells

EXCURSION = 12.0
PART = 0.3                  # of a great turn of the clip
BEFORE, AFTER = 3, 1


def find_nearing(still):
    """Motion of stabilised frames [F, 3, h, w], its contacts where the picture turns round, and the sudden change [F] in each frame.

    What is followed is no outline, which blurs and merges where two things meet, but how far the coarse cells that change suddenly
    have gone. The scale is arbitrary: EXCURSION for a far one, as a thing's path has in pixels.
    """
    cells, rises = risen_cells(still)
    path = (cells @ rises.mean(0)).double().numpy()
    path = path - np.median(path)
    motion = motion_of(EXCURSION * path / max(np.quantile(np.abs(path), 0.98), 1e-9))
    turns = [contact.turn for contact in motion.contacts]
    great = [contact for contact in motion.contacts if contact.turn > PART * np.quantile(turns, 0.75)]
    return motion._replace(contacts=great), rises.sum(1).numpy()


def explained(contacts, change):
    """How much of the sudden change [F] lies about the contacts: 1 for all, 0 for what any frames would hold.

    What moves to a contact changes the picture most in the frames just before; the same measure serves contacts of any origin.
    """
    frame, near = np.arange(len(change)), np.zeros(len(change), bool)
    for contact in contacts:
        near |= (frame > contact.frame - BEFORE) & (frame < contact.frame + AFTER)
    chance = near.mean()
    return float((change[near].sum() / max(change.sum(), 1e-9) - chance) / max(1 - chance, 1e-9))
