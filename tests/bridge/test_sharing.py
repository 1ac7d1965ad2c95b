"""Sharing a layer's whole picture: what is sent, what counts and from when, and what the team has of it then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from support.outbox import KeptOutbox
from support.painting import PaintingEngine
from support.pictures import picture
from support.wire import Client, connected, settled

from bridge.client import InlayClient, Layer, People, RemoteError, join, link_of
from bridge.compose import Bridge, running_bridge
from bridge.editing.sharing import Sharing
from bridge.errors import OutOfOrder
from bridge.grid import assemble, cut
from bridge.history.canvas import KnownCanvas
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.protocol.tiles import pack_tile
from bridge.settings import Settings
from engine.api import Alpha, Depth, LayerFormat, Pixels
from engine.geometry import PixelRect

RGBA16 = LayerFormat(Depth.U16, 4, Alpha.STRAIGHT)
HIGH, WIDE = 400, 650
CELLS = 4 * 6
SELECTED = PixelRect(200, 140, 300, 250)


@dataclass
class Scene:
    bridge: Bridge
    client: InlayClient
    layer: Layer
    beside: History
    sent: list[m.Message] = field(default_factory=list[m.Message])

    @property
    def head(self) -> str:
        assert self.layer.head_version_id is not None
        return self.layer.head_version_id

    async def canvas(self, version_id: str | None = None) -> KnownCanvas:
        return await self.beside.versions.canvas_at(version_id or self.head)

    async def pixels(self, version_id: str | None = None) -> Pixels:
        canvas = await self.canvas(version_id)
        held = await self.beside.blobs.get_many(canvas.tiles.values())
        tiles = {cell: held[key] for cell, key in canvas.tiles.items()}
        return assemble(tiles, canvas.size.rect, canvas.size.rect, canvas.format)

    async def edit(self) -> None:
        mask = np.zeros((HIGH, WIDE), np.uint8)
        mask[SELECTED.slices()] = 255
        outcome = await (await self.client.edit(self.layer, "remove this", mask=mask)).result()
        self.layer.apply(outcome.patches[0])

    def painted(self, rect_px: PixelRect, value: int) -> None:
        """The designer paints in their program."""
        self.layer.pixels = self.layer.pixels.copy()
        self.layer.pixels[rect_px.slices()] = value

    def tiles_sent(self) -> int:
        return sum(len(message.tiles) for message in self.sent if isinstance(message, m.SourceTiles))


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), PaintingEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            layer = await client.open_layer("poster", picture(HIGH, WIDE, RGBA16), RGBA16)
            beside = await History.open(tmp_path, durable=False)
            scene = Scene(bridge, client, layer, beside)
            plain = client._connection.send  # type: ignore[reportPrivateUsage]

            async def counted(message: m.Message) -> int:
                scene.sent.append(message)
                return await plain(message)

            client._connection.send = counted  # type: ignore[reportPrivateUsage]
            yield scene
            await beside.close()


async def test_what_is_shared_is_there_to_the_bit_and_everybody_is_told(scene: Scene):
    events: list[m.Event] = []
    scene.client.listen(lambda event: event.kind == "source.shared" and events.append(event))
    done: list[float] = []
    shared = await scene.client.share(scene.layer, told=done.append)
    assert (await scene.canvas()).is_whole and np.array_equal(await scene.pixels(), scene.layer.pixels)
    assert done == sorted(done) and done[-1] == 1.0
    await settled(lambda: len(events) == 1)
    assert (events[0].seq, events[0].version_id) == (shared.seq, scene.head)


async def test_what_was_shared_is_sent_once_and_the_same_picture_is_no_news(scene: Scene):
    await scene.client.share(scene.layer)
    assert scene.tiles_sent() == CELLS
    again = await scene.client.share(scene.layer)
    assert again.seq is None and scene.tiles_sent() == CELLS


async def test_after_edits_only_what_is_not_known_is_sent_and_every_version_is_whole(scene: Scene):
    source, start = scene.head, scene.layer.pixels
    await scene.edit()
    known = len((await scene.canvas()).tiles)
    await scene.client.share(scene.layer)
    assert scene.tiles_sent() == CELLS - known
    assert np.array_equal(await scene.pixels(), scene.layer.pixels)
    assert np.array_equal(await scene.pixels(source), start)


async def test_what_the_designer_painted_since_comes_with_the_next_share_also_where_an_edit_was(scene: Scene):
    await scene.client.share(scene.layer)
    source, start = scene.head, scene.layer.pixels
    await scene.edit()
    scene.painted(PixelRect(SELECTED.x1 - 10, SELECTED.y0, SELECTED.x1 + 250, SELECTED.y0 + 9), 77)
    assert not np.array_equal(await scene.pixels(), scene.layer.pixels)
    assert (await scene.client.share(scene.layer)).seq is not None
    assert np.array_equal(await scene.pixels(), scene.layer.pixels)
    assert np.array_equal(await scene.pixels(source), start)
    before = scene.layer.pixels
    scene.painted(PixelRect(0, 0, 9, 9), 5)
    await scene.client.share(scene.layer)
    scene.layer.pixels = before
    await scene.client.share(scene.layer)
    assert np.array_equal(await scene.pixels(), before)


async def test_whoever_looks_sees_the_new_picture_though_all_was_known_before(scene: Scene):
    async def looked() -> str:
        asked = scene.client.request(
            lambda number: m.VersionCanvas(id=number, version_id=scene.head), m.VersionCanvasIs
        )
        return (await asked).pyramid

    await scene.client.share(scene.layer)
    first = await looked()
    assert await looked() == first
    scene.painted(PixelRect(0, 0, 9, 9), 5)
    await scene.client.share(scene.layer)
    assert await looked() != first


async def test_a_lost_connection_costs_what_was_under_way_and_nothing_half_shared_counts(scene: Scene):
    class Lost(Exception):
        pass

    def lost(done: float) -> None:
        if done > 0.4:
            raise Lost

    with pytest.raises(Lost):
        await scene.client.share(scene.layer, told=lost)
    sent = scene.tiles_sent()
    assert 0 < sent < CELLS
    assert (await scene.canvas()).tiles == {}
    async with await InlayClient.connect(scene.bridge.address, scene.bridge.local_token) as other:
        refused = other.request(lambda number: m.SourceFinish(id=number, version_id=scene.head), m.SourceIs)
        with pytest.raises(RemoteError) as error:
            await refused
        assert error.value.code == "out_of_order"
    await scene.client.share(scene.layer)
    assert scene.tiles_sent() == CELLS
    assert np.array_equal(await scene.pixels(), scene.layer.pixels)


async def test_a_colour_that_fills_many_cells_is_sent_once(scene: Scene):
    scene.painted(PixelRect(0, 0, WIDE, 256), 9)
    await scene.client.share(scene.layer)
    assert scene.tiles_sent() < CELLS - 8
    assert np.array_equal(await scene.pixels(), scene.layer.pixels)


@pytest.mark.parametrize("role", ["viewer", "commenter", "approver"])
async def test_only_who_may_edit_may_share(scene: Scene, role: m.InvitedRole):
    _, token = await People(scene.client).invite(scene.layer.document_id, role)
    joined = await join(link_of(scene.bridge.address, token))
    async with await InlayClient.connect(scene.bridge.address, joined.token) as guest:
        with pytest.raises(RemoteError) as error:
            await guest.share(scene.layer)
        assert error.value.code == "forbidden"
    assert (await scene.canvas()).tiles == {}


class Raw:
    """The messages themselves, wrong ones too."""

    def __init__(self, client: Client, scene: Scene) -> None:
        self.client, self.version_id, self.number = client, scene.head, 10
        self.tiles = cut(scene.layer.pixels, scene.layer.size.rect, scene.layer.size.rect)

    async def ask(self, kind: type[m.Message], **fields: object) -> m.Message:
        self.number += 1
        known: dict[str, Any] = {"id": self.number, "version_id": self.version_id, **fields}
        return await self.client.ask(kind(**known))

    async def offer(self, *hashes: bytes, first: int = 0) -> m.Message:
        known = hashes or tuple(sha256(tile).digest() for tile in self.tiles.values())
        return await self.ask(m.SourceOffer, first=first, hashes=known)

    def tile(self, number: int, **changed: object) -> m.Tile:
        cell, samples = list(self.tiles.items())[number]
        return pack_tile((cell.col, cell.row), samples, RGBA16.bytes_per_pixel).model_copy(update=changed)


async def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(scene: Scene):
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.bridge.local_token)
        raw = Raw(client, scene)
        codes: list[object] = []

        async def said(answer: Awaitable[object]) -> None:
            codes.append(getattr(await answer, "code", "allowed"))

        await said(raw.ask(m.SourceTiles, tiles=(raw.tile(0),)))  # nothing was offered
        await said(raw.offer(*[bytes(32)] * (CELLS + 1)))
        await said(raw.offer(bytes(32), first=CELLS))
        await said(raw.offer())
        await said(raw.ask(m.SourceTiles, tiles=(raw.tile(1, cell=(0, 0)),)))  # another tile's samples
        await said(raw.ask(m.SourceTiles, tiles=(raw.tile(0, cell=(99, 99)),)))
        await said(raw.ask(m.SourceTiles, tiles=(raw.tile(0, data=b"x"),)))
        await said(raw.ask(m.SourceTiles, tiles=(raw.tile(0), raw.tile(0))))
        await said(raw.ask(m.SourceFinish))
        assert codes == ["out_of_order", *["bad_pixels"] * 2, "allowed", *["bad_pixels"] * 4, "out_of_order"]
    assert (await scene.canvas()).tiles == {}


async def test_a_blob_of_another_size_is_no_tile_of_the_layer(scene: Scene):
    other = await scene.client.open_layer("other", picture(8, 8, RGBA16), RGBA16)
    await scene.client.share(other)
    small = sha256(other.pixels.tobytes()).digest()
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.bridge.local_token)
        raw = Raw(client, scene)
        await raw.offer(*[small] * CELLS)
        answer = await raw.ask(m.SourceFinish)
        assert getattr(answer, "code", "") == "bad_pixels"


async def test_more_than_a_window_at_once_is_refused(scene: Scene):
    sharing, out = Sharing(scene.beside), KeptOutbox()
    for _ in range(2 * m.WINDOW_FRAMES):
        sharing.admit(out)
    with pytest.raises(OutOfOrder):
        sharing.admit(out)
    sharing.left(out)
    sharing.admit(out)


async def test_an_edit_in_a_browser_works_once_the_layer_is_shared(scene: Scene):
    await scene.client.share(scene.layer)
    mask = np.zeros((HIGH, WIDE), np.uint8)
    mask[SELECTED.slices()] = 255
    edit = await scene.client.edit(scene.layer, "remove this", mask=mask, stored=True)
    outcome = await edit.result()
    scene.layer.apply(outcome.patches[0])
    assert np.array_equal(await scene.pixels(), scene.layer.pixels)
