"""A finished cut-out put into a layer's own pixels: over them, with its shadow, or behind the layer's subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.api import Alpha, LayerFormat, Mask, Pixels
from engine.combining.piece import FAINT
from engine.geometry import PixelRect
from engine.imaging.layer import Floats, to_stored, to_working
from engine.matting.light import to_linear, to_srgb
from engine.matting.matte import Matte
from engine.matting.picture import picture_of

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(slots=True, eq=False)
class Board:
    """A layer that is being changed. ``pixels``: H×W×C, a copy. ``mask``: H×W uint8, 255 where it was changed."""

    pixels: Pixels
    mask: Mask
    format: LayerFormat

    @staticmethod
    def of(pixels: Pixels, format_: LayerFormat) -> Board:
        """Nothing is changed yet."""
        return Board(pixels.copy(), np.zeros(pixels.shape[:2], np.uint8), format_)


@dataclass(frozen=True, slots=True, eq=False)
class Put:
    """What is put in a window of the layer, all (h, w[, 3]) of the window.

    Attributes:
        colour: straight sRGB. alpha: 0 … 1. shadow: the share of light that is lost beneath. matte: of the subject that
            is in front of it; None when nothing is.
    """

    window: PixelRect
    colour: Floats
    alpha: Floats
    shadow: Floats
    matte: Matte | None = None


def put(board: Board, it: Put) -> None:
    """Change the board's window; pixels that nothing covers keep their bytes."""
    here = it.window.slices()
    has_alpha = board.format.alpha is not Alpha.NONE
    under = picture_of(to_working(board.pixels[here], board.format).pixels, has_alpha)
    rgb, opacity, cover = under.rgb, under.opacity, it.alpha
    front = np.zeros_like(cover) if it.matte is None else it.matte.alpha
    if it.matte is not None:
        rgb = it.matte.behind
    shade = np.where(it.shadow > FAINT, it.shadow, 0).astype(np.float32)
    shaded = _darker(rgb, shade)
    # A shadow on what is clear is black of that opacity.
    below = opacity + shade * (1 - opacity)
    dark = shaded * (opacity / np.maximum(below, np.float32(FAINT)))[..., None]
    share = cover[..., None]
    top = dark * below[..., None] * (1 - share) + it.colour * share
    total = cover + below * (1 - cover)
    if it.matte is not None:
        a = front[..., None]
        top = it.matte.subject * a * opacity[..., None] + (1 - a) * top
        total = front * opacity + (1 - front) * total
    changed = ((cover > FAINT) | (shade > 0)) & (front < 1 - FAINT)
    stored = to_stored(
        _as_layer(np.asarray(top, np.float32), np.asarray(total, np.float32), board.format), board.format
    )
    part = board.pixels[here]
    part[changed] = stored[changed]
    board.mask[here][changed] = 255


def in_window(values: Floats, rect_px: PixelRect, window: PixelRect) -> Floats:
    """(h, w[, C]) of a rectangle that may hang over, in a window; 0 elsewhere."""
    out = np.zeros((window.height, window.width, *values.shape[2:]), np.float32)
    seen = window.intersect(rect_px)
    if not seen.is_empty:
        out[seen.slices(window)] = values[seen.slices(rect_px)]
    return out


def _darker(rgb: Floats, shade: Floats) -> Floats:
    """Less light; where there is no shade, the same numbers."""
    is_dark = shade > 0
    out = np.array(rgb, np.float32)
    kept = (1 - shade[is_dark])[:, None]
    out[is_dark] = to_srgb(np.asarray(to_linear(rgb[is_dark]) * kept, np.float32))
    return out


def _as_layer(colour: Floats, opacity: Floats, layer: LayerFormat) -> Floats:
    """Premultiplied (h, w, 3) as (h, w, C) working pixels of the layer's channels."""
    has_alpha = layer.alpha is not Alpha.NONE
    if layer.channels - has_alpha == 1:
        colour = (colour @ _LUMA)[..., None]
    if has_alpha:
        colour = np.concatenate([colour, opacity[..., None]], -1)
    return np.ascontiguousarray(colour, np.float32)
