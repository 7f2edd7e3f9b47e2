"""The stem console of Mix Stems in a real browser: what is set in it is heard at once, is in the next file, and is saved."""
import json
import math

import pytest
import torch

from comfyui_server import PACK
from media import formats
from media.mixing import pan_gains
from media.reading import read_sound
from media.strips import STANDARD, parse
from media.writing import write_clip
from running import run

RATE, SECONDS = 48000, 12
TONES = {"dialogue": 440, "music": 220, "effects": 997, "ambience": 110}
LEVEL = 0.1
BUILD = """file => {
    app.graph.clear();
    const make = (type, x) => { const node = LiteGraph.createNode(type); node.pos = [x, 60]; app.graph.add(node); return node; };
    const load = make('PhonofilmLoadAV', 40), mix = make('PhonofilmMixStems', 480), mux = make('PhonofilmMux', 1200);
    load.widgets.find(widget => widget.name === 'file').value = file;
    mux.widgets.find(widget => widget.name === 'audio_codec').value = 'flac';
    load.connect(2, mix, mix.findInputSlot('stems'));
    load.connect(4, mix, mix.findInputSlot('video'));
    load.connect(4, mux, mux.findInputSlot('video'));
    mix.connect(0, mux, mux.findInputSlot('audio'));
    app.canvas.ds.scale = 0.7;
    app.canvas.ds.offset = [0, 60];
}"""
MIX = "app.graph.nodes.find(node => node.type === 'PhonofilmMixStems')"
PLAYER = f"{MIX}.widgets.find(widget => widget.name === 'phonofilm_console').player"


def tone(hertz):
    time = torch.arange(SECONDS * RATE, dtype=torch.float64) / RATE
    return (LEVEL * torch.sin(2 * math.pi * hertz * time)).float().expand(2, -1).contiguous()


def film(path, stems):
    frames = torch.zeros(24 * SECONDS, 48, 64, 3)
    for number, frame in enumerate(frames):
        frame[:, number % 64] = 1
    write_clip(path, frames, 24, sum(map(tone, TONES.values())), RATE, form=formats.choose("mp4", audio="flac", quality="draft"), stems=stems)


@pytest.fixture(scope="module")
def films(server):
    torch.set_num_threads(1)
    if not (server.input / "console.mp4").exists():
        film(server.input / "console.mp4", {name: tone(hertz) for name, hertz in TONES.items()})
        film(server.input / "plain.mp4", None)


class Desk:
    """The console as a person has it before them."""

    def __init__(self, page, server):
        self.page, self.server = page, server

    def open(self, file):
        self.page.evaluate("() => app.refreshComboInNodes()")
        for _ in range(60):  # start-up restores a workflow of its own and may come after ours
            self.page.evaluate(BUILD, file)
            self.page.wait_for_timeout(1000)
            if self.page.evaluate(f"() => Boolean({MIX})"):
                return
        pytest.fail("the nodes do not stay on the canvas")

    def run(self):
        """Queue the workflow as it is, and return the sound of the file that it wrote, [C, T]."""
        number = run(self.page)
        while not (history := self.server.get(f"/history/{number}")).get(number):
            self.page.wait_for_timeout(100)
        outputs = history[number]["outputs"]
        (item,) = [items["images"][0] for items in outputs.values() if "images" in items]
        self.page.wait_for_function(f"() => {PLAYER}")
        return read_sound(self.server.output / item["subfolder"] / item["filename"])[0][None].double()

    def play(self):
        self.page.evaluate(f"() => {{ {PLAYER}.repeat(true); {PLAYER}.play(); }}")
        self.page.wait_for_function(f"() => {PLAYER}.at() > 0.2")

    def slider(self, name):
        return self.page.get_by_role("slider", name=name, exact=True)

    def level(self, name):
        return float(self.page.get_by_role("meter", name=f"{name} level", exact=True).get_attribute("aria-valuenow"))

    def settles(self, name, level):
        """Wait until the meter shows a level, and return what it shows."""
        meter = f"document.querySelector('[role=meter][aria-label=\"{name} level\"]')"
        self.page.wait_for_function(f"wanted => Math.abs({meter}.ariaValueNow - wanted) < 0.5", arg=level)
        return self.level(name)

    def value(self, name):
        return self.page.evaluate(f"name => {MIX}.widgets.find(widget => widget.name === name).value", name)

    def script(self, name, value):
        """Sets a widget as a script does, which tells nobody."""
        self.page.evaluate(f"([name, value]) => {{ {MIX}.widgets.find(widget => widget.name === name).value = value }}", [name, value])

    def prompt(self):
        """What is sent, but for the preview that the classic renderer sends along."""
        prompt = self.page.evaluate("async () => (await app.graphToPrompt()).output")
        for node in prompt.values():
            node["inputs"].pop("video-preview", None)
        return prompt


