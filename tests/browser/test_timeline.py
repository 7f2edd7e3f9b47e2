"""The sync timeline in a real browser: it shows what the node measured, plays it, and its nudge is the node's own input."""
import json

import pytest

from bench.patterns import SAMPLE_RATE, picture, sound
from comfyui_server import PACK
from media.writing import write_clip
from running import run

LATE = 0.0735
BUILD = """async file => {
    const add = (kind, x, y) => { const node = LiteGraph.createNode(kind); node.pos = [x, y]; app.graph.add(node); return node; };
    const video = add("LoadVideo", 20, 80), meter = add("PhonofilmSyncMeter", 320, 80);
    video.widgets.find(widget => widget.name === "file").value = file;
    video.connect(0, meter, meter.inputs.findIndex(input => input.name === "video"));
    for (const output of [0, 1]) meter.connect(output, add("PreviewAny", 1000, 80 + 400 * output), 0);
    app.canvas.ds.scale = 1;
    app.canvas.ds.offset = [0, 0];
    app.canvas.setDirty(true, true);
}"""
TOLD = "() => app.graph.nodes.filter(node => node.type === 'PreviewAny').map(node => app.nodeOutputs[node.id].text[0])"
METER = "app.graph.nodes.find(node => node.type === 'PhonofilmSyncMeter')"
NUDGE = f"() => {METER}.widgets.find(widget => widget.name === 'nudge_ms').value"


def told(canvas):
    """What the previews show after a run: the offset, the report."""
    run(canvas)
    return canvas.evaluate(TOLD)


@pytest.fixture(scope="module")
def canvas(server, page):
    """The page with Load Video, Sync Meter and what shows its offset and report, not yet run."""
    pattern = picture("flash", 2)
    write_clip(server.input / "late.mp4", pattern.frames, pattern.rate, sound("flash", pattern.times, 2, LATE, "music"), SAMPLE_RATE)
    # Start-up restores a workflow of its own and may come after ours.
    for _ in range(60):
        page.evaluate("() => app.graph.clear()")
        page.evaluate(BUILD, "late.mp4")
        page.wait_for_timeout(1000)
        if page.evaluate("() => app.graph.nodes.length") == 4:
            return page
    pytest.fail("the graph does not stay on the canvas")


@pytest.fixture(scope="module")
def measured(canvas):
    """(canvas after a run with no nudge, the offset output, the report)."""
    assert "Run the workflow" in canvas.locator(".phonofilm-timeline").inner_text()
    offset, report = told(canvas)
    canvas.locator(".phonofilm-timeline .number").wait_for()
    return canvas, float(offset), json.loads(report)


@pytest.fixture
def fresh(measured):
    """The same with no nudge, the sound row as it is, at the beginning."""
    canvas = measured[0]
    slider(canvas).press("Home")
    canvas.get_by_role("button", name="Sound as it was measured").click()
    canvas.get_by_role("slider", name="Position in the clip").press("Home")
    return measured


def seconds_of(canvas, marks):
    return canvas.locator(marks).evaluate_all("all => all.map(one => Number(one.dataset.seconds))")


def places_of(canvas, marks):
    """Pixels across the page of the middle of each mark."""
    return canvas.locator(marks).evaluate_all("all => all.map(one => { const box = one.getBoundingClientRect(); return box.left + box.width / 2; })")


def slider(canvas):
    return canvas.get_by_role("slider", name="Nudge")


def time_of(canvas):
    return canvas.evaluate("() => document.querySelector('.phonofilm-timeline video').currentTime")


