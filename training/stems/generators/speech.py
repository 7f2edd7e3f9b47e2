"""Speech from the text-to-speech engines that Debian packages, made as wide as today's recordings are."""
import subprocess
import tempfile
import wave
from pathlib import Path

import torch
from torchaudio.functional import resample

from .. import words
from ..sound import RATE, at, band, painted, rms

ESPEAK_LANGUAGES = ("en", "en-us", "en-gb-scotland", "de", "fr", "es", "it", "pt-br", "nl", "sv", "pl", "hu", "tr", "ro", "id", "sw",
                    "cmn-latn-pinyin", "el", "ja")
ESPEAK_VARIANTS = ("", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "klatt", "klatt2", "klatt3",
                   "Alex", "Andy", "Annie", "Denis", "Gene", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael", "aunty", "belinda",
                   "benjamin", "boris", "caleb", "david", "edward", "grandma", "grandpa", "linda", "steph", "victor", "zac", "croak")
FLITE_VOICES = ("awb", "rms", "slt", "slt", "kal16")
# Festival's voices, the language of their words, and the character set they read.
FESTIVAL_VOICES = {
    "train": (("kal_diphone", "en"), ("czech_dita", "cs"), ("czech_machac", "cs"), ("pc_diphone", "it"), ("suo_fi_lj_diphone", "fi"),
              ("cmu_us_slt_arctic_hts", "en"), ("hindi_NSK_diphone", "hi"), ("marathi_NSK_diphone", "mr"), ("telugu_NSK_diphone", "te")),
    "held_out": (("upc_ca_ona_hts", "ca"), ("upc_ca_ona_hts", "ca"), ("msu_ru_nsh_clunits", "ru"), ("ked_diphone", "en held out"),
                 ("lp_diphone", "it held out"), ("czech_krb", "cs held out"), ("czech_ph", "cs held out"), ("hy_fi_mv_diphone", "fi held out")),
}


def espeak(dice):
    """Formant synthesis: many languages, variants, speeds and pitches."""
    language, variant = dice.choice(ESPEAK_LANGUAGES), dice.choice(ESPEAK_VARIANTS)
    text = words.sentence(dice, language.split("-")[0] if language.startswith("en") else language)
    voice = language + ("+" + variant if variant else "")
    pitch, speed = dice.choice((dice.randint(20, 80), 50)), dice.randint(110, 230)
    return spoken(dice, lambda file: ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-w", file, text])


def flite(dice):
    """Voices made from recorded ones by clustering, and one of diphones."""
    voice, text = dice.choice(FLITE_VOICES), words.sentence(dice, "en")
    stretch = dice.uniform(.8, 1.25)
    return spoken(dice, lambda file: ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}", "-t", text, "-o", file])


def festival(dice):
    """Diphone voices in English, Czech, Italian and Finnish."""
    return _festival(dice, *dice.choice(FESTIVAL_VOICES["train"]))


def festival_others(dice):
    """Other people in the same engine, a Catalan one by hidden Markov models, a Russian one by unit selection."""
    return _festival(dice, *dice.choice(FESTIVAL_VOICES["held_out"]))


def recast(dice):
    """What the training's engines say, said by somebody else: formants moved apart from the pitch, another tilt, another pitch."""
    talk = dice.choice((espeak, flite, flite, festival))(dice)
    window = torch.hann_window(1024)
    spectrum = torch.stft(talk, 1024, 256, window=window, return_complex=True)
    level = (spectrum.abs() + 1e-5).log()
    smooth = torch.nn.functional.avg_pool1d(level.T[None], 13, 1, 6, count_include_pad=False)[0].T
    bins, size, tilt = torch.arange(513.0), dice.log(.78, 1.3), dice.uniform(-4, 4)
    place = (bins / size).clamp(max=511.99)
    low = place.long()
    moved = torch.lerp(smooth[low], smooth[low + 1], (place - low)[:, None])
    turned = ((moved - smooth).clamp(-5, 5) + tilt / 8.7 * (bins.clamp(min=4) / 20).log2()[:, None]).exp()
    other = torch.istft(spectrum * turned, 1024, 256, window=window, length=len(talk))
    times = dice.log(.8, 1.25)
    return torch.nn.functional.interpolate(other[None, None], size=round(len(other) / times), mode="linear")[0, 0]


def _festival(dice, voice, language):
    text = words.sentence(dice, language)
    script = '(begin (voice_{}) (utt.save.wave (utt.synth (Utterance Text "{}")) "{}" (quote riff)))'
    return spoken(dice, lambda file: ["festival", "-b", script.format(voice, text, file)])


def spoken(dice, command):
    """Run command(file), which writes a WAV; the result at 48 kHz [n], without the silence around it and, mostly, with an upper octave."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "speech.wav")
        subprocess.run(command(file), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sound, rate = read_wav(file)
    sound = trimmed(sound[0], rate)
    wide = resample(sound, rate, RATE)
    return widened(dice, wide, .46 * rate) if dice.flag(.85) else wide


def read_wav(file):
    """A 16 bit WAV -> float32 [channels, n], rate."""
    with wave.open(file) as reader:
        data = torch.frombuffer(bytearray(reader.readframes(reader.getnframes())), dtype=torch.int16)
        return data.view(-1, reader.getnchannels()).T.float() / 32768, reader.getframerate()


def trimmed(sound, rate, floor=.004):
    loud = (sound.abs() > floor * sound.abs().amax()).nonzero()[:, 0]
    edge = rate // 50
    return sound[max(0, int(loud[0]) - edge):int(loud[-1]) + edge]


def widened(dice, sound, edge):
    """Add what a voice has above `edge` hertz, where the engine stops: noise that follows the octave below it, falling with frequency."""
    below = band(sound, edge / 2, edge)
    course = torch.nn.functional.avg_pool1d(below.abs()[None], 481, 1, 240)[0]
    slope = dice.uniform(9, 18)
    hiss = painted(dice.noise(len(sound)), lambda f, t: at(t, course) * (f > edge) * (f.clamp(min=1) / edge) ** (-slope / 6))
    density = rms(below) * ((24000 - edge) / (edge / 2)) ** .5
    return sound + hiss * density / rms(hiss) * dice.uniform(.15, .5)
