"""Reading an API-format workflow, changing its settings, and checking it as the server would.

A workflow is {node id: {"class_type", "inputs": {name: value or [node id, output number]}, "_meta"?}}.
"""

import json
import math
import os
from pathlib import Path

from .errors import WorkflowError
from .standin import Unsupported

PREFIX = "Phonofilm"
SHORT = {"prompt": "picture"}
CASTS = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}


def read(source):
    """A path or a dict -> the workflow, a copy that may be changed. Raises WorkflowError."""
    if isinstance(source, (str, os.PathLike)):
        try:
            source = json.loads(Path(source).read_text("utf-8"))
        except OSError as error:
            raise WorkflowError(f"Cannot read {error.filename}: {error.strerror}.") from None
        except ValueError as error:
            raise WorkflowError(f"{source} is not JSON: {error}.") from None
    if isinstance(source, dict) and "nodes" in source and "links" in source:
        raise WorkflowError("This is a canvas workflow. Export it with File > Export (API), or take one from workflows/api.")
    for number, node in source.items() if isinstance(source, dict) else [(None, None)]:
        if not isinstance(node, dict) or not isinstance(node.get("class_type"), str) or not isinstance(node.get("inputs"), dict):
            raise WorkflowError(f"Node {number!r} has no class_type and inputs: this is not an API-format workflow." if number else
                                "This is not an API-format workflow: it should map node ids to nodes.")
    return json.loads(json.dumps(source))


def is_link(value):
    return isinstance(value, list)


def title(number, node):
    return f"{node.get('_meta', {}).get('title') or node['class_type'].removeprefix(PREFIX)} (node {number})"


def schema_of(cls):
    """The schema of a node class. Raises WorkflowError where the stand-in lacks what it asks for."""
    try:
        return cls.GET_SCHEMA()
    except Unsupported as error:
        raise WorkflowError(f"{cls.__name__} needs {error} of ComfyUI, which the headless runner does not have; use --server.") from None


def settable(workflow, classes):
    """(node id, input) of every widget, in the workflow's order; of nodes that only a server knows, the values there are."""
    found = []
    for number, node in workflow.items():
        if node["class_type"] in classes:
            entries = [entry for entry in schema_of(classes[node["class_type"]]).inputs if entry.widget]
        else:
            entries = [Literal(name, value) for name, value in node["inputs"].items() if not is_link(value)]
        found += [(number, entry) for entry in entries]
    return found


class Literal:
    """An input known only by the value it has."""

    io_types = {bool: "BOOLEAN", int: "INT", float: "FLOAT"}
    options = min = max = None

    def __init__(self, name, value):
        self.id, self.default, self.io_type = name, value, self.io_types.get(type(value), "STRING")


def apply(workflow, classes, settings, seed=None):
    """Write settings (name or Node.name -> value) and the seed into the workflow. Raises WorkflowError."""
    widgets = settable(workflow, classes)
    for name, value in settings.items():
        number, entry = find(workflow, widgets, name)
        workflow[number]["inputs"][entry.id] = convert(entry, value, name)
    if seed is not None:
        seeded = [(number, entry) for number, entry in widgets if entry.id == "seed"]
        if not seeded:
            raise WorkflowError("--seed: no node of this workflow has a seed.")
        for number, entry in seeded:
            workflow[number]["inputs"]["seed"] = seed


def find(workflow, widgets, name):
    """The one widget that `name` means: an input's name where it is unique, or Node.input with id, class or title."""
    node_name, _, input_name = name.rpartition(".")
    input_name = SHORT.get(input_name, input_name)

    def is_named(number):
        node = workflow[number]
        names = number, node["class_type"], node["class_type"].removeprefix(PREFIX), node.get("_meta", {}).get("title", "")
        return not node_name or node_name.lower() in [part.lower() for part in names]

    found = [(number, entry) for number, entry in widgets if entry.id == input_name and is_named(number)]
    if not found:
        raise WorkflowError(f"--set {name}: there is no such setting; --list shows what there is.")
    if len(found) > 1:
        choices = ", ".join(f"{number}.{input_name}" for number, _ in found)
        raise WorkflowError(f"--set {name}: this is in several nodes; say which: {choices}.")
    return found[0]


