"""Tiles for looking at: made when somebody looks, each out of the four below it: memory does not grow with the layer.

Tiles of level 0 come from the stored cells, and are exact: what is 8 bit sRGB is so to the bit. Those above are means
of what is shown below them, kept packed in a folder (see `bridge.review.kept`): it is they that cost. What nobody ever
sent to the bridge is transparent.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from bridge.errors import Busy, StorageDamaged
from bridge.grid import tile_rect_px
from bridge.history.records import Hash
from bridge.history.store import History
from bridge.protocol.messages import LOOK_TILE_PX, TILE_PX
from bridge.review.display import Display
from bridge.review.kept import KeptFiles, Recent
from bridge.review.pyramid import Pyramid, cells_of, children_of, levels_of, pyramid_of
from engine.api import LayerFormat, Pixels
from engine.geometry import PixelRect, Size, TileIndex

FileMime = Literal["image/png", "image/jpeg"]
# Encoded tiles in memory: some thousand, so that a screen that somebody saw a moment ago is there at once.
MEMORY_BYTES = 96 << 20
# Tiles above level 0 on the disk: all of a dozen layers of 16384².
DISK_BYTES = 1 << 30
# The quickest level; the next take four times as long for a tenth less.
_PNG_LEVEL = 1
# At this, without thinned out colours, nobody tells a photograph's tile from the pixels that it was made of.
_JPEG_QUALITY, _JPEG_FULL_COLOUR = 90, 0
# Tiles made at once: each takes a core, and edits want one too.
_AT_ONCE = 2
# Requests for tiles that wait: more than fifty people's screens. Beyond, they are asked to try again.
_WAITING = 1024
# Versions whose pyramids are remembered; of a layer of 16384² one is 3 MB.
_PYRAMIDS = 32
# What is known of a version may grow, until all is: so long it is not looked up again.
_FRESH_S = 1.0
_DISPLAYS = 16
_MODES = ("RGB", "RGBA")


@dataclass(frozen=True, slots=True, eq=False)
class TileFile:
    """A tile as it is sent; ``name`` changes with its content."""

    mime: FileMime
    data: bytes
    name: str


class Tiles:
    """Every version's tiles.

    Args:
        history: where versions and cells are.
        folder: for what is kept.
        memory_bytes, disk_bytes: for what is kept at most.
    """

    def __init__(
        self, history: History, folder: Path, memory_bytes: int = MEMORY_BYTES, disk_bytes: int = DISK_BYTES
    ) -> None:
        self._history = history
        self._files = KeptFiles(folder, disk_bytes)
        self._recent: Recent[tuple[Hash, bool]] = Recent(memory_bytes)
        self._pyramids: OrderedDict[str, tuple[float, Pyramid]] = OrderedDict()
        self._displays: OrderedDict[tuple[LayerFormat, Hash | None], Display] = OrderedDict()
        self._making: dict[Hash, asyncio.Task[Image.Image]] = {}
        self._cores = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def pyramid(self, version_id: str) -> Pyramid:
        """The version's pyramid, with all that is known now.

        Raises:
            NotFound: no such version.
        """
        held = self._pyramids.get(version_id)
        if held is not None and (held[1].canvas.is_whole or time.monotonic() - held[0] < _FRESH_S):
            self._pyramids.move_to_end(version_id)
            return held[1]
        canvas = await self._history.versions.canvas_at(version_id)
        made = await asyncio.to_thread(pyramid_of, canvas)
        self._pyramids[version_id] = (time.monotonic(), made)
        self._pyramids.move_to_end(version_id)
        while len(self._pyramids) > _PYRAMIDS:
            self._pyramids.popitem(last=False)
        return made

    def forget(self) -> None:
        """Somebody shared a layer's picture: also what was known to be whole may be another. Tiles of cells that are
        as they were are found again by their names."""
        self._pyramids.clear()

    async def file(self, pyramid: Pyramid, level: int, tile: TileIndex) -> TileFile | None:
        """A tile as a file: PNG at level 0 and where something is transparent, else JPEG. None beyond the border.

        Raises:
            Busy: too many wait already.
            StorageDamaged: a blob is not what it was.
        """
        if level >= len(pyramid.levels) or pyramid.rect_at(level, tile).is_empty:
            return None
        is_exact = level == 0
        size = pyramid.rect_at(level, tile).size
        name = pyramid.levels[level].get(tile) or repr(size).encode()
        data = self._recent.get((name, is_exact))
        if data is None:
            if self._waiting >= _WAITING:
                raise Busy("Too many tiles are waiting already.", hint="Ask again in a moment.")
            self._waiting += 1
            try:
                picture = await self._picture(pyramid, level, tile)
                async with self._cores:
                    data = await asyncio.to_thread(packed, picture or _nothing(size), is_exact)
            finally:
                self._waiting -= 1
            self._recent.put((name, is_exact), data)
        mime: FileMime = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        return TileFile(mime, data, name.hex()[:32])

    async def small(self, pyramid: Pyramid, side_px: int) -> Image.Image | None:
        """All of a version, at least ``side_px`` wide or high where it is that large, and less than twice that; RGBA.
        None where nothing is known.

        Raises:
            StorageDamaged: a blob is not what it was.
        """
        longest = max(pyramid.canvas.size.width, pyramid.canvas.size.height)
        level = min(levels_of(pyramid.canvas.size) - 1, max(0, (longest // side_px).bit_length() - 1))
        if not pyramid.levels[level]:
            return None
        whole = _nothing(pyramid.size_at(level))
        for tile in pyramid.levels[level]:
            picture = await self._picture(pyramid, level, tile)
            if picture is not None:
                whole.paste(picture, (tile.col * LOOK_TILE_PX, tile.row * LOOK_TILE_PX))
        return whole

    async def stop(self) -> None:
        """What is being made is given up."""
        tasks = tuple(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _picture(self, pyramid: Pyramid, level: int, tile: TileIndex) -> Image.Image | None:
        """RGB or RGBA; None where nothing is known. Who else wants it meanwhile waits for the same."""
        name = pyramid.levels[level].get(tile)
        if name is None:
            return None
        task = self._making.get(name)
        if task is None:
            work = self._bottom(pyramid, tile) if level == 0 else self._halved(pyramid, level, tile, name)
            task = self._making[name] = asyncio.create_task(work)
            task.add_done_callback(lambda _: self._making.pop(name, None))
        return await asyncio.shield(task)

    async def _bottom(self, pyramid: Pyramid, tile: TileIndex) -> Image.Image:
        canvas = pyramid.canvas
        cells = {cell: canvas.tiles[cell] for cell in cells_of(tile) if cell in canvas.tiles}
        held = await self._history.blobs.get_many(cells.values())
        display = await self._display(canvas.format, canvas.profile)
        async with self._cores:
            return await asyncio.to_thread(
                _shown, cells, held, pyramid.rect_at(0, tile), canvas.size, canvas.format, display
            )

    async def _halved(self, pyramid: Pyramid, level: int, tile: TileIndex, name: Hash) -> Image.Image:
        kept = await self._files.get(name.hex())
        rect_px = pyramid.rect_at(level, tile)
        picture = None if kept is None else _unpacked(kept, rect_px.size)
        if picture is not None:
            return picture
        # One after the other: what is in memory at once is a few tiles for each level, however large the layer is.
        parts: list[tuple[TileIndex, Image.Image]] = []
        for child in children_of(tile):
            part = await self._picture(pyramid, level - 1, child)
            if part is not None:
                parts.append((child, await asyncio.to_thread(part.reduce, 2)))
        picture = await asyncio.to_thread(_joined, parts, rect_px)
        head = bytes((_MODES.index(picture.mode),))
        await self._files.put(name.hex(), head + picture.tobytes())
        return picture

    async def _display(self, format_: LayerFormat, profile: Hash | None) -> Display:
        key = (format_, profile)
        display = self._displays.get(key)
        if display is None:
            held = None if profile is None else (await self._history.blobs.get_many((profile,)))[profile]
            display = self._displays[key] = await asyncio.to_thread(Display, format_, held)
            while len(self._displays) > _DISPLAYS:
                self._displays.popitem(last=False)
        return display


def pixels_of(
    cells: Mapping[TileIndex, Hash], held: Mapping[Hash, bytes], rect_px: PixelRect, size: Size, format_: LayerFormat
) -> Pixels:
    """What stored cells hold of a rectangle of the layer, H×W×C; 0 where there is none of them.

    Raises:
        StorageDamaged: a cell has not its size.
    """
    pixels = np.zeros((rect_px.height, rect_px.width, format_.channels), format_.depth.dtype)
    for cell, key in cells.items():
        covers_px = tile_rect_px(cell, size.rect)
        if len(held[key]) != covers_px.area * format_.bytes_per_pixel:
            raise StorageDamaged("A stored tile has not the size of its cell.")
        part_px = covers_px.intersect(rect_px)
        samples = np.frombuffer(held[key], format_.depth.dtype).reshape(covers_px.height, covers_px.width, -1)
        pixels[part_px.slices(rect_px)] = samples[part_px.slices(covers_px)]
    return pixels


def _shown(
    cells: Mapping[TileIndex, Hash],
    held: Mapping[Hash, bytes],
    rect_px: PixelRect,
    size: Size,
    format_: LayerFormat,
    display: Display,
) -> Image.Image:
    picture = display.shown(pixels_of(cells, held, rect_px, size, format_))
    unknown = [cell for cell in rect_px.cells(TILE_PX) if cell not in cells]
    if unknown and picture.mode == "RGB":
        picture.putalpha(255)
    for cell in unknown:
        hole_px = tile_rect_px(cell, rect_px).shift(-rect_px.x0, -rect_px.y0)
        picture.paste((0, 0, 0, 0), hole_px.as_tuple())
    return picture.convert("RGB") if picture.mode == "RGBA" and _is_opaque(picture) else picture


def _joined(parts: list[tuple[TileIndex, Image.Image]], rect_px: PixelRect) -> Image.Image:
    """The halves of the four tiles below, where they belong."""
    half = LOOK_TILE_PX // 2
    covered = sum(part.width * part.height for _, part in parts)
    is_opaque = covered == rect_px.area and all(part.mode == "RGB" for _, part in parts)
    whole = Image.new("RGB", (rect_px.width, rect_px.height)) if is_opaque else _nothing(rect_px.size)
    for child, part in parts:
        whole.paste(part, (child.col * half - rect_px.x0, child.row * half - rect_px.y0))
    return whole


def _is_opaque(picture: Image.Image) -> bool:
    return bool(np.asarray(picture.getchannel("A")).min() == 255)


def _nothing(size: Size) -> Image.Image:
    return Image.new("RGBA", (size.width, size.height))


def _unpacked(kept: bytes, size: Size) -> Image.Image | None:
    mode = _MODES[kept[0]] if kept and kept[0] < len(_MODES) else ""
    if len(kept) - 1 != size.area * len(mode):
        return None
    return Image.frombytes(mode, (size.width, size.height), kept[1:])


def packed(picture: Image.Image, is_exact: bool) -> bytes:
    """A picture as a file: PNG where it is exact or transparent, else JPEG."""
    file = io.BytesIO()
    if is_exact or picture.mode != "RGB":
        picture.save(file, "PNG", compress_level=_PNG_LEVEL)
    else:
        picture.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=_JPEG_FULL_COLOUR)
    return file.getvalue()