def test_marks_agree_with_the_report(fresh):
    canvas, offset, report = fresh
    assert report["output_ms"] == pytest.approx(offset, abs=0.01) and report["offset_ms"] == pytest.approx(1000 * LATE, abs=1)
    for how in ("seen", "heard"):
        times = [event["time"] for event in report[how]]
        assert seconds_of(canvas, f".mark.{how}") == times
        joined = {pair[how] for pair in report["pairs"]}
        assert seconds_of(canvas, f".mark.{how}.matched") == [time for time in times if time in joined]
        assert seconds_of(canvas, f".mark.{how}.alone") == [time for time in times if time not in joined]
    links = canvas.locator(".link").evaluate_all("all => all.map(one => [one.dataset.seen, one.dataset.heard, one.dataset.ms].map(Number))")
    assert links == [[pair["seen"], pair["heard"], pair["offset_ms"]] for pair in report["pairs"]]
    words = canvas.locator(".phonofilm-timeline-verdict").inner_text()
    assert f"{report['offset_ms']:.1f} ms" in words and "sound late" in words and report["grade"] in words and f"{report['low_ms']:.1f} ms to {report['high_ms']:.1f} ms" in words
    assert set(canvas.locator(".link").evaluate_all("all => all.map(one => one.classList[1])")) == {report["grade"]}


def test_marks_stand_where_they_happen(fresh):
    canvas, _, report = fresh
    times = [event["time"] for how in ("seen", "heard") for event in report[how]]
    places = places_of(canvas, ".mark.seen") + places_of(canvas, ".mark.heard")
    per_second = (places[-1] - places[0]) / (times[-1] - times[0])
    assert places == pytest.approx([places[0] + per_second * (time - times[0]) for time in times], abs=1)


def test_a_click_moves_the_player(fresh):
    canvas, _, report = fresh
    for index in (3, 1):
        canvas.locator(".mark.seen").nth(index).click()
        assert time_of(canvas) == pytest.approx(report["seen"][index]["time"], abs=0.02)
    before = time_of(canvas)
    canvas.keyboard.press("ArrowRight")
    assert time_of(canvas) - before == pytest.approx(1 / 24, abs=0.03)
    position = canvas.get_by_role("slider", name="Position in the clip")
    assert float(position.get_attribute("aria-valuenow")) == pytest.approx(time_of(canvas), abs=0.01)
    canvas.wait_for_function("() => document.querySelector('.phonofilm-timeline video').readyState >= 2")
    heard = canvas.locator(".mark.heard.matched").nth(2)
    heard.click()
    assert time_of(canvas) == pytest.approx(float(heard.get_attribute("data-seconds")), abs=0.02) and canvas.evaluate(NUDGE) == 0


def test_keys_nudge_the_sound_and_the_next_run_knows_it(fresh):
    canvas, offset, report = fresh
    before = places_of(canvas, ".mark.heard")
    for _ in range(2):
        slider(canvas).press("Shift+ArrowLeft")
    slider(canvas).press("ArrowRight")
    assert canvas.evaluate(NUDGE) == 19
    assert "19.0 ms earlier" in slider(canvas).get_attribute("aria-valuetext") and float(slider(canvas).get_attribute("aria-valuenow")) == -19
    after = places_of(canvas, ".mark.heard")
    gap = report["heard"][-1]["time"] - report["heard"][0]["time"]
    moved = (before[0] - after[0]) * gap / (before[-1] - before[0])
    assert 1000 * moved == pytest.approx(offset + 19, abs=3), "the row stands where the offset output puts the sound"
    prompt = canvas.evaluate("async () => (await app.graphToPrompt()).output")
    assert next(node for node in prompt.values() if node["class_type"] == "PhonofilmSyncMeter")["inputs"]["nudge_ms"] == 19
    again, said = told(canvas)
    assert float(again) == pytest.approx(offset + 19, abs=0.01) and json.loads(said)["nudge_ms"] == 19
    assert json.loads(said)["offset_ms"] == report["offset_ms"]


def test_the_row_is_dragged_and_undone(fresh):
    canvas, _, report = fresh
    places = places_of(canvas, ".mark.seen")
    per_second = (places[-1] - places[0]) / (report["seen"][-1]["time"] - report["seen"][0]["time"])
    box = canvas.locator(".phonofilm-timeline .grip").bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] - 8
    canvas.mouse.move(x, y)
    canvas.mouse.down()
    canvas.mouse.move(x + 10, y, steps=2)
    canvas.mouse.move(x + 20, y, steps=2)
    canvas.mouse.up()
    assert canvas.evaluate(NUDGE) == pytest.approx(-20_000 / per_second, abs=2), "later sound is less to take away"
    canvas.keyboard.press("Control+z")
    canvas.wait_for_function(f"() => ({NUDGE})() === 0")