@pytest.fixture(scope="module")
def desk(server, page, films):
    desk = Desk(page, server)
    desk.open("console.mp4")
    desk.run()
    return desk


@pytest.fixture(autouse=True)
def at_rest(desk):
    for name in STANDARD:
        for key, value in (("gain", 0), ("mute", False), ("solo", False), ("pan", 0), ("delay", 0)):
            desk.script(f"{name}_{key}", value)
    desk.script("more", "")
    desk.page.evaluate("() => { app.canvas.emitBeforeChange(); app.canvas.emitAfterChange(); }")  # for undo


def decibels(factor):
    return 20 * math.log10(factor)


AT_REST = decibels(LEVEL)


def test_the_law_is_that_of_the_node(desk):
    cases = [(channels, pan / 10, mono) for channels in range(2, 9) for pan in range(-10, 11) for mono in (False, True)]
    theirs = desk.page.evaluate("""async cases => {
        const { panGains } = await import('/extensions/phonofilm/console/law.mjs');
        return cases.map(each => panGains(...each));
    }""".replace("phonofilm", PACK), cases)
    for (channels, pan, mono), gains in zip(cases, theirs):
        assert gains == pytest.approx(pan_gains(channels, pan, mono).tolist(), abs=1e-6)


def test_the_text_of_other_stems_is_read_as_the_node_reads_it(desk):
    text = "narrator: gain -3, pan 0.2, delay 20, mute, key # quiet\n\n# a comment\nnotes: of a choir: solo, duck\nlast:"
    read = desk.page.evaluate(f"async text => (await import('/extensions/{PACK}/console/more.mjs')).parse(text)", text)
    for name, strip in parse(text).items():
        assert {key: read[name][key] for key in ("gain", "mute", "solo", "pan", "delay")} == {
            "gain": strip.gain, "mute": strip.mute, "solo": strip.solo, "pan": strip.pan, "delay": strip.delay}
    for name in (*parse(text), "new"):
        for key, to in (("gain", -7.5), ("gain", 0), ("mute", True), ("mute", False), ("pan", -0.25), ("delay", 12.5)):
            written = desk.page.evaluate(f"async given => (await import('/extensions/{PACK}/console/more.mjs')).rewritten(...given)", [text, name, key, to])
            strips = parse(written)
            assert getattr(strips[name], key) == to and "# quiet" in written and "# a comment" in written
            assert {other: strip for other, strip in strips.items() if other != name} == {other: strip for other, strip in parse(text).items() if other != name}
            before = parse(text).get(name)
            if before:
                assert strips[name].key == before.key and strips[name].duck == before.duck


