"""What the nodes ask of their host, here ComfyUI. `headless/host` has the same functions in plain torch.

A function's module is imported when it is first called for, so that loading the pack costs nothing.
"""
from importlib import import_module

HOMES = {
    "model_names": "folders",
    "separator_names": "folders",
    "load_separator": "separator",
    "output_target": "folders",
    "preview_target": "folders",
    "shown_files": "shown",
    "input_files": "folders",
    "input_path": "folders",
    "has_input": "folders",
    "latent_files": "folders",
    "workflow_metadata": "folders",
    "Progress": "progress",
    "load_model": "loading",
    "encode_prompt": "clip",
    "empty_latent": "latent",
    "decode_picture": "latent",
    "decode_sound": "latent",
    "grid_of": "encoding",
    "encode_picture": "encoding",
    "encode_sound": "encoding",
    "av_latent": "encoding",
    "masks_of": "latent",
    "draft_score": "sampling",
    "sample": "sampling",
    "sampler_names": "progress",
    "scheduler_names": "progress",
    "subgraph_prefix": "subgraph",
}


def __getattr__(name):
    if name not in HOMES:
        raise AttributeError(name)
    return getattr(import_module("." + HOMES[name], __name__), name)
