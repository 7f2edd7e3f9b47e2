import logging

from comfy_api.v0_0_2 import io


MOVE_BY, CORRECT = "move by ms", "correct a measured offset"


class PhonofilmShiftAudio(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmShiftAudio",
            display_name="Shift Audio",
            category="Phonofilm",
            description="Moves a sound in time, exactly, also by less than a sample; or takes away an offset that Sync Meter measured. Its length stays: what leaves at one end is cut, silence enters at the other.",
            search_aliases=["phonofilm", "audio delay", "audio offset", "lip sync", "nudge", "fix sync"],
            inputs=[
                io.Audio.Input("audio", tooltip="The sound to move."),
                io.Float.Input("ms", default=0.0, min=-600000.0, max=600000.0, step=0.1, round=0.0001, tooltip="Milliseconds. To move by: above 0 the sound comes later, below 0 earlier. As a measured offset: above 0 the sound is late and is moved earlier."),
                io.Combo.Input("mode", options=[MOVE_BY, CORRECT], default=MOVE_BY, optional=True, tooltip="Whether ms says how far to move the sound, or how late it is now: for the latter wire offset_ms of Sync Meter into ms, and the sound comes into sync."),
            ],
            outputs=[
                io.Audio.Output("audio", tooltip="The moved sound, as long as before."),
            ],
        )

    @classmethod
    def execute(cls, audio, ms, mode=MOVE_BY) -> io.NodeOutput:
        from ..media.shifting import shifted
        from ..media.waveforms import tidy

        waveform, rate, notes = tidy(audio)
        for note in notes:
            logging.getLogger(__name__).warning("Shift Audio: %s", note)
        return io.NodeOutput({"waveform": shifted(waveform, rate, -ms if mode == CORRECT else ms), "sample_rate": rate})
