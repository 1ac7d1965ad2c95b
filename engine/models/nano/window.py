"""Which part of a picture the model sees, and how small: the window follows the selection, with context around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.geometry import PixelRect, Size
from engine.tokens.config import TOKEN_PX

# The selection takes at most this share of its window's side; the rest is what there is to go by.
_SELECTION_SHARE = 0.6
# A selection longer than this many times its width is drawn in pieces, one after the other.
_LONGEST = 2.5
# But in no more pieces than this: each costs as much as a whole window.
_MOST_PIECES = 6
# Any less of a small pixel is rounding, more is selected.
_TOUCHED = 1e-4


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, made small.

    Attributes:
        rect_px: of the picture. size_px: of the small one, whole tokens; never larger than the part itself, but for
            less than one token.
    """

    rect_px: PixelRect
    size_px: Size

    @property
    def scale(self) -> float:
        """Picture pixels a window pixel, of the longer side."""
        return max(self.rect_px.width / self.size_px.width, self.rect_px.height / self.size_px.height)


def window_of(box: PixelRect, picture: Size, side_px: int) -> Window:
    """The window for a selection's box.

    Args:
        side_px: of the model's own windows; a multiple of `TOKEN_PX`.
    """
    side = max(math.ceil(max(box.width, box.height) / _SELECTION_SHARE), side_px)
    x0, x1 = _span(box.x0, box.x1, side, picture.width)
    y0, y1 = _span(box.y0, box.y1, side, picture.height)
    rect = PixelRect(x0, y0, x1, y1)
    scale = max(1.0, max(rect.width, rect.height) / side_px)
    return Window(rect, Size(_whole(rect.width / scale), _whole(rect.height / scale)))


def window_around(part: PixelRect, picture: Size, side: int, scale: float) -> Window:
    """A window of ``side`` picture pixels with the part in its middle, as far as the picture goes, at that scale."""
    x0, x1 = _span(part.x0, part.x1, max(side, part.width), picture.width)
    y0, y1 = _span(part.y0, part.y1, max(side, part.height), picture.height)
    rect = PixelRect(x0, y0, x1, y1)
    return Window(rect, Size(_whole(rect.width / scale), _whole(rect.height / scale)))


def box_of(hole: Tensor) -> PixelRect:
    """The bounding box of (H, W) bool, not empty."""
    ys, xs = hole.any(1).nonzero()[:, 0], hole.any(0).nonzero()[:, 0]
    return PixelRect(int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1)


def pieces_of(box: PixelRect) -> tuple[PixelRect, ...]:
    """The box, or parts of it along its longer side that are not too long for their width."""
    long, short = max(box.width, box.height), max(1, min(box.width, box.height))
    count = min(math.ceil(long / (short * _LONGEST)), _MOST_PIECES) if long > short * _LONGEST else 1
    if count == 1:
        return (box,)
    cuts = [round(long * number / count) for number in range(count + 1)]
    if box.width >= box.height:
        return tuple(PixelRect(box.x0 + a, box.y0, box.x0 + b, box.y1) for a, b in pairwise(cuts))
    return tuple(PixelRect(box.x0, box.y0 + a, box.x1, box.y0 + b) for a, b in pairwise(cuts))


def shrunk(picture: Tensor, known: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    """The window's small picture, known pixels averaged with known pixels only, and where it is wholly known.

    Args:
        picture: (3, H, W) float; what it holds where it is not known means nothing. known: (H, W) bool.

    Returns:
        (1, 3, h, w) float32, (1, 1, h, w) bool.
    """
    rows, cols = window.rect_px.slices()
    seen = known[None, None, rows, cols]
    value = torch.where(seen, picture[None, :, rows, cols].float(), 0.0)
    share = resized(seen.float(), window.size_px)
    value = resized(value, window.size_px) / share.clamp(min=_TOUCHED)
    size = (window.size_px.height, window.size_px.width)
    touched = F.adaptive_max_pool2d((~seen).float(), size) > 0
    return value.clamp(0, 1), (share > 1 - _TOUCHED) & ~touched


def enlarged(small: Tensor, window: Window) -> Tensor:
    """(1, 3, h, w) to (3, rect height, rect width)."""
    size = (window.rect_px.height, window.rect_px.width)
    return F.interpolate(small, size=size, mode="bilinear", align_corners=False)[0]


def resized(value: Tensor, size: Size) -> Tensor:
    """(1, C, H, W) to that size, averaged where it shrinks."""
    return F.interpolate(value, size=(size.height, size.width), mode="bilinear", align_corners=False, antialias=True)


def _span(low: int, high: int, side: int, end: int) -> tuple[int, int]:
    """``side`` pixels around low … high, moved inside 0 … ``end``, or all of that where it is shorter."""
    if side >= end:
        return 0, end
    start = min(max((low + high - side) // 2, 0), end - side)
    return start, start + side


def _whole(length_px: float) -> int:
    """The next whole number of tokens."""
    return max(1, round(length_px / TOKEN_PX)) * TOKEN_PX
