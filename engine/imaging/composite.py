"""The last step of every edit, on the source's own values: outside the mask nothing is computed, only copied (P1).

``mask`` 0: the source's bytes, whatever they are. 255: the fill. Between: both, feathered, inside the selection
only. No torch here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels


def composite(source: Pixels, fill: Pixels, mask: Mask, layer: LayerFormat) -> Pixels:
    """A new array: ``source`` with ``fill`` where the mask selects.

    Straight colours are weighted by their alpha, so that a transparent side lends no colour; premultiplied ones
    and alpha itself are mixed in proportion. Where a source pixel under a soft mask is NaN or infinite the fill
    replaces it, for there is nothing to mix with.

    Args:
        source, fill: H×W×C in ``layer``'s format. mask: H×W uint8.

    Raises:
        ValueError: shapes or dtypes do not agree.
    """
    if source.shape != fill.shape or source.dtype != fill.dtype or source.shape[:2] != mask.shape:
        raise ValueError(
            f"a {source.dtype} {source.shape} source, a {fill.dtype} {fill.shape} fill, a {mask.shape} mask"
        )
    out = source.copy()
    full = mask == 255
    out[full] = fill[full]
    soft = (mask > 0) & ~full
    if soft.any():
        out[soft] = _mix(source[soft], fill[soft], mask[soft].astype(np.float64)[:, None] / 255.0, layer)
    return out


def _mix(source: Pixels, fill: Pixels, share: npt.NDArray[np.float64], layer: LayerFormat) -> Pixels:
    """(n, C) of each and the fill's (n, 1) share, in float64: exact for 16 bit before the one rounding."""
    ours, theirs = fill.astype(np.float64), source.astype(np.float64)
    broken = ~np.isfinite(theirs).all(-1)
    ours[broken] = theirs[broken] = 0  # so that no infinity meets another
    mixed = theirs + (ours - theirs) * share
    if layer.alpha is Alpha.STRAIGHT:
        weight_ours, weight_theirs = ours[:, -1:] * share, theirs[:, -1:] * (1 - share)
        weight = weight_ours + weight_theirs
        visible = weight[:, 0] > 0
        colour = ours[:, :-1] * weight_ours + theirs[:, :-1] * weight_theirs
        mixed[visible, :-1] = colour[visible] / weight[visible]
    mixed[broken] = fill[broken]
    if layer.depth is Depth.F32:
        return mixed.astype(np.float32)
    return np.clip(np.rint(mixed), 0, layer.depth.white).astype(layer.depth.dtype)
