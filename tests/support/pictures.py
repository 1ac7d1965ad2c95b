"""Pictures and masks that tests draw."""

from __future__ import annotations

import numpy as np

from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)


def picture(height: int, width: int, format_: LayerFormat = RGB8, seed: int = 0) -> Pixels:
    """A soft gradient with grain: something that a fill can continue and that no two rows share."""
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    planes = [
        0.5 + 0.3 * np.sin(rows / 40 + channel) * np.cos(cols / 55) + rng.normal(0, 0.02, rows.shape)
        for channel in range(format_.channels)
    ]
    values = np.clip(np.stack(planes, axis=2), 0, 1) * format_.depth.white
    return values.astype(format_.depth.dtype)


def disc(height: int, width: int, row: int, col: int, radius: int, value: int = 255) -> Mask:
    """A round selection."""
    rows, cols = np.ogrid[0:height, 0:width]
    mask = np.zeros((height, width), np.uint8)
    mask[(rows - row) ** 2 + (cols - col) ** 2 <= radius**2] = value
    return mask


def changed_outside(before: Pixels, after: Pixels, mask: Mask) -> int:
    """Pixels outside the mask that differ in any bit."""
    kind = np.dtype(f"u{before.dtype.itemsize}")
    differs = (np.ascontiguousarray(before).view(kind) != np.ascontiguousarray(after).view(kind)).any(axis=2)
    return int((differs & (mask == 0)).sum())
