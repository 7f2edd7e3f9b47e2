"""What lies over a scene: weather and people to see and hear, and soft music to hear.

New ones are appended, as a clip's number for each depends on its place in the list. Each module has PHRASES (and may
have SYNONYMS), chance(scene) -> probability, setup(draw, look), paint(plan, look, canvas, t) and
sound(plan, tape), as the scenes have.
"""
from . import crowd, music, rain, wind

OVERLAYS = {"rain": rain, "wind": wind, "music": music, "crowd": crowd}
