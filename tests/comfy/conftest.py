"""Fixtures of the integration tests: a real ComfyUI, once per session. Skipped, saying so, where there is none."""
import importlib
import os
import subprocess
import sys

import pytest
import torch

pytest.importorskip("aiohttp", reason="the ComfyUI tests need aiohttp, which ComfyUI brings")

import headless  # noqa: E402
from comfyui_server import REPO, Server, find_comfyui  # noqa: E402

sys.path.insert(0, str(REPO / "tests"))

from tiny import save_tiny  # noqa: E402


@pytest.fixture(scope="session")
def comfyui():
    # Beside the server: on a busy machine several threads wait for one another far longer than they save.
    torch.set_num_threads(1)
    path = find_comfyui()
    if path is None:
        pytest.skip("no ComfyUI found: set COMFYUI_PATH to a checkout to run the integration tests")
    return path


@pytest.fixture(scope="session")
def server(comfyui, tmp_path_factory):
    with Server(comfyui, tmp_path_factory.mktemp("comfyui")) as running:
        yield running


@pytest.fixture(scope="session")
def tiny(server):
    """The name of a model with random weights, among the server's checkpoints."""
    return save_tiny(server.checkpoints).name


@pytest.fixture(scope="session")
def starter():
    """The name of the shipped weights."""
    if not list((REPO / "models" / "weights").glob("starter-*.safetensors")):
        pytest.skip("no weights are shipped in models/weights")
    return "starter"


@pytest.fixture(scope="session")
def native(server):
    """Tiny random LTX-2 and MiniMax H3 among the server's models; they are built by ComfyUI's own code, in a process of its own."""
    build = REPO / "tests" / "comfy" / "native" / "build.py"
    done = subprocess.run([sys.executable, str(build), str(server.comfyui), str(server.base)], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def runner(server, tiny, tmp_path_factory):
    """headless.host, seeing the server's checkpoints."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PHONOFILM_CHECKPOINTS", str(server.checkpoints))
        headless.mount()
        session = importlib.import_module("phonofilm.headless.session")
        token = session.current.set(session.Session(tmp_path_factory.mktemp("out"), lambda done: None))
        yield importlib.import_module("phonofilm.headless.host")
        session.current.reset(token)
