"""Answers what a page asks when somebody looks closely: what there is of a version, and single pixels of it."""

from __future__ import annotations

import numpy as np

from bridge.connection import Outbox
from bridge.errors import BadPlace
from bridge.history.canvas import KnownCanvas
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.review.compare import Compare
from bridge.review.tiles import Tiles, pixels_of
from bridge.review.way import way_between
from engine.api import Alpha
from engine.geometry import PixelRect

CloselyMessage = m.VersionCanvas | m.VersionPixel | m.VersionCompare


class Closely:
    """The room for deep zoom."""

    def __init__(self, history: History, tiles: Tiles) -> None:
        self._history = history
        self._tiles = tiles
        self._compare = Compare(history, tiles)

    async def answer(self, message: CloselyMessage, out: Outbox) -> None:
        """Answer one message; called in a task of its own.

        Raises:
            NotFound: no such version.
            BadPlace: it has no such pixel.
        """
        pyramid = await self._tiles.pyramid(message.version_id)
        canvas = pyramid.canvas
        match message:
            case m.VersionCanvas():
                lies = None if message.onto_id is None else await self._lies(message.version_id, message.onto_id)
                answer = m.VersionCanvasIs(
                    re=message.id,
                    version_id=message.version_id,
                    width=canvas.size.width,
                    height=canvas.size.height,
                    levels=len(pyramid.levels),
                    pyramid=pyramid.name,
                    known=known_bits(canvas),
                    opaque=canvas.is_whole and canvas.format.alpha is Alpha.NONE,
                    lies=lies,
                )
            case m.VersionPixel():
                values = await self._pixel(canvas, message.x, message.y)
                answer = m.VersionPixelIs(
                    re=message.id, version_id=message.version_id, x=message.x, y=message.y, values=values
                )
            case m.VersionCompare():
                found = await self._compare.of(message.from_version_id, message.version_id)
                answer = m.VersionCompareIs(
                    re=message.id,
                    from_version_id=message.from_version_id,
                    version_id=message.version_id,
                    why_not=found.why_not,
                    counted_px=found.counted_px,
                    unknown_px=found.unknown_px,
                    changed_px=found.changed_px,
                    outside_px=found.outside_px,
                    edits_outside_px=found.edits_outside_px,
                    largest=found.largest,
                    white=canvas.format.depth.white,
                    rect_px=None if found.rect_px is None else found.rect_px.as_tuple(),
                    outline_px=found.outline_px,
                    outline=found.outline,
                )
        await out.send(answer)

    async def _lies(self, version_id: str, onto_id: str) -> tuple[float, float, float] | None:
        way = await self._history.database.read(lambda session: way_between(session, version_id, onto_id))
        return None if way is None else (float(way.lies.x0), float(way.lies.y0), way.lies.scale)

    async def _pixel(self, canvas: KnownCanvas, x: int, y: int) -> tuple[float, ...]:
        rect_px = PixelRect(x, y, x + 1, y + 1)
        if not canvas.size.rect.contains(rect_px):
            raise BadPlace(f"There the layer is {canvas.size}.")
        (cell,) = rect_px.cells(m.TILE_PX)
        if cell not in canvas.tiles:
            return ()
        key = canvas.tiles[cell]
        held = await self._history.blobs.get_many((key,))
        pixel = pixels_of({cell: key}, held, rect_px, canvas.size, canvas.format)
        return tuple(float(value) for value in pixel[0, 0])


def known_bits(canvas: KnownCanvas) -> bytes:
    """Which cells are known, as `bridge.protocol.messages.VersionCanvasIs` says it."""
    if canvas.is_whole:
        return b""
    cols, rows = -(-canvas.size.width // m.TILE_PX), -(-canvas.size.height // m.TILE_PX)
    known = np.zeros((rows, cols), np.bool_)
    for cell in canvas.tiles:
        known[cell.row, cell.col] = True
    return np.packbits(known.ravel()).tobytes()