def test_it_follows_the_widget(fresh):
    canvas = fresh[0]
    canvas.evaluate(f"() => {{ const widget = {METER}.widgets.find(widget => widget.name === 'nudge_ms'); widget.value = -12.5; widget.callback?.(-12.5); }}")
    canvas.wait_for_function("() => document.querySelector('.phonofilm-timeline .grip').getAttribute('aria-valuenow') === '12.5'")
    assert "12.5 ms later" in canvas.locator(".phonofilm-timeline-verdict").inner_text()


def test_it_plays_and_the_nudge_is_heard(fresh):
    canvas = fresh[0]
    canvas.evaluate("""() => {
        window.ahead = [];  // seconds that the sound which begins is ahead of the picture, each time that it is set
        const video = document.querySelector(".phonofilm-timeline video"), start = AudioBufferSourceNode.prototype.start;
        video.loop = true;
        AudioBufferSourceNode.prototype.start = function (when, place) {
            window.ahead.push(place - video.currentTime);
            return start.call(this, when, place);
        };
    }""")
    canvas.get_by_role("button", name="Play").press("Enter")
    canvas.wait_for_function("() => window.ahead.some(seconds => Math.abs(seconds) < 1)")
    canvas.evaluate(f"() => {{ {METER}.widgets.find(widget => widget.name === 'nudge_ms').value = 2500; }}")
    canvas.wait_for_function("() => window.ahead.some(seconds => Math.abs(seconds - 2.57) < 1)")
    canvas.get_by_role("button", name="Pause").press("Enter")
    assert canvas.evaluate("() => document.querySelector('.phonofilm-timeline video').paused")


def test_saved_and_loaded_again_it_keeps_the_nudge(fresh):
    canvas = fresh[0]
    slider(canvas).press("Shift+ArrowLeft")
    saved, given = canvas.evaluate("() => [app.graph.serialize(), {...app.nodeOutputs}]")
    canvas.evaluate("async saved => { app.graph.clear(); await app.loadGraphData(saved); }", saved)
    canvas.wait_for_function("() => document.querySelector('.phonofilm-timeline .grip')?.getAttribute('aria-valuenow') === '-10'")
    assert canvas.evaluate(NUDGE) == 10
    canvas.evaluate("given => { app.nodeOutputs = given; }", given)  # as when its tab is opened again
    canvas.locator(".phonofilm-timeline .number").wait_for()
    canvas.evaluate("() => { app.canvas.ds.scale = 1; app.canvas.ds.offset = [0, 0]; app.canvas.setDirty(true, true); }")


def test_without_a_number_it_says_why(measured):
    canvas = measured[0]
    canvas.evaluate(f"""() => {{
        const silence = LiteGraph.createNode("EmptyAudio"), meter = {METER};
        silence.pos = [20, 600];
        app.graph.add(silence);
        silence.connect(0, meter, meter.inputs.findIndex(input => input.name === "audio"));
    }}""")
    report = json.loads(told(canvas)[1])
    canvas.locator(".phonofilm-timeline .number").get_by_text("no number").wait_for()
    assert report["reason"] in canvas.locator(".phonofilm-timeline-verdict").inner_text()
    assert seconds_of(canvas, ".mark.seen.alone") == [event["time"] for event in report["seen"]] and canvas.locator(".mark.heard").count() == 0
    assert not [problem for problem in canvas.problems if PACK in problem.lower()]


def test_alone_it_runs_and_tells_again_where_nothing_is_computed(measured):
    canvas = measured[0]
    canvas.evaluate("() => app.graph.nodes.filter(node => node.type === 'PreviewAny').forEach(node => app.graph.remove(node))")
    for _ in range(2):
        canvas.evaluate("""async () => {
            const saved = app.graph.serialize();
            app.graph.clear();
            app.nodeOutputs = {};
            await app.loadGraphData(saved);
        }""")
        canvas.locator(".phonofilm-timeline.empty").wait_for()
        canvas.evaluate("() => { app.queuePrompt(0, 1); }")
        canvas.locator(".phonofilm-timeline .number").wait_for()
