"""Rectangles, sizes and the tile grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import PixelRect, Size, TileIndex

coordinates = st.integers(-500, 2000)


@st.composite
def rects(draw: st.DrawFn) -> PixelRect:
    x0, y0 = draw(coordinates), draw(coordinates)
    return PixelRect(x0, y0, x0 + draw(st.integers(0, 600)), y0 + draw(st.integers(0, 600)))


def pixels_of(rect: PixelRect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(rect.x0, rect.x1) for y in range(rect.y0, rect.y1)}


small = st.builds(
    lambda x, y, w, h: PixelRect(x, y, x + w, y + h),
    st.integers(-9, 9),
    st.integers(-9, 9),
    st.integers(0, 9),
    st.integers(0, 9),
)


@given(small, small)
def test_the_intersection_holds_exactly_the_common_pixels(a: PixelRect, b: PixelRect):
    assert pixels_of(a.intersect(b)) == pixels_of(a) & pixels_of(b)
    assert a.meets(b) == bool(pixels_of(a) & pixels_of(b))


@given(small, small)
def test_the_union_contains_both_and_nothing_smaller_does(a: PixelRect, b: PixelRect):
    union = a.union(b)
    assert union.contains(a) and union.contains(b)
    pixels = pixels_of(a) | pixels_of(b)
    if pixels:
        assert union.x0 == min(x for x, _ in pixels)
        assert union.y1 == max(y for _, y in pixels) + 1


@given(small, small)
def test_containing_means_that_no_pixel_is_left_over(a: PixelRect, b: PixelRect):
    assert a.contains(b) == (pixels_of(b) <= pixels_of(a))


@given(rects(), st.integers(16, 300))
def test_the_cells_of_a_rectangle_cover_it_and_each_meets_it(rect: PixelRect, side_px: int):
    cells = list(rect.cells(side_px))
    assert len(set(cells)) == len(cells)
    assert all(cell.rect_px(side_px).meets(rect) for cell in cells)
    assert sum(cell.rect_px(side_px).intersect(rect).area for cell in cells) == rect.area


@given(rects(), st.integers(16, 300))
def test_an_aligned_rectangle_is_made_of_whole_cells(rect: PixelRect, side_px: int):
    aligned = rect.align(side_px)
    assert aligned.contains(rect)
    if not rect.is_empty:
        assert sum(cell.rect_px(side_px).area for cell in rect.cells(side_px)) == aligned.area


@given(rects(), coordinates, coordinates)
def test_shifting_there_and_back_changes_nothing(rect: PixelRect, dx: int, dy: int):
    assert rect.shift(dx, dy).shift(-dx, -dy) == rect


@given(rects(), st.integers(0, 50))
def test_growing_adds_the_same_on_every_side(rect: PixelRect, by: int):
    grown = rect.grow(by)
    assert (grown.width, grown.height) == (rect.width + 2 * by, rect.height + 2 * by)


def test_slices_are_rows_then_columns_relative_to_an_origin():
    assert PixelRect(5, 7, 9, 8).slices(PixelRect(4, 4, 20, 20)) == (slice(3, 4), slice(1, 5))


def test_a_rectangle_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="end before"):
        PixelRect(3, 0, 2, 5)


def test_a_size_cannot_be_negative():
    with pytest.raises(ValueError, match="negative"):
        Size(-1, 2)


def test_a_size_reads_as_width_times_height():
    assert str(Size(3, 4)) == "3×4"
    assert Size(3, 4).rect == PixelRect(0, 0, 3, 4)


def test_a_tile_is_found_again_from_its_cell():
    assert TileIndex(2, 1).rect_px(128) == PixelRect(256, 128, 384, 256)
