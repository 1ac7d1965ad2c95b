"""One part of a large picture from what of the small one it needs: the network, an exact size, and bounds.

The small picture goes on beyond its borders with its outermost pixels, and every pixel of the large one depends on a
fixed neighbourhood in it. So parts may be drawn in any order and size, and meet without a seam.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.geometry import PixelRect, Size
from engine.models.scale.network import REACH_PX, Factor, ScaleNet

# Larger than this at once, there is more of the network's imagination in the result than of the picture.
MOST_TIMES = 8
# What is drawn leaves the range of the 3×3 small pixels around it by at most this share of that range, so an edge
# cannot ring by more, and what is flat stays flat to the bit. Measured, the bound costs no closeness at all.
OVERSHOOT = 0.05
# Catmull and Rom's cubic (Keys 1981, a = -1/2), for the last step to a size that is no multiple.
_CUBIC = -0.5
_CUBIC_PX = 2


@dataclass(frozen=True, slots=True)
class Zoom:
    """From a picture of size ``small`` to one of size ``large``, at least as large and at most `MOST_TIMES` both ways.

    Raises:
        ValueError: the sizes are not so.
    """

    small: Size
    large: Size

    def __post_init__(self) -> None:
        times = [self.large.width / self.small.width, self.large.height / self.small.height]
        # Up to half a pixel comes from rounding.
        most = [(MOST_TIMES * side + 0.5) / side for side in (self.small.width, self.small.height)]
        if min(times) < 1 or times[0] > most[0] or times[1] > most[1]:
            raise ValueError(f"from {self.small} to {self.large} is not between 1 and {MOST_TIMES} times")

    @property
    def steps(self) -> tuple[Factor, ...]:
        """What the network does, one after another: at least as large as wanted."""
        times = max(self.large.width / self.small.width, self.large.height / self.small.height)
        # What rounding adds to a small picture's size is left to the last step.
        return (2,) if times <= 2.1 else (4,) if times <= 4.2 else (4, 2)

    @property
    def factor(self) -> int:
        """Of all steps together."""
        return math.prod(self.steps)

    def needs(self, part: PixelRect) -> PixelRect:
        """What of the small picture this part of the large one is drawn from; may go beyond its borders."""
        middle, factor = self._middle(part), self.factor
        reach = REACH_PX + (-(-REACH_PX // self.steps[0]) if len(self.steps) > 1 else 0)
        return PixelRect(
            middle.x0 // factor, middle.y0 // factor, -(-middle.x1 // factor), -(-middle.y1 // factor)
        ).grow(reach)

    @torch.inference_mode()
    def draw(self, net: ScaleNet, seen: Tensor, part: PixelRect) -> Tensor:
        """(C, h, w) of ``part`` of the large picture; C is 3, or 1 for a grey one.

        Args:
            seen: (C, H, W) float32 of what the part `needs`, as stored, 0 … 1 (it may exceed).
        """
        around = self.needs(part)
        low, high = seen.amin((1, 2)), seen.amax((1, 2))
        if torch.equal(low, high):  # flat, as the bounds below would have it too
            return low.view(-1, 1, 1).expand(-1, part.height, part.width)
        made, at = seen.expand(3, -1, -1)[None], around
        for step in self.steps:
            made = net(made.contiguous(memory_format=torch.channels_last), step)
            edge = REACH_PX * step
            made = made[..., edge:-edge, edge:-edge]
            at = PixelRect(*(side * step for side in at.as_tuple()))
            at = PixelRect(at.x0 + edge, at.y0 + edge, at.x1 - edge, at.y1 - edge)
        middle = self._middle(part)
        rows, cols = middle.slices(at)
        found = made[0][:, rows, cols]
        if self.large != self._whole_middle():
            down = _taps(self._whole_middle().height, self.large.height, part.y0, part.y1, middle.y0, middle.y1)
            across = _taps(self._whole_middle().width, self.large.width, part.x0, part.x1, middle.x0, middle.x1)
            found = down.to(found) @ found @ across.to(found).T
        if len(seen) == 1:
            found = found.mean(0, keepdim=True)
        return self._bounded(found, seen, part, around)

    def _bounded(self, found: Tensor, seen: Tensor, part: PixelRect, around: PixelRect) -> Tensor:
        """Within what the small picture has there; see `OVERSHOOT`."""
        high = F.max_pool2d(seen[None], 3, 1, 1)[0]
        low = -F.max_pool2d(-seen[None], 3, 1, 1)[0]
        # Beside a lamp the range is large, and the room is not: no black ring around it.
        room = (high - low).clamp(max=1) * OVERSHOOT
        # Below black and above white only where the picture itself is.
        low, high = torch.maximum(low - room, low.clamp(max=0)), torch.minimum(high + room, high.clamp(min=1))
        rows = _under(self.small.height, self.large.height, part.y0, part.y1) - around.y0
        cols = _under(self.small.width, self.large.width, part.x0, part.x1) - around.x0
        least, most = (each[:, rows.to(seen.device)][:, :, cols.to(seen.device)] for each in (low, high))
        return torch.minimum(torch.maximum(found, least), most)

    def _whole_middle(self) -> Size:
        """The size that the network gives, before the exact one."""
        return Size(self.small.width * self.factor, self.small.height * self.factor)

    def _middle(self, part: PixelRect) -> PixelRect:
        """What of the network's picture this part is made from; may go beyond its borders."""
        whole = self._whole_middle()
        if whole == self.large:
            return part
        x0, x1 = _support(whole.width, self.large.width, part.x0, part.x1)
        y0, y1 = _support(whole.height, self.large.height, part.y0, part.y1)
        return PixelRect(x0, y0, x1, y1)


def _under(small: int, large: int, begin: int, end: int) -> Tensor:
    """For pixels ``begin`` to ``end`` of ``large``, those of ``small`` that they lie in."""
    return ((torch.arange(begin, end, dtype=torch.float64) + 0.5) * (small / large)).floor().long().clamp(0, small - 1)


def _support(source: int, target: int, begin: int, end: int) -> tuple[int, int]:
    """Which pixels of ``source`` the cubic filter sees for pixels ``begin`` to ``end`` of ``target``."""
    ratio = source / target
    radius = _CUBIC_PX * max(1.0, ratio)
    first, last = (begin + 0.5) * ratio - 0.5, (end - 0.5) * ratio - 0.5
    return math.floor(first - radius), math.ceil(last + radius) + 1


def _taps(source: int, target: int, begin: int, end: int, first: int, last: int) -> Tensor:
    """(end - begin, last - first): weights of a cubic filter as wide as a target pixel; each row's sum is 1."""
    ratio = source / target
    centre = (torch.arange(begin, end, dtype=torch.float64) + 0.5) * ratio - 0.5
    away = (torch.arange(first, last, dtype=torch.float64) - centre[:, None]).abs() / max(1.0, ratio)
    near = (_CUBIC + 2) * away**3 - (_CUBIC + 3) * away**2 + 1
    far = _CUBIC * (away**3 - 5 * away**2 + 8 * away - 4)
    weights = torch.where(away < 1, near, torch.where(away < _CUBIC_PX, far, 0.0))
    return (weights / weights.sum(1, keepdim=True)).float()
