"""Tiles by content: which tiles of a layer are here.

Tiles are known by the SHA-256 of their samples. Those that a stored version refers to are in the blob store; tiles of
unchanged surroundings are only kept in memory, the least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from bridge.history.blobs import BlobStore
from bridge.history.records import Hash


class TileCache:
    """Tiles in memory over the blob store.

    Args:
        blobs: where tiles of stored versions are.
        limit_bytes: how much is kept in memory.
    """

    def __init__(self, blobs: BlobStore, limit_bytes: int) -> None:
        self._blobs = blobs
        self._limit = limit_bytes
        self._held: OrderedDict[Hash, bytes] = OrderedDict()
        self._bytes = 0

    async def missing(self, hashes: Iterable[Hash]) -> set[Hash]:
        """Those that are neither in memory nor in the blob store."""
        unknown = {key for key in hashes if key not in self._held}
        return unknown - await self._blobs.have(unknown) if unknown else unknown

    def add(self, key: Hash, samples: bytes) -> None:
        """Keep a tile in memory; ``key`` is its hash."""
        if key in self._held:
            self._held.move_to_end(key)
            return
        self._held[key] = samples
        self._bytes += len(samples)
        while self._bytes > self._limit and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= len(dropped)

    async def get(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        """The samples of these tiles.

        Raises:
            NotFound: one of them is not here.
            StorageDamaged: one of them is not what its hash says.
        """
        found: dict[Hash, bytes] = {}
        stored: list[Hash] = []
        for key in dict.fromkeys(hashes):
            if key in self._held:
                self._held.move_to_end(key)
                found[key] = self._held[key]
            else:
                stored.append(key)
        if stored:
            for key, samples in (await self._blobs.get_many(stored)).items():
                self.add(key, samples)
                found[key] = samples
        return found
