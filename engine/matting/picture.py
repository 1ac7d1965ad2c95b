"""A layer's working pixels as what the eye sees: RGB without alpha, and where there is anything to see."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Below this opacity a pixel's colour cannot be told.
_FAINT = np.float32(1 / 64)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """``rgb``: (H, W, 3) float32 straight sRGB, 0 … 1 and beyond in HDR. ``opacity``: (H, W) float32 0 … 1."""

    rgb: Floats
    opacity: Floats

    @property
    def height(self) -> int:
        return self.rgb.shape[0]

    @property
    def width(self) -> int:
        return self.rgb.shape[1]


def picture_of(working: Floats, has_alpha: bool) -> Picture:
    """From (H, W, C) working pixels (`engine.imaging.layer`); grey becomes RGB, negative light becomes 0."""
    colour, opacity = (working[..., :-1], working[..., -1]) if has_alpha else (working, np.ones_like(working[..., 0]))
    if has_alpha:
        colour = np.where(opacity[..., None] > _FAINT, colour / np.maximum(opacity[..., None], _FAINT), 0)
    if colour.shape[-1] == 1:
        colour = np.repeat(colour, 3, -1)
    return Picture(np.ascontiguousarray(np.maximum(colour, 0), np.float32), np.clip(opacity, 0, 1).astype(np.float32))


def resized(values: Floats, width: int, height: int) -> Floats:
    """(H, W[, C]) at another size: averaged when smaller, linear when larger."""
    if values.shape[:2] == (height, width):
        return values
    smaller = width * height < values.shape[0] * values.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (width, height), interpolation=how), np.float32)


def lab_of(rgb: Floats) -> Floats:
    """(H, W, 3) Lab of sRGB 0 … 1; L 0 … 100."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb, np.float32), cv2.COLOR_RGB2LAB), np.float32)
