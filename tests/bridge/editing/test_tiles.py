"""Tiles in memory over the blob store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import pytest

from bridge.editing.tiles import TileCache
from bridge.errors import NotFound


class Shelf:
    """A blob store in a dict that counts what is read."""

    def __init__(self, *blobs: bytes) -> None:
        self.blobs = {sha256(blob).digest(): blob for blob in blobs}
        self.reads = 0

    async def put_many(self, blobs: Mapping[bytes, bytes]) -> None:
        self.blobs |= blobs

    async def get_many(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        keys = list(hashes)
        self.reads += len(keys)
        if any(key not in self.blobs for key in keys):
            raise NotFound("blob")
        return {key: self.blobs[key] for key in keys}

    async def have(self, hashes: Iterable[bytes]) -> set[bytes]:
        return {key for key in hashes if key in self.blobs}


def key(samples: bytes) -> bytes:
    return sha256(samples).digest()


async def test_only_what_is_neither_in_memory_nor_stored_is_missing():
    cache = TileCache(Shelf(b"stored"), 1000)
    cache.add(key(b"held"), b"held")
    assert await cache.missing([key(b"held"), key(b"stored"), key(b"new")]) == {key(b"new")}


async def test_a_stored_tile_is_read_once_and_then_held():
    shelf = Shelf(b"stored")
    cache = TileCache(shelf, 1000)
    for _ in range(3):
        assert await cache.get([key(b"stored"), key(b"stored")]) == {key(b"stored"): b"stored"}
    assert shelf.reads == 1


async def test_the_least_recently_used_tile_goes_first_and_the_limit_holds():
    cache = TileCache(Shelf(), 250)
    tiles = {key(bytes([n]) * 100): bytes([n]) * 100 for n in range(3)}
    first, second, third = tiles
    cache.add(first, tiles[first])
    cache.add(second, tiles[second])
    await cache.get([first])
    cache.add(third, tiles[third])
    assert await cache.missing(tiles) == {second}


async def test_a_tile_that_is_nowhere_is_not_found():
    with pytest.raises(NotFound):
        await TileCache(Shelf(), 100).get([key(b"nowhere")])
