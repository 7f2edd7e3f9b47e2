"""What is published: the project's metadata, what travels, and which files the canvas loads."""
import fnmatch
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"


@pytest.fixture(scope="module")
def comfy():
    tomllib = pytest.importorskip("tomllib")
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_js_is_an_extension_and_everything_else_a_module():
    """ComfyUI imports every .js below web as an extension of its own."""
    for path in WEB.rglob("*"):
        if path.suffix in (".js", ".mjs"):
            assert ("registerExtension(" in path.read_text("utf-8")) == (path.suffix == ".js"), path
    assert list(WEB.rglob("*.js"))


def test_modules_import_what_is_there():
    """Of ComfyUI only its two public scripts, and of ours files that exist; nothing from the network."""
    for path in [*WEB.rglob("*.js"), *WEB.rglob("*.mjs")]:
        for name in re.findall(r"""(?:from|import)\s*\(?["']([^"']+)["']""", path.read_text("utf-8")):
            target = (path.parent / name).resolve()
            assert name.startswith("."), (path, name)
            assert target.is_file() or name.lstrip("./") in ("scripts/app.js", "scripts/api.js"), (path, name)
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, not an address
        assert not re.search(r"""["'`](?:https?:)?//""", text), path


def test_the_registry_gets_what_it_asks_for(comfy):
    project, ours = comfy["project"], comfy["tool"]["comfy"]
    assert re.fullmatch(r"[a-z][a-z0-9-]+", project["name"]) and re.fullmatch(r"\d+\.\d+\.\d+", project["version"])
    assert (ROOT / project["license"]["file"]).is_file() and (ROOT / project["readme"]).is_file()
    assert ours["PublisherId"] and ours["DisplayName"] and ours["requires-comfyui"] and (ROOT / ours["Icon"]).is_file()
    assert "web" not in ours  # a second registration of the folder that WEB_DIRECTORY names


def test_what_is_left_out_is_not_needed():
    """Everything that runs, is shown or is read travels; nothing of what makes or proves it does."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split("\n")
    if not files[0]:
        pytest.skip("not a git checkout")
    patterns = (ROOT / ".comfyignore").read_text().split()
    ignored = {name for name in files if any(name.startswith(p) if p.endswith("/") else fnmatch.fnmatch(name, p) for p in patterns)}
    assert {name.split("/")[0] for name in ignored} == {".ci", "bench", "tests", "training", "constraints.txt", "Makefile"}
    assert [name for name in files if name.endswith(".safetensors")] and not [name for name in ignored if name.endswith(".safetensors")]
    code = "".join((ROOT / name).read_text("utf-8") for name in set(files) - ignored if name.endswith(".py") and (ROOT / name).exists())
    assert not re.search(r"^\s*(?:from|import) +(?:\.\.)?(?:training|bench|tests)\b", code, re.M)
