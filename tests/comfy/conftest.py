"""Fixtures of the integration tests: a real ComfyUI, once per session. Skipped, saying so, where there is none."""
import pytest

pytest.importorskip("aiohttp", reason="the ComfyUI tests need aiohttp, which ComfyUI brings")

from comfyui_server import Server, find_comfyui  # noqa: E402


@pytest.fixture(scope="session")
def comfyui():
    path = find_comfyui()
    if path is None:
        pytest.skip("no ComfyUI found: set COMFYUI_PATH to a checkout to run the integration tests")
    return path


@pytest.fixture(scope="session")
def server(comfyui, tmp_path_factory):
    with Server(comfyui, tmp_path_factory.mktemp("comfyui")) as running:
        yield running
