"""Whether two pictures are the same to the bit."""

from __future__ import annotations

import numpy as np

from engine.api import Mask, Pixels


def changed_outside(before: Pixels, after: Pixels, mask: Mask | None = None) -> int:
    """How many pixels outside the selection differ in any bit.

    Args:
        before, after: H×W×C of one shape and dtype.
        mask: H×W uint8, 0 outside the selection; None: all pixels are outside.

    Raises:
        ValueError: when shape or dtype differ.
    """
    if before.shape != after.shape or before.dtype != after.dtype:
        raise ValueError(f"{before.shape} {before.dtype} cannot be compared with {after.shape} {after.dtype}")
    # As integers, so that two NaNs of the same bits are the same and 0.0 is not -0.0.
    bits = np.dtype(f"u{before.dtype.itemsize}")
    differs = (np.ascontiguousarray(before).view(bits) != np.ascontiguousarray(after).view(bits)).any(axis=2)
    return int((differs if mask is None else differs & (mask == 0)).sum())
