"""Small pictures of what a version changed, before and after, and of what is known of a source; made when asked for,
the last ones kept in memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bridge.errors import NotFound, StorageDamaged
from bridge.grid import tile_rect_px
from bridge.history.records import Hash, Layer, Version
from bridge.history.store import History
from bridge.protocol.messages import FRAME_BYTES
from bridge.review.encode import Mime, encoded, encoded_image
from bridge.review.pyramid import Pyramid
from bridge.review.shrink import Shrinking
from bridge.review.tiles import Tiles
from engine.api import LayerFormat
from engine.geometry import PixelRect, Size, TileIndex

Show = Literal["before", "after"]
# A thumbnail has some 5 kB, a picture for comparing some 200: a few hundred of the one, a hundred of the other.
KEPT_BYTES = 24 << 20
# Pictures made at once: each takes a core, and edits want one too.
_AT_ONCE = 2
# Tiles in memory at once while one is made: of four 32 bit channels they are 16 MB.
_TILES_AT_ONCE = 64
# A frame holds the picture and a few fields.
_MOST_BYTES = FRAME_BYTES - 4096


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """An encoded picture of ``rect_px``."""

    mime: Mime
    size: Size
    rect_px: PixelRect
    data: bytes


class Pictures:
    """Makes them and keeps the last ones.

    Args:
        history: where versions and tiles are.
        tiles: what whole versions look like.
        kept_bytes: of encoded pictures in memory.
    """

    def __init__(self, history: History, tiles: Tiles, kept_bytes: int = KEPT_BYTES) -> None:
        self._history = history
        self._tiles = tiles
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[tuple[str, Hash | None, Show, int], Thumbnail] = OrderedDict()
        self._bytes = 0
        self._making = asyncio.Semaphore(_AT_ONCE)

    async def of(self, version: Version, layer: Layer, show: Show, side_px: int) -> Thumbnail:
        """The place that the version changed, or what is known of a source, at most ``side_px`` wide and high.

        Raises:
            NotFound: there was nothing before a source, or nothing is known of it.
            StorageDamaged: a blob is not what it was.
        """
        pyramid = None
        if version.kind == "source":
            if show == "before":
                raise NotFound("picture")
            pyramid = await self._tiles.pyramid(version.version_id)
        # More may become known of a source; of what an edit changed all is.
        key = (version.version_id if pyramid is None else pyramid.name, layer.profile, show, side_px)
        async with self._making:
            kept = self._kept.get(key)
            if kept is None:
                made = self._made(version, layer, show, side_px) if pyramid is None else self._whole(pyramid, side_px)
                kept = await made
                self._keep(key, kept)
            self._kept.move_to_end(key)
        return kept

    def _keep(self, key: tuple[str, Hash | None, Show, int], picture: Thumbnail) -> None:
        if key in self._kept:  # two asked for it at once
            self._bytes -= len(self._kept[key].data)
        self._kept[key] = picture
        self._bytes += len(picture.data)
        while self._bytes > self._kept_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.data)

    async def _whole(self, pyramid: Pyramid, side_px: int) -> Thumbnail:
        picture = await self._tiles.small(pyramid, side_px)
        if picture is None:
            raise NotFound("picture")
        rect_px = pyramid.canvas.size.rect
        mime, small, data = await asyncio.to_thread(encoded_image, picture, _fitting(rect_px, side_px), _MOST_BYTES)
        return Thumbnail(mime, small, rect_px, data)

    async def _made(self, version: Version, layer: Layer, show: Show, side_px: int) -> Thumbnail:
        versions = self._history.versions
        size, format_, rect_px = version.size, version.format, version.rect_px
        if show == "before" and version.canvas is not None and version.parent_id is not None:
            parent = await versions.version(version.parent_id)
            size, format_, rect_px = parent.size, parent.format, parent.size.rect
        tiles = (await versions.tiles_of(version))[show]
        shrinking = Shrinking(rect_px, format_, side_px)
        cells = list(tiles)
        for start in range(0, len(cells), _TILES_AT_ONCE):
            some = {cell: tiles[cell] for cell in cells[start : start + _TILES_AT_ONCE]}
            held = await self._history.blobs.get_many(some.values())
            await asyncio.to_thread(_take, shrinking, some, held, rect_px, size, format_)
        profile = await versions.profile_of(layer)
        small = _fitting(rect_px, side_px)
        mime, small, data = await asyncio.to_thread(encoded, shrinking.result(), format_, profile, small, _MOST_BYTES)
        return Thumbnail(mime, small, rect_px, data)


def _fitting(rect_px: PixelRect, side_px: int) -> Size:
    """The same shape, at most ``side_px`` wide and high, never larger than it is."""
    scale = min(1.0, side_px / max(rect_px.width, rect_px.height))
    return Size(max(1, round(rect_px.width * scale)), max(1, round(rect_px.height * scale)))


def _take(
    shrinking: Shrinking,
    cells: Mapping[TileIndex, Hash],
    held: Mapping[Hash, bytes],
    rect_px: PixelRect,
    size: Size,
    format_: LayerFormat,
) -> None:
    for cell, key in cells.items():
        covers_px = tile_rect_px(cell, size.rect)
        if len(held[key]) != covers_px.area * format_.bytes_per_pixel:
            raise StorageDamaged("A stored tile has not the size of its cell.")
        part_px = covers_px.intersect(rect_px)
        if part_px.is_empty:
            continue
        pixels = np.frombuffer(held[key], format_.depth.dtype).reshape(covers_px.height, covers_px.width, -1)
        shrinking.take(part_px, pixels[part_px.slices(covers_px)])
