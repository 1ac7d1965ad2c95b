"""A picture over a whole layer, computed for a part of it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry import PixelRect, Size
from engine.imaging.cover import covering, middle_kept
from engine.imaging.layer import Floats
from engine.matting.picture import resized


def grain(height: int, width: int) -> Floats:
    return np.random.default_rng(5).random((height, width, 3)).astype(np.float32)


SIZES = [Size(120, 80), Size(37, 90), Size(31, 17), Size(200, 33), Size(61, 47), Size(1, 1)]


@pytest.mark.parametrize("layer", SIZES, ids=str)
def test_a_part_has_the_same_bits_as_in_the_whole(layer: Size):
    picture = grain(47, 61)
    whole = covering(picture, layer, layer.rect)
    assert whole.shape == (layer.height, layer.width, 3)
    for part_px in (
        PixelRect(0, 0, 1, 1),
        PixelRect(layer.width // 3, layer.height // 2, layer.width, layer.height),
        PixelRect(layer.width // 2, 0, layer.width // 2 + 1, layer.height),
    ):
        assert np.array_equal(covering(picture, layer, part_px), whole[part_px.slices()])


@pytest.mark.parametrize("layer", SIZES, ids=str)
def test_it_is_the_picture_scaled_to_cover_its_middle_kept(layer: Size):
    picture = grain(47, 61)
    kept = middle_kept(Size(61, 47), layer)
    wanted = resized(np.ascontiguousarray(picture[kept.slices()]), layer.width, layer.height)
    assert covering(picture, layer, layer.rect) == pytest.approx(wanted, abs=2e-3)
    assert abs(kept.x0 - (61 - kept.x1)) <= 1 and abs(kept.y0 - (47 - kept.y1)) <= 1
    assert kept.width == 61 or kept.height == 47


def test_one_colour_stays_that_colour_at_every_scale():
    plain = np.full((13, 29, 3), 0.3, np.float32)
    for layer in SIZES:
        assert covering(plain, layer, layer.rect) == pytest.approx(0.3, abs=1e-6)
