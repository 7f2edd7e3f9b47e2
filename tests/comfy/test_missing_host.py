"""ComfyUI starts where a package of ours is missing, and its log says in one line what to install.

ComfyUI 0.33 itself needs all that we need, so that the package is hidden from the pack's own look-up alone.
"""
import re

from comfyui_server import PACK, Server
from hidden import LOOK_UP, without


def test_the_log_says_what_to_install(comfyui, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(without(tmp_path, "einops", LOOK_UP)))
    with Server(comfyui, tmp_path / "base") as server:
        info, log = server.get("/object_info"), server.log
        assert not [name for name in info if name.startswith("Phonofilm")]
        assert f"/extensions/{PACK}/phonofilm.js" in server.get("/extensions")
    (line,) = [line for line in log.splitlines() if "Phonofilm" in line]
    assert re.search(r"Phonofilm lacks einops\. Install it, then start again: \S+ -m pip install einops$", line)
