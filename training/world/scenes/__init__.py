"""The scenes. New ones are appended: what a seed draws inside a scene must not depend on which others exist.

Each module has PHRASES (and may have SYNONYMS for slots of its own) and
    setup(draw, look) -> Plan with `hits` (a list of Hits) and `slots` (words for PHRASES), all on the CPU;
    paint(plan, look, canvas, t [b, n]); sound(plan, tape).
"""
from . import (
    ball, clap, crowd, door, drop, drum, face, faces, footsteps, glass, hammer, keyboard, light, rain, thunder,
)

SCENES = {
    "ball": ball, "hammer": hammer, "drum": drum, "clap": clap, "light": light, "keyboard": keyboard, "drop": drop,
    "face": face, "rain": rain, "footsteps": footsteps, "door": door, "glass": glass, "faces": faces, "thunder": thunder,
    "crowd": crowd,
}
