"""Arrays cut into tiles and put together again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.pictures import picture

from bridge.grid import assemble, cut, layer_tile_bytes, tile_rect_px
from bridge.protocol.messages import TILE_PX
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import PixelRect, Size, TileIndex

formats = st.builds(
    lambda depth, channels: LayerFormat(depth, channels, Alpha.STRAIGHT if channels in (2, 4) else Alpha.NONE),
    st.sampled_from(Depth),
    st.integers(1, 4),
)


@st.composite
def layers(draw: st.DrawFn) -> tuple[Size, PixelRect]:
    """A layer and a rectangle inside it."""
    size = Size(draw(st.integers(1, 400)), draw(st.integers(1, 400)))
    x0, y0 = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    return size, PixelRect(x0, y0, draw(st.integers(x0 + 1, size.width)), draw(st.integers(y0 + 1, size.height)))


@given(layers(), formats)
def test_a_crop_made_of_the_layers_tiles_is_the_crop(case: tuple[Size, PixelRect], format_: LayerFormat):
    size, rect_px = case
    pixels = picture(size.height, size.width, format_)
    tiles = cut(pixels, size.rect, rect_px.align(TILE_PX).intersect(size.rect))
    crop = assemble(tiles, rect_px, size.rect, format_)
    assert crop.dtype == format_.depth.dtype
    assert np.array_equal(crop, pixels[rect_px.slices()])


@given(layers(), formats)
def test_a_patch_cut_into_tiles_and_assembled_is_the_patch(case: tuple[Size, PixelRect], format_: LayerFormat):
    size, rect_px = case
    patch = picture(rect_px.height, rect_px.width, format_)
    tiles = cut(patch, rect_px, rect_px)
    assert np.array_equal(assemble(tiles, rect_px, rect_px, format_), patch)


@given(layers(), formats)
def test_a_layers_tiles_are_as_large_as_said(case: tuple[Size, PixelRect], format_: LayerFormat):
    size, _ = case
    pixels = picture(size.height, size.width, format_)
    for cell, samples in cut(pixels, size.rect, size.rect).items():
        assert len(samples) == layer_tile_bytes(cell, size, format_)


def test_a_cell_outside_the_layer_holds_nothing():
    assert layer_tile_bytes(TileIndex(9, 9), Size(100, 100), LayerFormat(Depth.U8, 3, Alpha.NONE)) == 0
    assert tile_rect_px(TileIndex(9, 9), PixelRect(0, 0, 100, 100)).is_empty
