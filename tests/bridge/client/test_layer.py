"""A layer as a client holds it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.pictures import RGB8, changed_outside, picture

from bridge.client.layer import Layer, Patch, box_of, hashes_of
from bridge.grid import cut
from engine.geometry import PixelRect, Size


@st.composite
def patched_layers(draw: st.DrawFn) -> tuple[Size, PixelRect, int]:
    size = Size(draw(st.integers(1, 300)), draw(st.integers(1, 300)))
    x0, y0 = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    rect_px = PixelRect(x0, y0, draw(st.integers(x0 + 1, size.width)), draw(st.integers(y0 + 1, size.height)))
    return size, rect_px, draw(st.integers(0, 1000))


def layer_of(size: Size) -> Layer:
    return Layer("layer", "document", picture(size.height, size.width), RGB8, "v0")


@given(patched_layers())
def test_a_patch_changes_what_its_mask_selects_and_not_a_bit_outside(case: tuple[Size, PixelRect, int]):
    size, rect_px, seed = case
    layer = layer_of(size)
    before = layer.pixels
    rng = np.random.default_rng(seed)
    mask = (rng.random((rect_px.height, rect_px.width)) < 0.3).astype(np.uint8) * 200
    new = 255 - before[rect_px.slices()]
    after = layer.apply(Patch("v1", 0, rect_px, cut(new, rect_px, rect_px), mask))
    whole = np.zeros(before.shape[:2], np.uint8)
    whole[rect_px.slices()] = mask
    assert changed_outside(before, after, whole) == 0
    assert np.array_equal(after[whole > 0], 255 - before[whole > 0])
    assert layer.head_version_id == "v1"


@given(patched_layers())
def test_a_patch_without_a_mask_replaces_all_it_covers(case: tuple[Size, PixelRect, int]):
    size, rect_px, _ = case
    layer = layer_of(size)
    before = layer.pixels.copy()
    new = 255 - before[rect_px.slices()]
    layer.apply(Patch("v1", 0, rect_px, cut(new, rect_px, rect_px), None))
    expected = before.copy()
    expected[rect_px.slices()] = new
    assert np.array_equal(layer.pixels, expected)


def test_cells_that_a_patch_does_not_have_stay():
    layer = layer_of(Size(300, 100))
    before = layer.pixels
    rect_px = PixelRect(0, 0, 300, 100)
    tiles = cut(255 - before, rect_px, rect_px)
    del tiles[next(iter(tiles))]
    layer.apply(Patch("v1", 0, rect_px, tiles, None))
    assert np.array_equal(layer.pixels[:, :128], before[:, :128])
    assert np.array_equal(layer.pixels[:, 128:], 255 - before[:, 128:])


def test_the_old_pixels_are_never_changed_in_place():
    layer = layer_of(Size(50, 50))
    before = layer.pixels
    kept = before.copy()
    rect_px = PixelRect(0, 0, 50, 50)
    layer.apply(Patch("v1", 0, rect_px, cut(255 - before, rect_px, rect_px), None))
    assert np.array_equal(before, kept)


@given(patched_layers())
def test_the_box_of_a_mask_holds_every_selected_pixel_and_is_no_larger(case: tuple[Size, PixelRect, int]):
    size, rect_px, seed = case
    mask = np.zeros((size.height, size.width), np.uint8)
    rng = np.random.default_rng(seed)
    mask[rect_px.slices()] = rng.integers(0, 2, (rect_px.height, rect_px.width))
    box = box_of(mask)
    assert mask.sum() == mask[box.slices()].sum()
    if mask.any():
        inside = mask[box.slices()]
        assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()
    else:
        assert box.is_empty


def test_tiles_have_one_hash_each_in_the_order_of_the_cells():
    layer = layer_of(Size(300, 200))
    tiles = layer.tiles(PixelRect(100, 100, 200, 150))
    assert list(tiles) == list(PixelRect(100, 100, 200, 150).cells(128))
    assert len(set(hashes_of(tiles))) == len(tiles)
