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


async def test_what_is_in_memory_or_stored_is_found_and_the_rest_is_not():
    cache = TileCache(Shelf(b"stored"), 1000)
    cache.keep({key(b"held"): b"held"})
    found = await cache.find([key(b"held"), key(b"stored"), key(b"new"), key(b"held")])
    assert found == {key(b"held"): b"held", key(b"stored"): b"stored"}


async def test_what_is_in_memory_is_not_read_from_the_store():
    shelf = Shelf(b"stored")
    cache = TileCache(shelf, 1000)
    cache.keep(await cache.find([key(b"stored")]))
    assert await cache.get([key(b"stored")]) == {key(b"stored"): b"stored"}
    assert shelf.reads == 1


async def test_the_least_recently_used_tile_goes_first_and_the_limit_holds():
    cache = TileCache(Shelf(), 250)
    tiles = {key(bytes([n]) * 100): bytes([n]) * 100 for n in range(3)}
    first, second, third = tiles
    cache.keep({first: tiles[first]})
    cache.keep({second: tiles[second]})
    await cache.find([first])
    cache.keep({third: tiles[third]})
    assert set(await cache.find(tiles)) == {first, third}


async def test_a_reach_larger_than_the_limit_is_kept_whole_until_the_next():
    cache = TileCache(Shelf(), 250)
    large = {key(bytes([n]) * 100): bytes([n]) * 100 for n in range(9)}
    cache.keep(large)
    assert await cache.get(large) == large
    cache.keep({key(b"small"): b"small"})
    assert len(await cache.find(large)) == 2


async def test_a_tile_that_is_nowhere_is_not_found():
    with pytest.raises(NotFound):
        await TileCache(Shelf(), 100).get([key(b"nowhere")])
