"""Runs the pack's API workflows where there is no ComfyUI.

`python -m headless --help`, or from Python:

    import headless
    files = headless.run("workflows/api/text_to_av.json", {"prompt": "rain on a window"}, seed=7, out="rain.mp4")
"""

import importlib
import importlib.util
import sys
from pathlib import Path

PACK = "phonofilm"
ROOT = Path(__file__).resolve().parent.parent


def mount():
    """Load the pack as the package `phonofilm`, as ComfyUI would, and return its headless.api module.

    A stand-in takes the place of comfy_api, and headless.host that of nodes.host. RuntimeError where
    a real ComfyUI is already imported in this process, ImportError where Python is too old or a package is missing.
    """
    if PACK not in sys.modules:
        if "comfy_api" in sys.modules or "comfy" in sys.modules:
            raise RuntimeError("A ComfyUI is imported in this process; run the workflow in it, or start headless in a process of its own.")
        spec = importlib.util.spec_from_file_location(PACK, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
        pack = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(pack)
        pack.check()
        sys.modules[PACK] = pack
        importlib.import_module(f"{PACK}.headless.standin").install()
        sys.modules[f"{PACK}.nodes.host"] = importlib.import_module(f"{PACK}.headless.host")
    return importlib.import_module(f"{PACK}.headless.api")


def run(workflow, settings=None, *, seed=None, out=None, on_progress=None):
    """Run a workflow and return the Paths of the files it wrote.

    `workflow`: the path of an API-format JSON, or its content as a dict. `settings`: what --set takes,
    names to values. `out`: a file, or a folder that exists; ./output where it is left out.
    `on_progress(Progress)` is called along the way; a KeyboardInterrupt from it cancels the run.
    Raises WorkflowError before anything runs and RunError when a node fails (`headless.mount()` has both).
    """
    return mount().run(workflow, settings or {}, seed=seed, out=out, on_progress=on_progress)
