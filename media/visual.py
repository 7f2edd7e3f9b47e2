"""When something is seen to happen: contacts of what moves, and changes in place."""

from typing import NamedTuple

from .contacts import find_contacts, plainness
from .flashes import find_flashes
from .marks import find_marks
from .nearing import explained, find_nearing
from .rises import find_rises
from .stabilise import prepared

KINDS = ("auto", "contact", "change")
SHORTEST = 8
DETECTION_RATE = 25
MARK = 1.5
LEAST_SHARE = 0.5


class Event(NamedTuple):
    """`time` in seconds from the first frame; `strength`, comparable within a clip; `kind`: "contact" or "change"."""

    time: float
    strength: float
    kind: str


def find_events(frames, rate, kind="auto"):
    """Visual events of frames [F, H, W, 3] (0..1) at `rate` frames per second, in time order.

    "contact": a thing that moves turns or stops all at once (a bounce, a blow, a clap). "change":
    something comes on in its place (a light, a key, a mouth that opens, rings on water). "auto" tells
    the two apart by the picture alone and gives [] where neither is clear: an empty street, rain, a
    slow pan. Where contacts are asked for, they are also sought where outlines blur or vanish: in the
    marks that are left and in the turns of the whole picture. Times lie between frames where the motion
    or the first partial frame tells them; a change that is whole in its first frame counts from that
    frame, a contact that leaves a mark from the middle between that frame and the one before.
    """
    step = max(1, round(float(rate) / DETECTION_RATE))
    if len(frames) < SHORTEST * step:
        return []
    if kind != "contact" and (flashes := find_flashes(frames)):
        return [Event(flash.frame / float(rate), flash.size, "change") for flash in flashes]
    still = prepared(frames[::step])
    second = float(rate) / step
    motion, place = find_contacts(still), find_rises(still)
    contacts = _confirmed(motion.contacts, place.rises)
    if kind == "contact":
        contacts = find_marks(still) or _nearing(still, motion, contacts)
    elif kind == "auto":
        kind = _plainer(motion, place)
    if kind == "contact":
        return [Event(contact.frame / second, contact.turn, kind) for contact in contacts]
    if kind == "change":
        return [Event(rise.frame / second, rise.size, kind) for rise in place.rises]
    return []


def _nearing(still, motion, contacts):
    """The turns of the whole picture where they are plainer than those of an outline and explain the clip, else the contacts."""
    nearing, change = find_nearing(still)
    share = explained(nearing.contacts, change)
    plain = share > LEAST_SHARE and share > explained(contacts, change) - 0.05 and plainness(nearing) > plainness(motion)
    return nearing.contacts if plain else contacts


def _confirmed(contacts, rises):
    """Where the great contacts of a clip leave a mark (rings on water, a dent), only those that do."""
    marked = [c for c in contacts if any(abs(c.frame - rise.frame) < MARK for rise in rises)]
    return marked if sum(c.turn for c in marked) > 0.8 * sum(c.turn for c in contacts) else contacts


def _plainer(motion, place):
    """Which of the two explains the clip; None for neither. The limits come from the procedural world's clips."""
    if place.share > 0.7 and place.busy < 0.13 or place.share > 0.8 and motion.unrest < 0.09 and place.ramp < 1.9:
        return "change"
    ceaseless = place.busy > 0.95
    if motion.steadiness > (0.45 if ceaseless else 0.3) and motion.clarity > (0.73 if ceaseless else 0.55):
        return "contact"
    if motion.steadiness < 0.3 and place.ramp < 1.9 and place.share > (0.55 if place.busy < 0.6 else 0.68):
        return "change"
    return None
