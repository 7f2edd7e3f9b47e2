"""The canvas template in a real browser: no node is missing, it is its API twin, it runs, and its video plays with sound."""
import json

import pytest

from comfyui_server import PACK, REPO

NAME = "text_to_av"
OTHERS = ("image_to_av", "video_to_sound", "sound_to_video", "image_and_sound_to_video", "redo_stem", "edit", "extend", "extend_long", "shot_list")


def opened(server, page, name):
    """The page with a template on its canvas, opened as the template browser opens it."""
    assert name in server.get("/workflow_templates")[PACK]
    template = server.get(f"/api/workflow_templates/{PACK}/{name}.json")
    # Start-up restores a workflow of its own and may come after ours.
    for _ in range(60):
        page.evaluate("template => app.loadGraphData(template)", template)
        page.wait_for_timeout(1000)
        if page.evaluate("() => app.graph.nodes.some(node => node.type === 'PhonofilmMux')"):
            return page
    pytest.fail("the template does not stay on the canvas")


@pytest.fixture(scope="module")
def canvas(server, page):
    return opened(server, page, NAME)


@pytest.fixture(scope="module", params=[NAME, *OTHERS])
def each(request, server, page):
    """(canvas, name of the template on it)"""
    for name in ("film.mp4", "picture.png"):  # those that the templates name, for the list to choose from
        (server.input / name).touch()
    page.evaluate("() => app.refreshComboInNodes()")
    return opened(server, page, request.param), request.param


def test_no_node_is_missing(each):
    canvas, _ = each
    missing = canvas.evaluate("() => app.graph.nodes.filter(node => !LiteGraph.registered_node_types[node.type]).map(node => node.type)")
    assert missing == []
    overlaps = canvas.evaluate("""() => {
        const boxes = app.graph.nodes.map(n => [n.pos[0], n.pos[1] - 30, n.pos[0] + n.size[0], n.pos[1] + n.size[1]]);
        return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]));
    }""")
    assert overlaps == []


def test_it_is_its_api_twin(each):
    canvas, name = each
    ours = json.loads((REPO / "workflows" / "api" / f"{name}.json").read_text())
    theirs = canvas.evaluate("async () => (await app.graphToPrompt()).output")
    assert bare(theirs) == bare(ours)


def bare(prompt):
    return {number: (node["class_type"], node["inputs"]) for number, node in prompt.items()}


def test_it_runs_and_its_video_plays_with_sound(canvas, model):
    canvas.evaluate("""model => { app.graph.nodes.find(node => node.type === 'PhonofilmLoadModel').widgets[0].value = model }""", model)
    canvas.evaluate("() => app.queuePrompt(0, 1)")
    canvas.wait_for_function("() => [...document.querySelectorAll('video')].some(video => video.readyState >= 2)")
    played = canvas.evaluate("""async () => {
        const video = document.querySelector('video');
        video.muted = false;
        await video.play();
        for (let i = 0; i < 100 && video.currentTime < 0.5; i++) await new Promise(done => setTimeout(done, 50));
        return {width: video.videoWidth, height: video.videoHeight, seconds: video.duration, at: video.currentTime,
                picture: video.webkitVideoDecodedByteCount, sound: video.webkitAudioDecodedByteCount};
    }""")
    assert (played["width"], played["height"]) == (128, 128)
    assert abs(played["seconds"] - 97 / 24) < 0.1
    assert played["at"] >= 0.5 and played["picture"] > 0 and played["sound"] > 0
    assert not [problem for problem in canvas.problems if PACK in problem.lower()]
