"""Shot List: its text, where its shots lie on each model's grid, and the windows that the headless runner makes of it."""
import importlib
import json
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import headless
from tiny import save_tiny

WORKFLOW = Path(__file__).resolve().parent.parent / "workflows" / "api" / "shot_list.json"
HALF = Fraction(1, 2)
STARTER, LTX, H3 = "STARTER", "LTX", "H3"


@pytest.fixture(scope="module")
def shots():
    headless.mount()
    return importlib.import_module("phonofilm.nodes.inputs.shots")


def ends_of(shots, rows, grid, rate, head=1.0):
    return shots.ends_of(rows, getattr(importlib.import_module("phonofilm.models.joint.grids"), grid), Fraction(rate), head)


def test_rows_are_read(shots):
    rows = shots.parse('# a list\n\n 3 | a ball | | piano |hits\n2.5| a \\| b | he says "no" | " || rain\n.5 | | " | | | "\n')
    assert [(row.line, row.seconds) for row in rows] == [(3, 3), (4, Fraction(5, 2)), (5, HALF)]
    assert [list(row.fields.values()) for row in rows] == [
        ["a ball", "", "piano", "hits", ""], ["a | b", 'he says "no"', "piano", "", "rain"], ["", 'he says "no"', "", "", "rain"]]


@pytest.mark.parametrize("text, says", [
    ("", "The shot list is empty"),
    ("# nothing\n\n", "The shot list is empty"),
    ("3 | a ball\n| a hammer", "line 2: seconds are missing; a row is seconds [|] picture"),
    ("a ball", "line 1: 'a ball' is no number of seconds above 0"),
    ("3 | a\n\n0 | b", "line 3: '0' is no number"),
    ("-1 | a", "'-1' is no number"),
    ("nan | a", "'nan' is no number"),
    ("2,5 | a", "'2,5' is no number"),
    ("3 | a | b | c | d | e | f", "line 1: 7 columns are too many"),
    ('3 | a | "', "line 1: dialogue is \", the same as above, but this is the first row"),
    ("3 | a\n2", "line 2: nothing is seen or heard"),
    ("3000 | a\n700 | b", "lasts 3700 s"),
])
def test_what_is_wrong_is_named(shots, text, says):
    with pytest.raises(ValueError, match=says):
        shots.parse(text)


def listed(*seconds):
    return "\n".join(f"{one} | a ball" for one in seconds)


@pytest.mark.parametrize("grid, rate, ends", [
    (STARTER, 24, [73, 133, 144]),  # 4n+1, and the last where it should be
    (LTX, 25, [73, 137, 150]),  # 8n+1
    (LTX, Fraction(30000, 1001), [89, 161, 180]),
    (H3, 24, [72, 132, 144]),  # one clip: every picture is a place
])
def test_shots_lie_on_the_grid_and_the_whole_is_exact(shots, grid, rate, ends):
    assert ends_of(shots, shots.parse(listed(3, 2.5, 0.5)), grid, rate) == ends


@pytest.mark.parametrize("grid, head, seconds, says", [
    (STARTER, 1.0, (3, 9.5), "line 2: a shot of 9.5 s after a head of 1 s is longer than the starter makes, 10 s; divide it"),
    (STARTER, 1.0, (10.5,), "line 1: a shot of 10.5 s is longer than the starter makes, 10 s; divide it"),
    (STARTER, 0.0, (6, 3, 2), "line 3: up to here the list lasts 11 s, and the starter makes 10 s in one; leave out what comes after, or set head"),
    (H3, 1.0, (6, 6, 6), "line 3: up to here the list lasts 18 s, and MiniMax H3 makes 15.1 s in one; leave out what comes after"),
    (STARTER, 1.0, (3, 0.1), "line 2: 0.1 s are less than the starter makes at once, 0.1667 s"),
    (LTX, 1.0, (0.2,), "line 1: 0.2 s are less than LTX-2 makes at once, 0.3333 s"),
])
def test_what_a_model_does_not_make_is_named(shots, grid, head, seconds, says):
    with pytest.raises(ValueError, match=says):
        ends_of(shots, shots.parse(listed(*seconds)), grid, 24, head)


