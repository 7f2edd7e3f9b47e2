"""A Python that is too old, or a package that is not there: one line that says what to do."""
import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hidden import without

ROOT = Path(__file__).resolve().parent.parent
OLD = "import sys, runpy; sys.version_info = (3, 8, 20, 'final', 0); sys.argv = ['headless', '--list']; runpy.run_module('headless', run_name='__main__')"


def run(arguments, **env):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env})


@pytest.mark.parametrize("name", ["av", "torchaudio"])
def test_a_package_is_missing(tmp_path, name):
    done = run(["-m", "headless", "--list"], PYTHONPATH=str(without(tmp_path, name)))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [f"error: Phonofilm lacks {name}. Install it, then start again: {sys.executable} -m pip install {name}"]


def test_python_is_too_old():
    done = run(["-c", OLD])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["error: Phonofilm needs Python 3.10 or newer, and this is 3.8: run ComfyUI with a newer Python."]


@pytest.mark.parametrize("path", ["__init__.py", "headless/__init__.py", "headless/__main__.py"])
def test_an_old_python_reads_what_tells_it_so(path):
    ast.parse((ROOT / path).read_text("utf-8"), feature_version=(3, 7))


def test_the_floor_and_the_packages_are_those_of_the_project():
    tomllib = pytest.importorskip("tomllib")
    init = ast.parse((ROOT / "__init__.py").read_text("utf-8"))
    said = {node.targets[0].id: ast.literal_eval(node.value) for node in init.body if isinstance(node, ast.Assign)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">={}.{}".format(*said["PYTHON"])
    assert [name.partition(">")[0] for name in project["dependencies"]] == [*said["PACKAGES"], "comfyui-frontend-package"]
    assert (ROOT / "requirements.txt").read_text().split() == project["dependencies"]
