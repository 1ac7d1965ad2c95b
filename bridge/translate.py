"""The history's records and the engine's events as messages of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from bridge.editing.delivery import Patch
from bridge.editing.tiles import TileCache
from bridge.errors import OutOfOrder
from bridge.grid import cut, tile_rect_px
from bridge.history.landing import mask_from
from bridge.history.records import Document, Happening, Hash, Layer, Move, Version, VersionPage
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.protocol.shapes import HostLayerInfo, ImageInfo, ShadeInfo, TextInfo
from bridge.protocol.tiles import pack_tile
from engine.api import Canvas, EditPreview, HostLayer, ImageLayer, LayerFormat, Mask, Pixels, ShadeLayer, TextLayer
from engine.geometry import PixelRect, Size, TileIndex


def document_info(document: Document) -> m.DocumentInfo:
    return m.DocumentInfo(
        document_id=document.document_id,
        key=document.key,
        title=document.title,
        role=document.role,
        last_seq=document.last_seq,
        model=document.model or "auto",
    )


def layer_info(layer: Layer) -> m.LayerInfo:
    return m.LayerInfo(
        layer_id=layer.layer_id,
        key=layer.key,
        name=layer.name,
        width=layer.size.width,
        height=layer.size.height,
        depth=layer.format.depth.value,
        channels=layer.format.channels,
        alpha=layer.format.alpha.value,
        head_version_id=layer.head_version_id,
    )


def version_info(version: Version) -> m.VersionInfo:
    return m.VersionInfo(
        version_id=version.version_id,
        parent_id=version.parent_id,
        kind=version.kind,
        state=version.state,
        rect_px=version.rect_px.as_tuple(),
        text=version.text,
        says=version.says,
        model=version.model,
        weights_hash=version.weights_hash,
        device=version.device,
        seed=version.seed,
        author=version.author,
        created_at=version.created_at.isoformat(),
        engine_s=version.engine_s,
        notes=version.notes,
        canvas=None if version.canvas is None else canvas_info(version.canvas),
        layers=tuple(_layer_info(layer) for layer in version.layers),
    )


def tree_page(request_id: int, page: VersionPage) -> m.HistoryTreeIs:
    return m.HistoryTreeIs(
        re=request_id,
        layer=layer_info(page.layer),
        total=page.total,
        versions=tuple(version_info(version) for version in page.versions),
        edits_before=page.edits_before,
    )


def event_message(happening: Happening, comment: m.CommentInfo | None = None) -> m.Event:
    return m.Event(
        document_id=happening.document_id,
        seq=happening.seq,
        kind=happening.kind,
        at=happening.at.isoformat(),
        by=happening.by,
        layer_id=happening.layer_id,
        edit_id=happening.edit_id,
        version_id=happening.version_id,
        detail=happening.detail,
        comment_id=happening.comment_id,
        comment=comment,
    )


def preview_message(preview: EditPreview, edit_id: str, candidate: int) -> m.EditPreview:
    height, width, channels = preview.pixels.shape
    # Small, and soon replaced: not worth packing.
    tile = pack_tile((0, 0), np.ascontiguousarray(preview.pixels).tobytes(), channels, zstd=False)
    return m.EditPreview(
        edit_id=edit_id,
        candidate=candidate,
        rect_px=preview.rect_px.as_tuple(),
        scale=preview.scale,
        width=width,
        height=height,
        channels=channels,
        encoding=tile.encoding,
        data=tile.data,
    )


def canvas_info(canvas: Canvas) -> m.CanvasInfo:
    return m.CanvasInfo(
        width=canvas.size.width,
        height=canvas.size.height,
        depth=canvas.format.depth.value,
        channels=canvas.format.channels,
        alpha=canvas.format.alpha.value,
        x0=canvas.x0,
        y0=canvas.y0,
        scale=canvas.scale,
    )


def _layer_info(layer: HostLayer) -> HostLayerInfo:
    match layer:
        case TextLayer():
            return TextInfo(
                rect_px=layer.rect_px.as_tuple(),
                text=layer.text,
                family=layer.family,
                style=layer.style,
                size_px=layer.size_px,
                line_px=layer.line_px,
                colour=layer.colour,
                align=layer.align,
            )
        case ImageLayer():
            return ImageInfo(
                rect_px=layer.rect_px.as_tuple(),
                reference=layer.reference,
                rotation=layer.rotation,
                opacity=layer.opacity,
            )
        case ShadeLayer():
            return ShadeInfo(rect_px=layer.rect_px.as_tuple(), colour=layer.colour, radius_px=layer.radius_px)


def version_patch(
    version: Version, pixels: Pixels, mask: Mask, *, edit_id: str | None = None, candidate: int = 0
) -> Patch:
    """A version's own patch with its mask: ``pixels`` H×W×C and ``mask`` H×W of its ``rect_px``."""
    rect_px = version.rect_px
    return Patch(
        layer_id=version.layer_id,
        version_id=version.version_id,
        rect_px=rect_px.as_tuple(),
        format=version.format,
        tiles=_by_cell(cut(pixels, rect_px, rect_px)),
        mask_tiles=_by_cell(cut(mask, rect_px, rect_px)),
        edit_id=edit_id,
        candidate=candidate,
        canvas=None if version.canvas is None else canvas_info(version.canvas),
    )