@pytest.mark.parametrize("seconds", [(0.17,) * 40, (0.34, 1.234, 0.35, 5.01, 0.34), (1 / 3 + 1e-9, 9, 0.4)])
@pytest.mark.parametrize("grid", [STARTER, LTX])
def test_every_shot_has_pictures(shots, grid, seconds):
    text = listed(*(f"{max(one, 0.34 if grid is LTX else 0):.9f}" for one in seconds))
    rows = shots.parse(text)
    ends = ends_of(shots, rows, grid, 24)
    assert all(b > a for a, b in zip([0, *ends], ends)) and ends[-1] == round(sum(row.seconds for row in rows) * 24)
    assert all(end % (4 if grid is STARTER else 8) == 1 for end in ends[:-1])


LIST = '3 | a ball bounces | | piano | it hits the floor | rain\n2.52 | a woman turns. | (S1) says: <d>[English] No</d> | " | | "\n0.5 | | | | a clap'


def test_shots_text_is_as_minimax_has_it(shots):
    rows = shots.parse(LIST)
    ends = ends_of(shots, rows, H3, 24)
    assert shots.shots_text(rows, [Fraction(end, 24) for end in ends]).split("\n\n") == [
        "integrated_multimodal_description: [Shot 1] a ball bounces. Sounds: it hits the floor."
        " [Shot 2] At 00:03.000, the camera cuts to a woman turns. (S1) says: <d>[English] No</d>"
        " [Shot 3] At 00:05.500, the shot goes on. Sounds: a clap.",
        "overall_soundscape: From 00:00.000: rain. From 00:05.500: none.",
        "non_diegetic_music: From 00:00.000: piano. From 00:05.500: none."]
    assert shots.shots_text(shots.parse("3 | a\n2 | b"), [Fraction(3), Fraction(5)]).endswith("overall_soundscape: N/A\n\nnon_diegetic_music: N/A")
    assert shots.shots_text(shots.parse('70 | a ||||rain\n2 | b||||"'), [Fraction(70), Fraction(72)]).split("\n\n")[:2] == [
        "integrated_multimodal_description: [Shot 1] a. [Shot 2] At 01:10.000, the camera cuts to b.", "overall_soundscape: rain."]


def test_prose_and_report(shots):
    rows = shots.parse(LIST)
    assert shots.prose(rows[0].fields) == "a ball bounces. Music: piano. Sounds: it hits the floor. In the background: rain."
    ends = ends_of(shots, rows, STARTER, 24)
    assert shots.report(rows, ends, Fraction(24), importlib.import_module("phonofilm.models.joint.grids").STARTER, 7, [[], ["turns"], []]).splitlines() == [
        "3 shots for the starter, in a window each: 6 s, 144 pictures at 24 per second (6.02 s asked)",
        "shot 1 (line 1): 0 s to 3.042 s, asked 0 s to 3 s; seed 7",
        "shot 2 (line 2): 3.042 s to 5.542 s, asked 3 s to 5.52 s; seed 8; not known, left out: turns",
        "shot 3 (line 3): 5.542 s to 6 s, asked 5.52 s to 6.02 s; seed 9"]


