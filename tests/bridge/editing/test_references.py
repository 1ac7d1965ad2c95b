"""The pictures that a command speaks of: only those that are looked at travel."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from support.outbox import KeptOutbox
from support.pictures import RGB8, picture

from bridge.editing.channel import Channel
from bridge.editing.references import expect_references, references_of
from bridge.errors import OutOfOrder
from bridge.grid import cut
from bridge.protocol import messages as m
from bridge.protocol.tiles import pack_tile
from engine.geometry import PixelRect

SMALL = m.ReferenceInfo(width=30, height=20, depth="u8", channels=3, alpha="none")
HUGE = m.ReferenceInfo(width=16_000, height=16_000, depth="u8", channels=3, alpha="none")
THREE = m.EditStart(id=1, edit_id="edit-0001", layer_id="layer", text="…", references=(HUGE, SMALL, SMALL))


def tiles_of(number: int) -> m.EditTiles:
    rect_px = PixelRect(0, 0, 30, 20)
    samples = cut(picture(20, 30), rect_px, rect_px)
    tiles = tuple(pack_tile((cell.col, cell.row), data, 3) for cell, data in samples.items())
    return m.EditTiles(edit_id=THREE.edit_id, plane="reference", reference=number, tiles=tiles)


async def test_only_the_pictures_that_an_edit_uses_are_taken_and_waited_for():
    channel = Channel(THREE.edit_id, KeptOutbox())
    expect_references(THREE, (2,), channel)
    with pytest.raises(OutOfOrder):
        channel.take_tiles(tiles_of(3))
    channel.take_tiles(tiles_of(2))
    found = await asyncio.wait_for(references_of(THREE, (2,), channel), 5)
    assert np.array_equal(found[1].pixels, picture(20, 30)) and found[1].format == RGB8
    assert [one.pixels.shape for one in found] == [(1, 1, 3), (20, 30, 3), (1, 1, 3)], "their numbers stay"
