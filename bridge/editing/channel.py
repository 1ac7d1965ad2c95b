"""The client's side of one running edit: what came from it so far, and where to send what happens.

An edit outlives its client's socket: a `Channel` may lose its outbox and get another at the reconnect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from hashlib import sha256

import numpy as np

from bridge.connection import ConnectionClosed, Outbox
from bridge.errors import BadPixels, BridgeError, ClientLeft, OutOfOrder
from bridge.grid import assemble, layer_tile_bytes, tile_rect_px
from bridge.history.records import Hash
from bridge.protocol import messages as m
from bridge.protocol.tiles import unpack_tile
from engine.api import LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size, TileIndex

# A client that has begun to send and goes quiet for so long is not coming back to it.
UPLOAD_TIMEOUT_S = 60.0


class Channel:
    """What edit ``edit_id`` hears from its client and says to it."""

    def __init__(self, edit_id: str, out: Outbox) -> None:
        self.edit_id = edit_id
        # Who hears what the client is told.
        self.heard: Callable[[m.Message], None] = lambda _: None
        self.person = out.person
        self._out: Outbox | None = out
        self._frames = 0
        self._changed = asyncio.Event()
        self._mask: _Upload | None = None
        self._layer: _Upload | None = None
        self._references: dict[int, _Upload] = {}
        self._hashes: list[Hash | None] = []
        self._reach_px: PixelRect | None = None
        self.error: BridgeError | None = None

    # ── to the client ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def out(self) -> Outbox | None:
        """The client's connection, or None while it is away."""
        return None if self._out is None or self._out.closed else self._out

    def attach(self, out: Outbox) -> None:
        """The client is back, on another connection."""
        self._out = out

    def detach(self, out: Outbox) -> None:
        """That connection has ended."""
        if self._out is out:
            self._out = None
            self._changed.set()

    async def send(self, message: m.Message) -> None:
        """Send if the client is there; what it misses it gets at the reconnect."""
        self.heard(message)
        if (out := self.out) is not None:
            try:
                await out.send(message)
            except ConnectionClosed:
                self.detach(out)

    def offer(self, message: m.Message, key: str) -> None:
        """Send if the client is there and keeps up; replaces what waits under the same key."""
        self.heard(message)
        if (out := self.out) is not None:
            out.offer(message, f"{self.edit_id}:{key}")

    def fail(self, error: BridgeError) -> None:
        """What the client sent cannot be used: the edit ends with this error."""
        self.error = error
        self._changed.set()

    # ── from the client ──────────────────────────────────────────────────────────────────────────────────────

    def expect_mask(self, rect_px: PixelRect) -> None:
        """From now on tiles of the mask are taken; called before the first of them can arrive."""
        self._mask = _Upload(rect_px)

    def expect_hashes(self, reach_px: PixelRect) -> None:
        """From now on hashes of the tiles in ``reach_px`` are taken; called before the client can know the reach."""
        self._hashes = [None] * sum(1 for _ in reach_px.cells(m.TILE_PX))
        self._reach_px = reach_px

    def expect_references(self, references: Mapping[int, tuple[Size, LayerFormat]]) -> None:
        """From now on tiles of these pictures, by their numbers, are taken; called before the client can know that they
        are wanted.
        """
        self._references = {number: _Upload(size.rect, None, format_) for number, (size, format_) in references.items()}

    def take_tiles(self, message: m.EditTiles) -> m.EditAck:
        """Take one frame of tiles.

        Raises:
            OutOfOrder: these tiles were not asked for.
            BadPixels: a tile is not what it must be.
        """
        upload = self._upload(message)
        if upload is None:
            raise OutOfOrder("Those tiles were not asked for.")
        for tile in message.tiles:
            upload.take(tile)
        self._frames += 1
        self._changed.set()
        return m.EditAck(edit_id=self.edit_id, received=self._frames)

    def _upload(self, message: m.EditTiles) -> _Upload | None:
        match message.plane:
            case "mask":
                return self._mask
            case "layer":
                return self._layer
            case "reference":
                return self._references.get(message.reference)

    def take_hashes(self, message: m.EditHave) -> None:
        """Take one part of the hashes of the tiles in reach.

        Raises:
            OutOfOrder: nobody asked, or for another rectangle.
        """
        if self._reach_px is None or message.rect_px != self._reach_px.as_tuple():
            raise OutOfOrder("Those hashes were not asked for.")
        last = message.first + len(message.hashes)
        if last > len(self._hashes):
            raise OutOfOrder("There are more hashes than tiles in reach.")
        self._hashes[message.first : last] = message.hashes
        self._changed.set()

    async def mask(self) -> Mask:
        """The selection, when all of it is here: H×W uint8 of the rectangle that `expect_mask` named.

        Raises:
            ClientLeft: the client left before.
            BadPixels: it went quiet.
        """
        upload = self._mask
        assert upload is not None, "expect_mask comes first"
        await self._until(lambda: upload.complete)
        return upload.mask()

    async def references(self) -> dict[int, Pixels]:
        """The pictures that `expect_references` named, by their numbers, when all of them are here: H×W×C each.

        Raises:
            ClientLeft, BadPixels: as `mask`.
        """
        await self._until(lambda: all(upload.complete for upload in self._references.values()))
        return {number: await asyncio.to_thread(upload.pixels) for number, upload in self._references.items()}

    async def hashes(self) -> dict[TileIndex, Hash]:
        """The hashes of the layer's tiles in the reach that `expect_hashes` named, as the client says them.

        Raises:
            ClientLeft, BadPixels: as `mask`.
        """
        reach_px = self._reach_px
        assert reach_px is not None, "expect_hashes comes first"
        await self._until(lambda: all(key is not None for key in self._hashes))
        cells = reach_px.cells(m.TILE_PX)
        return {cell: key for cell, key in zip(cells, self._hashes, strict=True) if key is not None}

    async def tiles(self, wanted: dict[TileIndex, Hash], layer: Size, format_: LayerFormat) -> dict[TileIndex, bytes]:
        """Ask for these tiles of the layer and wait for them; each is checked against its hash.

        Raises:
            ClientLeft, BadPixels: as `mask`; BadPixels also for a tile that is not what its hash says.
        """
        upload = self._layer = _Upload(layer.rect, wanted, format_)
        await self.send(m.EditWant(edit_id=self.edit_id, cells=tuple((cell.col, cell.row) for cell in wanted)))
        await self._until(lambda: upload.complete)
        return upload.tiles

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._changed.clear()
            if self.error is not None:
                raise self.error
            if self.out is None:
                raise ClientLeft
            try:
                await asyncio.wait_for(self._changed.wait(), UPLOAD_TIMEOUT_S)
            except TimeoutError:
                raise BadPixels("The client stopped sending the layer's pixels.") from None


