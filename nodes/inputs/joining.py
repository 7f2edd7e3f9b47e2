"""Clips cut out of others and joined: latent for latent where the grids meet, decoded and encoded again where they do not."""
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch.nn import functional as F

from ...models.joint.config import STEMS
from .ranges import Timed, extend
from .sound import resampled

LONGEST_STEP = 3  # seconds; where picture and sound meet less often than that, the picture's grid alone counts
BEGINS = "begins"  # in the `phonofilm` entry: the picture of the clip before that this one's first picture is


@dataclass(frozen=True)
class Part:
    """Pictures `begin` and on of a clip, shown as pictures `at` to `end` of the result."""

    clip: Timed
    begin: int
    at: int
    end: int

    @property
    def shift(self) -> int:
        return self.at - self.begin

    def whole_shift(self, per_second) -> int | None:
        """The shift in sound latents, None where it is no whole number."""
        shift = Fraction(self.shift) / self.clip.rate * per_second
        return int(shift) if shift.denominator == 1 else None


def cut(host, latent: dict, start: float, end: float, exact: bool, vae=None, audio_vae=None) -> tuple[dict, str]:
    """(LATENT of the seconds `start` to `end` of a clip, line for the report).

    Below 0 a time counts from the end of the clip; end 0 is the end itself. Unless `exact`, start moves to the nearest place
    where latents can be kept. Raises ValueError for a range that is not within the clip, and where something has to be
    encoded but a VAE is missing.
    """
    clip = Timed(latent)
    first, last = (round((Fraction(seconds) + (clip.seconds if seconds < 0 else 0)) * clip.rate) for seconds in (start, end or float(clip.seconds)))
    if not exact:
        first = round(first / step_of(clip)) * step_of(clip)
    if not 0 <= first < last <= clip.frames:
        raise ValueError(f"start {start:g} s to end {end:g} s is no range of this clip, which goes from 0 to {float(clip.seconds):.4g} s: change start or end.")
    out, line = laid(host, [Part(clip, first, 0, last - first)], vae, audio_vae)
    return out, f"from {float(first / clip.rate):.4g} s to {float(last / clip.rate):.4g} s; {line}"


def join(host, latent: dict, after: dict, overlap: float, vae=None, audio_vae=None) -> tuple[dict, str]:
    """(LATENT of one clip and another after it, line for the report).

    overlap: seconds that the end of the first and the beginning of the second have in common; 0: as much as `window` kept, if it
    made the second, else nothing. Raises ValueError for clips that do not go together.
    """
    one, two = Timed(latent), Timed(after)
    fitting(one, two)
    at = one.frames - round(Fraction(overlap) * one.rate)
    if not overlap:
        at = after.get("phonofilm", {}).get(BEGINS, at)
    if not 0 <= at <= one.frames or one.frames - at >= two.frames:
        raise ValueError(f"after lasts {float(two.seconds):.4g} s and latent {float(one.seconds):.4g} s: they cannot have {overlap or float((one.frames - at) / one.rate):.4g} s in common; "
                         "join a window to the clip that it continues, or set overlap.")
    out, line = laid(host, [Part(one, 0, 0, one.frames), Part(two, one.frames - at, one.frames, at + two.frames)], vae, audio_vae)
    return out, f"{float(one.seconds):.4g} s became {float((at + two.frames) / one.rate):.4g} s; {line}"


def window(host, latent: dict, head: float, seconds: float, vae=None, audio_vae=None) -> tuple[dict, str]:
    """(LATENT of the last `head` seconds or a little more and `seconds` after them, line): `extend` for long clips, whose end alone is shown to the model."""
    clip, step = Timed(latent), step_of(Timed(latent))
    begin = max(0, clip.frames - max(1, round(Fraction(head) * clip.rate))) // step * step
    tail, kept = laid(host, [Part(clip, begin, 0, clip.frames - begin)], vae, audio_vae)
    out, line = extend(tail, seconds)
    out["phonofilm"][BEGINS] = begin
    return out, f"a window of its own from {float(begin / clip.rate):.4g} s on: {line}; {kept}"


