"""Closed-form matting (Levin, Lischinski and Weiss 2008): alpha in the unknown band from what is known on either side.

Within every 3×3 window alpha is taken to be a linear function of colour. That gives a quadratic cost with the matting
Laplacian; its least point is found by conjugate gradients. Only windows that touch an unknown pixel are built, so time
and memory follow the band and not the picture, and no sparse matrix package is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

# Levin's epsilon: how far from a line the colours of a window may lie. Larger is smoother; in sRGB 0 … 1, squared.
_EPSILON = 1e-5
# A bound for one solve: windows of 81 doubles each, so this is about 160 MB.
_MOST_WINDOWS = 250_000
_ROUNDS = 400
_TOLERANCE = 1e-3
# A band this wide is solved at half the size first: conjugate gradients carry a value about a pixel a round.
_WIDE_BAND_PX = 12
_LEAST_SIDE_PX = 24


def closed_form(picture: Floats, trimap: Floats, check: Callable[[], None] = lambda: None) -> Floats:
    """(H, W) alpha 0 … 1, exactly 0 and 1 where the trimap says so.

    Args:
        picture: (H, W, 3) float32 sRGB 0 … 1.
        trimap: (H, W) float32: 0 background, 1 subject, anything between: unknown (and a first guess).
        check: called between rounds; raises to stop.
    """
    unknown = (trimap > 0) & (trimap < 1)
    if not unknown.any():
        return trimap.copy()
    if min(trimap.shape) < 3:
        return trimap.copy()  # no window fits
    guess = _first_guess(picture, trimap, unknown, check)
    if _windows_near(unknown).sum() > _MOST_WINDOWS:
        return guess  # bounded: the half-size answer, to be refined by the caller's guided filter
    return _solve(picture, trimap, unknown, guess, check)


def _first_guess(picture: Floats, trimap: Floats, unknown: Flags, check: Callable[[], None]) -> Floats:
    height, width = trimap.shape
    wide = cv2.distanceTransform(unknown.astype(np.uint8), cv2.DIST_L2, 3).max() > _WIDE_BAND_PX / 2
    too_many = _windows_near(unknown).sum() > _MOST_WINDOWS
    if not (wide or too_many) or min(height, width) < 2 * _LEAST_SIDE_PX:
        return trimap
    half = (-(-width // 2), -(-height // 2))
    small = cv2.resize(picture, half, interpolation=cv2.INTER_AREA)
    # A small pixel is known only where all it stands for is.
    doubt = cv2.resize(unknown.astype(np.float32), half, interpolation=cv2.INTER_AREA) > 0
    level = cv2.resize(trimap, half, interpolation=cv2.INTER_AREA)
    coarse = np.where(doubt, np.clip(level, 0.01, 0.99), np.rint(level)).astype(np.float32)
    solved = closed_form(np.asarray(small, np.float32), coarse, check)
    up = np.clip(cv2.resize(solved, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)
    return np.where(unknown, up, trimap).astype(np.float32)


def _windows_near(unknown: Flags) -> Flags:
    """(H-2, W-2): the 3×3 windows, by their middle, that hold an unknown pixel."""
    near = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    return near[1:-1, 1:-1] > 0


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """The Laplacian of the windows near the band: ``local`` (K, 9, 9), ``pixels`` (K, 9) flat indices."""

    local: Doubles
    pixels: Indices
    size: int

    def times(self, values: Doubles) -> Doubles:
        own = np.matmul(self.local, values[self.pixels][..., None])[..., 0]
        return np.asarray(np.bincount(self.pixels.ravel(), own.ravel(), self.size), np.float64)

    def diagonal(self) -> Doubles:
        own = np.diagonal(self.local, axis1=1, axis2=2)
        return np.asarray(np.bincount(self.pixels.ravel(), own.ravel(), self.size), np.float64)


def _system(picture: Floats, unknown: Flags) -> _System:
    width = unknown.shape[1]
    places = np.asarray(np.nonzero(_windows_near(unknown)), np.int64)
    offsets: Indices = (np.arange(3, dtype=np.int64)[:, None] * width + np.arange(3)[None]).ravel()
    pixels: Indices = (places[0] * width + places[1])[:, None] + offsets[None]
    colours: Doubles = np.asarray(picture.reshape(-1, 3).astype(np.float64)[pixels], np.float64)
    away: Doubles = np.asarray(colours - np.mean(colours, 1, keepdims=True), np.float64)
    spread = np.matmul(away.transpose(0, 2, 1), away) / 9 + np.eye(3) * (_EPSILON / 9)
    alike = np.matmul(np.matmul(away, np.linalg.inv(np.asarray(spread, np.float64))), away.transpose(0, 2, 1))
    return _System(np.eye(9) - (1 + alike) / 9, pixels, unknown.size)


def _solve(picture: Floats, trimap: Floats, unknown: Flags, guess: Floats, check: Callable[[], None]) -> Floats:
    """Preconditioned conjugate gradients over the unknown pixels, the known ones held."""
    check()
    system = _system(picture, unknown)
    free = unknown.ravel().astype(np.float64)
    scale = free / np.maximum(system.diagonal(), 1e-12)
    values = np.where(unknown, guess, trimap).ravel().astype(np.float64)
    rest = -system.times(values) * free
    step = scale * rest
    along, strength = step, float(rest @ step)
    goal = strength * _TOLERANCE**2
    for _ in range(_ROUNDS):
        if strength <= max(goal, 1e-18):
            break
        check()
        bent = system.times(along) * free
        share = strength / max(float(along @ bent), 1e-30)
        values += share * along
        rest -= share * bent
        step = scale * rest
        before, strength = strength, float(rest @ step)
        along = step + (strength / before) * along
    return np.clip(values, 0, 1).reshape(trimap.shape).astype(np.float32)
