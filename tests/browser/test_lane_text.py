"""The lane reads the score's text as the node does, and writes no more of it than what changed."""
import json

import pytest

from models.joint import score_text

GOOD = ["", " \n", "# only a note", "effects 1", "effects 1.25 0.8\nmusic 2 1 Bb3; Dialogue 3 .5\r\nseconds 4", "music 1 A4", "music 0.5 1 61.5 # between two notes",
        "MUSIC 1e0 0.5 c-1", "seconds 4; seconds 5.5", "effects 1_0 1", "effects\u00a01\u20090.5 ; ;\u2028music 2", "music 1 1 G9;;effects +1. 1.2", "effects \uff11.5", "effects 2\x0beffects 1",
        "effects 1 1 #A4", '{"seconds": 4, "events": [{"track": "effects", "time": 1.25, "strength": 0.8}]}', ' [{"track": "music", "time": "1.5", "pitch": "A4"}]',
        '{"events": []}', '[{"track": "music", "time": true, "pitch": null}]']
BAD = ["effects 1\nhit 2", "ambience 1", "effects", "effects soon", "effects -1", "effects nan", "effects 1 2", "effects inf", "music 1 1 H4", "music 1 1 A4 A5", "music 1 1 C99",
       "seconds 0", "seconds", "seconds 1 2", "seconds x", "seconds 2; effects 3", "seconds 2000000\neffects 1e7", "h\u00eft 1", "it's 1", "a\"b' 1", "back\\slash 1", "caf\u00e9\u200b 1", "\U0001f3b5 1",
       "effects 1,25", "effects 0x10", "effects 1__0", "effects 1 A4 0.5", "music 1 1 A", "hit#1 2", "\n\n effects 1 ;  what  is this ; music", '{"events": 3}', "{}", '[{"track": "effects"}]',
       '[{"track": "hit", "time": 1}]', '[{"track": "effects", "time": null}]', '[3]', '[{"track": "effects", "time": 1, "strength": 2}]', '{"seconds": -1, "events": []}',
       '{"seconds": 1, "events": [{"track": "effects", "time": 3}]}']
NOT_JSON = ["[1", '{"events": [}', '{\n "events": oops}']

SCORE = """# a ball on a tin roof
seconds 4
effects 1.25   # the bounce
music 0.5 A4; Music 1 1.0 Bb3 # two notes

hit 2
effects 2.0 0.50
"""


@pytest.fixture(scope="module")
def module(chromium, server):
    """A page that can import the lane's modules."""
    page = chromium.new_page()
    page.goto(f"{server.url}/system_stats")
    yield lambda name, body, given: page.evaluate(
        f"async given => {{ const {{ parse }} = await import('/extensions/phonofilm/lane/score_text.mjs');"
        f" const {{ {name} }} = await import('/extensions/phonofilm/lane/{'rewrite' if name == 'rewrite' else 'score_text'}.mjs'); {body} }}", given)
    page.close()


def python(text):
    try:
        return score_text.parse(text)
    except ValueError as error:
        return str(error)


def test_both_read_the_same_and_say_the_same(module):
    read = module("TRACKS", """return given.map(text => {
        const score = parse(text);
        if (score.errors.length) return score.errors[0].message;
        const events = score.events.map(({part, ...event}) => event).sort((a, b) => a.time - b.time);
        return {seconds: score.length, events};
    })""", GOOD + BAD)
    expected = [python(text) for text in GOOD + BAD]
    assert [isinstance(score, dict) for score in expected] == [True] * len(GOOD) + [False] * len(BAD)
    for text, theirs, ours in zip(GOOD + BAD, read, expected):
        assert theirs == ours, text


def test_both_refuse_what_is_not_json(module):
    read = module("TRACKS", "return given.map(text => parse(text).errors.map(error => error.message))", NOT_JSON)
    assert read == [["score: not valid JSON"]] * len(NOT_JSON)
    assert all("not valid JSON" in python(text) for text in NOT_JSON)


def test_every_wrong_line_is_told_and_the_rest_is_read(module):
    read = module("TRACKS", "const score = parse(given); return [score.errors.map(error => error.line), score.events.length]", "hit 1\neffects 1\nmusic\neffects x; effects 2")
    assert read == [[1, 3, 4], 2]


@pytest.mark.parametrize("edit, lines", [
    ("{changes: new Map([[0, {...events[0], time: 1.5}]])}", {2: "effects 1.5   # the bounce"}),
    ("{changes: new Map([[0, {...events[0], strength: 0.8}]])}", {2: "effects 1.25 0.8   # the bounce"}),
    ("{changes: new Map([[1, {...events[1], strength: 0.5}]])}", {3: "music 0.5 0.5 A4; Music 1 1.0 Bb3 # two notes"}),
    ("{changes: new Map([[2, {...events[2], pitch: 60}]])}", {3: "music 0.5 A4; Music 1 1.0 C4 # two notes"}),
    ("{changes: new Map([[2, {...events[2], track: 'effects', time: 1.0625}]])}", {3: "music 0.5 A4; effects 1.063 1.0 Bb3 # two notes"}),
    ("{changes: new Map([[1, null]])}", {3: "Music 1 1.0 Bb3 # two notes"}),
    ("{changes: new Map([[0, null]])}", {2: "# the bounce"}),
    ("{changes: new Map([[3, null]])}", {6: None}),
    ("{added: [{track: 'music', time: 1.3, strength: 0.7, pitch: 69}]}", {3: "music 0.5 A4; Music 1 1.0 Bb3 # two notes\nmusic 1.3 0.7 A4"}),
    ("{seconds: 6}", {1: "seconds 6"}),
    ("{seconds: null}", {1: None}),
])
def test_only_what_changed_is_rewritten(module, edit, lines):
    new = module("rewrite", f"const score = parse(given), events = score.events; return rewrite(given, score, {edit})", SCORE)
    expected = [lines.get(number, line) for number, line in enumerate(SCORE.splitlines())]
    assert new == "\n".join(line for line in expected if line is not None) + "\n"


def test_json_becomes_lines(module):
    text = json.dumps({"seconds": 4, "events": [{"track": "music", "time": 1.25, "strength": 0.8, "pitch": 58}]})
    new = module("rewrite", "const score = parse(given); return rewrite(given, score, {added: [{track: 'effects', time: 0.5, strength: 1}]})", text)
    assert new == "seconds 4\neffects 0.5 1\nmusic 1.25 0.8 A#3"
