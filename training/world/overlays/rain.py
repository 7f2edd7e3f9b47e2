"""Rain on a window, on a metal roof or on pavement."""
import torch

from .. import noise
from ..canvas import Canvas, box, span
from ..captions import named
from ..colours import hsv
from ..modal import resample
from ..plan import Plan

KINDS = ("window", "roof", "pavement")
_LAYERS = ((14, 1.5, .13, .017, .34), (22, 1.1, .09, .012, .24))   # columns, speed, length, width, brightness

PHRASES = {"ambience": (
    "{amount} rain on {surface}", "{amount} rain falls on {surface}", "rain on {surface}", "{amount} rain",
    "the sound of {amount} rain on {surface}", "rain patters on {surface}",
)}


def chance(scene):
    return {"rain": 1.0, "thunder": .5}.get(scene, .16)


def setup(draw, look):
    heavy, kind = draw.flag(.5), draw.choice(3)
    columns = sum(layer[0] for layer in _LAYERS) * 2
    plan = Plan(
        heavy=heavy, kind=kind, offset=draw.uniform(.2, .8, columns), phase=draw.uniform(0, 1, columns),
        pace=draw.uniform(.85, 1.15, columns), period=draw.uniform(.35, .70, columns), slant=draw.uniform(-.12, .12),
        spot_x=draw.uniform(0, 1, 16), spot_y=draw.uniform(0, 1, 16), spot_phase=draw.uniform(0, 1, 16),
        spot_pace=draw.uniform(.6, 1.4, 16), level=torch.where(heavy, draw.uniform(.060, .085), draw.uniform(.022, .034)),
        frame=draw.uniform(.03, .05), wood=hsv(draw.uniform(.05, .12), draw.uniform(.0, .6), draw.uniform(.4, .85)),
        roof=draw.uniform(.10, .15), metal=draw.uniform(.45, .65) * torch.tensor([[.92, 1.0, 1.08]]),
    )
    plan.hits = []
    plan.slots = {"amount": named(heavy.long(), ("light", "heavy")), "surface": named(kind, KINDS)}
    return plan


def paint(plan, look, canvas, t):
    white = torch.full((len(t), 3), .88, device=t.device)
    first = 0
    for columns, speed, length, width, bright in _LAYERS:
        _streaks(plan, canvas, t, white, slice(first, first + columns * 2), columns, speed, length, width, bright)
        first += columns * 2
    _roof(plan, canvas, t)
    _frame(plan, canvas)
    _spots(plan, canvas, t)


def _streaks(plan, canvas, t, white, part, columns, speed, length, width, bright):
    """Every column of the picture has one streak that falls again and again; light rain uses half of them."""
    x = torch.remainder(canvas.x - canvas.camera[..., None, None], 1.0)[:, :1]      # rain stays with the camera
    cell = (x * columns).floor().clamp(0, columns - 1).long()[:, 0, 0]
    cell = cell.expand(len(t), -1)

    def of(values):
        return values[:, part].gather(1, cell)[:, None, None]

    centre = (cell[:, None, None] + of(plan.offset)) / columns
    across = span(x, centre - width / 2, centre + width / 2, canvas.pixel)
    across = across * ((cell % 2 == 0)[:, None, None] | plan.heavy[..., None, None])
    fall = (canvas.y / speed - t[..., None, None] * of(plan.pace)) / of(plan.period) + of(plan.phase)
    tail = length / (speed * of(plan.period))
    gap = (fall.remainder(1.0) - .5).abs()
    # a streak is bright in its middle and fades to both ends
    streak = (1 - gap / tail).clamp(min=0)
    faint = torch.where(plan.kind == 0, .7, 1.0)[..., None, None]
    canvas.paint(across * streak * (bright * faint), white)


def _roof(plan, canvas, t):
    """An edge of corrugated metal along the top, for rain on a roof."""
    edge = plan.roof[..., None, None]
    mask = span(canvas.y, -1.0, edge, canvas.pixel) * (plan.kind == 1)[..., None, None] * torch.ones_like(canvas.x)
    waves = 1 + .22 * torch.sin(canvas.x * 62) - .35 * span(canvas.y, edge - .02, edge, canvas.pixel)
    canvas.paint(mask, plan.metal[..., None, None, None] * waves[:, None])


def _frame(plan, canvas):
    """A window frame around the picture, for rain on a window."""
    still = Canvas(canvas.image, canvas.x - canvas.camera[..., None, None], canvas.y, 0 * canvas.camera, canvas.pixel)
    one = torch.ones_like(plan.roof)
    inside = box(still, plan.frame, one - plan.frame, plan.frame, one - plan.frame)
    canvas.paint((1 - inside) * (plan.kind == 0)[..., None, None], plan.wood)


def _spots(plan, canvas, t):
    """Splashes on the ground (pavement), drops that leap from the roof's edge (roof), beads on the pane (window)."""
    cycle = t[..., None] * plan.spot_pace[:, None] * 2.2 + plan.spot_phase[:, None]
    part, turn = cycle.remainder(1), cycle.floor()
    hop = torch.remainder(plan.spot_x[:, None] + turn * .381966, 1)
    back = torch.remainder(plan.spot_y[:, None] + turn * .7548777, 1)
    few = torch.arange(16, device=t.device) % 2 == 0
    present = few | plan.heavy[:, None]
    kind = plan.kind[:, None]
    ground = .80 + .18 * back
    slide = torch.remainder(plan.spot_y[:, None] + .05 * t[..., None] * plan.spot_pace[:, None] ** 3, 1)
    x = torch.where(kind == 0, plan.spot_x[:, None].expand_as(hop), hop) + canvas.camera[..., None]
    y = torch.where(kind == 0, slide, torch.where(kind == 1, plan.roof[:, None] - .05 * part, ground - .03 * part))
    amount = torch.where(kind == 0, torch.full_like(part, .38), .50 * (1 - part)) * present
    canvas.sparkle(x, y, .020, amount, torch.tensor([[.85, .92, 1.0]], device=t.device).expand(len(t), -1))


def sound(plan, tape):
    hiss = noise.rain(tape.noise("rain", 2, tape.grid_samples), plan.heavy.float(), plan.kind)
    length = round(hiss.shape[-1] * tape.rate / 24000)
    tape.lay("ambience", resample(hiss, length) * plan.level[..., None])
