"""Large pictures made small tile by tile: nothing of full size is ever held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.api import Alpha, Depth, LayerFormat, Pixels
from engine.geometry import PixelRect

Floats = NDArray[np.float32]


class Shrinking:
    """Means of square blocks of pixels, colour weighed by its opacity; blocks at the far borders may be smaller.

    Args:
        rect_px: what is made small.
        format: of the pixels that come in.
        side_px: the result's longer side is at least this and less than twice it, where the picture is that large.
    """

    def __init__(self, rect_px: PixelRect, format: LayerFormat, side_px: int) -> None:
        self._rect_px = rect_px
        self._format = format
        self._block_px = max(1, max(rect_px.width, rect_px.height) // side_px)
        high, wide = -(-rect_px.height // self._block_px), -(-rect_px.width // self._block_px)
        self._sums = np.zeros((high, wide, format.channels), np.float32)

    def take(self, part_px: PixelRect, pixels: Pixels) -> None:
        """The pixels of a part of the rectangle, H×W×C in the layer's format; each part once."""
        values = _numbers(pixels, self._format.depth)
        if self._format.alpha is not Alpha.NONE:
            np.clip(values[..., -1], 0, 1, out=values[..., -1])
        if self._format.alpha is Alpha.STRAIGHT:
            values[..., :-1] *= values[..., -1:]
        rows, top = self._edges(part_px.y0 - self._rect_px.y0, part_px.height)
        cols, left = self._edges(part_px.x0 - self._rect_px.x0, part_px.width)
        sums = np.add.reduceat(np.add.reduceat(values, rows, axis=0), cols, axis=1)
        self._sums[top : top + len(rows), left : left + len(cols)] += sums

    def result(self) -> Floats:
        """H×W×C float32, straight alpha: integers as 0 … 1, floats as they are, without what is no number."""
        high = _sizes(self._rect_px.height, self._block_px)[:, np.newaxis, np.newaxis]
        wide = _sizes(self._rect_px.width, self._block_px)[np.newaxis, :, np.newaxis]
        means = self._sums / (high * wide)
        if self._format.alpha is not Alpha.NONE:
            opacity = means[..., -1:]
            np.divide(means[..., :-1], opacity, out=means[..., :-1], where=opacity > 0)
        return means.astype(np.float32, copy=False)

    def _edges(self, start_px: int, length_px: int) -> tuple[NDArray[np.intp], int]:
        """Where in a part new blocks begin, and which block is its first."""
        first, last = start_px // self._block_px, (start_px + length_px - 1) // self._block_px
        begins = np.arange(first, last + 1) * self._block_px - start_px
        begins[0] = 0
        return begins.astype(np.intp), first


def _numbers(pixels: Pixels, depth: Depth) -> Floats:
    values = pixels.astype(np.float32)
    if depth is Depth.F32:
        # Once a broken number is in a mean it is everywhere.
        return np.nan_to_num(values, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
    return values / np.float32(depth.white)


def _sizes(length_px: int, block_px: int) -> Floats:
    """How many pixels are in each block of a row."""
    starts = np.arange(0, length_px, block_px)
    return np.minimum(block_px, length_px - starts).astype(np.float32)
