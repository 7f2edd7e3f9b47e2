"""Running a checked workflow, node by node."""

import inspect
from types import SimpleNamespace

import torch

from .errors import RunError
from .session import Progress, Session, current
from .workflow import is_link, title


def execute(workflow, order, classes, folder, on_progress):
    """Run the nodes of `order` and return {node id: what it shows}, as in ComfyUI's history.

    `folder` takes the output files. `on_progress(Progress)` is called as each node begins and while it
    runs. A node's results are let go as soon as nobody needs them any more.
    Raises RunError naming the node that failed; a KeyboardInterrupt passes through.
    """
    results, shown = {}, {}
    waiting = {number: 0 for number in order}
    for number in order:
        for source in sources(workflow[number]):
            waiting[source] += 1
    for position, number in enumerate(order, 1):
        node = workflow[number]
        name = title(number, node)

        def report(done, place=(position, len(order), name)):
            on_progress(Progress(*place, done))

        report(0.0)
        inputs = {key: results[str(value[0])][value[1]] if is_link(value) else value for key, value in node["inputs"].items()}
        out = call(classes[node["class_type"]], inputs, workflow, number, name, Session(folder, report))
        results[number] = out.args
        if out.ui is not None:
            shown[number] = out.ui if isinstance(out.ui, dict) else out.ui.as_dict()
        for source in sources(node):
            waiting[source] -= 1
            if not waiting[source]:
                del results[source]
    return shown


def sources(node):
    return [str(value[0]) for value in node["inputs"].values() if is_link(value)]


def call(cls, inputs, workflow, number, name, session):
    known = {entry.id for entry in cls.GET_SCHEMA().inputs}
    hidden = SimpleNamespace(unique_id=number, prompt=workflow, extra_pnginfo=None)
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
