"""A bridge that is killed while a layer is shared: nothing half-shared is taken for whole, nothing is sent twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from support.pictures import RGB8, picture
from support.serving import Serving

from bridge.access.tokens import token_hash
from bridge.client import InlayClient, NotConnected
from bridge.grid import assemble
from bridge.history.store import History
from bridge.protocol import messages as m

HIGH, WIDE = 1100, 1024
CELLS = 9 * 8


async def shared(bridge: Serving, kill_after: int | None) -> tuple[list[m.SourceTiles], m.SourceIs | None]:
    """Share the layer; the frames that were acknowledged, and the end unless the bridge was killed after so many."""
    async with await InlayClient.connect(bridge.address, bridge.token) as client:
        layer = await client.open_layer("poster", picture(HIGH, WIDE, RGB8), RGB8)
        acknowledged: list[m.SourceTiles] = []
        plain = client._connection.ask  # type: ignore[reportPrivateUsage]

        async def asked(number: int, message: m.Message, answer: type[m.Message]) -> m.Message:
            got = await plain(number, message, answer)
            if isinstance(message, m.SourceTiles):
                acknowledged.append(message)
            if len(acknowledged) == kill_after:
                bridge.kill()
            return got

        client._connection.ask = asked  # type: ignore
        try:
            return acknowledged, await client.share(layer)
        except NotConnected:
            return acknowledged, None


@pytest.mark.parametrize("kill_after", [1, 3, 9])
async def test_after_a_kill_the_rest_is_sent_and_until_then_nothing_counts(tmp_path: Path, kill_after: int):
    bridge = await asyncio.to_thread(Serving, tmp_path)
    first, end = await shared(bridge, kill_after)
    assert end is None
    beside = await History.open(tmp_path, durable=False)
    person = await beside.people.by_token(token_hash(bridge.token))
    assert person is not None
    (document,) = await beside.versions.documents(person)
    (layer,) = await beside.versions.layers(document.document_id)
    assert (await beside.versions.canvas_at(layer.head_version_id)).tiles == {}

    bridge = await asyncio.to_thread(Serving, tmp_path)
    try:
        rest, end = await shared(bridge, None)
    finally:
        bridge.kill()
    assert end is not None and end.seq is not None
    sent = [{tile.cell for frame in frames for tile in frame.tiles} for frames in (first, rest)]
    assert len(sent[0]) + len(sent[1]) <= CELLS and not sent[0] & sent[1]
    canvas = await beside.versions.canvas_at(layer.head_version_id)
    assert canvas.is_whole
    held = await beside.blobs.get_many(canvas.tiles.values())
    tiles = {cell: held[key] for cell, key in canvas.tiles.items()}
    pixels = assemble(tiles, canvas.size.rect, canvas.size.rect, canvas.format)
    assert np.array_equal(pixels, picture(HIGH, WIDE, RGB8))
    await beside.close()
