"""The client's side of one running edit."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import numpy as np
import pytest
from support.outbox import KeptOutbox
from support.pictures import RGB8, disc, picture

from bridge.editing.channel import Channel
from bridge.errors import BadPixels, ClientLeft, OutOfOrder
from bridge.grid import cut
from bridge.protocol import messages as m
from bridge.protocol.tiles import pack_tile
from engine.geometry import PixelRect, Size, TileIndex

EDIT = "edit-0001"
LAYER = Size(300, 200)


def tiles_of(samples: dict[TileIndex, bytes], plane: str, width: int) -> m.EditTiles:
    tiles = tuple(pack_tile((cell.col, cell.row), data, width) for cell, data in samples.items())
    return m.EditTiles(edit_id=EDIT, plane="mask" if plane == "mask" else "layer", tiles=tiles)


@pytest.fixture
def out() -> KeptOutbox:
    return KeptOutbox()


@pytest.fixture
def channel(out: KeptOutbox) -> Channel:
    return Channel(EDIT, out)


async def test_a_mask_is_put_together_from_its_tiles_in_any_order(channel: Channel):
    mask = disc(200, 300, 100, 150, 70)
    rect_px = PixelRect(80, 30, 221, 171)
    part = mask[rect_px.slices()]
    channel.expect_mask(rect_px)
    for number, (cell, samples) in enumerate(reversed(cut(part, rect_px, rect_px).items()), 1):
        assert channel.take_tiles(tiles_of({cell: samples}, "mask", 1)).received == number
    assert np.array_equal(await channel.mask(), part)


async def test_hashes_come_in_parts_and_belong_to_cells_row_by_row(channel: Channel):
    reach_px = PixelRect(0, 0, 300, 200)
    channel.expect_hashes(reach_px)
    keys = [bytes([n]) * 32 for n in range(6)]
    for first in (4, 0, 2):
        part = tuple(keys[first : first + 2])
        channel.take_hashes(m.EditHave(edit_id=EDIT, rect_px=reach_px.as_tuple(), first=first, hashes=part))
    assert await asyncio.wait_for(channel.hashes(), 5) == dict(zip(reach_px.cells(m.TILE_PX), keys, strict=True))


async def test_wanted_tiles_are_asked_for_and_checked_against_their_hashes(channel: Channel, out: KeptOutbox):
    pixels = picture(LAYER.height, LAYER.width)
    samples = cut(pixels, LAYER.rect, LAYER.rect)
    wanted = {cell: sha256(data).digest() for cell, data in samples.items()}
    waiting = asyncio.create_task(channel.tiles(wanted, LAYER, RGB8))
    await out.until(1)
    assert out.sent == [m.EditWant(edit_id=EDIT, cells=tuple((cell.col, cell.row) for cell in wanted))]
    channel.take_tiles(tiles_of(samples, "layer", 3))
    assert await asyncio.wait_for(waiting, 5) == samples


async def test_a_tile_that_is_not_what_its_hash_says_is_refused(channel: Channel, out: KeptOutbox):
    cell = TileIndex(0, 0)
    waiting = asyncio.create_task(channel.tiles({cell: bytes(32)}, LAYER, RGB8))
    await out.until(1)
    with pytest.raises(BadPixels):
        channel.take_tiles(tiles_of({cell: bytes(128 * 128 * 3)}, "layer", 3))
    waiting.cancel()


async def test_a_tile_of_the_wrong_size_twice_or_unasked_is_refused(channel: Channel):
    rect_px = PixelRect(0, 0, 100, 100)
    good = {TileIndex(0, 0): bytes(range(100)) * 100}
    with pytest.raises(OutOfOrder):
        channel.take_tiles(tiles_of(good, "mask", 1))
    channel.expect_mask(rect_px)
    with pytest.raises(BadPixels):
        channel.take_tiles(tiles_of({TileIndex(0, 0): bytes(range(100))}, "mask", 1))
    with pytest.raises(BadPixels):
        channel.take_tiles(tiles_of({TileIndex(1, 0): bytes(10)}, "mask", 1))
    channel.take_tiles(tiles_of(good, "mask", 1))
    with pytest.raises(BadPixels):
        channel.take_tiles(tiles_of(good, "mask", 1))


async def test_hashes_that_come_before_anybody_waits_for_them_are_kept(channel: Channel):
    # A quick client answered the plan while the bridge still read a stored mask.
    reach_px = PixelRect(0, 0, 100, 100)
    channel.expect_hashes(reach_px)
    channel.take_hashes(m.EditHave(edit_id=EDIT, rect_px=reach_px.as_tuple(), hashes=(bytes(32),)))
    assert await channel.hashes() == {TileIndex(0, 0): bytes(32)}


@pytest.mark.parametrize(
    "have",
    [
        m.EditHave(edit_id=EDIT, rect_px=(0, 0, 300, 200), first=0, hashes=(bytes(32),) * 7),
        m.EditHave(edit_id=EDIT, rect_px=(0, 0, 300, 200), first=6, hashes=(bytes(32),)),
        m.EditHave(edit_id=EDIT, rect_px=(0, 0, 128, 128), first=0, hashes=(bytes(32),)),
    ],
)
async def test_hashes_nobody_asked_for_are_refused(channel: Channel, have: m.EditHave):
    with pytest.raises(OutOfOrder):
        channel.take_hashes(have)
    channel.expect_hashes(PixelRect(0, 0, 300, 200))
    with pytest.raises(OutOfOrder):
        channel.take_hashes(have)


async def test_a_client_that_leaves_while_it_sends_ends_the_edit(channel: Channel, out: KeptOutbox):
    channel.expect_mask(PixelRect(0, 0, 10, 10))
    waiting = asyncio.create_task(channel.mask())
    await asyncio.sleep(0)
    channel.detach(out)
    with pytest.raises(ClientLeft):
        await asyncio.wait_for(waiting, 5)


async def test_a_client_that_goes_quiet_ends_the_edit(channel: Channel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.editing.channel.UPLOAD_TIMEOUT_S", 0.02)
    channel.expect_mask(PixelRect(0, 0, 10, 10))
    with pytest.raises(BadPixels):
        await channel.mask()


async def test_what_the_client_sent_wrongly_ends_the_edit_with_that_error(channel: Channel):
    channel.expect_mask(PixelRect(0, 0, 10, 10))
    channel.fail(BadPixels("broken"))
    with pytest.raises(BadPixels, match="broken"):
        await channel.mask()


async def test_messages_go_to_the_connection_that_is_there_and_nowhere_while_there_is_none(
    channel: Channel, out: KeptOutbox
):
    done = m.EditQueued(edit_id=EDIT, position=0)
    out.closed = True
    await channel.send(done)
    channel.offer(done, "queued")
    back = KeptOutbox()
    channel.attach(back)
    await channel.send(done)
    channel.offer(done, "queued")
    assert (out.sent, out.offered) == ([], [])
    assert back.sent == [done] and back.offered == [(f"{EDIT}:queued", done)]
