"""The scenes. New ones are appended: what a seed draws inside a scene must not depend on which others exist.

Each module has PHRASES and
    setup(draw, look) -> Plan with `hits` (a list of Hits) and `slots` (words for PHRASES), all on the CPU;
    paint(plan, look, canvas, t [b, n]); sound(plan, tape).
"""
from . import ball, clap, drop, drum, face, hammer, keyboard, light, rain

SCENES = {
    "ball": ball, "hammer": hammer, "drum": drum, "clap": clap, "light": light, "keyboard": keyboard, "drop": drop,
    "face": face, "rain": rain,
}
