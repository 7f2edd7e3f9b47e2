"""What training hears, what only the held-out set hears, and how both are mixed. The held-out set and the mixing were fixed before the
first training run; of training's, the generators "patches.effect", "patches.bed", "speech.recast", "fluid.fluid_textures", "fluid.general"
and "instruments.drawn" and four of the voices of "speech.festival" came after the first figures.

No generator, voice, soundfont, synthesis or room of the held-out set is one of training's; nor is a recording of either:
everything is made by `training.stems.library`.
"""

STEMS = ("dialogue", "music", "effects", "ambience")
SPLITS = ("train", "held_out")
RATE = 48000

# Minutes of dry material per generator of `training.stems.generators`; a take of music has up to three channels.
MINUTES = {
    "train": {
        "dialogue": {"speech.espeak": 4.5, "speech.flite": 7, "speech.festival": 10, "speech.recast": 10, "voices.whisper": 1.5, "voices.laugh": 1, "voices.scream": .8,
                     "voices.breath": .6, "voices.hum": .8, "voices.chant": .6, "voices.world": .5},
        "music": {"fluid.fluid_r3": 9, "fluid.fluid_textures": 6, "fluid.general": 9, "instruments.drawn": 8, "synths.additive": 3, "synths.pad": 1, "synths.bells": .7},
        "effects": {"effects.world": 1.2, "effects.impact": 1.2, "effects.bounce": .6, "effects.shatter": .8, "effects.door": 1, "effects.steps": 1.2,
                    "effects.whoosh": .6, "effects.clicks": .6, "effects.splash": .7, "effects.shot": .9, "effects.passing": .8, "effects.motor": .7,
                    "effects.creature": 1, "effects.rustle": .8, "effects.signal": .8, "effects.zap": .5, "effects.rumble": .6, "effects.steam": .5, "patches.effect": 7},
        "ambience": {"patches.bed": 8, "beds.world": 1, "beds.rain": 1.5, "beds.wind": 1.5, "beds.room": 1.5, "beds.walla": 2.5, "beds.traffic": 1.2, "beds.water": 1.2,
                     "beds.crickets": 1, "beds.machine": 1.2, "beds.fire": .7, "beds.birds": .8, "beds.station": 1},
    },
    "held_out": {
        "dialogue": {"speech.festival_others": 3, "voices_others.laughter": .25, "voices_others.cry": .25, "voices_others.murmured": .2,
                     "voices_others.whispered": .3},
        "music": {"fluid.tim": 2.4, "synths.modulated": 1},
        "effects": {"effects_others.membrane": .4, "effects_others.waveguide": .4, "effects_others.fragments": .3, "effects_others.comb_pass": .3,
                    "effects_others.blast": .3, "effects_others.engine": .3, "effects_others.chaos": .3, "effects_others.drip": .3,
                    "effects_others.friction": .3, "effects_others.treads": .4, "effects_others.device": .3},
        "ambience": {"beds_others.downpour": .5, "beds_others.gale": .5, "beds_others.air": .5, "beds_others.murmur": .75, "beds_others.road": .5,
                     "beds_others.brook": .5, "beds_others.insects": .5, "beds_others.plant": .5, "beds_others.shore": .5},
    },
}
ROOMS = {"train": ("rooms.scattered", 150), "held_out": ("rooms.shoebox", 40)}      # generator, how many rooms of two places each
SMALL = 0.035                       # of all that, in the library that travels
CODED = 0.15                        # share of takes that went through a lossy codec
CODECS = {"train": (("aac", 48_000), ("aac", 96_000), ("mp3", 64_000), ("mp3", 128_000)), "held_out": (("libopus", 32_000), ("libopus", 64_000))}

# Loudness of a dry take, LUFS (BS.1770, a take shorter than 0.4 s padded to it), unless its peak then passes the limit, dBFS.
TAKE_LOUDNESS, TAKE_PEAK = -23.0, -1.0

# Loudness of what sounds in each stem, LUFS: mean and standard deviation, before the whole is set to its programme level.
LEVELS = {"dialogue": (-17.0, 2.5), "music": (-24.0, 3.5), "effects": (-21.0, 3.5), "ambience": (-29.0, 4.0)}
SPREAD = 2.5                        # standard deviations at which a draw is cut off
EVENT_SPREAD = 3.0                  # dB, standard deviation between the events of one stem
PROGRAMME = (-14.0, 2.0)            # dB on the whole, uniform
SILENT = {"dialogue": 0.20, "music": 0.25, "effects": 0.25, "ambience": 0.20}       # probability; never all of them

VOICES = (0.75, 0.25)               # probability of 1, 2 people
EVENTS = (1, 6)                     # effects in three seconds, uniform
ROOM = {"dialogue": 0.75, "music": 0.4, "effects": 0.7, "ambience": 0.15}           # probability that a stem sounds in a room
SPEEDS = (0.84, 0.9, 0.96, 1.0, 1.0, 1.04, 1.1, 1.2)    # at which a take may be read, pitch with it
EQ = 4.0                            # dB, standard deviation of each bump of a stem's equaliser
TELEPHONE = 0.04                    # probability that dialogue or music comes through a small loudspeaker, 300 to 3400 Hz
MONO = 0.08                         # probability that the whole mixture is mono
COMPRESSED = 0.4                    # probability of a compressor on the bus
RATIO, THRESHOLD = (1.5, 6.0), (-30.0, -14.0)           # its ratio, and its threshold in dBFS, uniform
CEILING = -1.0                      # dBFS, of the limiter, which is always there
