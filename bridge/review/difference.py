"""Tiles of a difference: black where two versions are the same, as bright as they differ, many times over.

Exact at 1:1: a number of an 8 bit layer that differs by *n* shows as *n* × gain. Above, the largest difference of the
four pixels below counts, so that a single changed pixel is seen from afar. What is not known of both is transparent.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import zstandard
from numpy.typing import NDArray
from PIL import Image

from bridge.errors import Busy
from bridge.history.canvas import KnownCanvas
from bridge.history.store import History
from bridge.protocol.messages import LOOK_TILE_PX, TILE_PX
from bridge.review.alike import Bools, Couple, couple_of, distance, is_same_tile, parts_of, pixels_of_part
from bridge.review.display import Floats
from bridge.review.kept import Recent
from bridge.review.pyramid import Pyramid, children_of
from bridge.review.tiles import TileFile, Tiles, packed
from bridge.review.way import way_between
from engine.geometry import PixelRect, TileIndex

MOST_GAIN = 65_535
# Differences that were made, mostly zeros and packed: some thousand tiles.
_KEPT_BYTES = 32 << 20
_FILES_BYTES = 16 << 20
_COUPLES = 16
_AT_ONCE = 2
_WAITING = 512


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two versions that can be compared pixel by pixel.

    Attributes:
        pyramid: of the later one; the tiles are its.
        differs: for each level, level 0 first, the tiles in which anything may differ.
        name: of both with all that is known of them.
    """

    couple: Couple
    pyramid: Pyramid
    differs: tuple[frozenset[TileIndex], ...]
    name: str


