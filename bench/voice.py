"""Whether a voice stays clear when rain and music sound with it: its stem is looked at by itself."""
import torch

from .desk import PLAYED_AT, kept
from .findings import Findings
from .times import heard_times

BEDS = {"alone": {}, "under_rain_and_music": {"ambience": "heavy rain on a window", "music": "soft major piano music"}}


def si_sdr(estimate, reference):
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019) of waves [..., N], mean removed."""
    estimate, reference = (wave.double() - wave.double().mean(-1, keepdim=True) for wave in (estimate, reference))
    target = (estimate * reference).sum(-1, keepdim=True) / reference.square().sum(-1, keepdim=True).clamp(min=1e-12) * reference
    return (10 * (target.square().sum(-1) / (estimate - target).square().sum(-1).clamp(min=1e-12)).log10()).float()


def dialogue(clips):
    """The voice for a true picture of a face, alone and under rain and music: "alone" and "under_rain_and_music" are its syllables
    against the true ones, "si_sdr" the SI-SDR in dB of the dialogue stem against its own re-decode (encoded and decoded once more).
    Then a voice that is given, and rain and music made to it: what comes out is what the codec alone makes of it, bit for bit.
    """
    pairs, values = {}, {}
    for name, bed in BEDS.items():
        prompts = [{**fields, "music": "", "ambience": "", **bed} for fields in clips.prompts]
        stems = clips.desk.play(clips.desk.make(clips.laid_out("frames"), prompts))
        pairs[name] = (clips.true, heard_times(stems, clips.scene, PLAYED_AT))
        values[f"si_sdr_{name}_db"] = si_sdr(stems[:, 0].mean(1), again(clips.desk, stems[:, :1])[:, 0].mean(1)).tolist()
    laid = [clips.desk.lay_out(frames=frames, sound=sound, sample_rate=clips.sample_rate, music_strength=1.0, ambience_strength=1.0)
            for frames, sound in zip(clips.frames, clips.stems)]
    made = clips.desk.make(laid, prompts)
    given = clips.desk.play(made)
    shares = {"kept": kept(laid, made), "given_voice_identical": [torch.equal(a[0], b[0]) for a, b in zip(given, clips.played)]}
    return Findings(len(clips), pairs, shares, values, clip=(clips.frames[0], stems[0].sum(0)))


@torch.inference_mode()
def again(desk, stems):
    """Stems [B, S, 2, N] at PLAYED_AT encoded and decoded once more."""
    return desk.starter.sound.decode(desk.starter.sound.encode(stems, PLAYED_AT), PLAYED_AT)
