"""A true alpha and the subject's own colour from a hard outline, for a layer of any size.

The band around the outline is solved at a bounded size, then brought to full size by a guided filter, strip by strip:
memory beyond the layer's own does not grow with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.matting.foreground import foreground_and_background
from engine.matting.guided import apply_coefficients, guided_coefficients
from engine.matting.laplacian import closed_form
from engine.matting.picture import Picture, resized
from engine.matting.trimap import trimap_of

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Check = Callable[[], None]

# The longer side at which the band is solved.
_SOLVED_SIDE_PX = 1024
_GUIDE_RADIUS_PX, _GUIDE_EPSILON = 3, 1e-4
_STRIP_ROWS = 256
# Below this a share is none, above its counterpart all: a solver leaves a veil of thousandths over flat places.
_VEIL = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Matte:
    """``alpha``: (H, W) float32 0 … 1, how much of each pixel is the subject's.

    ``subject`` and ``behind``: (H, W, 3) float32 sRGB of the picture's range, the colours that alpha mixes; where alpha
    is 1 (0) the picture's own are the subject's (the background's).
    """

    alpha: Floats
    subject: Floats
    behind: Floats

    @property
    def nbytes(self) -> int:
        return self.alpha.nbytes + self.subject.nbytes + self.behind.nbytes


def matte_of(picture: Picture, outline: Flags, check: Check = lambda: None) -> Matte:
    """The matte for a subject found at any size.

    Args:
        outline: (h, w) True where the subject is, of the picture's proportions.
        check: called between steps; raises to stop.
    """
    height, width = picture.height, picture.width
    scale = min(1.0, _SOLVED_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = resized(picture.rgb, *size)
    check()
    flags = resized(outline.astype(np.float32), *size) > 0.5
    trimap = trimap_of(small, flags)
    alpha = _without_veil(closed_form(small, trimap, check))
    full = _full_alpha(picture.rgb, small, alpha, check) if scale < 1 else alpha
    subject, behind = foreground_and_background(small, alpha, check)
    if scale < 1:
        return _full_colours(picture.rgb, full, subject, behind, check)
    return Matte(full, _own_where(full, 1.0, picture.rgb, subject), _own_where(full, 0.0, picture.rgb, behind))


def _without_veil(alpha: Floats) -> Floats:
    return np.clip((alpha - np.float32(_VEIL)) / np.float32(1 - 2 * _VEIL), 0, 1).astype(np.float32)


def _own_where(alpha: Floats, value: float, rgb: Floats, estimated: Floats) -> Floats:
    return np.where((alpha == value)[..., None], rgb, estimated).astype(np.float32)


def _full_alpha(rgb: Floats, small: Floats, alpha: Floats, check: Check) -> Floats:
    """The small alpha along the large picture's edges, in the band; 0 and 1 stay so away from it."""
    height, width = rgb.shape[:2]
    coefficients = guided_coefficients(small, alpha, _GUIDE_RADIUS_PX, _GUIDE_EPSILON)
    mixed = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    near = cv2.dilate(mixed, np.ones((3, 3), np.uint8))
    out = np.empty((height, width), np.float32)
    up = resized(alpha, width, height)
    band = resized(near.astype(np.float32), width, height) > 0
    for strip, values in apply_coefficients(coefficients, lambda rows: rgb[rows], height, width):
        check()
        out[strip] = np.where(band[strip], np.clip(values, 0, 1), np.rint(up[strip]))
    return _without_veil(out)


def _full_colours(rgb: Floats, alpha: Floats, subject: Floats, behind: Floats, check: Check) -> Matte:
    """The small colours at full size, moved so that they mix to the picture again (Forte 2021), strip by strip."""
    height, width = alpha.shape
    ours, theirs = np.empty_like(rgb), np.empty_like(rgb)
    brightest = max(1.0, float(rgb.max()))
    for top in range(0, height, _STRIP_ROWS):
        check()
        strip = slice(top, min(top + _STRIP_ROWS, height))
        a = alpha[strip][..., None]
        f, b = (_rows_of(values, strip, height, width) for values in (subject, behind))
        missing = rgb[strip] - a * f - (1 - a) * b
        share = a * a + (1 - a) * (1 - a)
        ours[strip] = np.clip(f + a / share * missing, 0, brightest)
        theirs[strip] = np.clip(b + (1 - a) / share * missing, 0, brightest)
    return Matte(alpha, _own_where(alpha, 1.0, rgb, ours), _own_where(alpha, 0.0, rgb, theirs))


def _rows_of(values: Floats, strip: slice, height: int, width: int) -> Floats:
    """Rows of small ``values`` at full size."""
    small_height, small_width = values.shape[:2]
    y = (np.arange(strip.start, strip.stop, dtype=np.float32) + 0.5) * (small_height / height) - 0.5
    x = (np.arange(width, dtype=np.float32) + 0.5) * (small_width / width) - 0.5
    map_x = np.ascontiguousarray(np.broadcast_to(x, (len(y), width)))
    map_y = np.ascontiguousarray(np.broadcast_to(y[:, None], (len(y), width)))
    return np.asarray(
        cv2.remap(values, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    ).reshape(len(y), width, 3)