class Differences:
    """Makes the tiles; the last ones are kept in memory."""

    def __init__(self, history: History, tiles: Tiles) -> None:
        self._history = history
        self._tiles = tiles
        self._pairs: OrderedDict[str, Pair] = OrderedDict()
        self._made: Recent[tuple[str, int, TileIndex]] = Recent(_KEPT_BYTES)
        self._files: Recent[tuple[str, int, int, TileIndex]] = Recent(_FILES_BYTES)
        self._cores = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def pair(self, from_version_id: str, version_id: str) -> Pair | None:
        """The two; None where they cannot be compared pixel by pixel.

        Raises:
            NotFound: there are no such versions of one layer.
        """
        way = await self._history.database.read(lambda session: way_between(session, from_version_id, version_id))
        before, after = await self._tiles.pyramid(from_version_id), await self._tiles.pyramid(version_id)
        couple = None if way is None else couple_of(before.canvas, after.canvas, way.lies)
        if couple is None:
            return None
        name = f"{before.name}-{after.name}"
        pair = self._pairs.get(name)
        if pair is None:
            differs = await asyncio.to_thread(_differs, couple, len(after.levels))
            pair = self._pairs[name] = Pair(couple, after, differs, name)
            while len(self._pairs) > _COUPLES:
                self._pairs.popitem(last=False)
        return pair

    async def file(self, pair: Pair, level: int, tile: TileIndex, gain: int) -> TileFile | None:
        """A tile as a PNG; None beyond the border.

        Raises:
            Busy: too many wait already.
            StorageDamaged: a blob is not what it was.
        """
        if level >= len(pair.pyramid.levels) or pair.pyramid.rect_at(level, tile).is_empty:
            return None
        key = (pair.name, gain, level, tile)
        data = self._files.get(key)
        if data is None:
            if self._waiting >= _WAITING:
                raise Busy("Too many tiles are waiting already.", hint="Ask again in a moment.")
            self._waiting += 1
            try:
                async with self._cores:
                    apart = await self._apart(pair, level, tile)
                    data = await asyncio.to_thread(_file, pair, level, tile, apart, gain)
            finally:
                self._waiting -= 1
            self._files.put(key, data)
        return TileFile("image/png", data, f"{pair.name}-{gain}-{level}-{tile.col}-{tile.row}")

    async def _apart(self, pair: Pair, level: int, tile: TileIndex) -> Floats | None:
        """H×W×C, how far the two are apart; None: nowhere in the tile."""
        if tile not in pair.differs[level]:
            return None
        rect_px = pair.pyramid.rect_at(level, tile)
        if level == 0:
            return await self._bottom(pair.couple, rect_px)
        channels = max(pair.couple.before.format.channels, pair.couple.after.format.channels)
        key = (pair.name, level, tile)
        kept = self._made.get(key)
        if kept is not None:
            data = zstandard.ZstdDecompressor().decompress(kept)
            return np.frombuffer(data, np.float32).reshape(rect_px.height, rect_px.width, channels)
        whole = np.zeros((rect_px.height, rect_px.width, channels), np.float32)
        for child in children_of(tile):
            below = await self._apart(pair, level - 1, child) if child in pair.differs[level - 1] else None
            if below is not None:
                half = LOOK_TILE_PX // 2
                x0, y0 = child.col * half, child.row * half
                part_px = PixelRect(x0, y0, x0 + -(-below.shape[1] // 2), y0 + -(-below.shape[0] // 2))
                whole[part_px.slices(rect_px)] = _pooled(below)
        self._made.put(key, zstandard.ZstdCompressor(level=1).compress(whole.tobytes()))
        return whole

    async def _bottom(self, couple: Couple, rect_px: PixelRect) -> Floats:
        parts = [part for part in parts_of(couple, rect_px) if part.is_known and not is_same_tile(couple, part)]
        keys = {key for part in parts for key in (part.before, part.after) if key is not None}
        held = await self._history.blobs.get_many(keys)
        channels = max(couple.before.format.channels, couple.after.format.channels)
        whole = np.zeros((rect_px.height, rect_px.width, channels), np.float32)
        for part in parts:
            whole[part.rect_px.slices(rect_px)] = distance(*pixels_of_part(couple, part, held))
        return whole


def _differs(couple: Couple, levels: int) -> tuple[frozenset[TileIndex], ...]:
    cells = LOOK_TILE_PX // TILE_PX
    found = {
        TileIndex(part.after_cell.col // cells, part.after_cell.row // cells)
        for part in parts_of(couple, couple.shared_px)
        if part.is_known and not is_same_tile(couple, part)
    }
    made = [frozenset(found)]
    while len(made) < levels:
        made.append(frozenset(TileIndex(tile.col // 2, tile.row // 2) for tile in made[-1]))
    return tuple(made)


def _pooled(below: Floats) -> Floats:
    """The largest of each 2 × 2, which may be fewer at the far borders."""
    rows = below[0::2].copy()
    np.maximum(rows[: below.shape[0] // 2], below[1::2], out=rows[: below.shape[0] // 2])
    cols = rows[:, 0::2].copy()
    np.maximum(cols[:, : below.shape[1] // 2], rows[:, 1::2], out=cols[:, : below.shape[1] // 2])
    return cols


def _file(pair: Pair, level: int, tile: TileIndex, apart: Floats | None, gain: int) -> bytes:
    rect_px = pair.pyramid.rect_at(level, tile)
    known = _known(pair.couple, level, rect_px)
    bright = np.zeros((rect_px.height, rect_px.width, 3), np.uint8)
    if apart is not None:
        format_ = pair.couple.after.format
        colours = 1 if format_.channels <= 2 else 3
        # Whatever differs is seen, also where it is less than a step of the screen's; all channels show the opacity's.
        steps = np.ceil(np.minimum(apart * (255.0 * gain / format_.depth.white), 255)).astype(np.uint8)
        bright[...] = steps[..., :colours]
        if steps.shape[2] > colours:
            np.maximum(bright, steps[..., colours:], out=bright)
    picture = Image.fromarray(bright)
    if not known.all():
        bright[~known] = 0
        picture = Image.fromarray(bright)
        picture.putalpha(Image.fromarray(known.astype(np.uint8) * np.uint8(255)))
    return packed(picture, is_exact=True)


def _known(couple: Couple, level: int, rect_px: PixelRect) -> Bools:
    """H×W of a tile's rectangle at its level: where the pixel in its middle is known of both."""
    rows = (np.arange(rect_px.y0, rect_px.y1) << level) + ((1 << level) >> 1)
    cols = (np.arange(rect_px.x0, rect_px.x1) << level) + ((1 << level) >> 1)
    rows, cols = np.minimum(rows, couple.after.size.height - 1), np.minimum(cols, couple.after.size.width - 1)
    after = _known_at(couple.after, rows, cols)
    return after & _known_at(couple.before, rows - couple.y0, cols - couple.x0)


def _known_at(canvas: KnownCanvas, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> Bools:
    inside = ((rows >= 0) & (rows < canvas.size.height))[:, np.newaxis] & ((cols >= 0) & (cols < canvas.size.width))
    if canvas.is_whole:
        return inside
    high, wide = -(-canvas.size.height // TILE_PX), -(-canvas.size.width // TILE_PX)
    grid = np.zeros((high, wide), np.bool_)
    for cell in canvas.tiles:
        grid[cell.row, cell.col] = True
    at_rows, at_cols = np.clip(rows // TILE_PX, 0, high - 1), np.clip(cols // TILE_PX, 0, wide - 1)
    return inside & grid[np.ix_(at_rows, at_cols)]
