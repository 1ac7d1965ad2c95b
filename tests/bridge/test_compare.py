"""Whether two pictures are the same to the bit."""

import numpy as np
import pytest
from support.pictures import disc, picture

from bridge.compare import changed_outside


def test_only_pixels_outside_the_selection_count():
    before = picture(40, 40)
    mask = disc(40, 40, 20, 20, 8)
    after = before.copy()
    after[mask > 0] += 1
    assert changed_outside(before, after, mask) == 0
    after[0, 0, 1] += 1
    assert changed_outside(before, after, mask) == 1
    assert changed_outside(before, after) == 1 + int((mask > 0).sum())


def test_floats_are_compared_by_their_bits():
    before = np.array([[[np.nan], [0.0]]], np.float32)
    assert changed_outside(before, before.copy()) == 0
    after = before.copy()
    after[0, 1, 0] = -0.0
    assert changed_outside(before, after) == 1


def test_pictures_of_different_kinds_cannot_be_compared():
    with pytest.raises(ValueError, match="compared"):
        changed_outside(picture(4, 4), picture(4, 5))