def step_of(clip: Timed) -> int:
    """Pictures from one place to the next where latents of both picture and sound begin."""
    cycle = sum(clip.grid.cycle)
    both = cycle * (cycle / clip.rate * clip.grid.sound_per_second).denominator
    return both if both <= LONGEST_STEP * clip.rate else cycle


def fitting(one: Timed, two: Timed):
    """Raises ValueError, naming the input, unless two clips can be one after the other."""
    if one.grid is not two.grid:
        raise ValueError(f"after is of {two.grid.name} and latent of {one.grid.name}: decode them, and join the frames and the sound.")
    if one.rate != two.rate:
        raise ValueError(f"after has {two.rate} pictures per second and latent {one.rate}: encode both at one rate.")
    axis = one.grid.time_axis
    sizes = [(*clip.picture.shape[3:], *(size for i, size in enumerate(clip.sound.shape) if i not in (0, axis))) for clip in (one, two)]
    if sizes[0] != sizes[1]:
        what = "another size" if sizes[0][:2] != sizes[1][:2] else "stems where latent has a mix, or the other way round"
        raise ValueError(f"after has {what}: encode both alike.")
    if len({len(one.picture), len(two.picture), 1}) > 2:
        raise ValueError(f"latent holds {len(one.picture)} clips and after {len(two.picture)}: give as many, or one; Pick AV Latent takes one out.")


def laid(host, parts: list[Part], vae, audio_vae) -> tuple[dict, str]:
    """(LATENT of parts one after another, line for the report on what was kept and what was encoded again)."""
    clip, grid = parts[0].clip, parts[0].clip.grid
    frames, axis = parts[-1].end, grid.time_axis
    spans = grid.spans(grid.frames_for(frames))
    count = grid.sound_latents(spans[-1][1], clip.rate)
    places = [[_picture_place(parts, *span) for span in spans], [_sound_place(parts, i, count) for i in range(count)]]
    if None in places[0] + places[1] and (vae is None or audio_vae is None):
        raise ValueError("The latents do not begin where the new clip does, so that some have to be encoded again: connect vae and audio_vae.")
    touched = [[_touched_pictures(parts, a, min(b, frames)) for a, b in spans], [_touched_sounds(parts, i) for i in range(count)]]
    batch = max(len(part.clip.picture) for part in parts)
    masks = [host.masks_of(part.clip.latent, part.clip.picture.device) for part in parts]
    encoders = (_pictures_again, _sounds_again)
    streams, new_masks, notes = [], [], []
    for index, name in enumerate(("picture", "sound")):
        along, given = (2, axis)[index], [(part.clip.picture, part.clip.sound)[index] for part in parts]
        missing = [i for i, place in enumerate(places[index]) if place is None]
        again = iter(encoders[index](host, parts, missing, vae, audio_vae).split(1, along) if missing else ())
        stream = [given[place[0]].narrow(along, place[1], 1) if place else next(again) for place in places[index]]
        streams.append(torch.cat([latent.expand(batch, *latent.shape[1:]) for latent in stream], along))
        mask = [_mask(masks, index, along, [place] if place else touched[index][i]) for i, place in enumerate(places[index])]
        new_masks.append(torch.cat([one.expand(batch, *one.shape[1:]) for one in mask], along))
        notes.append(f"{name}: {len(stream) - len(missing)} of {len(stream)} latents kept" + (", the others encoded again" if missing else ""))
    out = clip.output(*streams, new_masks, frames)
    if not any("noise_mask" in part.clip.latent for part in parts):
        del out["noise_mask"]
    return out, "; ".join(notes)


def _picture_place(parts, a, b):
    """(part, latent) that is what pictures a to b of the result need, None where there is none."""
    for number, part in enumerate(parts):
        aligned = part.shift % sum(part.clip.grid.cycle) == 0
        index = part.clip.indices.get((a - part.shift, b - part.shift)) if aligned else None
        if index is not None and (b <= part.end or part is parts[-1]):
            return number, index


