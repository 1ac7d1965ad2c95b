"""What is painted on: papers, canvas, film. Heights are H×W about 0 … 1, mean 0.5."""

from __future__ import annotations

import numpy as np

from engine.styles import filters as f
from engine.styles.look import Look
from engine.styles.noise import Floats, fractal, smooth, white


def paper(look: Look, coarse: float = 1.0) -> Floats:
    """Cold-pressed paper: a felt's dents over fine fibres."""
    unit = look.unit_px * coarse
    dents = fractal(look.place, 5.0 * unit, 3, look.seed + 11, 0.65)
    fibres = smooth(look.place, 9.0 * unit, look.seed + 12, 1.6 * unit)
    return np.asarray(np.clip(0.5 + 0.75 * (dents - 0.5) + 0.3 * (fibres - 0.5), 0, 1), np.float32)


def tooth(look: Look, coarse: float = 1.0) -> Floats:
    """The grain that a pencil or a stick of charcoal catches on: fine and even."""
    unit = look.unit_px * coarse
    fine = smooth(look.place, 1.7 * unit, look.seed + 21)
    wide = fractal(look.place, 6.0 * unit, 2, look.seed + 22)
    return np.asarray(np.clip(0.5 + 0.62 * (fine - 0.5) + 0.35 * (wide - 0.5), 0, 1), np.float32)


def canvas(look: Look) -> Floats:
    """Woven cloth: threads over and under."""
    pitch = 3.4 * look.unit_px
    xs = (np.arange(look.place.x0, look.place.x1, dtype=np.float32) + 0.5) / np.float32(pitch)
    ys = (np.arange(look.place.y0, look.place.y1, dtype=np.float32) + 0.5) / np.float32(pitch)
    warp = (smooth(look.place, 14 * look.unit_px, look.seed + 31) - 0.5) * np.float32(0.9)
    x, y = xs[None] + warp, ys[:, None] + warp
    over = np.sin(np.pi * x) * np.sin(np.pi * y)
    weave = np.where(over > 0, np.abs(np.sin(np.pi * x)), np.abs(np.sin(np.pi * y)))
    return np.asarray(0.5 + 0.5 * (weave - 0.6), np.float32)


def grain(look: Look, size_units: float = 1.2) -> Floats:
    """A film's grain: mean 0, deviation about 1."""
    size = size_units * look.unit_px
    if size <= 1.0:
        return np.asarray((white(look.place, look.seed + 41) - 0.5) * np.float32(3.4), np.float32)
    fine, wide = smooth(look.place, size, look.seed + 42), smooth(look.place, 2.3 * size, look.seed + 43)
    speck = white(look.place, look.seed + 44)
    noise = 2.1 * (fine - 0.5) + 1.3 * (wide - 0.5) + 1.4 * (speck - 0.5)
    return np.asarray(noise * np.float32(1.5), np.float32)


def vignette(look: Look, strength: float, start: float = 0.45) -> Floats:
    """H×W factor: 1 in the middle of the layer, 1 - strength in its corners."""
    place, layer = look.place, look.layer
    xs = (np.arange(place.x0, place.x1, dtype=np.float32) + 0.5) / np.float32(layer.width) * 2 - 1
    ys = (np.arange(place.y0, place.y1, dtype=np.float32) + 0.5) / np.float32(layer.height) * 2 - 1
    far = np.sqrt((xs[None] ** 2 + ys[:, None] ** 2) / 2)
    return np.asarray(1 - np.float32(strength) * f.step(np.asarray(far, np.float32), start, 1.05), np.float32)
