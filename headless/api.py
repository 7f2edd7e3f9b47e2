"""A whole run: read, set, check, execute, and put the files where they were asked for."""

import asyncio
import functools
import importlib
import os
import tempfile
from pathlib import Path

from . import PACK, executor, workflow as flow
from .errors import RunError, WorkflowError
from .session import Progress

__all__ = ["Progress", "RunError", "WorkflowError", "node_classes", "run"]


@functools.cache
def node_classes():
    """{node id: class} of the pack, through its entrypoint, as ComfyUI gets them."""
    async def load():
        extension = await importlib.import_module(PACK).comfy_entrypoint()
        await extension.on_load()
        return await extension.get_node_list()

    return {cls.__name__: cls for cls in asyncio.run(load())}


def run(source, settings, *, seed=None, out=None, on_progress=None):
    """See headless.run."""
    classes = node_classes()
    workflow = flow.read(source)
    flow.apply(workflow, classes, settings, seed)
    order = flow.check(workflow, classes)
    report = on_progress or (lambda progress: None)
    out, is_folder = destination(out)
    if is_folder:
        writable_folder(out).cleanup()
        shown = executor.execute(workflow, order, classes, out, report)
        return saved_files(shown, out)
    if sum(writes(classes[workflow[number]["class_type"]].GET_SCHEMA()) for number in order) > 1:
        raise WorkflowError(f"--out {out}: this workflow has several outputs; give a folder that exists.")
    with writable_folder(out.parent) as scratch:
        shown = executor.execute(workflow, order, classes, Path(scratch), report)
        files = saved_files(shown, Path(scratch))
        if len(files) != 1:
            raise RunError(f"The workflow wrote {len(files)} files, not one; give --out a folder that exists.")
        target = out.with_suffix(files[0].suffix)
        os.replace(files[0], target)
    return [target]


def writes(schema):
    """Whether a node writes a file to keep; other output nodes only show something on the canvas."""
    return schema.is_output_node and any(entry.id == "filename_prefix" for entry in schema.inputs)


def destination(out):
    """What --out means -> (Path, whether it is a folder to put files in)."""
    path = Path("output" if out is None else out)
    return path, out is None or path.is_dir() or str(out).endswith(("/", os.sep))


def writable_folder(folder):
    """Make the folder and, in it, a temporary one that is removed on exit. Raises WorkflowError where that is refused."""
    unwritable = importlib.import_module(f"{PACK}.media.errors").unwritable
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=".phonofilm-", dir=folder)
    except OSError as error:
        raise WorkflowError(str(unwritable(folder, error))) from None


def saved_files(shown, folder):
    return [folder / item["subfolder"] / item["filename"] for output in shown.values()
            for items in output.values() for item in items if isinstance(item, dict) and item.get("type") == "output"]
