"""One edit as a client sees it: sends what the bridge asks for, tells what happens, keeps the outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from bridge.client.layer import Layer, Patch, Reference, hashes_of
from bridge.errors import BridgeError
from bridge.grid import cut, tile_rect_px
from bridge.protocol import messages as m
from bridge.protocol.tiles import frames_of, pack_tile, unpack_tile
from engine.api import Alpha, Canvas, Depth, LayerFormat, Mask
from engine.geometry import PixelRect, Size, TileIndex

# Hashes of one message: far below a frame.
_HASHES_A_MESSAGE = 16_384


class RemoteError(BridgeError):
    """The bridge refused; ``code``, text and ``hint`` are its own.

    Attributes:
        version_id: for a conflict, the version in which this edit's result was kept.
    """

    def __init__(self, code: str, message: str, hint: str, version_id: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.version_id = version_id


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be done, before it is."""

    says: tuple[str, ...]
    reach_px: PixelRect | None
    seed: int


@dataclass(frozen=True, slots=True)
class Queued:
    """Place in line; 0 is running."""

    position: int


@dataclass(frozen=True, slots=True)
class Progress:
    candidate: int
    fraction: float
    stage: str


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A first look: uint8 H×W×C at 1/``scale`` of ``rect_px``."""

    candidate: int
    rect_px: PixelRect
    scale: int
    pixels: npt.NDArray[np.uint8]


Event = Planned | Queued | Progress | Preview


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """An edit that landed.

    Attributes:
        versions: one for each candidate, the first is the head.
        patches: in the same order; for “undo” and “redo” the one that moves the layer.
        seconds: from `InlayClient.edit` to the acknowledgement.
        first_preview_s: from there to the first preview, None when there was none.
        engine_s: of it in the engine.
        bytes_up, bytes_down: what this edit sent and received, frames' contents.
    """

    versions: tuple[m.VersionInfo, ...]
    patches: tuple[Patch, ...]
    head_version_id: str | None
    seconds: float
    first_preview_s: float | None
    engine_s: float
    bytes_up: int
    bytes_down: int


class PatchInbox:
    """Collects the frames of one patch."""

    def __init__(self, begin: m.PatchBegin) -> None:
        self.begin = begin
        self._canvas = None if begin.canvas is None else canvas_from(begin.canvas)
        self._rect_px = PixelRect(*begin.rect_px)
        format_ = LayerFormat(Depth(begin.depth), begin.channels, Alpha(begin.alpha))
        self._bytes_per_pixel = format_.bytes_per_pixel
        self._frames = 0
        self._tiles: dict[TileIndex, bytes] = {}
        self._mask: Mask | None = None
        if begin.mask:
            self._mask = np.zeros((self._rect_px.height, self._rect_px.width), np.uint8)

    @property
    def complete(self) -> bool:
        return self._frames == self.begin.frames

    def take(self, message: m.PatchTiles) -> m.PatchAck:
        """Take one frame; the answer lets the next one come."""
        for tile in message.tiles:
            cell = TileIndex(*tile.cell)
            part_px = tile_rect_px(cell, self._rect_px)
            if message.plane == "layer":
                size = part_px.area * self._bytes_per_pixel
                self._tiles[cell] = unpack_tile(tile, size, self._bytes_per_pixel)
            elif self._mask is not None:
                samples = np.frombuffer(unpack_tile(tile, part_px.area, 1), np.uint8)
                self._mask[part_px.slices(self._rect_px)] = samples.reshape(part_px.height, part_px.width)
        self._frames += 1
        return m.PatchAck(patch_id=self.begin.patch_id, received=self._frames)

    def patch(self) -> Patch:
        return Patch(self.begin.version_id, self.begin.candidate, self._rect_px, self._tiles, self._mask, self._canvas)


def canvas_from(info: m.CanvasInfo) -> Canvas:
    """What the layer became, as the bridge says it."""
    format_ = LayerFormat(Depth(info.depth), info.channels, Alpha(info.alpha))
    return Canvas(Size(info.width, info.height), format_, info.x0, info.y0, info.scale)


@dataclass(slots=True)
class _Window:
    """Frames of tiles sent and acknowledged."""

    sent: int = 0
    acknowledged: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class EditHandle:
    """A running edit.

    Made by `InlayClient.edit`; ``edit_id`` serves to ask for it after a reconnect.
    """

    def __init__(
        self,
        edit_id: str,
        layer: Layer,
        send: Callable[[m.Message], Awaitable[int]],
        cancel: Callable[[], Awaitable[None]],
        references: tuple[Reference, ...] = (),
    ) -> None:
        self._references = references
        self.edit_id = edit_id
        self.layer = layer
        self._send = send
        self._cancel = cancel
        self._began = time.perf_counter()
        self._first_preview_s: float | None = None
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        # An outcome nobody asks for is not worth a warning.
        self._outcome.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._window = _Window()
        self._patches: list[Patch] = []
        self._bytes_up = 0
        self._bytes_down = 0

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until the edit has ended."""
        while (event := await self._events.get()) is not None:
            yield event

    async def result(self) -> Outcome:
        """Wait for the end.

        Raises:
            RemoteError: the edit did not land.
            NotConnected: the connection ended; ask for it with `InlayClient.resume`.
        """
        return await asyncio.shield(self._outcome)

    async def cancel(self) -> None:
        """Stop the edit; nothing of the layer changes."""
        await self._cancel()

    async def send(self, message: m.Message) -> None:
        """Send a message of this edit, and count it."""
        self._bytes_up += await self._send(message)

    async def send_mask(self, mask: Mask, rect_px: PixelRect) -> None:
        """Send the selection: ``mask`` is H×W of ``rect_px``."""
        await self._send_tiles("mask", cut(mask, rect_px, rect_px), 1)

    async def take(self, message: m.ServerMessage, size: int) -> None:
        """One message that belongs to this edit; ``size`` is its length in bytes."""
        self._bytes_down += size
        match message:
            case m.EditPlan():
                reach_px = None if message.reach_px is None else PixelRect(*message.reach_px)
                self._events.put_nowait(Planned(message.says, reach_px, message.seed))
                if reach_px is not None:
                    await self._say_hashes(reach_px)
                for number in message.references:
                    reference = self._references[number - 1]
                    width = reference.format.bytes_per_pixel
                    await self._send_tiles("reference", reference.tiles(), width, number)
            case m.EditWant():
                await self._send_wanted(message)
            case m.EditAck():
                self._window.acknowledged = message.received
                self._window.moved.set()
            case m.EditQueued():
                self._events.put_nowait(Queued(message.position))
            case m.EditProgress():
                self._events.put_nowait(Progress(message.candidate, message.fraction, message.stage))
            case m.EditPreview():
                self._preview(message)
            case m.EditDone():
                self._done(message)
            case m.EditFailed():
                self.fail(RemoteError(message.code, message.message, message.hint, message.version_id))
            case _:
                pass

    def count_down(self, size: int) -> None:
        """So many bytes of a patch of this edit came."""
        self._bytes_down += size

    def take_patch(self, patch: Patch) -> None:
        """One candidate's patch is complete."""
        self._patches.append(patch)

    def fail(self, error: BridgeError) -> None:
        """The edit has ended, or cannot be followed any more."""
        if not self._outcome.done():
            self._outcome.set_exception(error)
            self._events.put_nowait(None)
        self._window.moved.set()

    def _done(self, message: m.EditDone) -> None:
        self.layer.head_version_id = message.head_version_id
        if not self._outcome.done():
            self._outcome.set_result(
                Outcome(
                    versions=message.versions,
                    patches=tuple(self._patches),
                    head_version_id=message.head_version_id,
                    seconds=time.perf_counter() - self._began,
                    first_preview_s=self._first_preview_s,
                    engine_s=sum(version.engine_s for version in message.versions),
                    bytes_up=self._bytes_up,
                    bytes_down=self._bytes_down,
                )
            )
        self._events.put_nowait(None)

    def _preview(self, message: m.EditPreview) -> None:
        if self._first_preview_s is None:
            self._first_preview_s = time.perf_counter() - self._began
        tile = m.Tile(cell=(0, 0), encoding=message.encoding, data=message.data)
        samples = unpack_tile(tile, message.width * message.height * message.channels, message.channels)
        pixels = np.frombuffer(samples, np.uint8).reshape(message.height, message.width, message.channels)
        self._events.put_nowait(Preview(message.candidate, PixelRect(*message.rect_px), message.scale, pixels))

    async def _say_hashes(self, reach_px: PixelRect) -> None:
        hashes = hashes_of(self.layer.tiles(reach_px))
        for first in range(0, len(hashes), _HASHES_A_MESSAGE):
            part = hashes[first : first + _HASHES_A_MESSAGE]
            have = m.EditHave(edit_id=self.edit_id, rect_px=reach_px.as_tuple(), first=first, hashes=part)
            self._bytes_up += await self._send(have)

    async def _send_wanted(self, message: m.EditWant) -> None:
        if message.cells:
            wanted: dict[TileIndex, bytes] = {}
            for cell in message.cells:
                index = TileIndex(*cell)
                wanted |= self.layer.tiles(index.rect_px(m.TILE_PX).intersect(self.layer.size.rect))
            await self._send_tiles("layer", wanted, self.layer.format.bytes_per_pixel)

    async def _send_tiles(
        self,
        plane: Literal["mask", "layer", "reference"],
        tiles: dict[TileIndex, bytes],
        bytes_per_pixel: int,
        reference: int = 0,
    ) -> None:
        packed = (pack_tile((cell.col, cell.row), samples, bytes_per_pixel) for cell, samples in tiles.items())
        for frame in frames_of(packed, m.FRAME_BYTES):
            while self._window.sent - self._window.acknowledged >= m.WINDOW_FRAMES and not self._outcome.done():
                self._window.moved.clear()
                await self._window.moved.wait()
            if self._outcome.done():
                return
            message = m.EditTiles(edit_id=self.edit_id, plane=plane, reference=reference, tiles=frame)
            self._bytes_up += await self._send(message)
            self._window.sent += 1
