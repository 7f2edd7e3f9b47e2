"""Shot List's table in a real browser: what is written in it is the node's text, and what is written there is in the table."""
import importlib

import pytest

import headless
from comfyui_server import PACK

LIST = '# a list\n3 | a ball || piano | it hits | rain\n2.5 | a hammer || " || "\n\n1 | rain'


@pytest.fixture(scope="module")
def canvas(server, page):
    """The shot list template, with its table within the window and at its own size."""
    template = server.get(f"/api/workflow_templates/{PACK}/shot_list.json")
    page.evaluate("template => app.loadGraphData(template)", template)
    page.evaluate("""() => {
        const node = app.graph.nodes.find(node => node.type === 'PhonofilmShotList');
        app.canvas.ds.scale = 1;
        app.canvas.ds.offset = [200 - node.pos[0], 950 - node.pos[1] - node.size[1]];
        app.canvas.setDirty(true, true);
    }""")
    page.locator(".phonofilm-shots").wait_for()
    return page


@pytest.fixture
def table(canvas):
    """The table, with LIST in it by way of the node's text."""
    canvas.evaluate("""text => {
        const node = app.graph.nodes.find(node => node.type === 'PhonofilmShotList');
        node.widgets.find(widget => widget.name === 'text').value = text;
        app.canvas.setDirty(true, true);
    }""", LIST)
    canvas.wait_for_function("() => document.querySelectorAll('.phonofilm-shots tbody tr').length === 3")
    canvas.wait_for_function("() => document.querySelector('.phonofilm-shots textarea').value === 'a ball'")
    return canvas


def sent(canvas):
    """The text that would be queued, its lines."""
    output = canvas.evaluate("async () => (await app.graphToPrompt()).output")
    return next(node["inputs"]["text"] for node in output.values() if node["class_type"] == "PhonofilmShotList").splitlines()


def total(canvas):
    return canvas.evaluate("() => document.querySelector('.phonofilm-shots-total').value")


def test_the_text_is_in_the_table(table):
    assert table.get_by_label("music, shot 2").input_value() == '"' and table.get_by_label("seconds, shot 2").input_value() == "2.5"
    assert total(table) == "3 shots, 6.5 s" and sent(table) == LIST.splitlines()


def test_what_is_written_in_a_cell_is_sent(table):
    table.get_by_label("picture, shot 2").fill("a bell | rings")
    table.get_by_label("seconds, shot 3").fill("1.5")
    assert sent(table) == ["# a list", "3 | a ball || piano | it hits | rain", '2.5 | a bell \\| rings | | " | | "', "", "1.5 | rain"]
    assert total(table) == "3 shots, 7 s"
    table.get_by_label("seconds, shot 1").fill("soon")
    assert total(table) == "3 shots, 4 s; line 2: “soon” is no number of seconds above 0"
    assert table.get_by_label("seconds, shot 1").get_attribute("aria-invalid") == "true"


def test_rows_are_added_deleted_and_moved(table):
    table.get_by_label("picture, shot 3").press("Enter")
    table.get_by_label("picture, shot 4").press_sequentially("sea")
    assert sent(table)[-1] == "1 | sea"
    table.get_by_label("Move shot 4 of 4").press("ArrowUp")
    assert sent(table)[2:] == ['2.5 | a hammer || " || "', "", "1 | sea", "1 | rain"]
    table.get_by_label("picture, shot 1").press("Alt+ArrowDown")
    assert sent(table)[1:3] == ["2.5 | a hammer | | piano | | rain", "3 | a ball || piano | it hits | rain"]  # what was the same as above is said
    table.get_by_role("button", name="Delete shot 1").click()
    table.get_by_label("Move shot 1 of 3").press("Delete")
    assert sent(table) == ["# a list", "", "1 | sea", "1 | rain"]
    assert table.evaluate("() => app.graph.nodes.some(node => node.type === 'PhonofilmShotList')")  # the key was for the row


def test_a_row_is_dragged_and_taken_back(table):
    table.locator(".phonofilm-shots-total").click()  # the frontend notes the state that undo goes back to when a button is let go
    first, last = (table.get_by_label(f"Move shot {number} of 3").bounding_box() for number in (1, 3))
    table.mouse.move(first["x"] + 20, first["y"] + 10)
    table.mouse.down()
    table.mouse.move(last["x"] + 20, last["y"] + last["height"] + 10, steps=3)
    table.mouse.up()
    moved = ["# a list", '2.5 | a hammer | | piano | | rain', "1 | rain", "", "3 | a ball || piano | it hits | rain"]
    assert sent(table) == moved
    table.keyboard.press("Control+z")
    table.wait_for_function("() => document.querySelector('.phonofilm-shots textarea').value === 'a ball'")
    assert sent(table) == LIST.splitlines()


def test_saved_and_loaded_again(table):
    table.get_by_label("effects, shot 3").fill("drops")
    before = sent(table)
    table.evaluate("() => app.loadGraphData(app.graph.serialize())")
    table.wait_for_function("() => [...document.querySelectorAll('.phonofilm-shots tr:nth-child(3) textarea')].some(cell => cell.value === 'drops')")
    assert sent(table) == before and before[-1] == "1 | rain | | | drops"


def test_both_read_the_text_alike(canvas):
    """The table's grammar is that of the node."""
    headless.mount()
    shots = importlib.import_module(f"{PACK}.nodes.inputs.shots")
    for text in (LIST, '.5|a \\| b|"x"|\n # no\n2.| b |" | "', "3 | a\r\n4 | b"):
        rows = [[float(row.seconds), *row.fields.values()] for row in shots.parse(text)]
        theirs = canvas.evaluate("""async text => {
            const { read, resolved, secondsOf } = await import('/extensions/phonofilm/shots/text.mjs');
            const rows = read(text).filter(line => line.cells).map(line => line.cells);
            return resolved(rows).map((cells, index) => [secondsOf(rows[index]), ...cells.slice(1)]);
        }""", text)
        assert theirs == rows


def test_nothing_is_wrong_in_the_console(canvas):
    assert not [problem for problem in canvas.problems if PACK in problem.lower()]
