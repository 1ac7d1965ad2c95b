"""Selections put together, however large the layer, and their outline as polygons to be drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.api import Mask
from engine.geometry import PixelRect

Bools = NDArray[np.bool_]
# Rows of a selection unpacked at once.
_ROWS = 256
# Corners of all polygons: what a message holds and a page draws quickly.
MOST_CORNERS = 20_000
# Blocks on the longer side at first: finer than a screen shows.
_BLOCKS = 1024


class Union:
    """Where any of several selections is; one bit a pixel.

    Args:
        rect_px: around all of them.
    """

    def __init__(self, rect_px: PixelRect) -> None:
        self.rect_px = rect_px
        self._bits = np.zeros((rect_px.height, -(-rect_px.width // 8)), np.uint8)

    def add(self, rect_px: PixelRect, mask: Mask | None) -> None:
        """One more: H×W of its place; None: all of the place."""
        inside_px = rect_px.intersect(self.rect_px)
        for top in range(inside_px.y0, inside_px.y1, _ROWS):
            strip_px = PixelRect(inside_px.x0, top, inside_px.x1, min(top + _ROWS, inside_px.y1))
            rows = np.zeros((strip_px.height, self.rect_px.width), np.bool_)
            part = True if mask is None else mask[strip_px.slices(rect_px)] > 0
            rows[:, strip_px.slices(self.rect_px)[1]] = part
            self._bits[strip_px.slices(self.rect_px)[0]] |= np.packbits(rows, axis=1)

    def part(self, rect_px: PixelRect) -> Bools:
        """H×W of a rectangle: where any of them is."""
        found = np.zeros((rect_px.height, rect_px.width), np.bool_)
        inside_px = rect_px.intersect(self.rect_px)
        if inside_px.is_empty:
            return found
        rows, cols = inside_px.slices(self.rect_px)
        first = cols.start // 8
        bits = np.unpackbits(self._bits[rows, first : -(-cols.stop // 8)], axis=1)
        found[inside_px.slices(rect_px)] = bits[:, cols.start - first * 8 : cols.stop - first * 8]
        return found

    def outline(self, most_corners: int = MOST_CORNERS) -> tuple[int, tuple[tuple[int, ...], ...]]:
        """The outline, as exact as so many corners allow: it runs around whole blocks, never inside a selection.

        Returns:
            The blocks' sides in pixels, 1 where the outline is exact; and polygons, each as x, y, x, y, …
        """
        block_px = max(1, -(-max(self.rect_px.width, self.rect_px.height) // _BLOCKS))
        while True:
            polygons = traced(self._blocks(block_px))
            if sum(len(polygon) // 2 for polygon in polygons) <= most_corners:
                return block_px, tuple(self._placed(polygon, block_px) for polygon in polygons)
            block_px *= 2

    def _blocks(self, block_px: int) -> Bools:
        """Blocks in which anything is, H×W blocks."""
        high, wide = -(-self.rect_px.height // block_px), -(-self.rect_px.width // block_px)
        found = np.zeros((high, wide), np.bool_)
        cols = np.arange(0, self.rect_px.width, block_px)
        for row in range(high):
            top = self.rect_px.y0 + row * block_px
            strip_px = PixelRect(self.rect_px.x0, top, self.rect_px.x1, min(top + block_px, self.rect_px.y1))
            found[row] = np.logical_or.reduceat(self.part(strip_px).any(axis=0), cols)
        return found

    def _placed(self, polygon: tuple[int, ...], block_px: int) -> tuple[int, ...]:
        box = self.rect_px
        return tuple(
            min(box.y0 + at * block_px, box.y1) if number % 2 else min(box.x0 + at * block_px, box.x1)
            for number, at in enumerate(polygon)
        )


def traced(inside: Bools) -> tuple[tuple[int, ...], ...]:
    """Polygons around all that is True, H×W: each x, y, x, y, … at its corners, clockwise, holes the other way."""
    padded = np.pad(inside, 1)
    here = padded[1:-1, 1:-1]
    nexts: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for neighbour, start, end in (
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (0, 1)),
        (padded[1:-1, :-2], (0, 1), (0, 0)),
    ):
        rows, cols = np.nonzero(here & ~neighbour)
        for x, y in zip(cols.tolist(), rows.tolist(), strict=True):
            nexts.setdefault((x + start[0], y + start[1]), []).append((x + end[0], y + end[1]))
    polygons: list[tuple[int, ...]] = []
    while nexts:
        first = next(iter(nexts))
        polygons.append(_walked(first, nexts))
    return tuple(polygons)


def _walked(first: tuple[int, int], nexts: dict[tuple[int, int], list[tuple[int, int]]]) -> tuple[int, ...]:
    """Once around, taking what is walked out of ``nexts``; only corners are kept."""
    points = [first]
    while True:
        ends = nexts[points[-1]]
        end = ends.pop() if len(ends) == 1 else ends.pop(_right_turn(points, ends))
        if not ends:
            del nexts[points[-1]]
        if len(points) > 1 and _is_straight(points[-2], points[-1], end):
            points.pop()
        if end == first:
            if _is_straight(points[-1], first, points[1] if len(points) > 1 else end):
                points.pop(0)
            return tuple(at for point in points for at in point)
        points.append(end)


def _right_turn(points: list[tuple[int, int]], ends: list[tuple[int, int]]) -> int:
    """Where two corners touch, the way that stays at the one that it came along."""
    if len(points) < 2:
        return 0
    (x0, y0), (x1, y1) = points[-2], points[-1]
    along = ((x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0))
    turned = (x1 - along[1], y1 + along[0])
    return ends.index(turned) if turned in ends else 0


def _is_straight(one: tuple[int, int], middle: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] == middle[0] == other[0] or one[1] == middle[1] == other[1]
