"""Inputs that say how new something becomes: 1 makes it new, 0 keeps it."""

from comfy_api.v0_0_2 import io


def strength(name, default, tooltip):
    return io.Float.Input(f"{name}_strength", default=default, min=0.0, max=1.0, step=0.01, optional=True, tooltip=tooltip)


def stem_strengths(default, tooltip):
    return [strength(stem, default, tooltip) for stem in ("dialogue", "music", "effects", "ambience")]
