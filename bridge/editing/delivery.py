"""Patches on their way to a client: frames of tiles, at most a window of them unacknowledged."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.connection import ConnectionClosed, Outbox
from bridge.protocol import messages as m
from bridge.protocol.tiles import frames_of, pack_tile
from engine.api import LayerFormat

# A client that takes no frame for so long has stalled; the version is stored, and it can fetch the patch later.
ACK_TIMEOUT_S = 60.0


@dataclass(slots=True, eq=False)
class _Transfer:
    out: Outbox
    acknowledged: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What to send: raw samples by cell, for the pixels and, where there is one, the mask.

    ``rect_px`` and the other fields are those of `protocol.messages.PatchBegin`.
    """

    layer_id: str
    version_id: str
    rect_px: tuple[int, int, int, int]
    format: LayerFormat
    tiles: dict[tuple[int, int], bytes]
    mask_tiles: dict[tuple[int, int], bytes]
    edit_id: str | None = None
    candidate: int = 0
    canvas: m.CanvasInfo | None = None


class Delivery:
    """Sends patches and listens for their acknowledgements."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Transfer] = {}

    async def send(self, patch: Patch, out: Outbox, *, re: int | None = None) -> None:
        """Send the patch; returns when every frame has been acknowledged.

        Raises:
            ConnectionClosed: the client left or stalled; the patch can be fetched later.
        """
        frames: list[tuple[m.Tile, ...]] = []
        planes: list[str] = []
        for plane, tiles, width in (
            ("mask", patch.mask_tiles, 1),
            ("layer", patch.tiles, patch.format.bytes_per_pixel),
        ):
            packed = await asyncio.to_thread(_packed, tiles, width, zstd=out.zstd)
            for frame in frames_of(packed, m.FRAME_BYTES):
                frames.append(frame)
                planes.append(plane)
        patch_id = secrets.token_hex(8)
        transfer = self._under_way[patch_id] = _Transfer(out)
        try:
            await out.send(
                m.PatchBegin(
                    re=re,
                    patch_id=patch_id,
                    edit_id=patch.edit_id,
                    candidate=patch.candidate,
                    layer_id=patch.layer_id,
                    version_id=patch.version_id,
                    rect_px=patch.rect_px,
                    depth=patch.format.depth.value,
                    channels=patch.format.channels,
                    alpha=patch.format.alpha.value,
                    mask=bool(patch.mask_tiles),
                    frames=len(frames),
                    canvas=patch.canvas,
                )
            )
            for number, (plane, frame) in enumerate(zip(planes, frames, strict=True)):
                await self._room(transfer, number + 1 - m.WINDOW_FRAMES)
                kind = "mask" if plane == "mask" else "layer"
                await out.send(m.PatchTiles(patch_id=patch_id, frame=number, plane=kind, tiles=frame))
            await self._room(transfer, len(frames))
        finally:
            del self._under_way[patch_id]

    def acknowledge(self, ack: m.PatchAck, out: Outbox) -> None:
        """Note an acknowledgement; one for a patch that is not on its way to this client is ignored."""
        transfer = self._under_way.get(ack.patch_id)
        if transfer is not None and transfer.out is out:
            transfer.acknowledged = max(transfer.acknowledged, ack.received)
            transfer.moved.set()

    def left(self, out: Outbox) -> None:
        """The client is gone: its transfers end."""
        for transfer in self._under_way.values():
            if transfer.out is out:
                transfer.moved.set()

    @staticmethod
    async def _room(transfer: _Transfer, acknowledged: int) -> None:
        """Wait until so many frames have been acknowledged."""
        while transfer.acknowledged < acknowledged:
            transfer.moved.clear()
            if transfer.out.closed:
                raise ConnectionClosed
            try:
                await asyncio.wait_for(transfer.moved.wait(), ACK_TIMEOUT_S)
            except TimeoutError:
                raise ConnectionClosed from None


def _packed(tiles: dict[tuple[int, int], bytes], bytes_per_pixel: int, *, zstd: bool) -> list[m.Tile]:
    items: Iterable[tuple[tuple[int, int], bytes]] = tiles.items()
    return [pack_tile(cell, samples, bytes_per_pixel, zstd=zstd) for cell, samples in items]
