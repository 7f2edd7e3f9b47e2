"""Every canvas template in a real browser, in both renderers: what it shows, what it sends, what it keeps, what it makes and plays."""
import json

import pytest
import torch

from comfyui_server import PACK, REPO
from media.reading import read_clip
from media.sheet import write_png
from media.writing import write_clip
from tiny import save_separator

NAMES = sorted(path.stem for path in (REPO / "workflows").glob("*.json"))
NATIVE = ("ltx_", "h3_")  # on models that ComfyUI loads: their files are not here, and tests/comfy/test_native_templates.py runs them on tiny ones
STARTER = [name for name in NAMES if not name.startswith(NATIVE)]
STEMS = ("dialogue", "music", "effects", "ambience")
SECONDS, RATE, SAMPLE_RATE = 2.0, 24, 48000


@pytest.fixture(scope="module", autouse=True)
def inputs(server):
    """The files that the templates begin with, small: a film of flashes and clicks, with stems, and two pictures; and a separator."""
    hits = (0.25, 0.75, 1.125, 1.625)
    count = round(SECONDS * RATE)
    age = (torch.arange(count)[:, None] / RATE - torch.tensor(hits)).masked_fill(torch.arange(count)[:, None] / RATE < torch.tensor(hits), 9).amin(1)
    frames = (0.2 + 0.7 * torch.exp(-8 * age))[:, None, None, None].expand(count, 128, 128, 3)
    stems = {name: 0.01 * torch.randn(2, round(SECONDS * SAMPLE_RATE), generator=torch.Generator().manual_seed(k)) for k, name in enumerate(STEMS)}
    for time in hits:
        stems["effects"][:, round(time * SAMPLE_RATE):][:, :480] += 0.4
    write_clip(server.input / "film.mp4", frames, RATE, sum(stems.values()), SAMPLE_RATE, stems=stems)
    for name, frame in (("picture.png", frames[6]), ("last.png", frames[0])):
        write_png(server.input / name, (frame * 255).round().byte())
    save_separator(server.checkpoints)


@pytest.fixture(scope="module")
def ready(inputs, page):
    """The page, opened when those files were there, so that its lists know them; what start-up asked of the network and said in the console is forgotten."""
    page.start_up = page.evaluate("""() => JSON.stringify(app.graph.serialize()).match(/https:[^"\\s)]+\\.safetensors/g) ?? []""")
    page.problems.clear()
    page.outside.clear()
    return page


def without_start_up(canvas, said):
    """What was said, or asked of the network, but for the models of the workflow that start-up opens: the frontend looks for them at any time after."""
    return [line for line in said if not any(url in line for url in canvas.start_up)]


@pytest.fixture(scope="module", params=NAMES)
def each(request, server, ready):
    """(canvas, name of the template on it), opened as the template browser opens it."""
    assert request.param in server.get("/workflow_templates")[PACK]
    template = server.get(f"/api/workflow_templates/{PACK}/{request.param}.json")
    ready.evaluate("template => app.loadGraphData(template)", template)
    return ready, request.param


def test_no_node_is_missing_and_none_lies_on_another(each):
    canvas, _ = each
    missing = canvas.evaluate("() => app.graph.nodes.filter(node => !LiteGraph.registered_node_types[node.type]).map(node => node.type)")
    assert missing == []
    # Nodes 2.0 tells the graph the sizes of its nodes once they are drawn.
    canvas.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    overlaps = canvas.evaluate("""() => {
        const boxes = app.graph.nodes.map(n => [n.type, n.pos[0], n.pos[1] - 30, n.pos[0] + n.size[0], n.pos[1] + n.size[1]]);
        return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a[1] < b[3] && b[1] < a[3] && a[2] < b[4] && b[2] < a[4]).map(b => [a, b]));
    }""")
    assert overlaps == []


def test_it_is_its_api_twin(each):
    canvas, name = each
    assert prompt(canvas) == bare(json.loads((REPO / "workflows" / "api" / f"{name}.json").read_text()))


def prompt(canvas):
    return bare(canvas.evaluate("async () => (await app.graphToPrompt()).output"))


def bare(prompt):
    """Without what the classic renderer sends along of its own: the preview of a film in Load AV, which is no input."""
    return {number: (node["class_type"], {name: value for name, value in node["inputs"].items() if name != "video-preview"}) for number, node in prompt.items()}


