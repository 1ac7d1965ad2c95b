"""The subject's own colour where it is mixed with the old background (multi-level estimation, Germer et al. 2020).

Every pixel is ``alpha · F + (1 - alpha) · B``. F and B are chosen smooth where alpha changes, from the smallest size
up, so that a colour reaches far into the band in few rounds.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# The paper's: smoothness everywhere, and how much more of it where alpha changes.
_SMOOTH = np.float32(5e-3)
_SMOOTH_AT_EDGES = np.float32(1.0)
_ROUNDS_SMALL, _ROUNDS_LARGE, _SMALL_SIDE_PX = 12, 3, 48
_BESIDE = ((0, 1), (0, -1), (1, 0), (-1, 0))


def foreground_and_background(
    picture: Floats, alpha: Floats, check: Callable[[], None] = lambda: None
) -> tuple[Floats, Floats]:
    """F and B, each (H, W, C) float32 of the picture's range.

    Args:
        picture: (H, W, C) float32. alpha: (H, W) float32 0 … 1.
    """
    height, width = alpha.shape
    levels = max(1, int(np.ceil(np.log2(max(height, width, 2)))))
    subject = np.full((1, 1, picture.shape[2]), picture.mean((0, 1)), np.float32)
    behind = subject.copy()
    for level in range(levels + 1):
        check()
        share = level / levels
        size = (max(1, round(width**share)), max(1, round(height**share)))
        small, matte = _resized(picture, size, cv2.INTER_AREA), _resized(alpha, size, cv2.INTER_AREA)
        subject, behind = _resized(subject, size, cv2.INTER_NEAREST), _resized(behind, size, cv2.INTER_NEAREST)
        rounds = _ROUNDS_SMALL if max(size) <= _SMALL_SIDE_PX else _ROUNDS_LARGE
        subject, behind = _settled(small, matte, subject, behind, rounds, check)
    return subject, behind


def _resized(values: Floats, size: tuple[int, int], how: int) -> Floats:
    out = np.asarray(cv2.resize(values, size, interpolation=how), np.float32)
    return out.reshape(*out.shape[:2], -1) if values.ndim == 3 else out


def _settled(
    picture: Floats, alpha: Floats, subject: Floats, behind: Floats, rounds: int, check: Callable[[], None]
) -> tuple[Floats, Floats]:
    """Each pixel's F and B the best for its neighbours' of the round before (Jacobi), some rounds."""
    a, b = alpha[..., None], 1 - alpha[..., None]
    padded = np.pad(alpha, 1, mode="edge")
    pulls: list[Floats] = []
    height, width = alpha.shape
    for dy, dx in _BESIDE:
        beside = padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        pulls.append((_SMOOTH + _SMOOTH_AT_EDGES * np.abs(alpha - beside))[..., None])
    pull = pulls[0] + pulls[1] + pulls[2] + pulls[3]
    # The normal equations of a pixel: [[a² + s, ab], [ab, b² + s]].
    aa, ab, bb = a * a + pull, a * b, b * b + pull
    determinant = np.maximum(aa * bb - ab * ab, np.float32(1e-12))
    for _ in range(rounds):
        check()
        around_subject, around_behind = _pulled(subject, pulls), _pulled(behind, pulls)
        to_subject, to_behind = a * picture + around_subject, b * picture + around_behind
        subject = np.asarray((bb * to_subject - ab * to_behind) / determinant, np.float32)
        behind = np.asarray((aa * to_behind - ab * to_subject) / determinant, np.float32)
    low, high = picture.min((0, 1)), picture.max((0, 1))
    return np.clip(subject, low, high), np.clip(behind, low, high)


def _pulled(values: Floats, pulls: list[Floats]) -> Floats:
    height, width = values.shape[:2]
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge")
    total = np.zeros_like(values)
    for (dy, dx), pull in zip(_BESIDE, pulls, strict=True):
        total += pull * padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
    return total
