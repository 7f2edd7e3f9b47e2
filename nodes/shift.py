import logging

from comfy_api.v0_0_2 import io


class PhonofilmShiftAudio(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmShiftAudio",
            display_name="Shift Audio",
            category="Phonofilm",
            description="Moves a sound in time, exactly, also by less than a sample. Its length stays: what leaves at one end is cut, silence enters at the other.",
            search_aliases=["phonofilm", "audio delay", "audio offset", "lip sync", "nudge", "fix sync"],
            inputs=[
                io.Audio.Input("audio", tooltip="The sound to move."),
                io.Float.Input("ms", default=0.0, min=-600000.0, max=600000.0, step=0.1, round=0.0001, tooltip="Milliseconds: above 0 the sound comes later, below 0 earlier."),
            ],
            outputs=[
                io.Audio.Output("audio", tooltip="The moved sound, as long as before."),
            ],
        )

    @classmethod
    def execute(cls, audio, ms) -> io.NodeOutput:
        from ..media.shifting import shifted
        from ..media.waveforms import tidy

        waveform, rate, notes = tidy(audio)
        for note in notes:
            logging.getLogger(__name__).warning("Shift Audio: %s", note)
        return io.NodeOutput({"waveform": shifted(waveform, rate, ms), "sample_rate": rate})
