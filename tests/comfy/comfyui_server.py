"""A real ComfyUI server as a child process, spoken to over HTTP and its websocket.

Nothing here imports comfy: the tests see what a user's browser or script would see.
"""
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

REPO = Path(__file__).resolve().parents[2]
PACK = "phonofilm"


def find_comfyui():
    """The root of a ComfyUI checkout, or None: COMFYUI_PATH, then ~/comfy/ComfyUI, then two folders up."""
    named = os.environ.get("COMFYUI_PATH")
    candidates = [Path(named)] if named else [Path.home() / "comfy" / "ComfyUI", REPO.parents[1]]
    for path in candidates:
        if (path / "main.py").is_file() and (path / "comfy").is_dir():
            return path
    return None


@dataclass
class Run:
    """What one /prompt did: `status` is success, error or interrupted; times are seconds on time.monotonic."""
    prompt_id: str
    status: str
    outputs: dict
    messages: list = field(default_factory=list)
    previews: int = 0
    started: float = 0.0
    ended: float = 0.0

    @property
    def error(self):
        """The exception message of the failed node, or an empty string."""
        for kind, data in self.messages:
            if kind == "execution_error":
                return data["exception_message"].strip()
        return ""


class Rejected(Exception):
    """The server refused the prompt; `reply` is its JSON."""

    def __init__(self, reply):
        super().__init__(json.dumps(reply))
        self.reply = reply

    @property
    def lines(self):
        """Every error line of the reply, in the words the user would read."""
        found = [self.reply["error"]["message"]]
        for node in self.reply.get("node_errors", {}).values():
            found += [f'{e["message"]}: {e["details"]}' for e in node["errors"]]
        return found


class Server:
    """Starts on entry, ends on exit. `base` becomes --base-directory with the pack, and the tests' own nodes, linked into custom_nodes."""

    def __init__(self, comfyui, base, options=()):
        self.comfyui, self.base, self.options = Path(comfyui), Path(base), list(options)
        self.output, self.input = self.base / "output", self.base / "input"
        self.checkpoints = self.base / "models" / "checkpoints"
        self.loras = self.base / "models" / "loras"
        self.log_path = self.base / "server.log"

    def __enter__(self):
        for folder in (self.output, self.input, self.checkpoints, self.loras, self.base / "user", self.base / "custom_nodes"):
            folder.mkdir(parents=True, exist_ok=True)
        for name, folder in ((PACK, REPO), ("native", REPO / "tests" / "comfy" / "native")):
            link = self.base / "custom_nodes" / name
            if not link.exists():
                link.symlink_to(folder, target_is_directory=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "main.py", "--cpu", "--port", str(self.port), "--base-directory", str(self.base),
                   "--database-url", f"sqlite:///{self.base / 'comfyui.db'}", "--disable-auto-launch",
                   "--preview-method", "auto", *self.options]
        env = dict(os.environ, OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen(command, cwd=self.comfyui, env=env, stdout=self.log_file,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        self._wait_until_ready(300)
        return self

    def __exit__(self, *exc):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(60)
        self.log_file.close()

    def _wait_until_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("ComfyUI ended while starting:\n" + self.log[-3000:])
            try:
                self.get("/system_stats")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        self.__exit__()
        raise RuntimeError("ComfyUI was not ready in time:\n" + self.log[-3000:])

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:
            return json.load(reply)

    def post(self, path, body):
        """JSON in, JSON out ({} where the server answers with nothing)."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read() or b"{}")

    def view(self, item):
        """The bytes of one {filename, subfolder, type} of an output."""
        with urllib.request.urlopen(f"{self.url}/view?{urllib.parse.urlencode(item)}", timeout=60) as reply:
            return reply.read()

    def run(self, prompt, timeout=120, on_message=None, extra_data=None):
        """Queue an API workflow and wait for its end. `on_message(kind, data)` sees every websocket message.

        Raises Rejected where the server refuses the prompt and TimeoutError where it does not end in time.
        """
        return asyncio.run(asyncio.wait_for(self._run(prompt, on_message, extra_data or {}), timeout))

    async def _run(self, prompt, on_message, extra_data):
        client = uuid.uuid4().hex
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"{self.url}/ws?clientId={client}", max_msg_size=0) as socket_:
                body = {"prompt": prompt, "client_id": client, "extra_data": extra_data}
                async with session.post(self.url + "/prompt", json=body) as reply:
                    answer = await reply.json()
                    if reply.status != 200:
                        raise Rejected(answer)
                run = Run(answer["prompt_id"], "running", {}, started=time.monotonic())
                async for message in socket_:
                    if message.type == aiohttp.WSMsgType.BINARY:
                        run.previews += 1
                        if on_message:
                            on_message("preview", message.data)
                        continue
                    if message.type != aiohttp.WSMsgType.TEXT:
                        break
                    event = json.loads(message.data)
                    kind, data = event["type"], event.get("data") or {}
                    if data.get("prompt_id", run.prompt_id) != run.prompt_id:
                        continue
                    run.messages.append((kind, data))
                    if on_message:
                        await asyncio.to_thread(on_message, kind, data)
                    if kind in ("execution_success", "execution_error", "execution_interrupted"):
                        run.status = kind.removeprefix("execution_")
                        break
                run.ended = time.monotonic()
            # The history entry is written after the websocket was told.
            while run.prompt_id not in (history := await self._json(session, f"/history/{run.prompt_id}")):
                await asyncio.sleep(0.05)
            run.outputs = history[run.prompt_id]["outputs"]
        return run

    async def _json(self, session, path):
        async with session.get(self.url + path) as reply:
            return await reply.json()
