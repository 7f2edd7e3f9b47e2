"""Bad input to the headless runner: one line that says what to do, and nothing half-written."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import headless
from tiny import save_tiny

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / "workflows" / "api" / "text_to_av.json"


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    save_tiny(folder)
    return folder


@pytest.fixture
def workflow(checkpoints, monkeypatch):
    """The shipped workflow on tiny random weights, one second long."""
    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(checkpoints))
    nodes = json.loads(WORKFLOW.read_text())
    nodes["1"]["inputs"]["model_name"] = "tiny.safetensors"
    nodes["3"]["inputs"]["seconds"] = 1.0
    nodes["4"]["inputs"]["steps"] = 2
    return nodes


@pytest.fixture
def run(workflow, tmp_path, capsys):
    """Run the command line, in this process -> (exit code, lines of error, files left)."""
    headless.mount()
    main = importlib.import_module("phonofilm.headless.cli").main

    def call(*arguments, out=tmp_path / "out" / "clip.mp4"):
        code = main([save(workflow, tmp_path), *arguments, "--quiet", "--out", str(out)])
        return code, capsys.readouterr().err.splitlines(), files_in(tmp_path / "out")
    return call


def save(workflow, folder):
    path = folder / "workflow.json"
    path.write_text(json.dumps(workflow))
    return str(path)


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def start(*arguments, **options):
    return subprocess.Popen([sys.executable, "-m", "headless", *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_the_workflow_itself_runs(run, tmp_path):
    code, errors, left = run()
    assert code == 0 and not errors and left == [tmp_path / "out" / "clip.mp4"]


def cycle(workflow):
    workflow["3"]["inputs"]["model"] = ["4", 0]
    workflow["4"]["inputs"]["model"] = ["3", 0]


def set_input(node, **inputs):
    return lambda workflow: workflow[node]["inputs"].update(inputs)


REFUSED = {
    "cycle": (cycle, "cycle: Sampler (node 4)"),
    "missing node": (lambda w: w.pop("3"), "latent is linked to ['3', 0], which is not there"),
    "unknown node": (lambda w: w["4"].update(class_type="KSampler"), "there is no node KSampler here"),
    "missing input": (lambda w: w["4"]["inputs"].pop("steps"), "Sampler (node 4): steps is missing"),
    "wrong type of link": (set_input("4", latent=["2", 0]), "latent takes LATENT, not CONDITIONING"),
    "no such output": (set_input("4", model=["1", 9]), "output 9 of node 1, which has 4"),
    "wrong type of value": (set_input("4", steps="many"), "steps takes INT, not 'many'"),
    "socket with a value": (set_input("4", model="starter"), "model takes a link"),
    "0 s": (set_input("3", seconds=0), "seconds is 0.0, less than 1"),
    "10,000 s": (set_input("3", seconds=10000), "seconds is 10000.0, more than 10"),
    "NaN guidance": (set_input("4", picture_guidance=float("nan")), "picture_guidance is not a number"),
    "infinite guidance": (set_input("4", sound_guidance=float("inf")), "sound_guidance is inf, more than 30"),
    "unknown sampler": (set_input("4", sampler="dpmpp_2m"), "sampler is 'dpmpp_2m'; there is euler"),
    "unknown model": (set_input("1", model_name="none.safetensors"), "model_name is 'none.safetensors'; there is starter"),
    "nothing to run": (lambda w: w.pop("6"), "no output node"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_anything_runs(run, workflow, name):
    change, line = REFUSED[name]
    change(workflow)
    code, errors, left = run()
    assert code == 2 and len(errors) == 1 and line in errors[0] and not left


FAILS = {
    "empty prompt": (set_input("2", picture=" ", effects=""), "Prompt (node 2): The prompt is empty"),
    "unknown words only": (set_input("2", picture="a zyzzyva", effects=""), "knows none of these words: zyzzyva"),
    "odd size": (set_input("3", width=100, height=75), "makes 128x128 pictures, not 100x75"),
    "prefix that leads out": (set_input("6", filename_prefix="../../clip"), "leads out of the output folder"),
}


@pytest.mark.parametrize("name", FAILS)
def test_a_node_fails(run, workflow, name):
    change, line = FAILS[name]
    change(workflow)
    code, errors, left = run()
    assert code == 3 and len(errors) == 1 and line in errors[0] and not left


@pytest.mark.parametrize("content", ["truncated", "foreign", "noise"])
def test_damaged_weights(run, workflow, checkpoints, content):
    path = checkpoints / f"{content}.safetensors"
    if content == "truncated":
        whole = (checkpoints / "tiny.safetensors").read_bytes()
        path.write_bytes(whole[:len(whole) // 2])
    elif content == "foreign":
        save_file({"some.weight": torch.zeros(2, 2)}, path)
    else:
        path.write_bytes(os.urandom(500))
    workflow["1"]["inputs"]["model_name"] = path.name
    code, errors, left = run()
    assert code == 3 and len(errors) == 1 and path.name in errors[0] and not left


@pytest.mark.parametrize("setting, line", [
    ("nonsense=1", "there is no such setting"), ("steps", "write NAME=VALUE"), ("steps=x", "is not a number"), ("Sampler.picture=x", "there is no such setting")])
def test_bad_setting(run, setting, line):
    code, errors, left = run("--set", setting)
    assert code == 2 and len(errors) == 1 and line in errors[0] and not left


def test_setting_in_several_nodes(run, workflow):
    workflow["7"] = json.loads(json.dumps(workflow["2"]))
    code, errors, _ = run("--set", "prompt=a ball")
    assert code == 2 and "say which: 2.picture, 7.picture" in errors[0]


@pytest.mark.parametrize("content, line", [([], "not an API-format"), ({"1": 5}, "Node '1' has no class_type"), ({"nodes": [], "links": []}, "canvas workflow")])
def test_not_a_workflow(tmp_path, content, line):
    with pytest.raises(headless.mount().WorkflowError, match=line):
        headless.run(content, out=tmp_path / "clip.mp4")


def test_not_json(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(headless.mount().WorkflowError, match="is not JSON"):
        headless.run(tmp_path / "bad.json")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here that refuses even root")
def test_read_only_folder(run):
    code, errors, left = run(out="/proc/phonofilm/clip.mp4")
    assert code == 2 and len(errors) == 1 and "/proc/phonofilm" in errors[0] and not left


def test_no_room_for_the_file(workflow, tmp_path):
    """A file size limit stands in for a full disk: the write fails in the same place."""
    resource = pytest.importorskip("resource")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    process = start(save(workflow, tmp_path), "--quiet", "--out", tmp_path / "out" / "clip.mp4", preexec_fn=limit)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3 and len(errors.splitlines()) == 1 and "clip" in errors and not files_in(tmp_path / "out")


def test_cancel_in_mid_run(workflow, tmp_path):
    workflow["4"]["inputs"]["steps"] = 1000
    # a shell that runs the tests in the background has them ignore the signal
    heard = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)} if os.name == "posix" else {}
    process = start(save(workflow, tmp_path), "--out", tmp_path / "out" / "clip.mp4", **heard)
    assert any("Sampler" in line for line in process.stderr)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130 and time.monotonic() - began < 2
    assert not list((tmp_path / "out").iterdir())


def test_a_folder_takes_what_the_workflow_calls_it(run, tmp_path):
    code, _, left = run(out=f"{tmp_path / 'out'}/")
    code_again, _, left_again = run(out=tmp_path / "out")
    folder = tmp_path / "out" / "phonofilm"
    assert code == code_again == 0 and left == [folder / "clip_00001_.mp4"]
    assert sorted(left_again) == [folder / "clip_00001_.mp4", folder / "clip_00002_.mp4"]
