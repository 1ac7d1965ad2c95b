"""What a rough selection says of the subject: round it (a box, a lasso), or on it (a scribble)."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
import numpy.typing as npt

from engine.api import Mask
from engine.imaging.mask import bounding_box

Flags = npt.NDArray[np.bool_]

# Strokes are thin: their middle is nowhere farther from their edge than this share of their box's longer side,
# and they leave most of their box free.
_STROKE_OF_SIDE = 0.06
_STROKE_FILLS = 0.45


class Hint(Enum):
    """How a selection is meant."""

    NONE = "none"  # nothing or everything is selected: find the subject
    AROUND = "around"  # the subject is inside
    ON = "on"  # strokes over the subject


def hint_of(mask: Mask) -> Hint:
    """How an H×W selection is most likely meant."""
    selected = mask > 0
    if not selected.any() or selected.all():
        return Hint.NONE
    box = bounding_box(selected)
    inside = np.pad(selected[box.slices()].astype(np.uint8), 1)
    thickness = float(cv2.distanceTransform(inside, cv2.DIST_L2, 3).max())
    side = max(box.width, box.height)
    is_thin = thickness <= max(1.5, _STROKE_OF_SIDE * side)
    return Hint.ON if is_thin and int(inside.sum()) < _STROKE_FILLS * box.area else Hint.AROUND
