"""The four languages have exactly the texts that the nodes have."""
import json
import re
import subprocess
import sys

import pytest

from locales import keys

TRANSLATED = [language for language in keys.LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", keys.LANGUAGES)
def test_nothing_is_missing_and_nothing_too_much(language):
    assert keys.differences(language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_there_is_translated(language):
    english = {file: keys.flat(keys.read("en", file)) for file in keys.FILES}
    assert [text for file in keys.FILES for key, text in keys.flat(keys.read(language, file)).items() if " " in text and text == english[file].get(key)] == []


@pytest.mark.parametrize("language", keys.LANGUAGES)
def test_the_frontend_reads_no_syntax_into_names_and_descriptions(language):
    """vue-i18n takes { } @ | and $ for its own; ComfyUI shows tooltips raw, names and descriptions through it."""
    texts = keys.flat(keys.read(language, "nodeDefs"))
    assert [text for key, text in texts.items() if not key.endswith("tooltip") and re.search(r"[{}@|$]", text)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_numbers(language):
    english, own = (keys.flat(keys.read(name, "nodeDefs")) for name in ("en", language))
    for key, text in english.items():
        assert figures(own[key]) >= figures(text), key


def figures(text):
    """The numbers of two digits and more; some languages write 4,04 for 4.04."""
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", text))) - set("0123456789")


def test_the_command_says_what_is_missing(tmp_path, monkeypatch):
    (tmp_path / "nl").mkdir()
    for language in keys.LANGUAGES:
        for file in keys.FILES:
            path = tmp_path / language / f"{file}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(keys.path_of(language, file).read_text("utf-8"), "utf-8")
    monkeypatch.setattr(keys, "HERE", tmp_path)
    texts = keys.read("nl", "nodeDefs")
    del texts["PhonofilmMux"]["inputs"]["quality"]["tooltip"]
    texts["PhonofilmMux"]["inputs"]["nothing"] = {"name": "niets"}
    (tmp_path / "nl" / "nodeDefs.json").write_text(json.dumps(texts), "utf-8")
    assert [line.partition(": ")[0] for line in keys.differences("nl")] == [
        "nl/nodeDefs.json lacks PhonofilmMux.inputs.quality.tooltip",
        "nl/nodeDefs.json has PhonofilmMux.inputs.nothing.name, which no schema has"]


def test_the_command_is_content():
    done = subprocess.run([sys.executable, "-m", "locales"], cwd=keys.HERE.parent, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout
