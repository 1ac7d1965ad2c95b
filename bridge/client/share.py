"""Sharing a layer's whole picture: what the bridge lacks of it is sent, strip by strip."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from bridge.client.connection import Connection
from bridge.client.layer import Layer, hashes_of
from bridge.grid import cut
from bridge.protocol import messages as m
from bridge.protocol.tiles import frames_of, pack_tile
from engine.geometry import PixelRect, TileIndex


async def share(connection: Connection, layer: Layer, version_id: str, told: Callable[[float], None]) -> m.SourceIs:
    """See `bridge.client.client.InlayClient.share`."""
    sent, total = 0, sum(1 for _ in layer.size.rect.cells(m.TILE_PX))
    for tiles in _strips(layer):
        number = connection.number()
        offer = m.SourceOffer(id=number, version_id=version_id, first=sent, hashes=hashes_of(tiles))
        wanted = await connection.ask(number, offer, m.SourceWant)
        await _send(connection, layer, version_id, {TileIndex(*cell): tiles[TileIndex(*cell)] for cell in wanted.cells})
        sent += len(tiles)
        told(sent / total)
    number = connection.number()
    return await connection.ask(number, m.SourceFinish(id=number, version_id=version_id), m.SourceIs)


async def _send(connection: Connection, layer: Layer, version_id: str, tiles: dict[TileIndex, bytes]) -> None:
    """At most a window of frames is under way."""
    width = layer.format.bytes_per_pixel
    packed = (pack_tile((cell.col, cell.row), samples, width) for cell, samples in tiles.items())
    window = asyncio.Semaphore(m.WINDOW_FRAMES)

    async def one(frame: tuple[m.Tile, ...]) -> None:
        try:
            number = connection.number()
            await connection.ask(number, m.SourceTiles(id=number, version_id=version_id, tiles=frame), m.Done)
        finally:
            window.release()

    async with asyncio.TaskGroup() as group:
        for frame in frames_of(packed, m.FRAME_BYTES):
            await window.acquire()
            group.create_task(one(frame))


def _strips(layer: Layer) -> Iterator[dict[TileIndex, bytes]]:
    """Rows of tiles, of very wide layers a part of one."""
    whole_px = layer.size.rect
    across_px = m.OFFERED_TILES * m.TILE_PX
    for top in range(0, whole_px.height, m.TILE_PX):
        for left in range(0, whole_px.width, across_px):
            part_px = PixelRect(left, top, left + across_px, top + m.TILE_PX).intersect(whole_px)
            yield cut(layer.pixels[part_px.slices()], part_px, part_px)