def test_a_moved_fader_is_heard_at_once_and_is_in_the_next_file(desk):
    desk.play()
    assert desk.settles("dialogue", AT_REST) == pytest.approx(AT_REST, abs=0.5)
    fader = desk.slider("dialogue gain")
    box = fader.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x, y + box["height"] / 4, steps=5)
    desk.page.mouse.up()
    gain = desk.value("dialogue_gain")
    assert -30 < gain < -3 and fader.get_attribute("aria-valuetext") == f"{gain:.1f} dB"
    assert desk.settles("dialogue", AT_REST + gain) == pytest.approx(AT_REST + gain, abs=0.5)
    assert desk.level("music") == pytest.approx(AT_REST, abs=0.5)
    desk.page.get_by_role("button", name="Solo dialogue", exact=True).click()
    desk.page.wait_for_function("() => document.querySelector('[role=meter][aria-label=\"music level\"]').ariaValueNow <= -60")
    assert desk.settles("master", AT_REST + gain) == pytest.approx(AT_REST + gain, abs=0.5), "the sum is what is heard"
    sound = desk.run()
    assert decibels(float(sound.square().mean().sqrt()) * math.sqrt(2)) == pytest.approx(AT_REST + gain, abs=0.5)
    assert desk.page.evaluate(f"() => {PLAYER}.playing"), "the run did not stop the play"


def test_pan_mute_and_keys(desk):
    desk.play()
    pan = desk.slider("effects pan")
    pan.press("Home")
    assert desk.value("effects_pan") == -1 and pan.get_attribute("aria-valuetext") == "100 % left"
    assert desk.settles("effects", AT_REST + decibels(math.sqrt(2))) == pytest.approx(AT_REST + 3.01, abs=0.5), "all of its power on one side"
    mute = desk.page.get_by_role("button", name="Mute effects", exact=True)
    mute.press("Enter")
    assert desk.value("effects_mute") is True and mute.get_attribute("aria-pressed") == "true"
    desk.page.wait_for_function("() => document.querySelector('[role=meter][aria-label=\"effects level\"]').ariaValueNow <= -60")
    fader = desk.slider("music gain")
    for key, gain in (("ArrowDown", -0.5), ("Shift+ArrowDown", -0.6), ("PageDown", -6.6), ("Home", -60), ("End", 12), ("Delete", 0)):
        fader.press(key)
        assert desk.value("music_gain") == pytest.approx(gain), key
    fader.press("ArrowDown")
    assert fader.get_attribute("aria-valuetext") == "-0.5 dB"
    fader.dblclick()
    assert desk.value("music_gain") == 0 and fader.get_attribute("aria-valuetext") == "0.0 dB"
    field = desk.page.get_by_role("textbox", name="music gain in dB")
    field.fill("-4,2")
    field.press("Enter")
    assert desk.value("music_gain") == -4.2 and fader.get_attribute("aria-valuetext") == "-4.2 dB"
    fader.press("Space")
    desk.page.wait_for_function(f"() => !{PLAYER}.playing")


def test_undo_goes_back_and_does_not_stop_the_play(desk):
    desk.play()
    desk.slider("music gain").press("PageDown")
    desk.slider("music gain").press("PageDown")
    assert desk.value("music_gain") == -12
    desk.page.evaluate(f"() => {{ window.before = {PLAYER} }}")
    for gain in (-6, 0):
        desk.slider("music gain").focus()
        desk.page.keyboard.press("Control+z")
        desk.page.wait_for_function(f"gain => {MIX}?.widgets.find(widget => widget.name === 'music_gain').value === gain", arg=gain)
        desk.page.wait_for_function(f"() => {PLAYER} === window.before")
        assert desk.page.evaluate(f"() => {PLAYER}.playing")
        assert desk.slider("music gain").get_attribute("aria-valuenow") == str(gain)
        assert desk.settles("music", AT_REST + gain) == pytest.approx(AT_REST + gain, abs=0.5)