async def stored_patch(
    version: Version, layer: Layer, history: History, *, edit_id: str | None = None, candidate: int = 0
) -> Patch:
    """The same, read from the history.

    Raises:
        OutOfOrder: the layer was described anew with another format, so the patch does not fit it any more.
    """
    pixels, mask = await history.versions.patch_of(version), await history.versions.mask_of(version)
    if version.canvas is None and version.format != layer.format:
        try:  # a version of the same tree has its place there; whoever asks knows the way to it
            await history.versions.between(version.version_id, layer.head_version_id)
        except OutOfOrder:
            raise OutOfOrder("That version was made when the layer had another format.") from None
    return await asyncio.to_thread(version_patch, version, pixels, mask, edit_id=edit_id, candidate=candidate)


async def moved_patch(move: Move, layer: Layer, tiles: TileCache, *, edit_id: str | None = None) -> Patch:
    """The patch that brings the layer from its old head to its new one: the cells that differ, and of them what the
    edits in between changed: what a designer painted between their selections is not theirs."""
    held = await tiles.get(move.tiles.values())
    size, format_ = (layer.size, layer.format) if move.canvas is None else (move.canvas.size, move.canvas.format)
    samples = {
        cell: _part(held[key], cell, move.rect_px, size, format_)
        for cell, key in move.tiles.items()
        if cell.rect_px(m.TILE_PX).meets(move.rect_px)
    }
    mask_tiles: dict[TileIndex, bytes] = {}
    if move.masks:
        mask = union_of(move.masks, await tiles.get(key for _, key in move.masks), move.rect_px)
        mask_tiles = {cell: tile for cell, tile in cut(mask, move.rect_px, move.rect_px).items() if cell in samples}
    return Patch(
        layer_id=layer.layer_id,
        version_id=move.head_version_id,
        rect_px=move.rect_px.as_tuple(),
        format=format_,
        tiles=_by_cell(samples),
        mask_tiles=_by_cell(mask_tiles),
        edit_id=edit_id,
        canvas=None if move.canvas is None else canvas_info(move.canvas),
    )


def union_of(masks: Sequence[tuple[PixelRect, Hash]], samples: Mapping[Hash, bytes], rect_px: PixelRect) -> Mask:
    """H×W uint8 of the rectangle: the most that any of these masks, each of its own place, says of a pixel."""
    union = np.zeros((rect_px.height, rect_px.width), np.uint8)
    for place_px, key in masks:
        part_px = place_px.intersect(rect_px)
        part = union[part_px.slices(rect_px)]
        np.maximum(part, mask_from(samples[key], place_px)[part_px.slices(place_px)], out=part)
    return union


def _part(samples: bytes, cell: TileIndex, rect_px: PixelRect, size: Size, format_: LayerFormat) -> bytes:
    """What of a layer's tile lies in the rectangle."""
    covers_px = tile_rect_px(cell, size.rect)
    part_px = covers_px.intersect(rect_px)
    pixels = np.frombuffer(samples, format_.depth.dtype).reshape(covers_px.height, covers_px.width, -1)
    return np.ascontiguousarray(pixels[part_px.slices(covers_px)]).tobytes()


def _by_cell(tiles: dict[TileIndex, bytes]) -> dict[tuple[int, int], bytes]:
    return {(cell.col, cell.row): samples for cell, samples in tiles.items()}
