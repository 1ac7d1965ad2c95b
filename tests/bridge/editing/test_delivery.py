"""Patches on their way to a client."""

from __future__ import annotations

import asyncio
import os

import pytest
from support.outbox import KeptOutbox

from bridge.connection import ConnectionClosed, Outbox
from bridge.editing.channel import Channel
from bridge.editing.delivery import Delivery, Patch
from bridge.editing.edit import deliver
from bridge.history.records import Landing
from bridge.protocol import messages as m
from bridge.protocol.codec import encode
from engine.api import Alpha, Depth, LayerFormat

SIDE = 16
GREY = LayerFormat(Depth.U8, 1, Alpha.NONE)
RGBA = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)


def patch(cells: int, *, mask: bool = True, side: int = 512) -> Patch:
    """A patch whose tiles are noise, so that they do not compress: each is side×side bytes."""
    tiles = {(col, 0): os.urandom(side * side) for col in range(cells)}
    return Patch("l", "v", (0, 0, cells * 128, 128), GREY, tiles, tiles if mask else {})


async def settle() -> None:
    await asyncio.sleep(0.2)


def acks(out: KeptOutbox, received: int) -> m.PatchAck:
    begin = out.sent[0]
    assert isinstance(begin, m.PatchBegin)
    return m.PatchAck(patch_id=begin.patch_id, received=received)


async def test_at_most_a_window_of_frames_is_under_way_and_acknowledgements_let_the_next_come():
    delivery, out = Delivery(), KeptOutbox()
    task = asyncio.create_task(delivery.send(patch(40, mask=False), out))
    await out.until(1)
    begin = out.sent[0]
    assert isinstance(begin, m.PatchBegin) and begin.frames > m.WINDOW_FRAMES + 2
    await settle()
    assert len(out.sent) == 1 + m.WINDOW_FRAMES
    delivery.acknowledge(acks(out, 2), out)
    await settle()
    assert len(out.sent) == 1 + m.WINDOW_FRAMES + 2
    delivery.acknowledge(acks(out, begin.frames), out)
    await asyncio.wait_for(task, 10)
    assert len(out.sent) == 1 + begin.frames


async def test_a_client_that_does_not_unpack_zstd_gets_raw_and_fill_only():
    delivery, out = Delivery(), KeptOutbox()
    flat, smooth = bytes(128 * 128 * 4), bytes(range(256)) * (128 * 128 * 4 // 256)
    tiles = {(0, 0): flat, (1, 0): smooth}

    async def encodings() -> set[str]:
        out.sent.clear()
        whole = Patch("layer", "version", (0, 0, 256, 128), RGBA, tiles, {})
        task = asyncio.create_task(delivery.send(whole, out))
        await out.until(2)
        delivery.acknowledge(acks(out, 1), out)
        await asyncio.wait_for(task, 10)
        return {tile.encoding for message in out.sent if isinstance(message, m.PatchTiles) for tile in message.tiles}

    assert await encodings() == {"fill", "zstd"}
    out.zstd = False
    assert await encodings() == {"fill", "raw"}


async def test_a_delivery_that_is_lost_is_made_again_to_whoever_resumed_meanwhile():
    lost, back = KeptOutbox(), KeptOutbox()
    channel, tried = Channel("edit-0001", lost), []

    class Losing(Delivery):
        async def send(self, patch: Patch, out: Outbox, *, re: int | None = None) -> None:
            tried.append(out)
            if out is lost:
                lost.closed = True
                channel.attach(back)  # the client is back before the bridge notices that it was away
                raise ConnectionClosed

    landing = Landing((), "v1", 3, rebased=False, conflict_with=None)
    await deliver(landing, [patch(1)], "edit-0001", channel, Losing())
    assert tried == [lost, back] and lost.sent == []
    assert [type(message) for message in back.sent] == [m.EditDone]


async def test_who_resumes_while_the_patch_goes_elsewhere_gets_all_of_it_too():
    first, second = KeptOutbox(), KeptOutbox()
    channel, tried = Channel("edit-0001", first), []

    class Slow(Delivery):
        async def send(self, patch: Patch, out: Outbox, *, re: int | None = None) -> None:
            tried.append(out)
            if out is first:
                channel.attach(second)

    landing = Landing((), "v1", 3, rebased=False, conflict_with=None)
    await deliver(landing, [patch(1)], "edit-0001", channel, Slow())
    assert tried == [first, second]
    assert [type(message) for message in first.sent + second.sent] == [m.EditDone] * 2


async def test_every_frame_fits_the_limit_and_every_tile_arrives_once():
    delivery, out = Delivery(), KeptOutbox()
    sent = patch(20)
    task = asyncio.create_task(delivery.send(sent, out))
    await out.until(1)
    delivery.acknowledge(acks(out, 1000), out)
    await asyncio.wait_for(task, 10)
    frames = [message for message in out.sent if isinstance(message, m.PatchTiles)]
    assert all(len(encode(frame)) <= m.FRAME_BYTES for frame in frames)
    for plane, tiles in (("mask", sent.mask_tiles), ("layer", sent.tiles)):
        cells = [tile.cell for frame in frames if frame.plane == plane for tile in frame.tiles]
        assert sorted(cells) == sorted(tiles)


async def test_a_client_that_leaves_ends_its_transfer():
    delivery, out = Delivery(), KeptOutbox()
    task = asyncio.create_task(delivery.send(patch(40), out))
    await out.until(1 + m.WINDOW_FRAMES)
    out.closed = True
    delivery.left(out)
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(task, 10)


async def test_somebody_elses_acknowledgement_moves_nothing():
    delivery, out = Delivery(), KeptOutbox()
    task = asyncio.create_task(delivery.send(patch(40), out))
    await out.until(1 + m.WINDOW_FRAMES)
    delivery.acknowledge(acks(out, 1000), KeptOutbox())
    await settle()
    assert not task.done() and len(out.sent) == 1 + m.WINDOW_FRAMES
    task.cancel()


async def test_a_client_that_never_acknowledges_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.editing.delivery.ACK_TIMEOUT_S", 0.05)
    with pytest.raises(ConnectionClosed):
        await Delivery().send(patch(40), KeptOutbox())
