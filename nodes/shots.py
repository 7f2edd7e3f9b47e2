from comfy_api.v0_0_2 import io

from .sampler import scale, settings

EXAMPLE = '''# seconds | picture | dialogue | music | effects | ambience
3 | a red rubber ball bounces on a stone floor | | soft piano chords | the ball hits the floor | rain on a window
3 | a hammer hits an anvil | | " | the hammer hits the anvil | "'''


class PhonofilmShotList(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="PhonofilmShotList",
            display_name="Shot List",
            category="Phonofilm",
            description="Makes a clip of several shots, a row of text each. The starter and LTX-2 make each shot in a window of its own that continues the clip, and a change makes anew only what comes from there on; MiniMax H3 makes all in one run, told by [Shot n].",
            search_aliases=["phonofilm", "storyboard", "multi-shot", "shots", "scenes", "prompt travel", "timeline", "long video"],
            enable_expand=True,
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            inputs=[
                io.Model.Input("model", tooltip="From Load Model; or LTX-2, or MiniMax H3."),
                io.Clip.Input("clip", tooltip="The text encoder of this model."),
                io.Vae.Input("vae", tooltip="Codec of the picture. It says which model the clip is for."),
                io.Vae.Input("audio_vae", tooltip="Codec of the sound, of the same model."),
                io.Int.Input("width", default=0, min=0, max=4096, tooltip="Pixels; 0 for both: what suits the model. The starter makes 128x128."),
                io.Int.Input("height", default=0, min=0, max=4096, tooltip="Pixels; 0 for both: what suits the model. The starter makes 128x128."),
                io.Float.Input("rate", default=24.0, min=1.0, max=240.0, step=0.001, tooltip="Frames per second at which LTX-2 makes its clip; the others make 24."),
                io.Float.Input("head", default=1.0, min=0.0, max=600.0, step=0.01, tooltip="Seconds of the clip before that each window begins with, as in Extend; 0 shows the model the whole clip. MiniMax H3 makes all shots in one."),
                *settings(),
                scale("skip_guidance"),
                io.String.Input("avoid", multiline=True, default="", placeholder="avoid", tooltip="What should not appear, in any shot."),
                io.String.Input("text", multiline=True, default="", placeholder=EXAMPLE,
                                tooltip='A shot a line: seconds | picture | dialogue | music | effects | ambience. An empty cell is nothing, " alone is what the row above has, # begins a comment.'),
                scale("score_guidance", optional=True),
            ],
            outputs=[
                io.Latent.Output("latent", tooltip="The whole clip."),
                io.String.Output("shots", display_name="shots", tooltip="The list as one prompt with [Shot n] and times, as MiniMax H3 takes it."),
                io.String.Output("report", display_name="report", tooltip="The exact times and the seed of each shot, and the words that the model does not know."),
            ],
        )

    @classmethod
    def execute(cls, model, clip, vae, audio_vae, width, height, rate, head, seed, avoid, text, **drawing) -> io.NodeOutput:
        from . import host
        from ..media.clock import snap_rate
        from .inputs import shot_graph, shots

        grid = host.grid_of(vae, audio_vae)
        rate = grid.rate or snap_rate(rate)
        rows = shots.parse(text)
        ends = shots.ends_of(rows, grid, rate, head)
        unknown = unknown_words(clip, rows, grid)
        given = cls.hidden.dynprompt.get_node(cls.hidden.unique_id)["inputs"]
        links = {name: given[name] for name in ("model", "clip", "vae", "audio_vae")}
        graph, latent = shot_graph.graph_of(host.subgraph_prefix(cls.hidden.unique_id), links, rows, ends, rate, grid, avoid, (width, height), head, seed, drawing)
        times = [end / rate for end in ends]
        return io.NodeOutput(latent, shots.shots_text(rows, times), shots.report(rows, ends, rate, grid, seed, unknown), expand=graph)


def unknown_words(clip, rows, grid):
    """Of each shot, the words that the starter does not know. Raises ValueError, naming the line, where it knows none."""
    from . import host
    from .prompt import report
    from ..models.joint.grids import STARTER

    if grid is not STARTER:
        return [[] for _ in rows]
    found = []
    for row in rows:
        found.append(host.encode_prompt(clip, row.fields)[1])
        try:
            report(row.fields, "", found[-1], [])
        except ValueError as error:
            raise ValueError(f"Shot list, line {row.line}: {error}") from None
    return found
