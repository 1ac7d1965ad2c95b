"""A layer as a client holds it: its pixels, and its tiles by content."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from bridge.grid import cut, tile_rect_px
from bridge.protocol import messages as m
from engine.api import Canvas, LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size, TileIndex


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What changes in a layer: tiles inside ``rect_px``, raw samples in the layer's format.

    Attributes:
        version_id: the version the layer shows once the patch is in.
        candidate: number of the variation, 0 for the first.
        tiles: samples by cell, clipped to ``rect_px``; cells that are not listed do not change.
        mask: H×W uint8 of ``rect_px``: where it is 0 nothing changes; None when the tiles replace all they cover.
        canvas: the layer has another size or format from now on, and the tiles are all of it.
    """

    version_id: str
    candidate: int
    rect_px: PixelRect
    tiles: dict[TileIndex, bytes]
    mask: Mask | None
    canvas: Canvas | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A picture to send along with a command: H×W×C pixels, how they are stored, their ICC profile."""

    pixels: Pixels
    format: LayerFormat
    profile: bytes | None = None

    def info(self) -> m.ReferenceInfo:
        """What the bridge is told of it."""
        height, width = self.pixels.shape[:2]
        return m.ReferenceInfo(
            width=width,
            height=height,
            depth=self.format.depth.value,
            channels=self.format.channels,
            alpha=self.format.alpha.value,
            profile=self.profile,
        )

    def tiles(self) -> dict[TileIndex, bytes]:
        """Raw samples of its tiles, row by row."""
        whole_px = Size(self.pixels.shape[1], self.pixels.shape[0]).rect
        return cut(self.pixels, whole_px, whole_px)


class Layer:
    """One layer of a document that is open at the bridge.

    Attributes:
        pixels: H×W×C as the host shows it now, never changed in place.
        head_version_id: the version it shows.
    """

    def __init__(self, layer_id: str, document_id: str, pixels: Pixels, format_: LayerFormat, head: str | None) -> None:
        self.layer_id = layer_id
        self.document_id = document_id
        self.pixels = pixels
        self.format = format_
        self.head_version_id = head

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    def apply(self, patch: Patch) -> Pixels:
        """Put a patch in; outside its mask, and in cells it does not have, not a bit changes.

        Returns:
            The layer's new pixels, also kept as ``pixels``.
        """
        canvas = patch.canvas
        if canvas is None:
            out = self.pixels.copy()
        else:
            self.format = canvas.format
            shape = (canvas.size.height, canvas.size.width, canvas.format.channels)
            out = np.zeros(shape, canvas.format.depth.dtype)
        for cell, samples in patch.tiles.items():
            part_px = tile_rect_px(cell, patch.rect_px)
            new = np.frombuffer(samples, self.format.depth.dtype).reshape(part_px.height, part_px.width, -1)
            target = out[part_px.slices()]
            if patch.mask is None or canvas is not None:
                target[...] = new
            else:
                inside = patch.mask[part_px.slices(patch.rect_px)] > 0
                target[inside] = new[inside]
        self.pixels = out
        self.head_version_id = patch.version_id
        return out

    def tiles(self, rect_px: PixelRect) -> dict[TileIndex, bytes]:
        """Raw samples of the layer's tiles that ``rect_px`` meets, row by row."""
        whole = rect_px.align(m.TILE_PX).intersect(self.size.rect)
        return cut(self.pixels, self.size.rect, whole)


def hashes_of(tiles: dict[TileIndex, bytes]) -> tuple[bytes, ...]:
    """The tiles' hashes, in their order."""
    return tuple(sha256(samples).digest() for samples in tiles.values())


def box_of(mask: Mask) -> PixelRect:
    """Bounding box of the pixels with any selection; empty when there is none."""
    # As truth values numpy stops early in a row; the columns are only looked for in the rows that have any.
    truth = mask.view(np.bool_)
    rows = np.flatnonzero(truth.any(axis=1))
    if not len(rows):
        return PixelRect(0, 0, 0, 0)
    cols = np.flatnonzero(truth[rows[0] : rows[-1] + 1].any(axis=0))
    return PixelRect(int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1)
