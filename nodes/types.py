"""The two types that core does not have; everything else on the wires is core's."""

from comfy_api.v0_0_2 import io

Score = io.Custom("PHONOFILM_SCORE")
Stems = io.Custom("PHONOFILM_STEMS")
