"""What there is to translate: the texts of the nodes' schemas, as ComfyUI's nodeDefs.json has them."""

import json
from pathlib import Path

import headless

HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "nl", "fi", "zh")
FILES = ("nodeDefs", "main", "settings")


def of_schemas():
    """{node id: {display_name, description, inputs: {id: {name, tooltip}}, outputs: {index: {name, tooltip}}}}, in the words of the schemas."""
    return {name: of_schema(cls.GET_SCHEMA()) for name, cls in headless.mount().node_classes().items()}


def of_schema(schema):
    return {
        "display_name": schema.display_name,
        "description": schema.description,
        "inputs": {entry.id: of_slot(entry) for entry in schema.inputs},
        "outputs": {str(index): of_slot(entry) for index, entry in enumerate(schema.outputs)},
    }


def of_slot(entry):
    return {"name": entry.display_name, "tooltip": entry.tooltip}


def path_of(language, file):
    return HERE / language / f"{file}.json"


def read(language, file):
    """The texts of one file. ValueError where it is not JSON."""
    return json.loads(path_of(language, file).read_text("utf-8"))


def flat(texts, *above):
    """Nested texts -> {dotted key: text}."""
    found = {}
    for key, value in texts.items():
        found |= flat(value, *above, key) if isinstance(value, dict) else {".".join((*above, key)): value}
    return found


def differences(language):
    """What a language lacks, what it has too much, and what is empty: lines with the English text, [] where it is complete."""
    lines = []
    for file in FILES:
        english = flat(of_schemas() if file == "nodeDefs" else read("en", file))
        texts = flat(read(language, file))
        lines += [f"{language}/{file}.json lacks {key}: {text}" for key, text in english.items() if key not in texts]
        lines += [f"{language}/{file}.json has {key}, which no schema has" for key in texts if key not in english]
        lines += [f"{language}/{file}.json: {key} is empty" for key, text in texts.items() if not text]
        if language == "en":
            lines += [f"en/{file}.json: {key} is not what the schema says: {english[key]}" for key, text in texts.items() if english.get(key, text) != text]
    return lines
