"""Each node has a help page with a picture, and the page says what the node's schema says."""
import json
import re
from pathlib import Path

import pytest

import headless
from doc_tables import INPUTS, OUTPUTS, input_row, output_row

DOCS = Path(__file__).resolve().parent.parent / "web" / "docs"
CLASSES = headless.mount().node_classes()


def page_of(name):
    return (DOCS / name / "en.md").read_text("utf-8")


@pytest.mark.parametrize("name", CLASSES)
def test_the_tables_are_those_of_the_schema(name):
    schema, page = CLASSES[name].GET_SCHEMA(), page_of(name)
    for head, rows in ((INPUTS, [input_row(entry) for entry in schema.inputs]), (OUTPUTS, [output_row(entry) for entry in schema.outputs])):
        assert head in page
        body = page.partition(head)[2].partition("\n\n")[0].strip().splitlines()
        assert [line[:len(row)] for line, row in zip(body, rows, strict=True)] == rows
        assert all(re.search(r"\| \S.* \|$", line[len(row):]) or line[len(row):].strip(" |") for line, row in zip(body, rows))
    assert page.startswith(f"# {schema.display_name}\n")


@pytest.mark.parametrize("name", CLASSES)
def test_its_pictures_are_there(name):
    """ComfyUI looks for them from the folder docs, not from that of the page."""
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", page_of(name))
    assert pictures and all(words and (DOCS / path).stat().st_size > 1000 for words, path in pictures)


@pytest.mark.parametrize("name", CLASSES)
def test_its_examples_name_what_there_is(name):
    blocks = re.findall(r"```json\n(.*?)```", page_of(name), re.S)
    nodes = [node for block in blocks for node in json.loads(f"{{{block}}}").values()]
    assert name in [node["class_type"] for node in nodes]
    for node in nodes:
        schema = CLASSES[node["class_type"]].GET_SCHEMA()
        entries = {entry.id: entry for entry in schema.inputs}
        assert node["inputs"].keys() <= entries.keys()
        for key, value in node["inputs"].items():
            entry = entries[key]
            if entry.io_type == "COMBO" and not isinstance(value, list) and key not in ("model_name", "file"):
                assert value in entry.options, key
            if entry.io_type in ("INT", "FLOAT") and not isinstance(value, list):
                assert entry.min <= value <= entry.max, key


def test_there_is_no_page_without_a_node_and_no_picture_without_a_page():
    assert {path.name for path in DOCS.iterdir()} - {"img"} == set(CLASSES)
    text = "".join(page_of(name) for name in CLASSES)
    assert all(f"(img/{path.name})" in text for path in (DOCS / "img").iterdir())
    assert sum(path.stat().st_size for path in (DOCS / "img").iterdir()) < 1_500_000


def test_the_workflows_that_a_page_names_are_in_the_pack():
    flows = {path.stem for path in (DOCS.parents[1] / "workflows" / "api").glob("*.json")}
    for name in CLASSES:
        for sentence in re.findall(r"Workflows?: (.*?)\.(?:\s|$)", page_of(name), re.S):
            assert set(re.findall(r"\*(\w+)\*", sentence)) <= flows
