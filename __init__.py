"""The pack as ComfyUI loads it. Nothing here needs a new Python or a package, so that it can say which one is missing."""

import sys
from importlib.util import find_spec

WEB_DIRECTORY = "./web"
PYTHON = (3, 10)
PACKAGES = ("torch", "torchaudio", "av", "einops", "safetensors")

__all__ = ["WEB_DIRECTORY", "comfy_entrypoint"]


def check():
    """Raises ImportError with one line that says what to install, where something is missing."""
    if sys.version_info < PYTHON:
        raise ImportError("Phonofilm needs Python {}.{} or newer, and this is {}.{}: run ComfyUI with a newer Python.".format(*PYTHON, *sys.version_info[:2]))
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError("Phonofilm lacks {}. Install it, then start again: {} -m pip install {}".format(", ".join(missing), sys.executable, " ".join(missing)))


async def comfy_entrypoint():
    check()
    from .nodes import comfy_entrypoint

    return await comfy_entrypoint()
