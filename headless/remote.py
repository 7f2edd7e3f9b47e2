"""The same workflow on a running ComfyUI: queue it, wait, fetch what it saved."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

from . import workflow as flow
from .api import destination, node_classes, writable_folder
from .errors import RunError, WorkflowError
from .session import Progress

POLL_SECONDS = 0.5
TIMEOUT_SECONDS = 60


def run(source, settings, *, server, seed=None, out=None, on_progress):
    """Like headless.run, on the ComfyUI at the URL `server`; a KeyboardInterrupt cancels the job there too."""
    workflow = flow.read(source)
    flow.apply(workflow, node_classes(), settings, seed)
    server = server.rstrip("/")
    out, to_folder = destination(out)
    with writable_folder(out if to_folder else out.parent) as scratch:
        items = wait(server, workflow, on_progress)
        if not to_folder and len(items) != 1:
            raise RunError(f"The server saved {len(items)} files, not one; give --out a folder that exists.")
        files = []
        for item in items:
            target = out / item["filename"] if to_folder else out.with_suffix(Path(item["filename"]).suffix)
            part = Path(scratch) / item["filename"]
            part.write_bytes(request(f"{server}/view?{urllib.parse.urlencode(item)}"))
            os.replace(part, target)
            files.append(target)
    return files


def wait(server, workflow, on_progress):
    """Queue the workflow and return what its output nodes saved, as {filename, subfolder, type}."""
    job = str(uuid.uuid4())
    post(server, "/prompt", {"prompt": workflow, "prompt_id": job})
    began = time.monotonic()
    try:
        while True:
            history = json.loads(request(f"{server}/history/{job}")).get(job)
            if history and history.get("status", {}).get("completed") is not None:
                break
            on_progress(Progress(1, 1, f"{server}, {where(server, job)}, {time.monotonic() - began:.0f} s", 0.0))
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        post(server, f"/api/jobs/{job}/cancel", {})
        raise
    for kind, detail in history["status"]["messages"]:
        if kind == "execution_error":
            raise RunError(f"{detail['node_type'].removeprefix(flow.PREFIX)} (node {detail['node_id']}): {' '.join(detail['exception_message'].split())}")
        if kind == "execution_interrupted":
            raise RunError("The run was cancelled on the server.")
    return [item for output in history["outputs"].values() for items in output.values()
            for item in items if isinstance(item, dict) and item.get("type") == "output"]


def where(server, job):
    queue = json.loads(request(f"{server}/queue"))
    ahead = sorted(item[0] for item in queue["queue_pending"])
    for item in queue["queue_pending"]:
        if item[1] == job:
            return f"waiting behind {ahead.index(item[0]) + len(queue['queue_running'])}"
    return "running"


def post(server, path, body):
    return request(server + path, json.dumps(body).encode())


def request(url, body=None):
    """The bytes of a reply. Raises WorkflowError where the server refuses the workflow, RunError where it does not answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=TIMEOUT_SECONDS) as reply:
            return reply.read()
    except urllib.error.HTTPError as error:
        reply = error.read()
        if error.code == 400 and url.endswith("/prompt"):
            raise WorkflowError(refusal(json.loads(reply))) from None
        raise RunError(f"{url} answered {error.code} {error.reason}.") from None
    except (OSError, ValueError) as error:
        raise RunError(f"No ComfyUI answers at {url} ({getattr(error, 'reason', error)}); is it running?") from None


def refusal(reply):
    faults = [f"node {number}: {fault['message']} ({fault['details']})" for number, node in reply.get("node_errors", {}).items() for fault in node["errors"]]
    return "The server refuses the workflow: " + "; ".join(faults or [f"{reply['error']['message']} {reply['error']['details']}".strip()])
