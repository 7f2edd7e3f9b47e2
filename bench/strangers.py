"""Video to sound for films of a world that no training saw."""
from media.onsets import find_onsets

from .desk import PLAYED_AT, kept
from .findings import Findings
from .unseen import shot


def unseen(desk, scene, count):
    """Films of a scene of bench/unseen, scaled and timed as Encode does; onsets in the effects stem against the times of the blows."""
    films = [shot(scene, seed) for seed in range(count)]
    laid = [desk.lay_out(length=0.0, frames=film.frames, rate=film.rate) for film in films]
    made = desk.make(laid, [film.prompt for film in films])
    stems = desk.play(made)
    heard = lambda waves: [[onset.time for onset in find_onsets(wave, PLAYED_AT)] for wave in waves]
    true = [film.times for film in films]
    frames = desk.encoding.picture.fitted(films[0].frames, 128, 128)
    return Findings(count, {"made": (true, heard(stems[:, 2])), "made_in_the_mix": (true, heard(stems.sum(1)))}, {"kept": kept(laid, made)},
                    clip=(frames, stems[0].sum(0)))
