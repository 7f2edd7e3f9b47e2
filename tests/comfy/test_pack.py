"""How the pack looks to ComfyUI: it loads fast, and every node explains itself."""
import re

import torch
from safetensors.torch import save_file

from comfyui_server import PACK

NODES = {"PhonofilmLoadModel", "PhonofilmPrompt", "PhonofilmScore", "PhonofilmEmptyLatent", "PhonofilmSampler",
         "PhonofilmDecode", "PhonofilmMux"}


def test_loads_in_under_half_a_second(server):
    lines = re.findall(rf"([\d.]+) seconds(.*): \S*{PACK}\n", server.log)
    assert lines, server.log[-2000:]
    assert all(float(seconds) < 0.5 and "FAILED" not in note for seconds, note in lines), lines


def test_every_node_is_there_with_tooltips(server, tiny):
    info = server.get("/object_info")
    assert NODES <= info.keys()
    for name in NODES:
        entry = info[name]
        assert entry["description"] and entry["search_aliases"]
        inputs = {**entry["input"].get("required", {}), **entry["input"].get("optional", {})}
        assert all(spec[1].get("tooltip") for spec in inputs.values()), name


def test_models_are_the_starter_and_files_that_hold_one(server, tiny):
    save_file({"weight": torch.zeros(2)}, server.checkpoints / "foreign.safetensors")
    (server.checkpoints / "empty.safetensors").write_bytes(b"")
    spec = server.get("/object_info/PhonofilmLoadModel")["PhonofilmLoadModel"]["input"]["required"]["model_name"]
    names = spec[1].get("options") or spec[0]
    assert names[0] == "starter" and tiny in names
    assert not {"foreign.safetensors", "empty.safetensors"} & set(names)
