"""The rows that a help page must have for a node's inputs and outputs, up to the words in the last column."""

INPUTS = "| Input | Type | Default | Range | What it is |\n|---|---|---|---|---|"
OUTPUTS = "| Output | Type | What it is |\n|---|---|---|"
OF_THE_HOST = ("model_name", "file", "sampler", "scheduler")  # lists that differ from machine to machine
UNITS = {
    "s": ("seconds", "start", "end", "length", "head", "overlap", "duration", "fade_in", "fade_out"),
    "ms": ("ms", "nudge_ms", "duck_look_ahead", "duck_attack", "duck_hold", "duck_release", "delay"),
    "dB": ("gain", "duck_depth"),
    "LUFS": ("custom_loudness", "custom_target"),
    "dBTP": ("ceiling",),
    "px": ("width", "height"),
    "frames/s": ("rate",),
}
UNIT_OF = {name: unit for unit, names in UNITS.items() for name in names}


def input_row(entry):
    """| `id` | type | default | range |"""
    return f"| `{entry.id}` | {entry.io_type} | {default_of(entry)} | {range_of(entry)} |"


def output_row(entry):
    """| `id` | type |"""
    return f"| `{entry.id}` | {entry.io_type} |"


def default_of(entry):
    if not entry.widget:
        return "optional" if entry.optional else "needed"
    if entry.id in ("model_name", "file"):
        return "the first"
    return {"": "empty", True: "on", False: "off"}.get(entry.default, entry.default) if isinstance(entry.default, (str, bool)) else f"{entry.default:g}"


def range_of(entry):
    if entry.io_type in ("INT", "FLOAT"):
        unit = UNIT_OF.get(entry.id) or UNIT_OF.get(entry.id.rpartition("_")[2])
        return f"{number(entry.min)} to {number(entry.max)}{f' {unit}' if unit else ''}"
    if entry.io_type == "COMBO":
        return "those that there are" if entry.id in OF_THE_HOST else "; ".join(entry.options)
    return {"BOOLEAN": "on, off", "STRING": "text"}.get(entry.io_type, "")


def number(value):
    return "2^64 - 1" if value == 2 ** 64 - 1 else f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"
