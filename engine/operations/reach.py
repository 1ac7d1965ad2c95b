"""How much of a layer an operation has to see. No torch: the bridge asks this before any pixel is sent."""

from __future__ import annotations

from engine.geometry import PixelRect, Size

# The exemplar model copies from around the selection. Half of the selection's longer side, and never less than
# this many pixels, leaves it about twice as many known patches as missing ones.
_LEAST_MARGIN_PX = 64
_MARGIN_OF_SIDE = 0.5
# At least this many known pixels for each missing one, else the reach grows on the sides that have room.
_KNOWN_PER_MISSING = 1.5

# What is drawn goes on from what is around it where that is the same thing; a strip of such a share of the longer side
# tells whether it is, and is enough to continue it from. Very large selections are not read far beyond.
_DRAWING_MARGIN_PX = (64, 512)

# An open model draws in a window of its native size around the selection. It draws best where it sees as much again on
# every side, and never less than this; what a very large selection has around it does not help it more.
_MODEL_MARGIN_PX = (128, 512)

# Sharpening and noise look this far around a pixel; light and colour look nowhere else.
ADJUST_MARGIN_PX = 16


def reach_of_tone(mask_rect_px: PixelRect, layer: Size) -> PixelRect:
    """The window that a change of light, colour, sharpness or noise needs."""
    return mask_rect_px.grow(ADJUST_MARGIN_PX).intersect(layer.rect)


def reach_of_drawing(mask_rect_px: PixelRect, layer: Size) -> PixelRect:
    """The window around a selection that is painted anew: the selection and a strip around it, clipped to the layer."""
    least, most = _DRAWING_MARGIN_PX
    margin = min(max(least, int(_MARGIN_OF_SIDE * max(mask_rect_px.width, mask_rect_px.height))), most)
    return mask_rect_px.grow(margin).intersect(layer.rect)


def reach_of_model(mask_rect_px: PixelRect, layer: Size) -> PixelRect:
    """The window that an open model looks at: the selection and its longer side around it, clipped to the layer."""
    least, most = _MODEL_MARGIN_PX
    margin = min(max(least, mask_rect_px.width, mask_rect_px.height), most)
    return mask_rect_px.grow(margin).intersect(layer.rect)


def reach_of_fill(mask_rect_px: PixelRect, layer: Size) -> PixelRect:
    """The window around a selection whose pixels a fill needs: selection, context, clipped to the layer.

    Where the layer's border cuts the context off, the other sides grow until enough is known, or the layer ends.
    """
    margin = max(_LEAST_MARGIN_PX, int(_MARGIN_OF_SIDE * max(mask_rect_px.width, mask_rect_px.height)))
    reach = mask_rect_px.grow(margin).intersect(layer.rect)
    while reach != layer.rect and reach.area - mask_rect_px.area < _KNOWN_PER_MISSING * mask_rect_px.area:
        margin += _LEAST_MARGIN_PX
        reach = mask_rect_px.grow(margin).intersect(layer.rect)
    return reach
