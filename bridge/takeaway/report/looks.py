"""A version's pictures for a report: what it changed, with what surrounds that, before and after.

Both show the same part of the layer, so that an eye can go from one to the other: the box of what was changed and of
the places that were commented on, with a margin. What is not at the bridge is hatched, not guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np

from bridge.grid import tile_rect_px
from bridge.history.canvas import KnownCanvas
from bridge.history.records import Hash, Layer
from bridge.history.store import History
from bridge.protocol.messages import TILE_PX
from bridge.review.encode import encoded
from bridge.review.shrink import Floats, Shrinking
from bridge.takeaway.report.story import Look, Page, Shot
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import PixelRect, Size, TileIndex

# Of a picture on paper of 85 mm: 300 dots an inch.
_SIDE_PX = 1000
_MOST_BYTES = 600_000
# Around what is shown: a share of it, and at least so many pixels.
_MARGIN, _LEAST_MARGIN_PX = 0.3, 48
# A part that is nearly all of the layer may as well be all of it.
_NEARLY_ALL = 0.5
_TILES_AT_ONCE = 64
# Soft stripes of two greys, one in so many pixels of the small picture.
_STRIPE_PX, _STRIPES = 7, (0.80, 0.87)


async def looks_of(history: History, page: Page) -> Look:
    """The pictures of a page; None where nothing of one is known."""
    version = page.version
    after = await history.versions.canvas_at(version.version_id)
    profile = await history.versions.profile_of(page.layer)
    rect_px = _part(page, after.size)
    shown = await _shot(history, after, page.layer, rect_px, profile)
    if version.parent_id is None:
        return Look(None, shown)
    before = await history.versions.canvas_at(version.parent_id)
    if version.canvas is not None:  # another layer: all of it
        rect_px = before.size.rect
    return Look(await _shot(history, before, page.layer, rect_px, profile), shown)


def _part(page: Page, size: Size) -> PixelRect:
    """The part of the layer to be shown."""
    whole_px = size.rect
    boxes = [thread.root.rect_px for thread in page.threads if thread.root.rect_px is not None]
    if page.version.canvas is not None:
        return whole_px
    if not page.version.rect_px.is_empty:
        boxes.append(page.version.rect_px)
    if not boxes:
        return whole_px
    box = boxes[0]
    for other in boxes[1:]:
        box = box.union(other)
    x, y = (max(_LEAST_MARGIN_PX, round(_MARGIN * side)) for side in (box.width, box.height))
    part_px = PixelRect(max(0, box.x0 - x), max(0, box.y0 - y), box.x1 + x, box.y1 + y).intersect(whole_px)
    return whole_px if part_px.area > _NEARLY_ALL * whole_px.area else part_px


async def _shot(
    history: History, canvas: KnownCanvas, layer: Layer, rect_px: PixelRect, profile: bytes | None
) -> Shot | None:
    tiles = {cell: canvas.tiles[cell] for cell in rect_px.cells(TILE_PX) if cell in canvas.tiles}
    if not tiles:
        return None
    shrinking = Shrinking(rect_px, canvas.format, _SIDE_PX)
    known = Shrinking(rect_px, _FLAGS, _SIDE_PX)
    cells = list(tiles)
    for start in range(0, len(cells), _TILES_AT_ONCE):
        some = {cell: tiles[cell] for cell in cells[start : start + _TILES_AT_ONCE]}
        held = await history.blobs.get_many(some.values())
        await asyncio.to_thread(_take, shrinking, known, some, held, rect_px, canvas)
    is_whole = len(tiles) == sum(1 for _ in rect_px.cells(TILE_PX))
    scale = min(1.0, _SIDE_PX / max(rect_px.width, rect_px.height))
    size = Size(max(1, round(rect_px.width * scale)), max(1, round(rect_px.height * scale)))

    def made() -> Shot:
        picture = shrinking.result()
        if not is_whole:
            _hatch(picture, known.result()[..., 0] < 0.5, canvas.format)
        mime, small, data = encoded(picture, canvas.format, profile, size, _MOST_BYTES)
        return Shot(mime, small, rect_px, data, is_whole)

    return await asyncio.to_thread(made)


_FLAGS = LayerFormat(Depth.U8, 1, Alpha.NONE)


def _take(
    shrinking: Shrinking,
    known: Shrinking,
    cells: Mapping[TileIndex, Hash],
    held: Mapping[Hash, bytes],
    rect_px: PixelRect,
    canvas: KnownCanvas,
) -> None:
    for cell, key in cells.items():
        covers_px = tile_rect_px(cell, canvas.size.rect)
        part_px = covers_px.intersect(rect_px)
        samples = np.frombuffer(held[key], canvas.format.depth.dtype)
        pixels = samples.reshape(covers_px.height, covers_px.width, -1)
        shrinking.take(part_px, pixels[part_px.slices(covers_px)])
        known.take(part_px, np.full((part_px.height, part_px.width, 1), 255, np.uint8))


def _hatch(picture: Floats, missing: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], format_: LayerFormat) -> None:
    rows, cols = np.indices(missing.shape)
    stripe = np.where((rows + cols) // _STRIPE_PX % 2 == 0, *_STRIPES).astype(np.float32)
    if format_.depth is Depth.F32:  # linear light
        stripe = stripe**2.2
    picture[missing] = stripe[missing][:, np.newaxis]
    if format_.alpha is not Alpha.NONE:
        picture[..., -1][missing] = 1
