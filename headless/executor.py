"""Running a checked workflow, node by node."""

import inspect
from types import SimpleNamespace
from typing import NamedTuple

import torch

from .errors import RunError, WorkflowError
from .session import Progress, Session, current
from .workflow import check, is_link, title


def execute(workflow, order, classes, folder, on_progress):
    """Run the nodes of `order` and return {node id: what it shows}, as in ComfyUI's history.

    `folder` takes the output files. `on_progress(Progress)` is called as each node begins and while it
    runs. A node may answer with a subgraph, which is run in its place. Results are let go as soon as nobody
    needs them any more. Raises RunError naming the node that failed; a KeyboardInterrupt passes through.
    """
    nodes, shown, results, done, total = dict(workflow), {}, Results(), 0, len(order)
    results.needed(link for number in order for link in links_of(nodes[number]))
    waiting = list(reversed(order))
    while waiting:
        number = waiting.pop()
        node, done = nodes[number], done + 1
        name = title(number, node)

        def report(share, place=(done, total, name)):
            on_progress(Progress(*place, share))

        report(0.0)
        inputs = {key: results[value] if is_link(value) else value for key, value in node["inputs"].items()}
        out = call(classes[node["class_type"]], inputs, workflow, nodes, number, name, Session(folder, report))
        if out.ui is not None:
            shown[number] = out.ui if isinstance(out.ui, dict) else out.ui.as_dict()
        if out.expand is not None:
            nodes.update(out.expand)
            try:
                order = check(nodes, classes, [link[0] for link in out.args if is_link(link)])
            except WorkflowError as error:
                raise RunError(f"{name}: {error}") from None
            inner = [number for number in order if number in out.expand]
            results.needed(link for number in inner for link in links_of(nodes[number]))
            waiting += reversed(inner)
            total += len(inner)
        results.put(number, [Inner(*value) if out.expand and is_link(value) else value for value in out.args])
        results.release(links_of(node))
    return shown


def links_of(node):
    return [value for value in node["inputs"].values() if is_link(value)]


class Inner(NamedTuple):
    """A result that is that of a node of a subgraph."""

    number: str
    output: int


class Results:
    """What nodes have given, by link, for as long as somebody needs it."""

    def __init__(self):
        self.values, self.uses = {}, {}

    def needed(self, links):
        for number, _ in links:
            self.uses[str(number)] = self.uses.get(str(number), 0) + 1

    def put(self, number, values):
        self.values[number] = values
        self.needed(inner_of(values))
        if not self.uses.get(number):
            self._drop(number)

    def __getitem__(self, link):
        value = self.values[str(link[0])][link[1]]
        return self[value] if isinstance(value, Inner) else value

    def release(self, links):
        for number, _ in links:
            self.uses[str(number)] -= 1
            if not self.uses[str(number)]:
                self._drop(str(number))

    def _drop(self, number):
        self.release(inner_of(self.values.pop(number, ())))


def inner_of(values):
    return [value for value in values if isinstance(value, Inner)]


def call(cls, inputs, workflow, nodes, number, name, session):
    known = {entry.id for entry in cls.GET_SCHEMA().inputs}
    hidden = SimpleNamespace(unique_id=number, prompt=workflow, extra_pnginfo=None, dynprompt=SimpleNamespace(get_node=nodes.__getitem__))
    token = current.set(session)
    try:
        with torch.inference_mode():
            out = type(cls.__name__, (cls,), {"hidden": hidden}).execute(**{key: value for key, value in inputs.items() if key in known})
    except Exception as error:
        raise RunError(f"{name}: {' '.join(str(error).split()) or type(error).__name__}") from error
    finally:
        current.reset(token)
    if inspect.isawaitable(out):
        raise RunError(f"{name}: async nodes are not supported here; use --server.")
    return out
