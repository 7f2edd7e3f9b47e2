"""What lies over any scene: weather to see and hear, and soft music to hear.

Each module has PHRASES, chance(scene) -> probability, setup(draw, look), paint(plan, look, canvas, t) and
sound(plan, tape), as the scenes have.
"""
from . import music, rain, wind

OVERLAYS = {"rain": rain, "wind": wind, "music": music}
