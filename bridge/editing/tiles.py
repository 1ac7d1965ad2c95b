"""Tiles by content: which tiles of a layer are here.

Tiles are known by the SHA-256 of their samples. Those that a stored version refers to are in the blob store; tiles of
unchanged surroundings are only kept in memory, the least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from bridge.errors import NotFound
from bridge.history.blobs import BlobStore
from bridge.history.records import Hash


class TileCache:
    """Tiles in memory over the blob store.

    Args:
        blobs: where tiles of stored versions are.
        limit_bytes: how much is kept in memory; one reach that is larger than this is kept whole until the next.
    """

    def __init__(self, blobs: BlobStore, limit_bytes: int) -> None:
        self._blobs = blobs
        self._limit = limit_bytes
        self._held: OrderedDict[Hash, bytes] = OrderedDict()
        self._bytes = 0

    async def find(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        """Those of these tiles that are here; nothing that happens meanwhile takes them away again.

        Raises:
            StorageDamaged: one of them is not what its hash says.
        """
        wanted = dict.fromkeys(hashes)
        found = {key: self._held[key] for key in wanted if key in self._held}
        for key in found:
            self._held.move_to_end(key)
        elsewhere = [key for key in wanted if key not in found]
        stored = await self._blobs.have(elsewhere) if elsewhere else set[Hash]()
        return found | await self._blobs.get_many(stored) if stored else found

    async def get(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        """All of these tiles.

        Raises:
            NotFound: one of them is not here.
            StorageDamaged: as `find`.
        """
        wanted = set(hashes)
        found = await self.find(wanted)
        if len(found) < len(wanted):
            raise NotFound("tile")
        return found

    def keep(self, tiles: Mapping[Hash, bytes]) -> None:
        """Keep the tiles of one reach, by their hashes; the least recently used of others go."""
        room = max(self._limit, sum(map(len, tiles.values())))
        for key, samples in tiles.items():
            if key not in self._held:
                self._held[key] = samples
                self._bytes += len(samples)
            self._held.move_to_end(key)
        while self._bytes > room:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= len(dropped)