def _sound_place(parts, i, count):
    """The same for sound latent i of `count`."""
    for number, part in enumerate(parts):
        clip, edge, shift = part.clip, part.clip.grid.edge, part.whole_shift(part.clip.grid.sound_per_second)
        if shift is None:
            continue
        index, held = i - shift, clip.sound.shape[clip.grid.time_axis]
        # What says that the sound begins or ends there goes to no other place than the beginning or the end.
        first, after = (0 if i < edge else edge), (held if i >= count - edge else held - edge)
        if first <= index < after and ((i + 1) / clip.grid.sound_per_second <= part.end / clip.rate or part is parts[-1]):
            return number, index


def _touched_pictures(parts, a, b):
    """(part, latent) of every latent that shows some of pictures a to b of the result."""
    found = [(number, index) for number, part in enumerate(parts) for (first, after), index in part.clip.indices.items()
             if max(first, part.begin) < b - part.shift and min(after, part.end - part.shift) > a - part.shift]
    return found or [(len(parts) - 1, len(parts[-1].clip.indices) - 1)]


def _touched_sounds(parts, i):
    found, per_second = [], parts[0].clip.grid.sound_per_second
    for number, part in enumerate(parts):
        shift = Fraction(part.shift) / part.clip.rate * per_second
        if max(Fraction(i), part.at / part.clip.rate * per_second) < min(Fraction(i + 1), part.end / part.clip.rate * per_second):
            last = part.clip.sound.shape[part.clip.grid.time_axis] - 1
            found += [(number, min(last, max(0, int(place)))) for place in (i - shift, i + 1 - shift - Fraction(1, 1000))]
    return found or [(len(parts) - 1, parts[-1].clip.sound.shape[parts[-1].clip.grid.time_axis] - 1)]


def _mask(masks, index, along, touched):
    return torch.stack([masks[number][index][:, :1].narrow(along, latent, 1) for number, latent in touched]).amax(0)


def _pictures_again(host, parts, missing, vae, audio_vae):
    """The picture latents `missing`, of the parts' decoded pictures."""
    grid, spans = parts[0].clip.grid, parts[0].clip.grid.spans(parts[0].clip.grid.frames_for(parts[-1].end))
    count = grid.frames_for(spans[missing[-1]][1])
    batch = max(len(part.clip.picture) for part in parts)
    shown = []
    for part in parts:
        frames = host.decode_picture(part.clip.latent, vae, audio_vae)[0][:, part.begin : part.end - part.shift]
        shown.append(frames.expand(batch, *frames.shape[1:]))
    frames = torch.cat(shown, 1)[:, :count]
    frames = torch.cat([frames, frames[:, -1:].expand(-1, count - frames.shape[1], -1, -1, -1)], 1)
    return torch.cat([host.encode_picture(vae, one) for one in frames]).to(parts[0].clip.picture)[:, :, missing]


def _sounds_again(host, parts, missing, vae, audio_vae):
    """The sound latents `missing`, of the parts' decoded sound."""
    clip, grid = parts[0].clip, host.grid_of(vae, audio_vae)
    batch, count = max(len(part.clip.picture) for part in parts), missing[-1] + 1
    waves = {}
    for part in parts:
        for stem, audio in host.decode_sound(part.clip.latent, vae, audio_vae).items():
            first, after = (round(frame * grid.output_rate / clip.rate) for frame in (part.begin, part.end - part.shift))
            wave = F.pad(audio["waveform"], (0, max(0, after - audio["waveform"].shape[-1])))[..., first:after]
            waves.setdefault(stem, []).append(wave.expand(batch, 2, -1))
    samples = -(-count * grid.sound_rate // grid.sound_per_second)
    codes = []
    for stem in STEMS if len(waves) > 1 else waves:
        wave = resampled({"waveform": torch.cat(waves[stem], -1), "sample_rate": grid.output_rate}, grid.sound_rate)[..., :samples]
        codes.append(host.encode_sound(audio_vae, F.pad(wave, (0, samples - wave.shape[-1])), count))
    code = torch.cat(codes, 2) if len(codes) > 1 else codes[0]
    return code.to(clip.sound).index_select(clip.grid.time_axis, torch.tensor(missing))
