import re

from comfy_api.v0_0_2 import io

from .types import Score

FIELDS = {
    "picture": ("a red rubber ball bounces on a stone floor", "What is seen."),
    "dialogue": ("a woman speaks slowly", "Who speaks, and how."),
    "music": ("soft piano chords", "Music."),
    "effects": ("the ball hits the floor", "Sounds of what happens."),
    "ambience": ("rain on a window", "The background: weather, rooms, crowds."),
}
FILLERS = set("a an the of on in at and or with to from by for is are it its this that as into over under".split())


class PhonofilmPrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmPrompt",
            display_name="Prompt",
            category="Phonofilm",
            description="Says what is seen and heard, each in a field of its own; all of them may be left empty but one.",
            search_aliases=["phonofilm", "text encode", "clip text encode", "dialogue", "sound effects", "music prompt"],
            inputs=[
                io.Clip.Input("clip", tooltip="From Load Model."),
                *(io.String.Input(name, multiline=True, default="", optional=name != "picture", placeholder=f"{name}: {example}", tooltip=tip)
                  for name, (example, tip) in FIELDS.items()),
                io.String.Input("avoid", multiline=True, default="", optional=True, placeholder="avoid", tooltip="What should not appear."),
                Score.Input("score", optional=True, tooltip="When things happen. Without one the model drafts it."),
            ],
            outputs=[
                io.Conditioning.Output("positive", tooltip="What to make, with the score; for Sampler."),
                io.Conditioning.Output("negative", tooltip="What to keep away from, with the same score; for Sampler."),
                io.String.Output("report", tooltip="What was understood, and which words the model does not know."),
            ],
        )

    @classmethod
    def execute(cls, clip, picture, dialogue="", music="", effects="", ambience="", avoid="", score=None) -> io.NodeOutput:
        from . import host

        fields = dict(picture=picture, dialogue=dialogue, music=music, effects=effects, ambience=ambience)
        if not any(text.strip() for text in fields.values()):
            raise ValueError("The prompt is empty: say in picture what is seen, or fill in one of the other fields.")
        positive, unknown = host.encode_prompt(clip, fields, score)
        negative, unknown_avoid = host.encode_prompt(clip, {"picture": avoid}, score)
        return io.NodeOutput(positive, negative, report(fields, avoid, unknown, unknown_avoid))


def report(fields, avoid, unknown, unknown_avoid):
    """The lines that tell a person what was understood. Raises ValueError where no word was."""
    understood = {name: [word for word in words(text) if word not in unknown] for name, text in fields.items()}
    if unknown and not any(set(known) - FILLERS for known in understood.values()):
        raise ValueError(f"The model knows none of these words: {', '.join(unknown)}. Describe the clip with others.")
    lines = [f"{name}: {' '.join(known)}" for name, known in understood.items() if known]
    if avoid.strip():
        lines.append(f"avoid: {' '.join(word for word in words(avoid) if word not in unknown_avoid)}")
    ignored = list(dict.fromkeys([*unknown, *unknown_avoid]))
    if ignored:
        lines.append(f"not known, left out: {', '.join(ignored)}")
    return "\n".join(lines)


def words(text):
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.lower())
