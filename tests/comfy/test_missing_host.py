"""ComfyUI starts where a package of ours is missing, and its log says in one line what to install."""
import re

from comfyui_server import PACK, Server
from hidden import without


def test_the_log_says_what_to_install(comfyui, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(without(tmp_path, "torchaudio")))
    with Server(comfyui, tmp_path / "base") as server:
        info, log = server.get("/object_info"), server.log
        assert not [name for name in info if name.startswith("Phonofilm")]
        assert f"/extensions/{PACK}/phonofilm.js" in server.get("/extensions")
    (line,) = [line for line in log.splitlines() if "Phonofilm" in line]
    assert re.search(r"Phonofilm lacks torchaudio\. Install it, then start again: \S+ -m pip install torchaudio$", line)
