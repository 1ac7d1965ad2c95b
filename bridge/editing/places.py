"""Regions that need no looking at the picture: the whole layer, its halves, thirds, quarters and corners."""

from __future__ import annotations

from engine.commands.regions import Region
from engine.geometry import PixelRect, Size

# Shares of the width and of the height, from and to.
_Shares = tuple[float, float, float, float]
_THIRD = 1 / 3
_PLACES: dict[str, _Shares] = {
    "all": (0, 0, 1, 1),
    "left": (0, 0, 0.5, 1),
    "right": (0.5, 0, 1, 1),
    "top": (0, 0, 1, 0.5),
    "bottom": (0, 0.5, 1, 1),
    "top left": (0, 0, 0.5, 0.5),
    "top right": (0.5, 0, 1, 0.5),
    "bottom left": (0, 0.5, 0.5, 1),
    "bottom right": (0.5, 0.5, 1, 1),
    "centre": (0.25, 0.25, 0.75, 0.75),
    "left half": (0, 0, 0.5, 1),
    "right half": (0.5, 0, 1, 1),
    "top half": (0, 0, 1, 0.5),
    "bottom half": (0, 0.5, 1, 1),
    "left third": (0, 0, _THIRD, 1),
    "middle third": (_THIRD, 0, 1 - _THIRD, 1),
    "right third": (1 - _THIRD, 0, 1, 1),
    "top third": (0, 0, 1, _THIRD),
    "bottom third": (0, 1 - _THIRD, 1, 1),
    "left quarter": (0, 0, 0.25, 1),
    "right quarter": (0.75, 0, 1, 1),
    "top quarter": (0, 0, 1, 0.25),
    "bottom quarter": (0, 0.75, 1, 1),
}


def rect_of(region: Region, layer: Size) -> PixelRect | None:
    """The region's rectangle, at least a pixel each way; None for what has to be selected or found."""
    shares = _PLACES.get(region) if isinstance(region, str) else None
    if shares is None:
        return None
    left, top, right, bottom = shares
    x0, y0 = min(round(left * layer.width), layer.width - 1), min(round(top * layer.height), layer.height - 1)
    return PixelRect(x0, y0, max(x0 + 1, round(right * layer.width)), max(y0 + 1, round(bottom * layer.height)))


def is_place(region: Region) -> bool:
    """Whether `rect_of` knows it."""
    return isinstance(region, str) and region in _PLACES
