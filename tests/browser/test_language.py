"""Names in the languages that ComfyUI has not, and the pictures of the help pages where ComfyUI looks for them."""
from comfyui_server import PACK

APPLY = f"""async code => {{
    const {{ applyLanguage }} = await import("/extensions/{PACK}/lib/language.mjs");
    const {{ api }} = await import("/scripts/api.js");
    await applyLanguage({{ extensionManager: {{ setting: {{ get: () => code }} }} }}, api);
    const node = LiteGraph.createNode("PhonofilmSampler");
    return [node.widgets.find(widget => widget.name === "steps").label, node.inputs.find(input => input.name === "positive").localized_name,
            node.outputs[1].localized_name];
}}"""


def test_names_follow_the_language_of_the_setting(page):
    assert page.evaluate(APPLY, "host") == ["steps", "positive", "score"]
    assert page.evaluate(APPLY, "fi") == ["askeleet", "positiivinen", "partituuri"]
    assert page.evaluate(APPLY, "nl") == ["stappen", "positief", "partituur"]


def test_the_setting_is_there(page):
    assert page.evaluate("() => app.extensionManager.setting.get('Phonofilm.Language')") == "host"


def test_help_finds_its_picture(page):
    answers = page.evaluate(f"""async () => {{
        const page = await (await fetch("/extensions/{PACK}/docs/PhonofilmSyncMeter/en.md")).text();
        const [, picture] = page.match(/!\\[[^\\]]+\\]\\(([^)]+)\\)/);
        const image = new Image();
        image.src = `/extensions/{PACK}/docs/${{picture}}`;
        await image.decode();
        return [page.split("\\n")[0], image.naturalWidth];
    }}""")
    assert answers == ["# Sync Meter", 1024]
