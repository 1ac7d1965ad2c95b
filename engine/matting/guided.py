"""The guided filter (He, Sun and Tang 2010; fast form 2015): a small map at full size, along the picture's edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Full-size rows that are worked on at once.
_STRIP_ROWS = 256


def guided_coefficients(guide: Floats, values: Floats, radius_px: int, epsilon: float) -> Floats:
    """(H, W, 4): in every window ``values ≈ c₀ r + c₁ g + c₂ b + c₃``, averaged over the windows of each pixel.

    Args:
        guide: (H, W, 3) float32. values: (H, W) float32. epsilon: variance of the guide that counts as flat.
    """
    side = (2 * radius_px + 1, 2 * radius_px + 1)

    def mean(of: Floats) -> Floats:
        return np.asarray(cv2.blur(of, side, borderType=cv2.BORDER_REFLECT), np.float32)

    middle, level = mean(guide), mean(values)
    with_values = mean(guide * values[..., None]) - middle * level[..., None]
    spread = np.empty((*values.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            own = mean(np.ascontiguousarray(guide[..., i] * guide[..., j])) - middle[..., i] * middle[..., j]
            spread[..., i, j] = spread[..., j, i] = own
    spread += np.eye(3, dtype=np.float32) * np.float32(epsilon)
    slope = np.linalg.solve(spread, with_values[..., None])[..., 0]
    offset = level - (slope * middle).sum(-1)
    return mean(np.ascontiguousarray(np.concatenate([slope, offset[..., None]], -1), np.float32))


def apply_coefficients(
    coefficients: Floats, rows: Callable[[slice], Floats], height: int, width: int
) -> Iterator[tuple[slice, Floats]]:
    """Strips of the (height, width) map that small coefficients (h, w, 4) and a full-size guide give.

    Args:
        rows: gives (n, width, 3) of the full-size guide for a slice of rows.
    """
    small_height, small_width = coefficients.shape[:2]
    x = (np.arange(width, dtype=np.float32) + 0.5) * (small_width / width) - 0.5
    for top in range(0, height, _STRIP_ROWS):
        strip = slice(top, min(top + _STRIP_ROWS, height))
        y = (np.arange(strip.start, strip.stop, dtype=np.float32) + 0.5) * (small_height / height) - 0.5
        map_x, map_y = np.broadcast_to(x, (len(y), width)), np.broadcast_to(y[:, None], (len(y), width))
        own = cv2.remap(
            coefficients,
            np.ascontiguousarray(map_x),
            np.ascontiguousarray(map_y),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        yield strip, np.asarray((own[..., :3] * rows(strip)).sum(-1) + own[..., 3], np.float32)
