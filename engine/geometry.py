"""Sizes and rectangles, as small immutable types; the name of a variable says which space it is in.

Rectangles are half-open pixel rects ``(x0, y0, x1, y1)``; sizes are width × height. No torch here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width × height in pixels, both at least 0."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError(f"a size cannot be negative: {self.width}×{self.height}")

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def rect(self) -> PixelRect:
        """The rectangle from the origin that covers this size."""
        return PixelRect(0, 0, self.width, self.height)

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


@dataclass(frozen=True, slots=True, order=True)
class _Rect:
    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"a rectangle cannot end before it begins: {self.as_tuple()}")

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.width == 0 or self.height == 0

    def as_tuple(self) -> tuple[int, int, int, int]:
        return (self.x0, self.y0, self.x1, self.y1)

    def intersect(self, other: Self) -> Self:
        """The common part; an empty rectangle (inside ``self``) when there is none."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        x1, y1 = min(self.x1, other.x1), min(self.y1, other.y1)
        if x1 <= x0 or y1 <= y0:
            return type(self)(self.x0, self.y0, self.x0, self.y0)
        return type(self)(x0, y0, x1, y1)

    def meets(self, other: Self) -> bool:
        """True when the two share at least one pixel."""
        return not self.intersect(other).is_empty

    def union(self, other: Self) -> Self:
        """The smallest rectangle around both; an empty one does not count."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return type(self)(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def contains(self, other: Self) -> bool:
        return other.is_empty or (
            self.x0 <= other.x0 and self.y0 <= other.y0 and other.x1 <= self.x1 and other.y1 <= self.y1
        )

    def shift(self, dx: int, dy: int) -> Self:
        return type(self)(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def grow(self, by: int) -> Self:
        """Larger by ``by`` on every side (``by`` ≥ 0); may leave the layer, so clip with `intersect`."""
        return type(self)(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)


@dataclass(frozen=True, slots=True, order=True)
class PixelRect(_Rect):
    """A half-open rectangle in layer pixels."""

    def slices(self, origin: PixelRect | None = None) -> tuple[slice, slice]:
        """(rows, columns) of this rectangle in an H×W×C array whose top left pixel is ``origin``'s."""
        ox, oy = (origin.x0, origin.y0) if origin else (0, 0)
        return slice(self.y0 - oy, self.y1 - oy), slice(self.x0 - ox, self.x1 - ox)

    def cells(self, side_px: int) -> Iterator[TileIndex]:
        """The cells of a grid of ``side_px`` squares from the layer's origin that meet this, row by row."""
        if self.is_empty:
            return
        for row in range(self.y0 // side_px, (self.y1 - 1) // side_px + 1):
            for col in range(self.x0 // side_px, (self.x1 - 1) // side_px + 1):
                yield TileIndex(col, row)

    def align(self, side_px: int) -> PixelRect:
        """The smallest rectangle of whole grid cells around this one."""
        if self.is_empty:
            return self
        return PixelRect(
            self.x0 // side_px * side_px,
            self.y0 // side_px * side_px,
            -(-self.x1 // side_px) * side_px,
            -(-self.y1 // side_px) * side_px,
        )


@dataclass(frozen=True, slots=True, order=True)
class TokenRect(_Rect):
    """A half-open rectangle in token positions."""


@dataclass(frozen=True, slots=True, order=True)
class TileIndex:
    """A cell of the layer's tile grid."""

    col: int
    row: int

    def rect_px(self, side_px: int) -> PixelRect:
        """The cell's square; clip it with the layer's rectangle."""
        x0, y0 = self.col * side_px, self.row * side_px
        return PixelRect(x0, y0, x0 + side_px, y0 + side_px)
