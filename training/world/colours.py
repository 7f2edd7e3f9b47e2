"""Named colours and muted ones."""
import torch

NAMES = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
_RGB = torch.tensor([
    [.86, .13, .13], [.96, .52, .08], [.96, .84, .16], [.18, .70, .24],
    [.14, .38, .92], [.55, .22, .78], [.96, .48, .68], [.93, .93, .92],
])


def named(draw, index):
    """Index [b, 1] into NAMES -> a slightly varied colour [b, 3]."""
    return (_RGB[index[:, 0]] + draw.uniform(-.05, .05, 3)).clamp(0, 1)


def hsv(hue, saturation, value):
    """Hue (turns), saturation, value, each [b, 1] -> [b, 3]."""
    wheel = (hue + torch.tensor([[0., 2 / 3, 1 / 3]])).remainder(1) * 6
    ramp = ((wheel - 3).abs() - 1).clamp(0, 1)
    return value * (1 - saturation * (1 - ramp))


def muted(draw, low, high):
    """A quiet colour of any hue whose brightness lies between low and high: [b, 3]."""
    return hsv(draw.uniform(), draw.uniform(.15, .5), draw.uniform(low, high))


def skin(draw):
    """A skin colour [b, 3]."""
    depth = draw.uniform(0, 1)
    light, dark = torch.tensor([[.98, .80, .68]]), torch.tensor([[.50, .32, .22]])
    return light + (dark - light) * depth
