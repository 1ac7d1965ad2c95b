"""Stored pixels to working pixels and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Alpha, Depth, LayerFormat
from engine.imaging.layer import to_preview, to_stored, to_working


@given(seed=st.integers(0, 2**32 - 1), depth=st.sampled_from([Depth.U8, Depth.U16]), channels=st.sampled_from([1, 3]))
def test_there_and_back_is_exact_for_integers_without_alpha(seed: int, depth: Depth, channels: int):
    layer = LayerFormat(depth, channels, Alpha.NONE)
    stored = np.random.default_rng(seed).integers(0, int(depth.white) + 1, (7, 5, channels)).astype(depth.dtype)
    assert np.array_equal(to_stored(to_working(stored, layer).pixels, layer), stored)


@given(seed=st.integers(0, 2**32 - 1), depth=st.sampled_from([Depth.U8, Depth.U16]))
def test_there_and_back_is_exact_for_premultiplied_integers(seed: int, depth: Depth):
    layer = LayerFormat(depth, 4, Alpha.PREMULTIPLIED)
    draw = np.random.default_rng(seed)
    alpha = draw.integers(0, int(depth.white) + 1, (7, 5, 1))
    stored = np.concatenate([draw.integers(0, alpha + 1, (7, 5, 3)), alpha], -1).astype(depth.dtype)
    assert np.array_equal(to_stored(to_working(stored, layer).pixels, layer), stored)


def test_opaque_straight_colours_come_back_and_hidden_ones_do_not():
    layer = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
    stored = np.array([[[10, 20, 30, 255], [200, 100, 50, 0]]], np.uint8)
    working = to_working(stored, layer).pixels
    assert (working[0, 1] == 0).all()
    assert to_stored(working, layer)[0, 0].tolist() == [10, 20, 30, 255]


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=3, max_size=3))
def test_values_beyond_white_survive_there_and_back(values: list[float]):
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    stored = np.array([[values]], np.float32)
    assert to_stored(to_working(stored, layer).pixels, layer) == pytest.approx(stored, rel=1e-4, abs=1e-4)


def test_broken_pixels_are_named_and_made_finite():
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    stored = np.array([[[np.nan, 0, 0], [0, np.inf, 0], [0, 0, -np.inf], [3e38, 0, 0]]], np.float32)
    working = to_working(stored, layer)
    assert working.broken.tolist() == [[True, True, True, False]]
    assert np.isfinite(working.pixels).all()


def test_a_premultiplied_integer_pixel_never_has_more_colour_than_opacity():
    layer = LayerFormat(Depth.U8, 4, Alpha.PREMULTIPLIED)
    out = to_stored(np.array([[[0.9, 0.2, 0.1, 0.5]]], np.float32), layer)
    assert out.tolist() == [[[128, 51, 26, 128]]]


@pytest.mark.parametrize(
    ("channels", "alpha", "shown"),
    [(1, Alpha.NONE, 3), (2, Alpha.STRAIGHT, 4), (3, Alpha.NONE, 3), (4, Alpha.PREMULTIPLIED, 4)],
)
@pytest.mark.parametrize("depth", list(Depth))
def test_a_preview_is_always_rgb_or_rgba_of_eight_bits(depth: Depth, channels: int, alpha: Alpha, shown: int):
    layer = LayerFormat(depth, channels, alpha)
    preview = to_preview(np.full((2, 3, channels), 0.5, np.float32), layer)
    assert preview.shape == (2, 3, shown)
    assert preview.dtype == np.uint8
