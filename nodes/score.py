from comfy_api.v0_0_2 import io

from .types import Score


class PhonofilmScore(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmScore",
            display_name="Score",
            category="Phonofilm",
            description="When things happen: hits, syllables, notes. Write them, or leave the text empty and let the model draft them from the prompt. Connect the score to Prompt.",
            search_aliases=["phonofilm", "timing", "events", "spotting", "cue sheet", "midi"],
            inputs=[
                io.String.Input("text", multiline=True, default="", placeholder="effects 1.25 0.8\nmusic 0.5 1.0 A4",
                                tooltip="One event per line: track (dialogue, music or effects), seconds, strength (1 if left out), pitch (a note name or a MIDI number, if any). # begins a comment. Empty: the model drafts the score."),
                io.Model.Input("model", optional=True, tooltip="Needed only to draft."),
                io.Conditioning.Input("positive", optional=True, tooltip="What to draft for. Needed only to draft."),
                io.Latent.Input("latent", optional=True, tooltip="Gives the length, and picture or sound to follow where it holds some. Without it a draft is 4 s long."),
                io.Int.Input("seed", optional=True, default=0, min=0, max=0xFFFFFFFFFFFFFFFF, control_after_generate=True, tooltip="Another seed drafts another score."),
            ],
            outputs=[
                Score.Output("score", tooltip="The events; for Prompt."),
                io.String.Output("text", display_name="text", tooltip="The score as text, to read, edit and paste back."),
            ],
        )

    @classmethod
    def execute(cls, text, model=None, positive=None, latent=None, seed=0) -> io.NodeOutput:
        from . import host
        from ..models.joint import score_text

        if text.strip():
            score = score_text.parse(text)
            return io.NodeOutput(score, score_text.format(score))
        if model is None or positive is None:
            raise ValueError("The score is empty: write events such as `effects 1.25 0.8`, or connect model and positive to have it drafted.")
        score = host.draft_score(model, positive, latent, seed)
        drafted = score_text.format(score)
        return io.NodeOutput(score, drafted, ui={"phonofilm_score": [drafted]})
