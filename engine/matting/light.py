"""sRGB and linear light, for what adds up as light does."""

from __future__ import annotations

import numpy as np

from engine.imaging.layer import Floats


def to_linear(srgb: Floats) -> Floats:
    """sRGB 0 … 1 (and beyond) to linear light (IEC 61966-2-1)."""
    values = np.maximum(srgb, 0)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(linear: Floats) -> Floats:
    """Linear light to sRGB."""
    values = np.maximum(linear, 0)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055).astype(np.float32)
