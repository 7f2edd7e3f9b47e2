"""Takes put in order by how well the sound of each fits its picture."""
import torch

from ...media.onsets import find_onsets
from ...media.sync import agree
from ...media.visual import find_events
from ...models.joint.latents import chosen


def in_order(latent: dict, takes: int, show, play) -> tuple[dict, list[int], list[str]]:
    """(the LATENT with the best takes first, order of the first clip's takes, lines for the report).

    latent: `takes` times the same clips, take by take. show: LATENT of one clip -> (frames [F, H, W, 3], rate); play: the same
    -> AUDIO. A take is the better the more of what is seen is heard and the other way round (F1 within 50 ms), then the nearer
    it is. Where nothing is seen to happen the order stays.
    """
    clips = len(latent["samples"].unbind()[0]) // takes
    orders, lines = [], []
    for clip in range(clips):
        fits = _fits([one(latent, take * clips + clip) for take in range(takes)], show, play)
        order = sorted(range(takes), key=lambda take: _grade(fits[take]))
        orders.append(order)
        lines += [f"clip {clip + 1}: {line}" if clips > 1 else line for line in _described(fits, order)]
    index = [orders[clip][rank] * clips + clip for rank in range(takes) for clip in range(clips)]
    return chosen(latent, index), orders[0], lines


def one(latent, index):
    """The LATENT of one clip of a batch."""
    return chosen(latent, [index])


def _fits(takes, show, play):
    """An Agreement for each take. A picture that all of them share is looked at once."""
    fits, pictures, seen = [], None, None
    for take in takes:
        picture = take["samples"].unbind()[0]
        if pictures is None or not torch.equal(picture, pictures):
            pictures, (frames, rate) = picture, show(take)
            seen = [event.time for event in find_events(frames, rate)]
        audio = play(take)
        fits.append(agree(seen, [onset.time for onset in find_onsets(audio["waveform"][0], audio["sample_rate"])]))
    return fits


def _grade(fit):
    """Smaller is better; equal for all where nothing is seen."""
    return (-fit.f1, fit.off_by(0.5) or 0.0) if fit.seen else (0.0, 0.0)


def _described(fits, order):
    if not any(fit.seen for fit in fits):
        return ["nothing is seen to happen: the takes are in the order of their seeds"]
    return [f"take {take + 1}: {len(fits[take].offsets)} of {fits[take].seen} events heard, F1 {fits[take].f1 or 0:.2f}" for take in order]