SAVE = """() => JSON.parse(JSON.stringify(app.graph.serialize().nodes.map(({id, type, pos, title, mode, properties, widgets_values, inputs, outputs}) =>
    ({id, type, pos: [...pos], title, mode, properties, widgets_values, inputs, outputs})).sort((a, b) => a.id - b.id)))"""


def test_every_setting_is_kept_when_saved_and_reloaded(each):
    """With every number, choice and text changed from what the template had."""
    canvas, _ = each
    canvas.evaluate("""() => {
        for (const node of app.graph.nodes) for (const widget of node.widgets ?? []) {
            const {values, min = -Infinity, max = Infinity} = widget.options ?? {};
            if (widget.type === 'number') widget.value = widget.value + 1 > max ? Math.max(min, widget.value - 1) : widget.value + 1;
            if (widget.type === 'toggle') widget.value = !widget.value;
            if (widget.type === 'text' || widget.type === 'customtext') widget.value += ' and more';
            if (widget.type === 'combo' && Array.isArray(values)) widget.value = values.find(value => value !== widget.value) ?? widget.value;
        }
    }""")
    before, sent = canvas.evaluate(SAVE), prompt(canvas)
    canvas.evaluate("() => app.loadGraphData(JSON.parse(JSON.stringify(app.graph.serialize())))")
    assert canvas.evaluate(SAVE) == before
    assert prompt(canvas) == sent


def test_nothing_goes_wrong_and_nothing_leaves_the_server(each):
    """While a template is opened, changed, saved and reloaded."""
    canvas, _ = each
    assert without_start_up(canvas, canvas.problems) == []
    assert without_start_up(canvas, canvas.outside) == []


@pytest.fixture(scope="module", params=STARTER)
def made(request, server, ready, model):
    """(canvas, name of a starter template, what its file is called), run in few steps and shown: its video is ready to play."""
    template = server.get(f"/api/workflow_templates/{PACK}/{request.param}.json")
    prefix = f"{request.param}_{ready.renderer}"
    ready.evaluate("""async ([template, model, prefix]) => {
        await app.loadGraphData(template);
        const less = {model_name: () => model, filename_prefix: () => prefix, steps: () => 1, seconds: () => 1, length: value => value && 1,
                      start: value => value && 0.5, end: () => 1};
        for (const node of app.graph.nodes) for (const widget of node.widgets ?? []) {
            if (node.type === 'PhonofilmSplitStems') widget.value = 'tiny_separator.safetensors';
            else if (widget.name in less) widget.value = less[widget.name](widget.value);
        }
        app.canvas.centerOnNode(app.graph.nodes.find(node => node.type === 'PhonofilmMux'));
        app.queuePrompt(0, 1);
    }""", [template, model, prefix])
    ended = ready.wait_for_function("""prefix => {
        if (app.lastExecutionError || app.lastNodeErrors) return JSON.stringify([app.lastExecutionError, app.lastNodeErrors]);
        const video = [...document.querySelectorAll('video')].find(video => video.currentSrc.includes(prefix));
        return video?.readyState >= 2 && 'shown';
    }""", arg=prefix, polling=500).json_value()
    assert ended == "shown"
    return ready, request.param, prefix


def test_its_video_plays_picture_and_sound(made, server):
    """What plays is the file that Mux wrote, at its length."""
    canvas, _, prefix = made
    played = canvas.evaluate("""async prefix => {
        const video = [...document.querySelectorAll('video')].find(video => video.currentSrc.includes(prefix));
        video.muted = false;
        await video.play();
        for (let i = 0; i < 400 && video.currentTime < 0.3; i++) await new Promise(done => setTimeout(done, 50));
        video.pause();
        return {width: video.videoWidth, height: video.videoHeight, seconds: video.duration, at: video.currentTime,
                picture: video.webkitVideoDecodedByteCount, sound: video.webkitAudioDecodedByteCount};
    }""", prefix)
    assert played["at"] >= 0.3 and played["picture"] > 0 and played["sound"] > 0
    (file,) = server.output.rglob(f"{prefix}_*.mp4")
    clip = read_clip(file)
    assert (played["height"], played["width"]) == tuple(clip.frames.shape[1:3])
    assert abs(played["seconds"] - len(clip.frames) / float(clip.rate)) < 0.1 and clip.waveform.abs().max() > 0


def test_running_it_leaves_no_error_and_asks_nobody(made):
    canvas, *_ = made
    assert without_start_up(canvas, canvas.problems) == []
    assert without_start_up(canvas, canvas.outside) == []
