"""The widgets under a finger, in a real browser: it moves them, and neither the node nor the canvas goes with it."""
import pytest

SHOTS = "3 | a ball\n2 | a hammer\n1 | rain"
CASES = {  # node, what is set before, where the finger is put, how far it goes in px, the input that it changes, what that is then
    "fader": ("PhonofilmMixStems", {}, "[aria-label='dialogue gain'] .phonofilm-console-cap", (0, 40), "dialogue_gain", lambda gain: -18 < gain < -12),
    "pan": ("PhonofilmMixStems", {}, "[aria-label='music pan'] .phonofilm-console-cap", (-15, 0), "music_pan", lambda pan: -0.75 < pan < -0.4),
    "hit": ("PhonofilmScore", {"text": "seconds 4\neffects 1 0.8\nmusic 2 1"}, ".phonofilm-lane-hit[data-index='0'] .phonofilm-lane-head", (60, 0), "text",
            lambda text: 1.2 < float(text.splitlines()[1].split()[1]) < 2.5 and text.splitlines()[2] == "music 2 1"),
    "shot": ("PhonofilmShotList", {"text": SHOTS}, ".phonofilm-shots-handle", (0, 75), "text", lambda text: text.splitlines()[1:2] == SHOTS.splitlines()[:1]),
}
BUILD = """([kind, values]) => {
    window.placeWas = null;
    app.graph.clear();
    const node = LiteGraph.createNode(kind);
    node.pos = [300, 60];
    app.graph.add(node);
    for (const [name, value] of Object.entries(values)) node.widgets.find(widget => widget.name === name).value = value;
    app.canvas.ds.scale = 1;
    app.canvas.ds.offset = [0, 0];
    app.canvas.setDirty(true, true);
}"""
UP = "by => { app.canvas.ds.offset[1] -= by; app.canvas.setDirty(true, true); }"
PLACE = "() => JSON.stringify([app.canvas.ds.scale, ...app.canvas.ds.offset, ...app.graph.nodes[0].pos, ...app.graph.nodes[0].size])"
VALUE = "name => app.graph.nodes[0].widgets.find(widget => widget.name === name).value"
TOP = 500  # px down the page at which it is pressed
STILL = """([selector, top]) => {
    const box = document.querySelector(selector)?.getBoundingClientRect();
    const now = JSON.stringify(box), same = window.placeWas === now;
    window.placeWas = now;
    return same && box?.width > 0 && (top === null || Math.abs(box.top - top) < 1);
}"""


@pytest.fixture(scope="module")
def finger(page):
    """Drags by touch from (x, y) by (across, down) px."""
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def drag(x, y, across, down):
        for k in range(7):
            tools.send("Input.dispatchTouchEvent", {"type": "touchMove" if k else "touchStart", "touchPoints": [{"x": x + across * k / 6, "y": y + down * k / 6}]})
        tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    return drag


@pytest.mark.parametrize("case", CASES)
def test_a_finger_moves_what_it_is_on_and_nothing_else(page, finger, case):
    kind, values, where, by, name, right = CASES[case]
    page.evaluate(BUILD, [kind, values])
    page.wait_for_function(STILL, arg=[where, None], polling=150)
    page.evaluate(UP, page.locator(where).first.bounding_box()["y"] - TOP)
    page.wait_for_function(STILL, arg=[where, TOP], polling=150)
    box, before = page.locator(where).first.bounding_box(), page.evaluate(PLACE)
    finger(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, *by)
    page.wait_for_function(f"([name, was]) => ({VALUE})(name) !== was", arg=[name, values.get(name, 0)])
    assert right(page.evaluate(VALUE, name)) and page.evaluate(PLACE) == before
