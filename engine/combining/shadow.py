"""The shadow where a cut-out stands: dark and narrow where it touches the ground, wide and faint around."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from engine.imaging.layer import Floats
from engine.matting.picture import resized

# How far up from its foot a thing counts as near the ground, of its height; and as touching it.
_NEAR, _TOUCHING = 0.45, 0.07
# How flat what is near lies on the ground, as seen from a usual height.
_FLAT = 0.2
# Softness of the wide and the narrow part, of the thing's longer side; how dark each is.
_WIDE_SOFT, _NARROW_SOFT = 0.06, 0.014
_WIDE_DARK, _NARROW_DARK = 0.5, 0.65
# Against what it touches without standing on it: a rim.
_RIM_SOFT, _RIM_DARK = 0.05, 0.35
# The thing's longer side when its shadow is made.
_MADE_PX = 512


def margin_of(longer_side_px: int) -> int:
    """How far beyond the cut-out's box its shadow goes, in pixels."""
    return max(3, round(3.2 * _WIDE_SOFT * longer_side_px) + 2)


def ground_shadow(alpha: Floats, longer_side_px: int) -> Floats:
    """(H, W) 0 … 1: the light that the ground loses.

    Args:
        alpha: (H, W) of the cut-out in a window that is `margin_of` larger than it.
    """
    return _made_small(alpha, longer_side_px, _on_ground)


def rim_shadow(alpha: Floats, longer_side_px: int) -> Floats:
    """(H, W) 0 … 1: of something that lies against what is behind it."""
    return _made_small(alpha, longer_side_px, _at_rim)


def _made_small(alpha: Floats, longer_side_px: int, make: Callable[[Floats, float], Floats]) -> Floats:
    """Shadows are soft: made no larger than they need to be, so that a large thing's cost no more."""
    scale = min(1.0, _MADE_PX / longer_side_px)
    height, width = alpha.shape
    if scale == 1:
        return make(alpha, longer_side_px)
    small = resized(alpha, max(1, round(width * scale)), max(1, round(height * scale)))
    return resized(make(small, longer_side_px * scale), width, height)


def _at_rim(alpha: Floats, longer: float) -> Floats:
    return (_blurred(alpha, _RIM_SOFT * longer, 1.0) * _RIM_DARK).astype(np.float32)


def _on_ground(alpha: Floats, longer: float) -> Floats:
    rows = np.flatnonzero((alpha > 0.5).any(1))
    if not len(rows):
        return np.zeros_like(alpha)
    foot, top = float(rows[-1] + 1), float(rows[0])
    tall = foot - top
    wide = _blurred(_laid(alpha, foot, _NEAR * tall, _FLAT), _WIDE_SOFT * longer, 0.45) * _WIDE_DARK
    narrow = _blurred(_laid(alpha, foot, _TOUCHING * tall, 0.5), _NARROW_SOFT * longer, 0.6) * _NARROW_DARK
    return np.clip(1 - (1 - wide) * (1 - narrow), 0, 1).astype(np.float32)


def _laid(alpha: Floats, foot: float, height: float, flat: float) -> Floats:
    """What is no higher than that above the foot, laid flat on the ground: fainter the higher it was."""
    away = np.clip((foot - np.arange(alpha.shape[0], dtype=np.float32) - 0.5) / max(height, 1.0), 0, None)
    low = alpha * np.clip(1.0 - away, 0, 1)[:, None]
    # About half of it before the line that it stands on: what stands has depth.
    middle = foot - 0.35 * height
    turn = np.array([[1, 0, 0], [0, flat, foot - flat * middle]], np.float64)
    laid = cv2.warpAffine(low, turn, (alpha.shape[1], alpha.shape[0]), flags=cv2.INTER_LINEAR)
    return np.clip(np.asarray(laid, np.float32) * 1.6, 0, 1)


def _blurred(values: Floats, sigma_px: float, squeezed: float) -> Floats:
    across = max(0.5, sigma_px)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), across, sigmaY=max(0.4, across * squeezed)), np.float32)
