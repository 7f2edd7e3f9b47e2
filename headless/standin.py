"""A stand-in for comfy_api: as much of its V3 node classes as the pack's nodes use.

What is not here raises Unsupported with its name, so that a node which needs more is refused by name
while the others run.
"""

import sys
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import NamedTuple


class Unsupported(Exception):
    """A node asks for something of ComfyUI that the stand-in does not have."""


class Input:
    """A socket or widget of a node; `widget` tells which."""

    def __init__(self, id, display_name=None, optional=False, tooltip=None, lazy=None, default=None,
                 min=None, max=None, options=None, **looks):
        if lazy:
            raise Unsupported("lazy inputs")
        self.id, self.display_name, self.optional, self.tooltip, self.default = id, display_name or id, optional, tooltip, default
        self.min, self.max, self.options = min, max, options
        if options and default is None:
            self.default = options[0]


class Output:
    def __init__(self, id=None, display_name=None, tooltip=None, is_output_list=False):
        if is_output_list:
            raise Unsupported("list outputs")
        self.id, self.display_name, self.tooltip = id, display_name or id, tooltip


def io_type(name, widget=False):
    """A type of io, with its Input and Output classes."""
    kind = {"io_type": name, "widget": widget}
    return type(name, (), {"io_type": name, "Type": object, "Input": type("Input", (Input,), kind), "Output": type("Output", (Output,), kind)})


class Hidden(str, Enum):
    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"


class UploadType(str, Enum):
    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"


class FolderType(str, Enum):
    input = "input"
    output = "output"
    temp = "temp"


@dataclass
class Schema:
    node_id: str
    display_name: str = None
    category: str = ""
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    hidden: list = field(default_factory=list)
    description: str = ""
    search_aliases: list = field(default_factory=list)
    is_output_node: bool = False
    is_experimental: bool = False
    is_deprecated: bool = False
    is_dev_only: bool = False
    not_idempotent: bool = False
    has_intermediate_output: bool = False
    is_input_list: bool = False
    enable_expand: bool = False
    accept_all_inputs: bool = False

    def __post_init__(self):
        for name in ("is_input_list", "accept_all_inputs"):
            if getattr(self, name):
                raise Unsupported(name)


class NodeOutput:
    def __init__(self, *args, ui=None, expand=None, block_execution=None):
        if block_execution is not None:
            raise Unsupported("block_execution")
        self.args, self.ui, self.expand = args, ui, expand


class ComfyNode:
    hidden = None

    @classmethod
    def GET_SCHEMA(cls):
        return cls.define_schema()


class ComfyExtension:
    async def on_load(self):
        pass


class SavedResult(dict):
    def __init__(self, filename, subfolder, type):
        super().__init__(filename=filename, subfolder=subfolder, type=FolderType(type).value)


class Preview:
    """What a node shows: ui output under a key, in the form that goes over the wire."""

    key = None

    def __init__(self, values, **_):
        self.values = values if isinstance(values, list) else [values]

    def as_dict(self):
        return {self.key: self.values}


class PreviewVideo(Preview):
    key = "images"


class PreviewText(Preview):
    key = "text"


class VideoParts(NamedTuple):
    images: object
    frame_rate: object
    audio: dict | None


class VideoFromFile:
    """A video on disk; nothing of it is read before it is asked for."""

    def __init__(self, file, *, start_time=0, duration=0):
        self.file, self.window = file, (start_time, duration)

    def get_stream_source(self):
        return self.file

    def get_active_trim_window(self):
        return self.window

    def get_components(self):
        from ..media.reading import read_clip

        start, duration = self.window
        clip = read_clip(self.file, start, duration or None)
        audio = None if clip.waveform is None else {"waveform": clip.waveform[None], "sample_rate": clip.sample_rate}
        return VideoParts(clip.frames, clip.rate, audio)


class Strict(ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise Unsupported(f"{self.__name__.rpartition('.')[2]}.{name}")


WIDGETS = {"Boolean": "BOOLEAN", "Int": "INT", "Float": "FLOAT", "String": "STRING", "Combo": "COMBO"}
SOCKETS = {"Image": "IMAGE", "Mask": "MASK", "Latent": "LATENT", "Conditioning": "CONDITIONING", "Model": "MODEL", "Vae": "VAE",
           "Clip": "CLIP", "Audio": "AUDIO", "Video": "VIDEO", "AnyType": "*"}


def install():
    """Put the stand-in under comfy_api in sys.modules. The caller has made sure that there is no real one."""
    io, ui = Strict("comfy_api.v0_0_2.io"), Strict("comfy_api.v0_0_2.ui")
    for name, kind in WIDGETS.items():
        setattr(io, name, io_type(kind, widget=True))
    for name, kind in SOCKETS.items():
        setattr(io, name, io_type(kind))
    io.Custom = io_type
    for part in (Schema, NodeOutput, ComfyNode, Hidden, FolderType, UploadType):
        setattr(io, part.__name__, part)
    for part in (SavedResult, PreviewVideo, PreviewText):
        setattr(ui, part.__name__, part)

    root, version = ModuleType("comfy_api"), Strict("comfy_api.v0_0_2")
    root.__path__ = version.__path__ = []
    root.v0_0_2 = version
    version.io, version.ui, version.ComfyExtension = io, ui, ComfyExtension
    version.InputImpl = SimpleNamespace(VideoFromFile=VideoFromFile)
    for module in (root, version, io, ui):
        sys.modules[module.__name__] = module
