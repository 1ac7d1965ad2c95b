"""Chance is a function of the place: a part of a tile is the tile's part."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry import PixelRect
from engine.styles.noise import fractal, smooth, white

TILE, PART = PixelRect(-30, 10, 70, 90), PixelRect(5, 30, 40, 60)


@pytest.mark.parametrize("noise", [white, lambda place, seed: smooth(place, 7.3, seed)])
def test_a_part_has_the_noise_of_the_whole(noise):
    assert np.array_equal(noise(TILE, 5)[PART.slices(TILE)], noise(PART, 5))
    assert not np.array_equal(noise(PART, 5), noise(PART, 6))


def test_noise_is_spread_about_a_half():
    values = fractal(PixelRect(0, 0, 300, 300), 9, 3, 1)
    assert abs(values.mean() - 0.5) < 0.06
    assert 0.1 < values.std() < 0.35
