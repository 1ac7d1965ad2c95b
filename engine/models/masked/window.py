"""What a model sees of a picture: square windows of its native side, with the selection in their middle.

A selection that takes no more than `_SELECTION_SHARE` of a window is drawn at the picture's own scale. A larger one is
made smaller, up to `_MOST_SCALE`; still larger ones are drawn in several windows that overlap, row by row, each with
what the ones before have drawn as context. A picture smaller than a window is mirrored at its right and lower end;
what is mirrored is context only, no token of it is ever drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.geometry import PixelRect, Size
from engine.imaging.membrane import membrane

# The selection takes at most this share of its window's side; the rest is what there is to go by. Of neighbouring
# windows each side shares this much less than all.
_SELECTION_SHARE = 0.6
# Picture pixels a window pixel, at most, while that is enough for one window: detail beyond is not drawn but copied
# (`paste`), and at a third of the scale nothing that was drawn would be sharp.
_MOST_SCALE = 2.0
# More windows than this take minutes; the scale grows instead.
_MOST_WINDOWS = 24
_COARSER = 1.25
# Any less of a small pixel is rounding, more is selected.
_TOUCHED = 1e-4
# A window in which nothing is known is of no colour.
_GREY = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, as a model sees it.

    Attributes:
        rect_px: of the picture. own_px: the part of it whose selected pixels this window draws; windows' own parts do
            not overlap, and together they hold the selection.
        side_px: of the model's square. size_px: what ``rect_px`` becomes in its upper left; the rest is mirrored.
    """

    rect_px: PixelRect
    own_px: PixelRect
    side_px: int
    size_px: Size

    @property
    def scale(self) -> float:
        """Picture pixels a window pixel."""
        return max(self.rect_px.width / self.size_px.width, self.rect_px.height / self.size_px.height)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A window's square.

    Attributes:
        pixels: (1, 3, side, side) float32 0 … 1: what is unknown is filled smoothly from around it, and the padding
            is mirrored.
        known: (side, side) bool: pixels that the picture shows, wholly; none of the padding.
    """

    pixels: Tensor
    known: Tensor


def windows_of(hole: Tensor, side_px: int) -> tuple[Window, ...]:
    """The windows that draw a selection, in their order.

    Args:
        hole: (H, W) bool of the picture. side_px: of the model's windows, a multiple of its tokens.

    Returns:
        none when nothing is selected.
    """
    if not bool(hole.any()):
        return ()
    picture = Size(hole.shape[1], hole.shape[0])
    box = _box_of(hole)
    scale = _scale_of_one(box, picture, side_px)
    if scale <= _MOST_SCALE:
        return (_window(box, picture, side_px, scale),)
    scale = min(max(1.0, min(box.width, box.height) / (side_px * _SELECTION_SHARE)), _MOST_SCALE)
    while len(parts := _parts(hole, box, side_px * _SELECTION_SHARE * scale)) > _MOST_WINDOWS:
        scale *= _COARSER
    return tuple(_window(own, picture, side_px, scale) for own in parts)


def view_of(picture: Tensor, unknown: Tensor, window: Window) -> View:
    """
    Args:
        picture: (3, H, W) float 0 … 1; what it holds where it is unknown means nothing. unknown: (H, W) bool.
    """
    rows, cols = window.rect_px.slices()
    seen = ~unknown[None, None, rows, cols]
    value = torch.where(seen, picture[None, :, rows, cols].float(), 0.0)
    share = resized(seen.float(), window.size_px)
    value = (resized(value, window.size_px) / share.clamp(min=_TOUCHED)).clamp(0, 1)
    known = ((share > 1 - _TOUCHED)[0, 0]) & ~_touched(unknown, window)
    partly = share[0, 0] > _TOUCHED
    # What is known of a pixel at the selection's border is better than anything spread over it.
    value = _filled(value[0], ~partly)[None] if bool(partly.any()) else torch.full_like(value, _GREY)
    down, right = (_mirrored(length, window.side_px, value.device) for length in value.shape[2:])
    missing = (0, window.side_px - window.size_px.width, 0, window.side_px - window.size_px.height)
    return View(value[:, :, down][:, :, :, right].clamp(0, 1), F.pad(known, missing))


def region_of(hole: Tensor, window: Window, token_px: int) -> Tensor:
    """(side / token, side / token) bool: tokens that any of the selection in the window touches, grown by one.

    None of them lies wholly in the padding.

    Args:
        hole: (H, W) bool of the picture: what is yet to be drawn. What belongs to other windows is drawn too, for
            else it would be taken for known, but not used.
    """
    size = window.size_px
    missing = (0, window.side_px - size.width, 0, window.side_px - size.height)
    touched = F.pad(_touched(hole, window)[None, None].float(), missing)
    tokens = F.max_pool2d(F.max_pool2d(touched, token_px), 3, 1, 1)[0, 0] > 0
    tokens[-(-size.height // token_px) :] = False
    tokens[:, -(-size.width // token_px) :] = False
    return tokens


def resized(value: Tensor, size: Size) -> Tensor:
    """(1, C, H, W) float to that size, averaged where it shrinks; as it is where it has that size."""
    if value.shape[2:] == (size.height, size.width):
        return value
    return F.interpolate(value, size=(size.height, size.width), mode="bilinear", align_corners=False, antialias=True)


def _filled(value: Tensor, unknown: Tensor) -> Tensor:
    """(3, h, w) with a membrane where it is unknown (h, w); nothing farther than a pixel from that is computed."""
    if not bool(unknown.any()):
        return value
    rows, cols = _box_of(unknown).grow(1).intersect(PixelRect(0, 0, value.shape[2], value.shape[1])).slices()
    out = value.clone()
    part = value[:, rows, cols].permute(1, 2, 0).contiguous()
    out[:, rows, cols] = membrane(part, unknown[rows, cols]).permute(2, 0, 1)
    return out


def _touched(hole: Tensor, window: Window) -> Tensor:
    """(size height, size width) bool: window pixels of which any is selected."""
    size = (window.size_px.height, window.size_px.width)
    return F.adaptive_max_pool2d(hole[None, None, *window.rect_px.slices()].float(), size)[0, 0] > 0


def _box_of(hole: Tensor) -> PixelRect:
    ys, xs = hole.any(1).nonzero()[:, 0], hole.any(0).nonzero()[:, 0]
    return PixelRect(int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1)


def _scale_of_one(box: PixelRect, picture: Size, side_px: int) -> float:
    """Of one window around all of the selection: with context where the picture has any."""
    wanted = max(box.width, box.height) / _SELECTION_SHARE
    wide, high = min(picture.width, wanted), min(picture.height, wanted)
    return max(1.0, wide / side_px, high / side_px)


def _window(own: PixelRect, picture: Size, side_px: int, scale: float) -> Window:
    side = math.ceil(side_px * scale - 1e-6)
    x0, x1 = _span(own.x0, own.x1, side, picture.width)
    y0, y1 = _span(own.y0, own.y1, side, picture.height)
    width, height = (min(side_px, max(1, round(length / scale))) for length in (x1 - x0, y1 - y0))
    return Window(PixelRect(x0, y0, x1, y1), own, side_px, Size(width, height))


def _parts(hole: Tensor, box: PixelRect, side: float) -> list[PixelRect]:
    """The boxes of what is selected in each cell of at most that side, row by row; cells without any have none."""
    parts: list[PixelRect] = []
    for top, bottom in pairwise(_cuts(box.y0, box.y1, side)):
        for left, right in pairwise(_cuts(box.x0, box.x1, side)):
            inside = hole[top:bottom, left:right]
            if bool(inside.any()):
                parts.append(_box_of(inside).shift(left, top))
    return parts


def _cuts(low: int, high: int, side: float) -> list[int]:
    count = math.ceil((high - low) / max(1.0, math.floor(side)))
    return [low + (high - low) * number // count for number in range(count + 1)]


def _span(low: int, high: int, side: int, end: int) -> tuple[int, int]:
    """``side`` pixels around low … high, moved inside 0 … ``end``, or all of that where it is shorter."""
    if side >= end:
        return 0, end
    start = min(max((low + high - side) // 2, 0), end - side)
    return start, start + side


def _mirrored(length: int, side: int, device: torch.device) -> Tensor:
    """(side,) int64: 0 … length-1, and back, and so on; the end is not repeated."""
    period = max(1, 2 * (length - 1))
    index = torch.arange(side, device=device) % period
    return torch.where(index < length, index, period - index)
