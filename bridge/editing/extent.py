"""How far an operation goes: what it may change, what it has to see, and what the layer becomes. No pixels here."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.editing.ability import Edits
from bridge.editing.models import model_of
from bridge.editing.places import rect_of
from bridge.errors import BadPixels
from engine.api import Alpha, Canvas, LayerFormat
from engine.commands.plan import (
    Adjust,
    BackgroundBlur,
    BackgroundRemove,
    BackgroundReplace,
    Combine,
    Extend,
    Instruct,
    Recolour,
    Relight,
    Remove,
    Replace,
    Restyle,
    Upscale,
)
from engine.commands.regions import Region
from engine.geometry import PixelRect, Size
from engine.operations.reach import reach_of_drawing, reach_of_fill, reach_of_model, reach_of_tone
from engine.operations.shapes import size_of_extended, size_of_upscaled
from engine.styles.words import reach_of_style

# These take a selection for a hint at what the subject is, or where something goes, and change what they find; only a
# background that is replaced by another picture is what is selected (`is_shown_where_selected`).
HINTED = BackgroundRemove | BackgroundReplace | BackgroundBlur | Combine
_FOUND = ("subject", "background")


@dataclass(frozen=True, slots=True)
class Extent:
    """Of one operation on a layer.

    Attributes:
        rect_px: what it may change.
        reach_px: what it has to see, ``rect_px`` among it.
        by_selection: its mask is the selection; else all of ``rect_px``.
        becomes: the layer's size and format afterwards, where they change.
        finds: it finds what to change by itself, and takes a mask for a hint.
    """

    rect_px: PixelRect
    reach_px: PixelRect
    by_selection: bool
    becomes: Canvas | None = None
    finds: bool = False


def extent_of(operation: Edits, selection_px: PixelRect | None, size: Size, format_: LayerFormat) -> Extent:
    """How far this operation goes on a layer of this size and format.

    Raises:
        BadPixels: it works on a selection, and there is none.
    """
    if selection_px is not None and is_shown_where_selected(operation):
        return Extent(selection_px, selection_px, True)
    region = region_of(operation, has_selection=selection_px is not None)
    if region is None or region in _FOUND:
        by_selection = isinstance(operation, HINTED) and selection_px is not None
        return Extent(size.rect, size.rect, by_selection, _becomes(operation, size, format_), region is None)
    place_px = rect_of(region, size)
    rect_px = selection_px if place_px is None else place_px
    if rect_px is None:
        raise BadPixels("The selection is empty.", hint="Select the thing to change, then try again.")
    return Extent(rect_px, _reach(operation, rect_px, size), place_px is None)


def is_shown_where_selected(operation: Edits) -> bool:
    """Whether a selection is the background itself, which a picture replaces: nothing has to be found."""
    return isinstance(operation, BackgroundReplace) and operation.prompt is None


def region_of(operation: Edits, *, has_selection: bool) -> Region | None:
    """The region that an operation works on; None for those that look at the whole layer and find their place."""
    if not isinstance(operation, Remove | Replace | Relight | Recolour | Restyle | Adjust | Instruct):
        return None
    return operation.region or ("selection" if has_selection else "all")


def _reach(operation: Edits, rect_px: PixelRect, size: Size) -> PixelRect:
    if model_of(operation):
        return reach_of_model(rect_px, size)
    match operation:
        case Replace():
            return reach_of_drawing(rect_px, size)
        case Restyle():
            return reach_of_style(operation.prompt, rect_px, size)
        case Remove():
            return reach_of_fill(rect_px, size)
        case _:
            return reach_of_tone(rect_px, size)


def _becomes(operation: Edits, size: Size, format_: LayerFormat) -> Canvas | None:
    match operation:
        case Extend():
            return Canvas(size_of_extended(operation, size), format_)
        case Upscale():
            larger = size_of_upscaled(operation, size)
            return Canvas(larger, format_, scale=larger.width / size.width)
        case BackgroundRemove() if format_.alpha is Alpha.NONE:
            return Canvas(size, LayerFormat(format_.depth, format_.channels + 1, Alpha.STRAIGHT))
        case _:
            return None
