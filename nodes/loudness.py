import json
import logging

from comfy_api.v0_0_2 import io

from .types import Stems

DEFAULT_TARGET = "-14 LUFS (YouTube, Spotify, Tidal playback)"
TARGETS = ["off", DEFAULT_TARGET, "-16 LUFS (Apple, podcast playback)", "-23 LUFS (EBU R128)", "-24 LKFS (ATSC A/85)",
           "-27 LKFS (Netflix, which measures dialogue only)", "custom"]


class PhonofilmLoudness(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmLoudness",
            display_name="Loudness",
            category="Phonofilm",
            description="Measures how loud a sound or each of its stems is (ITU-R BS.1770-4, EBU Tech 3341 and 3342): integrated, short-term, momentary, range and true peak, as numbers and as a plot.",
            search_aliases=["phonofilm", "lufs", "ebu r128", "true peak", "audio level", "volume meter", "loudness range"],
            inputs=[
                io.Audio.Input("audio", optional=True, tooltip="A sound to measure. Either this or stems, or both."),
                Stems.Input("stems", optional=True, tooltip="Stems to measure, each by itself and their sum."),
                io.Combo.Input("target", options=TARGETS, default=DEFAULT_TARGET, optional=True, tooltip="What to compare with: the line in the plot, and the gain to it in the numbers. Nothing is changed."),
                io.Float.Input("custom_target", default=-18.0, min=-60.0, max=0.0, step=0.1, optional=True, tooltip="The target in LUFS where target is custom."),
            ],
            outputs=[
                io.String.Output("report", display_name="report", tooltip="The numbers as JSON, one sound a line; null where a sound is silent or too short to have one."),
                io.Image.Output("plot", tooltip="Loudness over time."),
            ],
        )

    @classmethod
    def execute(cls, audio=None, stems=None, target=DEFAULT_TARGET, custom_target=-18.0) -> io.NodeOutput:
        from . import host
        from ..media.levelling import target_of
        from ..media.loudness import measure
        from ..media.loudness_plot import draw

        if audio is None and not stems:
            raise ValueError("Loudness has nothing to measure: connect audio or stems. A video without sound gives none.")
        target = target_of(target, custom_target)
        clips, notes = sounds_of(audio, stems)
        progress, measured = host.Progress(len(clips)), {}
        for done, (name, (waveform, rate)) in enumerate(clips.items()):
            measured[name] = measure(waveform, rate)
            progress.update(done + 1)
        for note in notes:
            logging.getLogger(__name__).warning("Loudness: %s", note)
        return io.NodeOutput(report(measured, target, notes), draw(measured, target))


def sounds_of(audio, stems):
    """What to measure: dict name -> (waveform [C, T], rate), each clip of a batch by itself, and notes on what was mended."""
    from ..media.mixing import together
    from ..media.waveforms import tidy

    sounds, notes = {}, []
    if audio is not None:
        waveform, rate, notes = tidy(audio)
        sounds["audio"] = (waveform, rate)
    if stems:
        waveforms, rate, more = together(stems)
        notes = [*notes, *more]
        sounds |= {name: (waveform, rate) for name, waveform in waveforms.items()}
        sounds["mix" if "mix" not in waveforms else "sum"] = (sum(waveforms.values()), rate)
    return {name if len(batch) == 1 else f"{name} {k + 1}": (clip, rate)
            for name, (batch, rate) in sounds.items() for k, clip in enumerate(batch)}, notes


def report(measured, target, notes):
    """JSON of dict name -> Loudness: LUFS, LU, dBTP and seconds, rounded to 0.01, one sound a line."""
    def line(loudness):
        figures = {"integrated_lufs": loudness.integrated, "short_term_max_lufs": loudness.short_term_max,
                   "momentary_max_lufs": loudness.momentary_max, "range_lu": loudness.range, "true_peak_dbtp": loudness.true_peak,
                   "gain_to_target_db": None if None in (target, loudness.integrated) else target - loudness.integrated,
                   "seconds": loudness.seconds}
        return json.dumps({name: value if value is None else round(value, 2) for name, value in figures.items()})

    lines = ",\n".join(f"    {json.dumps(name)}: {line(loudness)}" for name, loudness in measured.items())
    return f'{{\n  "target_lufs": {json.dumps(target)},\n  "sounds": {{\n{lines}\n  }},\n  "notes": {json.dumps(notes)}\n}}'
