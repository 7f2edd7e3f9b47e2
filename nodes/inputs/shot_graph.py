"""The nodes that make the shots of a list, as the subgraph that the host runs in the place of Shot List."""
from fractions import Fraction

from ...models.joint.grids import H3, STARTER, Grid
from .shots import Shot, prose, shots_text


class Graph(dict):
    """{node id: node} in API form, with ids that are this node's own."""

    def __init__(self, prefix: str):
        self.prefix = prefix

    def add(self, name: str, kind: str, **inputs) -> list:
        """Add a node and return the link to its first output."""
        self[self.prefix + name] = {"class_type": kind, "inputs": inputs}
        return [self.prefix + name, 0]


def graph_of(prefix: str, links: dict, shots: list[Shot], ends: list[int], rate: Fraction, grid: Grid, avoid: str, size: tuple[int, int],
             head: float, seed: int, settings: dict) -> tuple[Graph, list]:
    """(subgraph, link to its LATENT). links: model, clip, vae and audio_vae; settings: those of Sampler, but the seed.

    A window's nodes are given nothing of the shots after it, so that the host's cache keeps it while those are changed.
    """
    graph = Graph(prefix)
    codecs = {name: links[name] for name in ("vae", "audio_vae")}

    def made(number, latent, prompts):
        return graph.add(f"sampler{number}", "PhonofilmSampler", model=links["model"], latent=latent, seed=seed + number - 1, denoise=1.0, takes=1,
                         **dict(zip(("positive", "negative"), prompts)), **settings)

    def empty(end):
        width, height = size
        return graph.add("empty", "PhonofilmEncode", **codecs, length=float(end / rate), width=width, height=height, batch_size=1, rate=float(rate))

    def told(number, text):
        return graph.add(f"prompt{number}", "CLIPTextEncode", clip=links["clip"], text=text), graph.add("avoid", "CLIPTextEncode", clip=links["clip"], text=avoid)

    def prompts(number, shot):
        if grid is not STARTER:
            return told(number, prose(shot.fields))
        positive = graph.add(f"prompt{number}", "PhonofilmPrompt", clip=links["clip"], avoid=avoid, **shot.fields)
        return positive, [positive[0], 1]

    if grid is H3:
        return graph, made(1, empty(ends[-1]), told(1, shots_text(shots, [end / rate for end in ends])))
    clip = made(1, empty(ends[0]), prompts(1, shots[0]))
    for number, (shot, before, end) in enumerate(zip(shots[1:], ends, ends[1:]), 2):
        window = graph.add(f"window{number}", "PhonofilmExtend", latent=clip, seconds=float((end - before) / rate), head=head, **codecs)
        after = made(number, window, prompts(number, shot))
        clip = graph.add(f"clip{number}", "PhonofilmJoinLatent", latent=clip, after=after, overlap=0.0, **codecs) if head else after
    return graph, clip