THREE = "1 | a red ball bounces\n0.8 | the ball hits the stone floor\n0.5 | rain"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Runs the shipped workflow on a tiny model as far as its latent: -> (its streams, the titles of the nodes that ran)."""
    torch.set_num_threads(1)
    monkeypatch.setenv("PHONOFILM_CHECKPOINTS", str(save_tiny(tmp_path).parent))

    def run(text, edit=lambda graph: None, **settings):
        graph = {number: node for number, node in json.loads(WORKFLOW.read_text()).items() if number in "12"}
        graph["save"] = {"class_type": "PhonofilmSaveLatent", "inputs": {"latent": ["2", 0], "filename_prefix": "clip"}}
        edit(graph)
        seen, folder = [], tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        headless.run(graph, {"model_name": "tiny.safetensors", **({"text": text} if text else {}), **({"steps": 2} | settings if text else {})}, out=folder,
                     on_progress=lambda progress: seen.append(progress.title) if not progress.done else None)
        (path,) = folder.glob("*.safetensors")
        return load_file(path), list(dict.fromkeys(seen))

    return run


def test_the_list_is_the_windows_that_one_would_lay_by_hand(made):
    """Shot List gives what Encode, Sampler, Extend with head and Join give, and a change in the last shot keeps those before it."""
    clip, titles = made(THREE, head=0.5, seed=3)
    assert [sum(name in title for title in titles) for name in ("Sampler", "Extend", "JoinLatent", "Prompt")] == [3, 2, 2, 3]
    changed, _ = made(THREE.replace("rain", "a floor"), head=0.5, seed=3)
    assert clip["picture"].shape[2] == 15 and clip["sound"].shape[3] == 57
    assert torch.equal(changed["picture"][:, :, :12], clip["picture"][:, :, :12]) and torch.equal(changed["sound"][..., :44], clip["sound"][..., :44])
    assert not torch.equal(changed["picture"][:, :, 12], clip["picture"][:, :, 12])

    by_hand, _ = made(None, by_hand_graph)
    assert all(torch.equal(by_hand[name], part) for name, part in clip.items())


def by_hand_graph(graph):
    given = graph.pop("2")["inputs"]
    codecs, settings = {name: given[name] for name in ("vae", "audio_vae")}, {name: given[name] for name in given if name.endswith("guidance") or name in ("sampler", "scheduler")}

    def node(name, kind, **inputs):
        graph[name] = {"class_type": f"Phonofilm{kind}", "inputs": inputs}
        return [name, 0]

    clip = None
    for number, (frames, row) in enumerate(zip((25, 20, 10), THREE.splitlines())):
        prompt = node(f"p{number}", "Prompt", clip=given["clip"], picture=row.partition("| ")[2])
        latent = node("e", "Encode", **codecs, length=25 / 24, width=0, height=0, batch_size=1) if clip is None else node(f"w{number}", "Extend", latent=clip, seconds=frames / 24, head=0.5, **codecs)
        sampled = node(f"s{number}", "Sampler", model=given["model"], positive=prompt, negative=[prompt[0], 1], latent=latent, seed=3 + number, steps=2, denoise=1.0, takes=1, **settings)
        clip = sampled if clip is None else node(f"c{number}", "JoinLatent", latent=clip, after=sampled, overlap=0.0)
    graph["save"]["inputs"]["latent"] = clip


def test_without_a_head_the_model_sees_the_whole_clip(made):
    clip, titles = made(THREE, head=0)
    assert clip["picture"].shape[2] == 15 and not any("JoinLatent" in title for title in titles)


def test_one_shot_is_a_clip(made):
    clip, titles = made("1.02 | a ball")
    assert clip["sound"].shape[3] == 25 and sum("Sampler" in title for title in titles) == 1


@pytest.mark.parametrize("text, settings, says", [
    (THREE + "\n2 | a zyzzyva", {}, r"Shot List \(node 2\): Shot list, line 4: The model knows none of these words: zyzzyva"),
    ("", {}, None),
    ("1 | a ball", {"width": 64, "height": 64}, r"Encode \(node 2.empty\): The starter makes 128x128"),
])
def test_faults_are_named_in_one_line(made, text, settings, says):
    if says is None:
        with pytest.raises(Exception, match="The shot list is empty"):
            made(None, lambda graph: graph["2"]["inputs"].update(text=" "))
        return
    with pytest.raises(Exception, match=says) as caught:
        made(text, **settings)
    assert len(str(caught.value).splitlines()) == 1


def test_the_file_says_that_it_was_made():
    from media.provenance import kind_of

    graph = json.loads(WORKFLOW.read_text())
    assert kind_of(graph, "4") == "generated"
