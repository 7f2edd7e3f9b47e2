"""--server against a stand-in that answers as ComfyUI does; tests/comfy has the real one."""

import importlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import headless

WORKFLOW = str(Path(__file__).resolve().parent.parent / "workflows" / "api" / "text_to_av.json")


class Fake(BaseHTTPRequestHandler):
    """Runs nothing: `script` says how /prompt and /history answer, `asked` keeps what came in."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        code, answer = self.server.script.get(self.path, (200, {}))
        self.reply(code, json.dumps(answer).encode())

    def do_GET(self):
        if self.path.startswith("/history/"):
            job = self.path.rpartition("/")[2]
            return self.reply(200, json.dumps({job: self.server.history.pop(0)} if self.server.history else {}).encode())
        if self.path == "/queue":
            return self.reply(200, json.dumps({"queue_running": [], "queue_pending": []}).encode())
        self.reply(200, b"an mp4")

    def reply(self, code, content):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server():
    server = HTTPServer(("127.0.0.1", 0), Fake)
    server.asked, server.script, server.history = [], {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(server, tmp_path, capsys):
    headless.mount()
    main = importlib.import_module("phonofilm.headless.cli").main

    def call(*arguments, url=f"http://127.0.0.1:{server.server_port}"):
        code = main([WORKFLOW, "--server", url, "--quiet", "--out", str(tmp_path / "clip.mp4"), *arguments])
        return code, capsys.readouterr().err.strip(), [path.name for path in tmp_path.iterdir()]
    return call


def finished(outputs, *messages):
    return {"status": {"completed": not messages, "messages": list(messages)}, "outputs": outputs}


def test_fetches_what_the_server_saved(run, server, tmp_path):
    server.history = [{"status": {}}, finished({"6": {"images": [{"filename": "clip_00001_.mp4", "subfolder": "phonofilm", "type": "output"}], "animated": [True]}})]
    assert run("--seed", "5", "--set", "prompt=rain") == (0, "", ["clip.mp4"])
    assert (tmp_path / "clip.mp4").read_bytes() == b"an mp4"
    sent = server.asked[0][1]["prompt"]
    assert sent["4"]["inputs"]["seed"] == 5 and sent["2"]["inputs"]["picture"] == "rain"


def test_failed_node(run, server):
    detail = {"node_id": "4", "node_type": "PhonofilmSampler", "exception_message": "out of\nmemory"}
    server.history = [finished({}, ["execution_error", detail])]
    assert run() == (3, "error: Sampler (node 4): out of memory", [])


def test_refused(run, server):
    fault = {"message": "Value not in list", "details": "sampler: 'x' not in ['euler']"}
    server.script["/prompt"] = (400, {"error": {"message": "Prompt outputs failed validation", "details": ""}, "node_errors": {"4": {"errors": [fault]}}})
    code, errors, left = run()
    assert code == 2 and "node 4: Value not in list (sampler: 'x'" in errors and not left


def test_cancel_reaches_the_server(run, server, monkeypatch):
    remote = importlib.import_module("phonofilm.headless.remote")

    def interrupt(_):
        raise KeyboardInterrupt
    monkeypatch.setattr(remote.time, "sleep", interrupt)
    code, _, left = run()
    job = server.asked[0][1]["prompt_id"]
    assert code == 130 and server.asked[-1][0] == f"/api/jobs/{job}/cancel" and not left


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense"])
def test_nobody_there(run, url):
    code, errors, left = run(url=url)
    assert code == 3 and "No ComfyUI answers" in errors and not left
