"""The text form of the score."""

import json

import pytest

from models.joint import score_text


def test_reads_what_a_person_writes():
    score = score_text.parse("# two things\neffects 1.25 0.8  # a hit\nmusic 0.5 1 C#4; Dialogue 2\n\nseconds 4")
    assert score == {"seconds": 4.0, "events": [
        {"track": "music", "time": 0.5, "strength": 1.0, "pitch": 61.0},
        {"track": "effects", "time": 1.25, "strength": 0.8},
        {"track": "dialogue", "time": 2.0, "strength": 1.0}]}


@pytest.mark.parametrize("word, pitch", [("A4", 69), ("Bb3", 58), ("c-1", 0), ("69.5", 69.5), ("G9", 127)])
def test_pitch(word, pitch):
    assert score_text.parse(f"music 1 1 {word}")["events"][0]["pitch"] == pitch


def test_a_note_may_stand_without_strength():
    assert score_text.parse("music 1 A4")["events"] == [{"track": "music", "time": 1.0, "strength": 1.0, "pitch": 69.0}]


@pytest.mark.parametrize("text", ["", "seconds 4", "effects 1.25 0.8\nmusic 2 1 Bb3\nmusic 3 0.5 60.25", "seconds 4\ndialogue 0"])
def test_text_and_score_agree(text):
    score = score_text.parse(text)
    assert score_text.parse(score_text.format(score)) == score
    assert score_text.parse(json.dumps(score)) == score


@pytest.mark.parametrize("text, line", [
    ("effects 1\nhit 2", "line 2 ('hit 2'): unknown track 'hit'"),
    ("ambience 1", "ambience has no events"),
    ("effects", "no time given"),
    ("effects soon", "time 'soon' is not a number"),
    ("effects -1", "time must be at least 0"),
    ("effects nan", "time must be at least 0"),
    ("effects 1 2", "strength must be from 0 to 1.2"),
    ("music 1 1 H4", "pitch 'H4' is not a number"),
    ("music 1 1 A4 A5", "too many words"),
    ("seconds 0", "seconds must be more than 0"),
    ("seconds 2; effects 3", "the event at 3 s lies after the end"),
    ('{"events": 3}', "the JSON form is"),
    ('[{"track": "effects"}]', "event 1: an event has a track and a time"),
    ("[1", "not valid JSON"),
])
def test_errors_say_where_and_what(text, line):
    with pytest.raises(ValueError, match=".*") as error:
        score_text.parse(text)
    assert line in str(error.value)
