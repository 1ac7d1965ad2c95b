"""P1: outside the mask nothing changes, in any depth, alpha included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api import Alpha, Depth, LayerFormat
from engine.imaging.composite import composite

FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in (
        (1, Alpha.NONE),
        (2, Alpha.STRAIGHT),
        (2, Alpha.PREMULTIPLIED),
        (3, Alpha.NONE),
        (4, Alpha.STRAIGHT),
        (4, Alpha.PREMULTIPLIED),
    )
]


def random_bits(draw: np.random.Generator, shape: tuple[int, ...], depth: Depth) -> np.ndarray:
    """Any bit pattern at all: for floats that holds NaNs with payloads, infinities and denormals."""
    size = int(np.prod(shape)) * depth.dtype.itemsize
    return np.frombuffer(draw.bytes(size), depth.dtype).reshape(shape).copy()


@given(
    layer=st.sampled_from(FORMATS),
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 17),
    width=st.integers(1, 17),
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_outside_the_mask_every_bit_is_the_sources(layer: LayerFormat, seed: int, height: int, width: int):
    draw = np.random.default_rng(seed)
    source = random_bits(draw, (height, width, layer.channels), layer.depth)
    fill = random_bits(draw, source.shape, layer.depth)
    mask = draw.choice(np.array([0, 1, 100, 254, 255], np.uint8), (height, width))
    before = source.tobytes()
    out = composite(source, fill, mask, layer)
    assert source.tobytes() == before
    assert out[mask == 0].tobytes() == source[mask == 0].tobytes()
    assert out[mask == 255].tobytes() == fill[mask == 255].tobytes()


@given(layer=st.sampled_from([f for f in FORMATS if f.depth is not Depth.F32]), seed=st.integers(0, 2**32 - 1))
def test_a_feathered_pixel_lies_between_source_and_fill(layer: LayerFormat, seed: int):
    draw = np.random.default_rng(seed)
    source = random_bits(draw, (5, 5, layer.channels), layer.depth)
    fill = random_bits(draw, source.shape, layer.depth)
    mask = draw.integers(1, 255, (5, 5), np.uint8)
    out = composite(source, fill, mask, layer)
    assert (out >= np.minimum(source, fill)).all()
    assert (out <= np.maximum(source, fill)).all()


def test_a_transparent_side_lends_no_colour_to_straight_alpha():
    layer = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
    source = np.array([[[255, 0, 0, 0]]], np.uint8)
    fill = np.array([[[0, 200, 0, 255]]], np.uint8)
    out = composite(source, fill, np.array([[128]], np.uint8), layer)
    assert out.tolist() == [[[0, 200, 0, 128]]]


def test_premultiplied_values_mix_in_proportion():
    layer = LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED)
    source = np.array([[[0, 0, 0, 0]]], np.uint16)
    fill = np.array([[[51000, 510, 0, 65535]]], np.uint16)
    out = composite(source, fill, np.array([[51]], np.uint8), layer)
    assert out.tolist() == [[[10200, 102, 0, 13107]]]


def test_a_broken_source_pixel_under_a_soft_mask_takes_the_fill():
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    source = np.array([[[np.nan, 1, np.inf]]], np.float32)
    fill = np.array([[[0.25, 0.5, 2.0]]], np.float32)
    assert composite(source, fill, np.array([[9]], np.uint8), layer).tolist() == fill.tolist()


@pytest.mark.parametrize("alpha", [Alpha.STRAIGHT, Alpha.PREMULTIPLIED])
@pytest.mark.filterwarnings("error")
def test_a_broken_pixel_that_the_fill_leaves_as_it_is_stays_so_under_a_soft_mask(alpha: Alpha):
    layer = LayerFormat(Depth.F32, 4, alpha)
    source = np.array([[[np.inf, -np.inf, 0.5, 1.0]]], np.float32)
    assert composite(source, source, np.array([[100]], np.uint8), layer).tobytes() == source.tobytes()


def test_shapes_that_disagree_are_refused():
    layer = LayerFormat(Depth.U8, 3, Alpha.NONE)
    with pytest.raises(ValueError, match="mask"):
        composite(np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3), np.uint8), layer)
