"""Two versions of a layer, pixel by pixel: which parts of them lie on each other, and how much these differ.

Nothing is read that need not be: where both have one and the same stored tile at one place, nothing differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import StorageDamaged
from bridge.grid import tile_rect_px
from bridge.history.canvas import KnownCanvas
from bridge.history.records import Hash
from bridge.protocol.messages import TILE_PX
from bridge.review.way import Lies
from engine.api import Alpha, LayerFormat, Pixels
from engine.geometry import PixelRect, Size, TileIndex

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Couple:
    """An earlier and a later version, of which the one lies on the other without being scaled.

    Attributes:
        x0, y0: where the earlier one's upper left pixel lies in the later one.
    """

    before: KnownCanvas
    after: KnownCanvas
    x0: int
    y0: int

    @property
    def shared_px(self) -> PixelRect:
        """Where both are, in the later one's pixels."""
        return self.before.size.rect.shift(self.x0, self.y0).intersect(self.after.size.rect)


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of the later version that is in one stored tile of each; None where nobody sent that tile."""

    rect_px: PixelRect
    before_cell: TileIndex
    after_cell: TileIndex
    before: Hash | None
    after: Hash | None

    @property
    def is_known(self) -> bool:
        return self.before is not None and self.after is not None


def couple_of(before: KnownCanvas, after: KnownCanvas, lies: Lies) -> Couple | None:
    """The two, if their pixels can be compared one by one: not scaled on the way, and stored alike but for an opacity
    that one of them has more."""
    if lies.scale != 1 or not _are_alike(before.format, after.format):
        return None
    return Couple(before, after, lies.x0, lies.y0)


def parts_of(couple: Couple, within_px: PixelRect) -> Iterator[Part]:
    """All parts of what both have in a rectangle of the later version."""
    shared_px = couple.shared_px.intersect(within_px)
    is_aligned = couple.x0 % TILE_PX == couple.y0 % TILE_PX == 0
    for after_cell in shared_px.cells(TILE_PX):
        place_px = after_cell.rect_px(TILE_PX).intersect(shared_px)
        if is_aligned:  # nearly always: of a large layer these are many
            before_cell = TileIndex(after_cell.col - couple.x0 // TILE_PX, after_cell.row - couple.y0 // TILE_PX)
            before, after = couple.before.tiles.get(before_cell), couple.after.tiles.get(after_cell)
            yield Part(place_px, before_cell, after_cell, before, after)
            continue
        own_px = place_px.shift(-couple.x0, -couple.y0)
        for before_cell in own_px.cells(TILE_PX):
            yield Part(
                before_cell.rect_px(TILE_PX).intersect(own_px).shift(couple.x0, couple.y0),
                before_cell,
                after_cell,
                couple.before.tiles.get(before_cell),
                couple.after.tiles.get(after_cell),
            )


def is_same_tile(couple: Couple, part: Part) -> bool:
    """Whether both have one and the same tile there, so that nothing differs."""
    if part.before is None or part.before != part.after or couple.before.format != couple.after.format:
        return False
    before_px = tile_rect_px(part.before_cell, couple.before.size.rect).shift(couple.x0, couple.y0)
    return before_px == tile_rect_px(part.after_cell, couple.after.size.rect)


def pixels_of_part(couple: Couple, part: Part, held: Mapping[Hash, bytes]) -> tuple[Pixels, Pixels]:
    """The part's pixels before and after, H×W×C of one shape.

    Args:
        held: the bytes of both tiles.

    Raises:
        StorageDamaged: a tile has not the size of its cell.
    """
    assert part.before is not None and part.after is not None, "known parts only"
    own_px = part.rect_px.shift(-couple.x0, -couple.y0)
    before = _cut(held[part.before], part.before_cell, own_px, couple.before.size, couple.before.format)
    after = _cut(held[part.after], part.after_cell, part.rect_px, couple.after.size, couple.after.format)
    if before.shape[2] < after.shape[2]:
        before = _with_opacity(before, couple.before.format)
    elif after.shape[2] < before.shape[2]:
        after = _with_opacity(after, couple.after.format)
    return before, after


def differing(before: Pixels, after: Pixels) -> Bools:
    """H×W: where they differ in any bit."""
    # As integers, so that two NaNs of the same bits are the same and 0.0 is not -0.0.
    bits = np.dtype(f"u{before.dtype.itemsize}")
    return (np.ascontiguousarray(before).view(bits) != np.ascontiguousarray(after).view(bits)).any(axis=2)


def distance(before: Pixels, after: Pixels) -> NDArray[np.float32]:
    """H×W×C: how far apart the numbers are, in the layer's own; where they are no numbers, as far as can be."""
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(before.astype(np.float64) - after.astype(np.float64))
    most = float(np.finfo(np.float32).max)
    differs = differing(before, after)[..., np.newaxis]
    apart = np.nan_to_num(np.minimum(apart, most), nan=most, posinf=most)
    return np.where(differs, apart, 0).astype(np.float32)


def _cut(tile: bytes, cell: TileIndex, rect_px: PixelRect, size: Size, format_: LayerFormat) -> Pixels:
    covers_px = tile_rect_px(cell, size.rect)
    if len(tile) != covers_px.area * format_.bytes_per_pixel:
        raise StorageDamaged("A stored tile has not the size of its cell.")
    samples = np.frombuffer(tile, format_.depth.dtype).reshape(covers_px.height, covers_px.width, -1)
    return samples[rect_px.slices(covers_px)]


def _with_opacity(pixels: Pixels, format_: LayerFormat) -> Pixels:
    full = np.full((*pixels.shape[:2], 1), format_.depth.white, pixels.dtype)
    return np.concatenate((pixels, full), axis=2)


def _are_alike(one: LayerFormat, other: LayerFormat) -> bool:
    if one == other:
        return True
    colours = [format_.channels - (format_.alpha is not Alpha.NONE) for format_ in (one, other)]
    # What was opaque is the same in both ways to store an opacity that is not multiplied.
    return (
        one.depth is other.depth
        and colours[0] == colours[1]
        and {one.alpha, other.alpha}
        == {
            Alpha.NONE,
            Alpha.STRAIGHT,
        }
    )