def convert(entry, value, name):
    if entry.io_type == "BOOLEAN" and isinstance(value, str):
        words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
        if value.lower() not in words:
            raise WorkflowError(f"--set {name}: {value!r} is neither true nor false.")
        return words[value.lower()]
    try:
        return CASTS.get(entry.io_type, str)(value)
    except ValueError:
        raise WorkflowError(f"--set {name}: {value!r} is not a number.") from None


def check(workflow, classes, wanted=None):
    """Validate the workflow, casting its values in place, and return the ids of the nodes to run, in order.

    `wanted`: ids of the nodes whose results are asked for, those with an output where None. Like the server, every input that is not optional must be there; defaults are not filled in.
    Raises WorkflowError with one line that names every fault.
    """
    for number, node in workflow.items():
        if node["class_type"] not in classes:
            raise WorkflowError(f"{title(number, node)}: there is no node {node['class_type']} here; the headless runner has only the nodes of this pack.")
    schemas = {number: schema_of(classes[node["class_type"]]) for number, node in workflow.items()}
    order = order_of(workflow, [number for number, schema in schemas.items() if schema.is_output_node] if wanted is None else wanted)
    faults = [f"{title(number, workflow[number])}: {fault}" for number in order
              for entry in schemas[number].inputs for fault in input_faults(entry, workflow, number, schemas)]
    if faults:
        raise WorkflowError("; ".join(faults) + ".")
    return order


def order_of(workflow, outputs):
    """Ids of what the output nodes need, sources first. Raises WorkflowError for cycles, dead links, no outputs."""
    order, path = [], []

    def visit(number):
        if number in order:
            return
        if number in path:
            raise WorkflowError("The workflow has a cycle: " + " -> ".join(title(n, workflow[n]) for n in path[path.index(number):] + [number]) + ".")
        path.append(number)
        for name, value in workflow[number]["inputs"].items():
            if is_link(value):
                if len(value) != 2 or not isinstance(value[1], int) or str(value[0]) not in workflow:
                    raise WorkflowError(f"{title(number, workflow[number])}: {name} is linked to {value}, which is not there.")
                visit(str(value[0]))
        order.append(path.pop())

    for number in outputs:
        visit(number)
    if not order:
        raise WorkflowError("The workflow has no output node, such as Mux; there is nothing to run.")
    return order


def input_faults(entry, workflow, number, schemas):
    inputs = workflow[number]["inputs"]
    if entry.id not in inputs:
        if not entry.optional:
            yield f"{entry.id} is missing"
        return
    value = inputs[entry.id]
    if is_link(value):
        outputs = schemas[str(value[0])].outputs
        if not 0 <= value[1] < len(outputs):
            yield f"{entry.id} is linked to output {value[1]} of node {value[0]}, which has {len(outputs)}"
        elif outputs[value[1]].io_type != entry.io_type and "*" not in (outputs[value[1]].io_type, entry.io_type):
            yield f"{entry.id} takes {entry.io_type}, not {outputs[value[1]].io_type}"
        return
    if not entry.widget:
        yield f"{entry.id} takes a link that gives {entry.io_type}, not {value!r}"
        return
    if isinstance(value, dict):
        yield f"{entry.id}: a value of several parts is not supported here; use --server"
        return
    try:
        value = inputs[entry.id] = CASTS.get(entry.io_type, lambda same: same)(value)
    except (TypeError, ValueError, OverflowError):
        yield f"{entry.id} takes {entry.io_type}, not {value!r}"
        return
    if isinstance(value, float) and math.isnan(value):
        yield f"{entry.id} is not a number"
    elif entry.min is not None and value < entry.min:
        yield f"{entry.id} is {value}, less than {entry.min:g}"
    elif entry.max is not None and value > entry.max:
        yield f"{entry.id} is {value}, more than {entry.max:g}"
    elif entry.options and value not in entry.options:
        yield f"{entry.id} is {value!r}; there is {', '.join(map(str, entry.options))}"
