"""Stored pixels ↔ working pixels.

Working pixels are H×W×C float32: colour multiplied by alpha (so that a transparent pixel's hidden colour has no
say), then alpha where the layer has it; 0..1, values beyond it compressed by a logarithm so that one bright lamp
of an HDR layer does not outweigh everything. The way back is exact for 8 and 16 bit up to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.api import Alpha, Depth, LayerFormat, Pixels

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# Larger than any value a renderer writes on purpose; its square still fits in float32.
_LARGEST = np.float32(1e9)
# Alpha below half an 8-bit step: the colour of such a pixel cannot be told any more.
_FAINTEST_ALPHA = np.float32(1 / 512)


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """``pixels``: H×W×C float32, all finite. ``broken``: H×W, True where the layer held NaN or an infinity."""

    pixels: Floats
    broken: Flags


def to_working(stored: Pixels, layer: LayerFormat) -> Working:
    """Stored H×W×C (dtype of ``layer.depth``) to working pixels; broken pixels become 0 in every channel."""
    values = stored.astype(np.float32)
    broken: Flags = ~np.asarray(np.isfinite(values).all(-1))
    if layer.depth is Depth.F32:
        values[broken] = 0.0
        np.clip(values, -_LARGEST, _LARGEST, out=values)
    else:
        values /= np.float32(layer.depth.white)
    if layer.alpha is Alpha.STRAIGHT:
        values[..., :-1] *= values[..., -1:]
    return Working(_compress(values) if layer.depth is Depth.F32 else values, broken)


def to_stored(working: Floats, layer: LayerFormat) -> Pixels:
    """Working pixels to the layer's own: rounded and clipped for 8 and 16 bit, alpha clipped to 0..1."""
    values = _expand(working) if layer.depth is Depth.F32 else working.copy()
    if layer.alpha is not Alpha.NONE:
        alpha = np.clip(values[..., -1:], 0.0, 1.0)
        values[..., -1:] = alpha
        if layer.alpha is Alpha.STRAIGHT:
            values[..., :-1] /= np.maximum(alpha, _FAINTEST_ALPHA)
        elif layer.depth is not Depth.F32:
            # More colour than opacity is light of its own: never meant in an integer layer.
            values[..., :-1] = np.minimum(values[..., :-1], alpha)
    if layer.depth is Depth.F32:
        return np.ascontiguousarray(values, np.float32)
    white = layer.depth.white
    return np.clip(np.rint(values * np.float32(white)), 0, white).astype(layer.depth.dtype)


def to_preview(working: Floats, layer: LayerFormat) -> npt.NDArray[np.uint8]:
    """Working pixels as uint8 H×W×3, or H×W×4 with straight alpha."""
    has_alpha = layer.alpha is not Alpha.NONE
    shown = to_stored(
        _expand(working) if layer.depth is Depth.F32 else working,
        LayerFormat(Depth.U8, layer.channels, Alpha.STRAIGHT if has_alpha else Alpha.NONE),
    )
    colour = shown[..., :-1] if has_alpha else shown
    if colour.shape[-1] == 1:
        colour = np.repeat(colour, 3, axis=-1)
    return np.ascontiguousarray(np.concatenate([colour, shown[..., -1:]], -1) if has_alpha else colour, np.uint8)


def _compress(values: Floats) -> Floats:
    above, below = np.maximum(values - 1, 0), np.maximum(-values, 0)
    return (np.clip(values, 0, 1) + np.log1p(above) - np.log1p(below)).astype(np.float32)


def _expand(values: Floats) -> Floats:
    above, below = np.maximum(values - 1, 0), np.maximum(-values, 0)
    return (np.clip(values, 0, 1) + np.expm1(above) - np.expm1(below)).astype(np.float32)
