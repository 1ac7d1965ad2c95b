"""Chance that is a function of the place: a tile of a picture gets the same grain whichever tile it is cut from.

All arrays are H×W float32 of a rectangle in layer pixels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect

# What is made here is float32; wider numbers in the middle of a sum are no fault.
Floats = npt.NDArray[np.float32 | np.float64]
Ints = npt.NDArray[np.int64]


def hashed(x: Ints, y: Ints, seed: int) -> Floats:
    """A number 0 … 1 for every lattice point, as good as independent (Wang's integer hash, twice)."""
    mixed = x.astype(np.uint32) * np.uint32(0x8DA6B343)
    mixed = mixed ^ (y.astype(np.uint32) * np.uint32(0xD8163841)) ^ np.uint32((seed * 0xCB1AB31F) & 0xFFFFFFFF)
    for _ in range(2):
        mixed = (mixed ^ np.uint32(61)) ^ (mixed >> np.uint32(16))
        mixed = mixed * np.uint32(9)
        mixed = mixed ^ (mixed >> np.uint32(4))
        mixed = mixed * np.uint32(0x27D4EB2D)
        mixed = mixed ^ (mixed >> np.uint32(15))
    return (mixed >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)


def white(place: PixelRect, seed: int) -> Floats:
    """One number a pixel."""
    return hashed(*_lattice(place.x0, place.x1, place.y0, place.y1), seed)


def smooth(place: PixelRect, cell_px: float, seed: int, cell_y_px: float | None = None) -> Floats:
    """Noise of that grain, about 0 … 1 with mean 0.5: a cubic B-spline through random lattice values."""
    tall = cell_px if cell_y_px is None else cell_y_px
    cols, across = _taps(place.x0, place.x1, max(1.0, cell_px))
    rows, down = _taps(place.y0, place.y1, max(1.0, tall))
    values = hashed(*_lattice(int(cols[0]), int(cols[-1]) + 4, int(rows[0]), int(rows[-1]) + 4), seed)
    inside = np.zeros((values.shape[0], len(cols)), np.float32)
    for tap, weight in enumerate(across):
        inside += values[:, cols - cols[0] + tap] * weight
    out = np.zeros((len(rows), len(cols)), np.float32)
    for tap, weight in enumerate(down):
        out += inside[rows - rows[0] + tap] * weight[:, None]
    # A B-spline flattens its values; this brings the deviation back to that of the even distribution.
    return np.asarray(0.5 + (out - 0.5) * np.float32(1.9), np.float32)


def fractal(place: PixelRect, cell_px: float, octaves: int, seed: int, gain: float = 0.5) -> Floats:
    """Sum of ever finer noise, 0 … 1 or a little beyond, mean 0.5."""
    total, weight, share = np.zeros((place.height, place.width), np.float32), 0.0, 1.0
    for octave in range(octaves):
        total += (smooth(place, cell_px / 2**octave, seed + 101 * octave) - 0.5) * np.float32(share)
        weight += share**2
        share *= gain
    return np.asarray(0.5 + total / np.float32(weight**0.5), np.float32)


def _lattice(x0: int, x1: int, y0: int, y1: int) -> tuple[Ints, Ints]:
    ys, xs = np.meshgrid(np.arange(y0, y1, dtype=np.int64), np.arange(x0, x1, dtype=np.int64), indexing="ij")
    return xs, ys


def _taps(start: int, end: int, cell_px: float) -> tuple[Ints, list[Floats]]:
    """For every pixel the first of four lattice points, and their weights."""
    at = (np.arange(start, end, dtype=np.float64) + 0.5) / cell_px
    first = np.floor(at)
    t = (at - first).astype(np.float32)
    weights = [(1 - t) ** 3 / 6, (3 * t**3 - 6 * t**2 + 4) / 6, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6, t**3 / 6]
    return first.astype(np.int64) - 1, [np.asarray(weight, np.float32) for weight in weights]
