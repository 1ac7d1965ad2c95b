"""Layers' whole pictures on their way here. What has come is stored at once, and counts once all of it is here.

Nothing of a picture is kept in memory but its tiles' hashes and the frames that are under way, however large it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bridge.connection import Outbox
from bridge.errors import BadPixels, OutOfOrder, TooLarge
from bridge.grid import layer_tile_bytes
from bridge.history.canvas import cells_in
from bridge.history.records import Hash, Version
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.protocol.tiles import unpack_tile
from engine.geometry import TileIndex

SourceMessage = m.SourceOffer | m.SourceTiles | m.SourceFinish
# Of one layer: 65536 × 65536 pixels. Their hashes take 8 MB.
MOST_TILES = 1 << 18
# Messages of one connection under way: a window of frames, and what is left of one that was given up.
_MOST_UNDER_WAY = 2 * m.WINDOW_FRAMES
# Tiles unpacked, or read, at once: a frame of fills of 32 bit pixels would be a gigabyte.
_TILES_AT_ONCE = 64


@dataclass(slots=True, eq=False)
class _Share:
    """One picture that is on its way.

    ``wanted``: cells whose tiles are to come. ``came``: what came and was what its hash says, with its size.
    """

    version: Version
    hashes: list[Hash | None]
    wanted: dict[TileIndex, Hash] = field(default_factory=dict[TileIndex, Hash])
    came: dict[Hash, int] = field(default_factory=dict[Hash, int])
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def cell(self, number: int) -> TileIndex:
        """Counted row by row."""
        row, col = divmod(number, -(-self.version.size.width // m.TILE_PX))
        return TileIndex(col, row)

    def tile_bytes(self, cell: TileIndex) -> int:
        return layer_tile_bytes(cell, self.version.size, self.version.format)


class Sharing:
    """Takes what people share; one picture a connection at a time.

    Args:
        history: where it is stored.
        shared: called when a picture has been.
    """

    def __init__(self, history: History, shared: Callable[[], None] = lambda: None) -> None:
        self._history = history
        self._shared = shared
        self._shares: dict[Outbox, _Share] = {}
        self._under_way: dict[Outbox, int] = {}

    def left(self, out: Outbox) -> None:
        """That connection has ended: what it had begun is begun again, or never."""
        self._shares.pop(out, None)
        self._under_way.pop(out, None)

    def admit(self, out: Outbox) -> None:
        """Before each message.

        Raises:
            OutOfOrder: more of them are under way than the window allows.
        """
        if self._under_way.get(out, 0) >= _MOST_UNDER_WAY:
            raise OutOfOrder("Wait for what was sent to be answered.")
        self._under_way[out] = self._under_way.get(out, 0) + 1

    async def answer(self, message: SourceMessage, out: Outbox) -> None:
        """Answer one message that was admitted.

        Raises:
            NotFound, TooLarge, OutOfOrder, BadPixels, Forbidden, StorageError: see the message.
        """
        try:
            match message:
                case m.SourceOffer():
                    await self._offered(message, out)
                case m.SourceTiles():
                    await self._take(message, self._share(message, out))
                    await out.send(m.Done(re=message.id))
                case m.SourceFinish():
                    await self._finish(message, self._share(message, out), out)
        finally:
            if out in self._under_way:
                self._under_way[out] -= 1

    async def _offered(self, message: m.SourceOffer, out: Outbox) -> None:
        if message.first == 0:
            version = await self._history.versions.version(message.version_id)
            if cells_in(version.size) > MOST_TILES:
                raise TooLarge(f"A layer of {version.size} is more than this bridge shows as a whole.")
            self._shares[out] = _Share(version, [None] * cells_in(version.size))
        share = self._share(message, out)
        last = message.first + len(message.hashes)
        if last > len(share.hashes):
            raise BadPixels("There are more hashes than tiles of the layer.")
        async with share.turn:
            share.hashes[message.first : last] = message.hashes
            here = await self._history.blobs.have(dict.fromkeys(message.hashes))
            asked = set(share.wanted.values())
            for number, key in enumerate(message.hashes, message.first):
                if key not in here and key not in asked:
                    share.wanted[share.cell(number)] = key
                    asked.add(key)  # a colour that fills many cells is asked for once
            offered = {share.cell(number) for number in range(message.first, last)}
            cells = tuple((cell.col, cell.row) for cell in share.wanted if cell in offered)
        await out.send(m.SourceWant(re=message.id, cells=cells))

    async def _take(self, message: m.SourceTiles, share: _Share) -> None:
        async with share.turn:
            for start in range(0, len(message.tiles), _TILES_AT_ONCE):
                some = message.tiles[start : start + _TILES_AT_ONCE]
                came = await asyncio.to_thread(_unpacked, some, share)
                await self._history.blobs.put_many({share.wanted[cell]: tile for cell, tile in came.items()})
                share.came |= {share.wanted.pop(cell): len(tile) for cell, tile in came.items()}

    async def _finish(self, message: m.SourceFinish, share: _Share, out: Outbox) -> None:
        async with share.turn:
            tiles = {share.cell(number): key for number, key in enumerate(share.hashes) if key is not None}
            missing = len(share.hashes) - len(tiles) or len(share.wanted)
            if missing:
                raise OutOfOrder(f"{missing} tiles of the layer have not been sent.")
            await self._check_stored(tiles, share)
            seq = await self._history.versions.share(share.version.version_id, tiles, out.person)
        self._shared()
        self._shares.pop(out, None)
        await out.send(m.SourceIs(re=message.id, version_id=share.version.version_id, seq=seq))

    async def _check_stored(self, tiles: dict[TileIndex, Hash], share: _Share) -> None:
        """Blobs that were here already are tiles of this layer, or are taken for none of it."""
        known = (await self._history.versions.canvas_at(share.version.version_id)).tiles
        claimed = [cell for cell, key in tiles.items() if known.get(cell) != key]
        here = await self._history.blobs.have(set(tiles.values()))  # which also keeps them until they are referred to
        if len(here) < len(set(tiles.values())):
            raise OutOfOrder("Tiles of the layer are not here any more.", hint="Share it again.")
        sizes = dict(share.came)
        unseen = list({tiles[cell] for cell in claimed} - sizes.keys())
        for start in range(0, len(unseen), _TILES_AT_ONCE):
            held = await self._history.blobs.get_many(unseen[start : start + _TILES_AT_ONCE])
            sizes |= {key: len(tile) for key, tile in held.items()}
        if any(sizes[tiles[cell]] != share.tile_bytes(cell) for cell in claimed):
            raise BadPixels("A tile of the layer has not the size of its cell.")

    def _share(self, message: SourceMessage, out: Outbox) -> _Share:
        share = self._shares.get(out)
        if share is None or share.version.version_id != message.version_id:
            raise OutOfOrder("Offer the layer's tiles first.")
        return share


def _unpacked(tiles: Sequence[m.Tile], share: _Share) -> dict[TileIndex, bytes]:
    """The samples of tiles that are wanted, each as its hash says."""
    came: dict[TileIndex, bytes] = {}
    pixel = share.version.format.bytes_per_pixel
    for tile in tiles:
        cell = TileIndex(*tile.cell)
        if cell not in share.wanted or cell in came:
            raise BadPixels("A tile came twice or was not asked for.")
        samples = unpack_tile(tile, share.tile_bytes(cell), pixel)
        if sha256(samples).digest() != share.wanted[cell]:
            raise BadPixels("A tile is not the one that was described.")
        came[cell] = samples
    return came
