"""Colour as the models see it, and back."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Alpha, Depth, LayerFormat
from engine.imaging.rgb import as_layer, rgb_of

ALPHAS = [Alpha.STRAIGHT, Alpha.PREMULTIPLIED]


@given(st.integers(0, 2**32 - 1))
def test_colour_without_alpha_comes_back_as_it_was(seed: int) -> None:
    layer = LayerFormat(Depth.U8, 3, Alpha.NONE)
    working = np.random.default_rng(seed).random((5, 7, 3), np.float32)
    assert np.array_equal(as_layer(rgb_of(working, layer), layer), working)


@given(st.integers(0, 2**32 - 1))
def test_grey_is_shown_three_times_and_comes_back(seed: int) -> None:
    layer = LayerFormat(Depth.U16, 1, Alpha.NONE)
    working = np.random.default_rng(seed).random((5, 7, 1), np.float32)
    shown = rgb_of(working, layer)
    assert shown.shape == (3, 5, 7)
    assert as_layer(shown, layer) == pytest.approx(working, abs=1e-6)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("channels", [2, 4])
def test_a_drawing_is_opaque_in_a_layer_with_alpha(alpha: Alpha, channels: int) -> None:
    layer = LayerFormat(Depth.U8, channels, alpha)
    drawn = as_layer(torch.rand(3, 4, 6), layer)
    assert drawn.shape == (4, 6, channels)
    assert (drawn[..., -1] == 1).all()
    assert rgb_of(drawn, layer).shape == (3, 4, 6)


def test_values_beyond_black_and_white_are_clipped() -> None:
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    assert as_layer(torch.tensor([[[-1.0]], [[0.5]], [[2.0]]]), layer).ravel().tolist() == [0.0, 0.5, 1.0]
