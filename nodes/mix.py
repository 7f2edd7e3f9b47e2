import logging
from dataclasses import replace

from comfy_api.v0_0_2 import io

from .loudness import TARGETS
from .types import Stems

STRIPS = ("dialogue", "music", "effects", "ambience")
CEILING_ONLY = "as mixed, under the ceiling"


class PhonofilmMixStems(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmMixStems",
            display_name="Mix Stems",
            category="Phonofilm",
            description="Mixes stems to one sound: gain, mute, solo, pan and delay of each, music and ambience turned down under dialogue, fades, and a loudness target under a true-peak ceiling. As it stands it changes nothing.",
            search_aliases=["phonofilm", "mixer", "audio mixer", "ducking", "sidechain", "fader", "pan", "normalize loudness", "combine audio"],
            inputs=[
                Stems.Input("stems", tooltip="The stems to mix, of any names and any number."),
                *(entry for name in STRIPS for entry in strip_inputs(name)),
                io.String.Input("more", multiline=True, default="", optional=True, advanced=True, placeholder="narrator: gain -3, pan 0.2, delay 20, mute, solo, key, duck",
                                tooltip="Stems of other names, one a line. gain in dB, pan -1 to 1, delay in ms; key: music and ambience duck under it as under dialogue; duck: it ducks as they do. # begins a comment."),
                *(io.Float.Input(name, default=default, min=0.0, max=most, step=step, optional=True, tooltip=tip, **({"advanced": True} if name in ADVANCED else {}))
                  for name, default, most, step, tip in TIMES),
                io.Combo.Input("loudness", options=["off", CEILING_ONLY, *TARGETS[1:]], default="off", optional=True,
                               tooltip="Brings the mix to this integrated loudness, with true peaks under the ceiling: one gain, and a look-ahead limiter where that is not enough. YouTube and others only say at what level they play; broadcasters require theirs."),
                io.Float.Input("custom_loudness", default=-18.0, min=-60.0, max=0.0, step=0.1, optional=True, tooltip="The target in LUFS where loudness is custom."),
                io.Float.Input("ceiling", default=-1.0, min=-20.0, max=0.0, step=0.1, optional=True, tooltip="Highest true peak in dBTP; used unless loudness is off. -2 leaves room for AAC below 256 kb/s."),
                io.Video.Input("video", optional=True, tooltip="The picture that belongs to the stems, to be shown beside the mixer. It does not change the mix."),
            ],
            outputs=[
                io.Audio.Output("audio", tooltip="The mix."),
                Stems.Output("stems", tooltip="The stems as they are in the mix: their sum is the mix."),
            ],
            is_output_node=True,  # its console plays without a file being written
        )

    @classmethod
    def execute(cls, stems, more="", duck_depth=0.0, duck_look_ahead=100.0, duck_attack=80.0, duck_hold=200.0, duck_release=500.0,
                fade_in=0.0, fade_out=0.0, loudness="off", custom_loudness=-18.0, ceiling=-1.0, video=None, **strips) -> io.NodeOutput:
        from . import host
        from .inputs.console import console
        from ..media.ducking import Ducking
        from ..media.levelling import target_of
        from ..media.mixing import mix
        from ..media.strips import parse

        progress = host.Progress(len(stems) + 1)
        mixed = mix(
            stems, {**standard_strips(strips), **parse(more)},
            Ducking(duck_depth, duck_look_ahead, duck_attack, duck_hold, duck_release), fade_in, fade_out,
            target=None if loudness == CEILING_ONLY else target_of(loudness, custom_loudness),
            ceiling=None if loudness == "off" else ceiling,
            progress=progress.update)
        for note in mixed.notes:
            logging.getLogger(__name__).warning("Mix Stems: %s", note)
        shown = console(stems, video, lambda *_: progress.update(len(stems) + 1))
        return io.NodeOutput(mixed.audio, mixed.stems, ui=shown and {"phonofilm_console": [shown]})


TIMES = (
    ("duck_depth", 0.0, 40.0, 0.5, "How many dB music and ambience are turned down under dialogue. 0: not at all; 6 to 12 is usual."),
    ("duck_look_ahead", 100.0, 2000.0, 10.0, "Milliseconds before the first syllable at which the dip begins."),
    ("duck_attack", 80.0, 2000.0, 10.0, "Milliseconds the dip takes to get to its depth; no longer than the look-ahead, to be there in time."),
    ("duck_hold", 200.0, 5000.0, 10.0, "Milliseconds the dip stays after the last syllable."),
    ("duck_release", 500.0, 10000.0, 10.0, "Milliseconds it takes to come back."),
    ("fade_in", 0.0, 600.0, 0.1, "Seconds over which the mix fades in."),
    ("fade_out", 0.0, 600.0, 0.1, "Seconds over which the mix fades out."),
)
ADVANCED = ("duck_look_ahead", "duck_attack", "duck_hold", "duck_release")


def strip_inputs(name):
    """The widgets of one of the four standard stems; the console shows them, so they are folded away."""
    return (
        io.Float.Input(f"{name}_gain", default=0.0, min=-60.0, max=12.0, step=0.1, optional=True, advanced=True, tooltip=f"Gain of {name} in dB; -60 is silence."),
        io.Boolean.Input(f"{name}_mute", default=False, optional=True, advanced=True, tooltip=f"Silences {name}; a mute wins over a solo."),
        io.Boolean.Input(f"{name}_solo", default=False, optional=True, advanced=True, tooltip=f"Only {name}, and whatever else is soloed, is heard."),
        io.Float.Input(f"{name}_pan", default=0.0, min=-1.0, max=1.0, step=0.01, optional=True, advanced=True, tooltip=f"{name.title()} to the left (-1) or the right (1), by the constant-power law. Mono stems become stereo."),
        io.Float.Input(f"{name}_delay", default=0.0, min=-10000.0, max=10000.0, step=0.1, optional=True, advanced=True, tooltip=f"Moves {name} in time by milliseconds: above 0 later, below 0 earlier."),
    )


def standard_strips(values):
    """Strips of the four standard stems from widget values such as music_gain; what is left out keeps its default."""
    from ..media.strips import DEFAULTS

    return {name: replace(strip, **{key.removeprefix(f"{name}_"): value for key, value in values.items() if key.startswith(f"{name}_")})
            for name, strip in DEFAULTS.items()}
