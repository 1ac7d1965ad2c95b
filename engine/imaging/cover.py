"""A picture scaled to cover a layer, its middle kept: all of it, or the part of it that is asked for."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect, Size
from engine.imaging.layer import Floats

_Places = npt.NDArray[np.intp]
# One tap a step: which source pixel, and its weight, for each wanted pixel of one axis.
_Taps = list[tuple[_Places, Floats]]


def middle_kept(picture: Size, layer: Size) -> PixelRect:
    """The part of the picture that is seen when it covers the layer."""
    scale = max(layer.width / picture.width, layer.height / picture.height)
    wide = min(picture.width, max(1, round(layer.width / scale)))
    high = min(picture.height, max(1, round(layer.height / scale)))
    x, y = (picture.width - wide) // 2, (picture.height - high) // 2
    return PixelRect(x, y, x + wide, y + high)


def covering(picture: Floats, layer: Size, part_px: PixelRect) -> Floats:
    """What lies in a part of the layer when the picture covers all of it.

    Each pixel is computed from its own place alone, so a part has the same bits whatever else is asked for, at the
    part's cost: averaged where the picture is larger (by the area that a pixel covers), linear where it is smaller.

    Args:
        picture: (H, W, C) float32. layer: its size. part_px: of the layer.

    Returns:
        (part height, part width, C) float32.
    """
    kept = middle_kept(Size(picture.shape[1], picture.shape[0]), layer)
    is_smaller = layer.area < kept.area
    seen = picture[kept.slices()]
    down = _taps(kept.height, layer.height, part_px.y0, part_px.y1, averaged=is_smaller)
    across = _taps(kept.width, layer.width, part_px.x0, part_px.x1, averaged=is_smaller)
    # Of the columns only what the part needs goes through the first pass.
    first, last = int(min(at.min() for at, _ in across)), int(max(at.max() for at, _ in across))
    near = _mixed(seen[:, first : last + 1], down)
    return _mixed(near.swapaxes(0, 1), [(at - first, weight) for at, weight in across]).swapaxes(0, 1).copy()


def _mixed(values: Floats, taps: _Taps) -> Floats:
    """(H, W, C) to (N, W, C): the weighted rows."""
    out = np.zeros((len(taps[0][0]), *values.shape[1:]), np.float32)
    for at, weight in taps:
        out += values[at] * weight[:, None, None]
    return out


def _taps(source: int, wanted: int, start: int, stop: int, *, averaged: bool) -> _Taps:
    """Of the pixels ``start`` to ``stop`` of ``wanted`` ones that show ``source`` ones."""
    ratio = source / wanted
    number = np.arange(start, stop, dtype=np.float64)
    if averaged:
        low, high = number * ratio, np.minimum((number + 1) * ratio, source)
        first = np.floor(low)
        shares = [
            np.clip(np.minimum(first + step + 1, high) - np.maximum(first + step, low), 0, None)
            for step in range(math.ceil(ratio) + 1)
        ]
        total = np.maximum(sum(shares), 1e-12)
        taps = [(first + step, share / total) for step, share in enumerate(shares)]
    else:
        middle = (number + 0.5) * ratio - 0.5
        first = np.floor(middle)
        taps = [(first, 1 - (middle - first)), (first + 1, middle - first)]
    return [(np.clip(at, 0, source - 1).astype(np.intp), np.asarray(weight, np.float32)) for at, weight in taps]
