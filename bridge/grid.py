"""The tile grid: arrays cut into tiles and put together again; used by the bridge and by its Python client."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bridge.protocol.messages import TILE_PX
from engine.api import LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size, TileIndex


def tile_rect_px(cell: TileIndex, within_px: PixelRect) -> PixelRect:
    """What a tile covers: its cell clipped to the layer, the mask's or the patch's rectangle."""
    return cell.rect_px(TILE_PX).intersect(within_px)


def assemble(
    tiles: Mapping[TileIndex, bytes], rect_px: PixelRect, within_px: PixelRect, format_: LayerFormat
) -> Pixels:
    """One array of ``rect_px`` from tiles that are clipped to ``within_px``.

    Returns:
        H×W×C of ``rect_px`` in the layer's dtype.
    """
    pixels = np.empty((rect_px.height, rect_px.width, format_.channels), format_.depth.dtype)
    for cell in rect_px.cells(TILE_PX):
        covers_px = tile_rect_px(cell, within_px)
        part_px = covers_px.intersect(rect_px)
        samples = np.frombuffer(tiles[cell], format_.depth.dtype).reshape(covers_px.height, covers_px.width, -1)
        pixels[part_px.slices(rect_px)] = samples[part_px.slices(covers_px)]
    return pixels


def cut(array: Pixels | Mask, origin_px: PixelRect, within_px: PixelRect) -> dict[TileIndex, bytes]:
    """The tiles of ``within_px`` out of an array whose top left pixel is ``origin_px``'s; raw samples."""
    return {
        cell: np.ascontiguousarray(array[tile_rect_px(cell, within_px).slices(origin_px)]).tobytes()
        for cell in within_px.cells(TILE_PX)
    }


def layer_tile_bytes(cell: TileIndex, layer: Size, format_: LayerFormat) -> int:
    """Bytes of a layer's tile, raw; 0 for a cell outside the layer."""
    return tile_rect_px(cell, layer.rect).area * format_.bytes_per_pixel
