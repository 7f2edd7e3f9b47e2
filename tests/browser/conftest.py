"""A Chromium on a real ComfyUI. Skipped, saying so, where either is missing."""
import os
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("aiohttp", reason="the browser tests need aiohttp, which ComfyUI brings")
playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright (pip install playwright)")

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("comfy", "")]

from comfyui_server import REPO, Server, find_comfyui  # noqa: E402
from tiny import save_tiny  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    comfyui = find_comfyui()
    if comfyui is None:
        pytest.skip("no ComfyUI found: set COMFYUI_PATH to a checkout to run the browser tests")
    with Server(comfyui, tmp_path_factory.mktemp("comfyui")) as running:
        save_tiny(running.checkpoints)
        # The frontend itself asks the network for news of ComfyUI; not here, where nothing may.
        running.post("/settings", {"Comfy.TutorialCompleted": True, "Comfy.Workflow.Persist": False, "Comfy.Notification.ShowVersionUpdates": False})
        yield running


@pytest.fixture(scope="session")
def model():
    """The shipped weights, or where there are none yet random ones."""
    return "starter" if list((REPO / "models" / "weights").glob("starter-*.safetensors")) else "tiny.safetensors"


@pytest.fixture(scope="module")  # its event loop must be gone before other modules start theirs
def chromium():
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium found: install it, or set CHROMIUM_PATH, to run the browser tests")
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=["classic", "nodes2"])
def renderer(request):
    """Of the session, so that all of a module runs in one before the other: the page takes ten seconds to open."""
    return request.param


@pytest.fixture(scope="module")
def page(renderer, chromium, server):
    """The canvas in one of the two renderers, ready, with our nodes registered.

    `page.problems` are its console's errors, `page.outside` the requests that leave the server, `page.renderer` is classic or nodes2.
    """
    server.post("/settings", {"Comfy.VueNodes.Enabled": renderer == "nodes2"})
    page = chromium.new_page(viewport={"width": 1920, "height": 1000})
    page.set_default_timeout(180_000)
    page.problems, page.outside, page.renderer = [], [], renderer
    page.on("console", lambda message: page.problems.append(f"{message.text} {message.location['url']}") if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("request", lambda asked: page.outside.append(asked.url) if not asked.url.startswith((server.url, "data:", "blob:")) else None)
    page.goto(server.url, wait_until="domcontentloaded")
    page.wait_for_function("() => window.app?.graph && window.LiteGraph?.registered_node_types?.PhonofilmSampler")
    # The last thing start-up does is to open a workflow of its own.
    page.wait_for_function("() => app.extensionManager?.workflow?.activeWorkflow && !app.extensionManager.spinner")
    page.locator(".p-blockui-mask").wait_for(state="hidden")
    yield page
    page.close()
