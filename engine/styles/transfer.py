"""The manner of another picture: its colours, its tones and how much detail it has at every scale.

Strokes and shapes of the other picture are not carried over; what is there stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.styles import filters as f
from engine.styles.look import Look
from engine.styles.noise import Floats

# Deviations of the bands of detail, in thousandths of the side; amounts are held within these bounds.
_BANDS_UNITS = (1.0, 2.0, 4.0, 8.0)
_LEAST_DETAIL, _MOST_DETAIL = 0.6, 1.6
# How much less or more a colour may differ from the mean than it did.
_LEAST_GAIN, _MOST_GAIN = 0.5, 1.6
# A colour's spread below this is as good as none: it is not stretched to the other picture's.
_LEAST_SPREAD = 1e-3
_STEPS = 33
_LEAST_SLOPE, _MOST_SLOPE = 0.6, 1.7
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Manner:
    """Of a picture.

    Attributes:
        mean: (3,), spread: (3, 3) covariance of its colours. tones: lightness at even shares of its pixels.
        detail: deviation of lightness in each band.
    """

    mean: Matrix
    spread: Matrix
    tones: Matrix
    detail: tuple[float, ...]


def manner_of(picture: Floats, weight: Floats, unit_px: float) -> Manner:
    """Of the pixels of H×W×3 whose H×W weight is more than 0; ``unit_px``: a thousandth of its side."""
    seen = weight > 0
    colours = picture[seen].astype(np.float64)
    if not len(colours):
        colours = np.full((1, 3), 0.5)
    mean = colours.mean(0)
    off = colours - mean
    light = f.luma(picture)
    bands = _bands(light, unit_px)
    detail = tuple(float(np.sqrt(np.mean(band[seen] ** 2))) if seen.any() else 0.0 for band in bands)
    tones = np.quantile(light[seen] if seen.any() else light, np.linspace(0, 1, _STEPS)).astype(np.float64)
    return Manner(mean, off.T @ off / len(off), tones, detail)


def in_the_manner(picture: Floats, look: Look, own: Manner, other: Manner) -> Floats:
    """``own`` is the region's, measured where it is selected; looks 30 units far."""
    shown = np.asarray((picture - own.mean) @ _carried(own.spread, other.spread) + other.mean, np.float32)
    look.check()
    light = f.luma(shown)
    moved = own_tones = _tones_after(own, other)
    curve = _gentle(own_tones, other.tones)
    toned = np.asarray(np.interp(light, moved, curve), np.float32)
    look.check()
    # Above and below what was measured it goes on straight.
    toned = toned + np.minimum(light - np.float32(moved[0]), 0) + np.maximum(light - np.float32(moved[-1]), 0)
    bands = _bands(toned, look.unit_px)
    slope = max(0.2, float(np.std(curve)) / max(1e-3, float(np.std(own.tones))))
    for band, has, wants in zip(bands, own.detail, other.detail, strict=True):
        factor = min(_MOST_DETAIL, max(_LEAST_DETAIL, wants / max(1e-4, has * slope)))
        toned = toned + band * np.float32(factor - 1)
        look.check()
    return np.asarray(shown + (toned - light)[..., None], np.float32)


def _carried(own: Matrix, other: Matrix) -> Matrix:
    """The linear map of least cost that turns one covariance into the other (Monge and Kantorovich; Pitié & Kokaram
    2007, section 3.3)."""
    ridge = np.eye(3) * _LEAST_SPREAD**2
    root = _root(own + ridge)
    back = np.linalg.inv(root)
    carried = back @ _root(root @ (other + ridge) @ root) @ back
    # A flat picture does not flatten another one to nothing, and a loud one does not tear it apart.
    gains, axes = np.linalg.eigh((carried + carried.T) / 2)
    return (axes * np.clip(gains, _LEAST_GAIN, _MOST_GAIN)) @ axes.T


def _root(matrix: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _tones_after(own: Manner, other: Manner) -> Matrix:
    """The region's tones once its colours were carried over: about on the other's mean and spread."""
    weights = np.array((0.2126, 0.7152, 0.0722))
    was, becomes = (max(1e-4, float(np.sqrt(weights @ each.spread @ weights))) for each in (own, other))
    gain = min(_MOST_GAIN, max(_LEAST_GAIN, becomes / was))
    moved = (own.tones - own.mean @ weights) * gain + other.mean @ weights
    return np.maximum.accumulate(moved + np.arange(_STEPS) * 1e-6)


def _gentle(source: Matrix, target: Matrix) -> Matrix:
    """The tones wanted at the source's, but never steeper or flatter than a picture bears."""
    rise = np.diff(source)
    slope = np.clip(np.diff(target) / np.maximum(rise, 1e-5), _LEAST_SLOPE, _MOST_SLOPE)
    curve = np.concatenate([[0.0], np.cumsum(slope * rise)])
    return curve - curve.mean() + target.mean()


def _bands(light: Floats, unit_px: float) -> list[Floats]:
    bands: list[Floats] = []
    finer = light
    for units in _BANDS_UNITS:
        coarser = f.soft(light, units * unit_px)
        bands.append(np.asarray(finer - coarser, np.float32))
        finer = coarser
    return bands
