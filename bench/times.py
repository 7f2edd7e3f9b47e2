"""When something happens in a held-out clip: what was true, what is seen, what is heard. Seconds, in order, a list per clip."""
from media.onsets import find_onsets
from media.visual import find_events
from models.joint.config import STEMS

from .clips import RATE, SAMPLE_RATE, SEEN_AS, stem_of


def true_times(events, scene):
    """Audible events of the scene's stem, of lists of the world's events."""
    return [[event.time for event in one if event.audible and event.track == STEMS[stem_of(scene)]] for one in events]


def seen_times(frames, scene):
    """Visual events of frames [B, F, H, W, 3]."""
    return [[event.time for event in find_events(clip, RATE, SEEN_AS[scene])] for clip in frames]


def heard_times(stems, scene, sample_rate=SAMPLE_RATE):
    """Onsets in the scene's stem, of stems [B, 4, 2, N]."""
    return [[onset.time for onset in find_onsets(clip[stem_of(scene)], sample_rate)] for clip in stems]