def test_what_is_saved_comes_back(desk):
    settings = {"dialogue_gain": -3.5, "music_mute": True, "effects_solo": True, "ambience_pan": 0.25, "effects_delay": -12.5}
    for name, value in settings.items():
        desk.script(name, value)
    desk.script("more", "narrator: gain -2")
    before = desk.prompt()
    saved = json.loads(json.dumps(desk.page.evaluate("() => app.graph.serialize()")))
    desk.page.evaluate("() => app.graph.clear()")
    desk.page.evaluate("saved => app.loadGraphData(saved)", saved)
    desk.page.wait_for_function(f"() => {MIX}")
    assert desk.prompt() == before
    inputs = next(node["inputs"] for node in before.values() if node["class_type"] == "PhonofilmMixStems")
    assert all(inputs[name] == value for name, value in settings.items()) and inputs["more"] == "narrator: gain -2"
    desk.page.wait_for_function("() => document.querySelector('[aria-label=\"dialogue gain\"]').ariaValueText === '-3.5 dB'")
    assert desk.slider("ambience pan").get_attribute("aria-valuetext") == "25 % right"
    assert desk.page.get_by_role("button", name="Mute music", exact=True).get_attribute("aria-pressed") == "true"
    assert desk.page.get_by_role("textbox", name="effects delay in milliseconds").input_value() == "−12.5"
    desk.script("more", "")
    desk.run()


def test_what_only_the_node_applies_is_said(desk):
    note = desk.page.get_by_text("Not heard here: ducking, loudness. The node applies them when it runs.")
    desk.script("duck_depth", 6)
    desk.script("loudness", "-23 LUFS (EBU R128)")
    note.wait_for()
    desk.script("duck_depth", 0)
    desk.script("loudness", "off")
    note.wait_for(state="hidden")


def test_picture_and_sound_stay_together(desk):
    off = desk.page.evaluate(f"""async () => {{
        const {{player, picture}} = {MIX}.widgets.find(widget => widget.name === 'phonofilm_console');
        player.pause();
        player.repeat(false);
        player.seek(0);
        const seen = [];
        const look = (now, frame) => {{
            seen.push([player.at(frame.expectedDisplayTime), frame.mediaTime - picture.start]);
            picture.video.requestVideoFrameCallback(look);
        }};
        player.play();
        while (player.at() < 1) await new Promise(requestAnimationFrame);
        picture.video.requestVideoFrameCallback(look);
        while (player.at() < 11) await new Promise(requestAnimationFrame);
        player.pause();
        return seen.map(([sound, shown]) => 1000 * (sound - shown));
    }}""")
    medians = lambda count: [sorted(part)[len(part) // 2] for part in (off[len(off) * k // count : len(off) * (k + 1) // count] for k in range(count))]
    whole, halves, seconds = medians(1)[0], medians(2), medians(10)
    print(f"{len(off)} pictures in 10 s: behind the sound by {whole:.1f} ms (median), {min(off):.1f} to {max(off):.1f} ms; by second {[round(ms, 1) for ms in seconds]}")
    assert len(off) > 100
    assert all(abs(ms) < 10 for ms in (whole, *halves)) and all(abs(ms) < 1000 / 24 for ms in seconds)
    # A screen of 60 Hz shows pictures in steps of 8.3 ms: half a second of stutter moves one second's median by as much.
    if not all(abs(ms) < 10 for ms in seconds):
        pytest.xfail("10 ms in every second of 10 is not held in every run yet")


def test_stems_of_other_names(desk, server):
    desk.open("plain.mp4")
    desk.run()
    desk.play()
    desk.page.wait_for_function("() => document.querySelector('[aria-label=\"mix gain\"]')")
    desk.slider("mix gain").press("PageDown")
    assert desk.value("more") == "mix: gain -6"
    before = float(sum(map(tone, TONES.values())).double().square().mean().sqrt())
    assert decibels(float(desk.run().square().mean().sqrt()) / before) == pytest.approx(-6, abs=0.5)
    desk.script("more", "mix: mute # for now")
    button = desk.page.get_by_role("button", name="Mute mix", exact=True)
    desk.page.wait_for_function("() => document.querySelector('[aria-label=\"Mute mix\"]').ariaPressed === 'true'")
    button.click()
    assert desk.value("more") == "mix: # for now"


def test_no_error_of_ours(desk):
    assert not [problem for problem in desk.page.problems if PACK in problem.lower()]
