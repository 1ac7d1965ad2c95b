"""Size and format of a layer as rows keep them, and how they change from version to version."""

from __future__ import annotations

from bridge.history.schema import LayerRow, VersionRow
from engine.api import Alpha, Canvas, Depth, HostLayer, LayerFormat, heard_layer
from engine.geometry import Size


def shape_of(row: LayerRow | VersionRow) -> tuple[Size, LayerFormat]:
    """Size and format of a layer now, or in a version of it."""
    return Size(row.width, row.height), LayerFormat(Depth(row.depth), row.channels, Alpha(row.alpha))


def set_shape(row: LayerRow, size: Size, format_: LayerFormat) -> None:
    """The layer is this now."""
    row.width, row.height = size.width, size.height
    row.depth, row.channels, row.alpha = format_.depth.value, format_.channels, format_.alpha.value


def canvas_of(row: VersionRow) -> Canvas | None:
    """What the layer became with this version; None when neither size nor format changed."""
    if row.canvas_x is None or row.canvas_y is None or row.canvas_scale is None:
        return None
    return Canvas(*shape_of(row), row.canvas_x, row.canvas_y, row.canvas_scale)


def layers_of(row: VersionRow) -> tuple[HostLayer, ...]:
    """What a host may set itself instead of the version's pixels."""
    return tuple(heard_layer(layer) for layer in row.layers)


def inverse(canvas: Canvas, size: Size, format_: LayerFormat) -> Canvas:
    """The way back to a layer of that size and format."""
    scale = 1 / canvas.scale
    return Canvas(size, format_, round(-canvas.x0 * scale), round(-canvas.y0 * scale), scale)


def composed(first: Canvas, then: Canvas) -> Canvas:
    """Both changes as one."""
    return Canvas(
        then.size,
        then.format,
        round(first.x0 * then.scale) + then.x0,
        round(first.y0 * then.scale) + then.y0,
        first.scale * then.scale,
    )