class _Upload:
    """Tiles of one plane that are on their way: the mask's (no hashes, no format), the wanted ones of the layer, or a
    reference's (no hashes)."""

    def __init__(
        self,
        within_px: PixelRect,
        hashes: dict[TileIndex, Hash] | None = None,
        format_: LayerFormat | None = None,
    ) -> None:
        self._within_px = within_px
        self._hashes = hashes
        self._format = format_
        self._open = set(hashes) if hashes is not None else set(within_px.cells(m.TILE_PX))
        self.tiles: dict[TileIndex, bytes] = {}

    @property
    def complete(self) -> bool:
        return not self._open

    def take(self, tile: m.Tile) -> None:
        cell = TileIndex(*tile.cell)
        if cell not in self._open:
            raise BadPixels("A tile came twice or was not asked for.")
        if self._format is None:
            samples = unpack_tile(tile, tile_rect_px(cell, self._within_px).area, 1)
        else:
            size = layer_tile_bytes(cell, self._within_px.size, self._format)
            samples = unpack_tile(tile, size, self._format.bytes_per_pixel)
        if self._hashes is not None and sha256(samples).digest() != self._hashes[cell]:
            raise BadPixels("A tile is not the one that was described.")
        self._open.remove(cell)
        self.tiles[cell] = samples

    def pixels(self) -> Pixels:
        assert self._format is not None, "a picture has a format"
        return assemble(self.tiles, self._within_px, self._within_px, self._format)

    def mask(self) -> Mask:
        mask = np.empty((self._within_px.height, self._within_px.width), np.uint8)
        for cell, samples in self.tiles.items():
            part_px = tile_rect_px(cell, self._within_px)
            mask[part_px.slices(self._within_px)] = np.frombuffer(samples, np.uint8).reshape(
                part_px.height, part_px.width
            )
        return mask
