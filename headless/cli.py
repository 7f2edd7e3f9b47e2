"""The command line of the headless runner."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from . import ROOT, remote, workflow as flow
from .api import node_classes, run
from .errors import RunError, WorkflowError

EPILOG = """exit codes:
  0    done; the paths of the files written are on stdout
  2    the command, the workflow or a setting is wrong; nothing has run
  3    a node failed, or the server did
  130  cancelled (Ctrl-C); nothing half-written is left

examples:
  python -m headless workflows/api/text_to_av.json --set prompt="rain on a window" --out rain.mp4
  python -m headless workflows/api/text_to_av.json --list
  python -m headless workflows/api/text_to_av.json --server http://127.0.0.1:8188 --out clip.mp4
"""


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m headless", description="Run a Phonofilm workflow (API format) without ComfyUI.",
                                     epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workflow", nargs="?", metavar="WORKFLOW.json")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="set an input; NAME or Node.NAME; prompt is the picture field of Prompt")
    parser.add_argument("--seed", type=int, help="set every seed")
    parser.add_argument("--out", metavar="FILE", help="where the clip goes; a folder takes several (default: output/)")
    parser.add_argument("--list", action="store_true", help="say what can be set, with the present values, and stop")
    parser.add_argument("--server", metavar="URL", help="run it on this ComfyUI and fetch the result")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--debug", action="store_true", help="a traceback beside the one-line error")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.list:
            return show_list(options.workflow)
        if not options.workflow:
            parser.error("give a WORKFLOW.json; there are " + ", ".join(shipped()))
        settings = dict(pair(text) for text in options.set)
        bar = Bar(quiet=options.quiet)
        work = remote.run if options.server else run
        extra = {"server": options.server} if options.server else {}
        files = work(options.workflow, settings, seed=options.seed, out=options.out, on_progress=bar, **extra)
        bar.end()
        print(*files, sep="\n")
        return 0
    except (WorkflowError, RunError) as error:
        if options.debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, WorkflowError) else 3
    except KeyboardInterrupt:
        print("cancelled", file=sys.stderr)
        return 130


def pair(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise WorkflowError(f"--set {text}: write NAME=VALUE.")
    return name.strip(), value


def shipped():
    return sorted(os.path.relpath(path) for path in (ROOT / "workflows" / "api").glob("*.json"))


def show_list(source):
    """Print what can be set in a workflow, or every node with its inputs where none is given."""
    classes = node_classes()
    workflow = flow.read(source) if source else {
        name: {"class_type": name, "inputs": {entry.id: entry.default for entry in flow.schema_of(cls).inputs if entry.widget}} for name, cls in classes.items()}
    if not source:
        print("workflows:", *(f"{path}  {about(path, classes)}" for path in shipped()), sep="\n  ")
    for number, node in workflow.items():
        print(f"{number}  {node['class_type']}" if source else node["class_type"])
        for entry in [entry for n, entry in flow.settable({number: node}, classes)]:
            print("   ", describe(entry, node["inputs"].get(entry.id, entry.default)))
    return 0


def about(path, classes):
    """What a shipped workflow does: the headline of the first note in its canvas workflow."""
    canvas = json.loads((ROOT / "workflows" / Path(path).name).read_text("utf-8"))
    note = next(node for node in canvas["nodes"] if node["type"] == "MarkdownNote")
    own = all(node["class_type"] in classes for node in flow.read(path).values())
    return note["widgets_values"][0].splitlines()[0].strip("# ") + ("" if own else " (with --server)")


def describe(entry, value):
    if flow.is_link(value):
        return f"{entry.id}  (linked to node {value[0]})"
    limits = f"one of {', '.join(map(str, entry.options))}" if entry.options else f"{entry.min:g} to {entry.max:g}" if entry.max is not None else entry.io_type.lower()
    return f"{entry.id} = {value!r}  ({limits}; default {entry.default!r})"


class Bar:
    """Progress on stderr: one moving line on a terminal, else a line per node."""

    def __init__(self, quiet=False):
        self.quiet, self.moving, self.last, self.start = quiet, sys.stderr.isatty(), None, time.monotonic()

    def __call__(self, progress):
        if self.quiet:
            return
        text = f"[{progress.number}/{progress.nodes}] {progress.title}"
        if self.moving:
            print(f"\r\033[K{text} {progress.done:4.0%}", end="", file=sys.stderr, flush=True)
        elif text != self.last:
            print(text, file=sys.stderr, flush=True)
        self.last = text

    def end(self):
        if not self.quiet:
            print(f"{chr(13) + chr(27) + '[K' if self.moving else ''}done in {time.monotonic() - self.start:.1f} s", file=sys.stderr)
