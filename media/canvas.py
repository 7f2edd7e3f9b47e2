"""A drawing board for plots in plain torch: rectangles, lines and small letters on an RGB image."""

import torch

# 5 x 7 letters: seven rows from the top, each a digit of base 32 whose bits are the dots from left to right.
_GLYPHS = dict(pair.split(maxsplit=1) for pair in """
A ehhvhhh|B uhhuhhu|C ehggghe|D uhhhhhu|E vgguggv|F vgguggg|G ehgnhhf|H hhhvhhh|I e44444e|J 72222ic|K hikokih|L ggggggv
M hrllhhh|N hhpljhh|O ehhhhhe|P uhhuggg|Q ehhhlid|R uhhukih|S fgge11u|T v444444|U hhhhhhe|V hhhhha4|W hhhllrh|X hha4ahh
Y hha4444|Z v1248gv|0 ehjlphe|1 4c4444e|2 eh1248v|3 v2421he|4 26aiv22|5 vgu11he|6 68guhhe|7 v124888|8 ehhehhe|9 ehhf12c
. 00000cc|, 0000cc8|- 000e000|+ 044v440|: 0cc0cc0|/ 01248g0|( 2488842|) 8422248|% op248j3|' 4480000|_ 000000v|= 00v0v00
""".replace("\n", "|").strip("|").split("|")) | {" ": "0000000"}
_UNKNOWN = "vhhhhhv"
_SMOOTH = 2                                 # drawn this many times larger, then averaged


class Canvas:
    """`image`: float32 [height, width, 3], 0..1. Places are pixels from the top left, colours three numbers 0..1."""

    def __init__(self, width, height, colour):
        self.width, self.height = width, height
        self._board = torch.tensor(colour, dtype=torch.float32).repeat(height * _SMOOTH, width * _SMOOTH, 1)

    @property
    def image(self):
        return torch.nn.functional.avg_pool2d(self._board.permute(2, 0, 1), _SMOOTH).permute(1, 2, 0).contiguous()

    def rectangle(self, left, top, right, bottom, colour, opacity=1.0):
        left, top, right, bottom = (max(0, round(place * _SMOOTH)) for place in (left, top, right, bottom))
        area = self._board[top:max(bottom, top + 1), left:max(right, left + 1)]
        area.lerp_(torch.tensor(colour, dtype=torch.float32).expand_as(area), opacity)

    def line(self, x, y, colour, width=1.0):
        """A line through the points x [n], y [n]; it breaks where y is NaN."""
        x, y = (torch.as_tensor(place, dtype=torch.float64) * _SMOOTH for place in (x, y))
        steps = max(2, int((x.diff().abs() + y.diff().abs().nan_to_num()).max().ceil()) * 2) if len(x) > 1 else 2
        share = torch.linspace(0, 1, steps, dtype=torch.float64)
        along = [torch.lerp(place[:-1, None], place[1:, None], share).flatten() if len(place) > 1 else place for place in (x, y)]
        reach = torch.arange(round(width * _SMOOTH)) - (width * _SMOOTH - 1) / 2
        across, down = (grid.flatten() for grid in torch.meshgrid(reach, reach, indexing="ij"))
        inside = torch.isfinite(along[1])
        columns, rows = ((place[inside, None] + offset).round().long().flatten() for place, offset in zip(along, (across, down)))
        seen = (columns >= 0) & (columns < self._board.shape[1]) & (rows >= 0) & (rows < self._board.shape[0])
        self._board[rows[seen], columns[seen]] = torch.tensor(colour, dtype=torch.float32)

    def text(self, x, y, words, colour, size=2, anchor=0.0):
        """Letters 7 * size high from y down; `anchor` says which part of their width stands at x: 0 left, 0.5, 1."""
        dots = torch.cat([_dots(letter) for letter in words.upper()], 1) if words else torch.zeros(7, 1, dtype=torch.bool)
        dots = dots.repeat_interleave(size * _SMOOTH, 0).repeat_interleave(size * _SMOOTH, 1)
        left, top = max(0, round((x - anchor * text_width(words, size)) * _SMOOTH)), max(0, round(y * _SMOOTH))
        area = self._board[top:top + dots.shape[0], left:left + dots.shape[1]]
        area[dots[:area.shape[0], :area.shape[1]]] = torch.tensor(colour, dtype=torch.float32)


def text_width(words, size=2):
    return (6 * len(words) - 1) * size


def _dots(letter):
    """[7, 6] bool, the last column blank."""
    rows = torch.tensor([int(row, 32) for row in _GLYPHS.get(letter, _UNKNOWN)])
    return (rows[:, None] >> torch.tensor([4, 3, 2, 1, 0, 5]) & 1).bool()
