"""Where a selection is, and how it falls apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import PixelRect
from engine.imaging.mask import bounding_box, hole_of, separate_parts


def test_the_softest_selection_is_still_hole():
    assert hole_of(np.array([[0, 1, 255]], np.uint8)).tolist() == [[False, True, True]]


def test_the_box_of_nothing_is_empty():
    assert bounding_box(np.zeros((3, 4), np.bool_)).is_empty


def test_far_parts_are_separate_and_near_ones_are_not():
    mask = np.zeros((200, 300), np.bool_)
    mask[10:20, 10:20] = True
    mask[10:20, 24:30] = True
    mask[150:160, 250:260] = True
    assert separate_parts(mask) == [PixelRect(10, 10, 30, 20), PixelRect(250, 150, 260, 160)]


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 120),
    width=st.integers(1, 120),
    density=st.floats(0.0001, 0.05),
)
def test_parts_cover_the_selection_and_do_not_overlap(seed: int, height: int, width: int, density: float):
    mask = np.random.default_rng(seed).random((height, width)) < density
    mask[seed % height, seed % width] = True
    parts = separate_parts(mask)
    covered = np.zeros(mask.shape, int)
    for part in parts:
        covered[part.slices()] += 1
    assert covered.max() <= 1
    assert (covered[mask] == 1).all()
