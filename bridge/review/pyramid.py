"""The pyramid of a version: which tiles it has, and what each is named by, its content. No pixels here.

Level 0 is 1:1, and each level above is half as wide and high, until all fits one tile. A tile is named by a hash of all
stored cells that it covers: what an edit did not touch has the same names in every version, so it is made only once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from bridge.history.canvas import KnownCanvas
from bridge.history.records import Hash
from bridge.protocol.messages import LOOK_TILE_PX, TILE_PX
from engine.geometry import PixelRect, Size, TileIndex

# Part of every name: another way to make tiles is another number, and nothing made in the old way is found again.
_MADE = b"inlay tile 2"
_NOTHING = bytes(32)
_CELLS = LOOK_TILE_PX // TILE_PX


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """The tiles of a version.

    Attributes:
        canvas: what is known of the layer in that version.
        levels: names of the tiles, level 0 first; tiles in which nothing is known are missing.
        name: of all of it: another as soon as more is known.
    """

    canvas: KnownCanvas
    levels: tuple[Mapping[TileIndex, Hash], ...]
    name: str

    def size_at(self, level: int) -> Size:
        """Width × height of a level; halves that are none are rounded up."""
        return size_at(self.canvas.size, level)

    def rect_at(self, level: int, tile: TileIndex) -> PixelRect:
        """What a tile covers, in the pixels of its level; empty beyond the border."""
        return tile.rect_px(LOOK_TILE_PX).intersect(self.size_at(level).rect)


def size_at(size: Size, level: int) -> Size:
    """Width × height of a level of a layer of that size."""
    return Size(-(-size.width >> level), -(-size.height >> level))


def levels_of(size: Size) -> int:
    """How many levels there are: the last fits one tile."""
    tiles = -(-max(size.width, size.height, 1) // LOOK_TILE_PX)
    return 1 + (tiles - 1).bit_length()


def pyramid_of(canvas: KnownCanvas) -> Pyramid:
    """The pyramid over what is known."""
    look = sha256(_MADE + repr((canvas.format, canvas.profile)).encode()).digest()
    levels: list[dict[TileIndex, Hash]] = [_bottom(canvas, look)]
    while len(levels) < levels_of(canvas.size):
        levels.append(_halved(levels[-1], size_at(canvas.size, len(levels))))
    top = levels[-1].get(TileIndex(0, 0), _NOTHING)
    name = sha256(top + repr((canvas.size, look)).encode()).hexdigest()[:32]
    return Pyramid(canvas, tuple(levels), name)


def _bottom(canvas: KnownCanvas, look: bytes) -> dict[TileIndex, Hash]:
    parts: dict[TileIndex, dict[TileIndex, Hash]] = {}
    for cell, key in canvas.tiles.items():
        parts.setdefault(TileIndex(cell.col // _CELLS, cell.row // _CELLS), {})[cell] = key
    names: dict[TileIndex, Hash] = {}
    for tile, cells in parts.items():
        # At the borders two tiles of the same bytes may have different shapes.
        shape = tile.rect_px(LOOK_TILE_PX).intersect(canvas.size.rect).size
        found = sha256(look + repr((shape.width, shape.height)).encode())
        for cell in cells_of(tile):
            found.update(cells.get(cell, _NOTHING))
        names[tile] = found.digest()
    return names


def _halved(below: Mapping[TileIndex, Hash], size: Size) -> dict[TileIndex, Hash]:
    names: dict[TileIndex, Hash] = {}
    for tile in {TileIndex(tile.col // 2, tile.row // 2) for tile in below}:
        # What is beyond the border and what nobody sent have no names: only the shape tells them apart.
        shape = tile.rect_px(LOOK_TILE_PX).intersect(size.rect).size
        found = sha256(repr((shape.width, shape.height)).encode())
        for child in children_of(tile):
            found.update(below.get(child, _NOTHING))
        names[tile] = found.digest()
    return names


def children_of(tile: TileIndex) -> tuple[TileIndex, TileIndex, TileIndex, TileIndex]:
    """The four tiles one level below, row by row."""
    col, row = 2 * tile.col, 2 * tile.row
    return (
        TileIndex(col, row),
        TileIndex(col + 1, row),
        TileIndex(col, row + 1),
        TileIndex(col + 1, row + 1),
    )


def cells_of(tile: TileIndex) -> tuple[TileIndex, ...]:
    """The stored cells under a tile of level 0, row by row."""
    return tuple(
        TileIndex(tile.col * _CELLS + col, tile.row * _CELLS + row) for row in range(_CELLS) for col in range(_CELLS)
    )
