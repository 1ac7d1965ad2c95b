"""A larger canvas: its size, where the old pixels lie, and what grows around them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pictures import RGB8, picture

from engine.api import Alpha, Canvas, Depth, EditRequest, EditResult, LayerFormat, Pixels
from engine.commands.plan import Extend
from engine.errors import BadRequest, Cancelled, NothingToCopyFrom
from engine.geometry import PixelRect, Size
from engine.operations import extend
from engine.operations.extend import odd_lines
from engine.operations.report import SilentReport
from engine.operations.shapes import MOST_SIDE_PX, margins_of, place_on_canvas, size_of_extended

FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in ((1, Alpha.NONE), (3, Alpha.NONE), (4, Alpha.STRAIGHT), (4, Alpha.PREMULTIPLIED))
]
SIZES = st.builds(Size, st.integers(1, 900), st.integers(1, 900))
ANCHORS = ("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right")


def grown(pixels: Pixels, canvas: Size, format_: LayerFormat = RGB8, **values: float) -> EditResult:
    size = Size(pixels.shape[1], pixels.shape[0])
    mask = np.full(pixels.shape[:2], 255, np.uint8)
    asked = EditRequest(
        "edit-0001", "extend", size, format_, size.rect, pixels, mask, 3, values=values, becomes=Canvas(canvas, format_)
    )
    return extend.run(asked, SilentReport(), "cpu")


@given(SIZES, st.sampled_from(["16:9", "9:16", "1:1", "4:5", "728:90", "2.39:1"]))
def test_an_aspect_grows_one_side_to_the_nearest_pixel_and_crops_nothing(size: Size, aspect: str):
    wide, high = (float(part) for part in aspect.split(":"))
    try:
        canvas = size_of_extended(Extend(aspect=aspect), size)
    except BadRequest:
        canvas = size
    assert canvas.width >= size.width and canvas.height >= size.height
    assert canvas.width == size.width or canvas.height == size.height
    assert abs(canvas.width - canvas.height * wide / high) <= max(1, wide / high)


@given(SIZES, st.sampled_from(ANCHORS), st.sampled_from(["16:9", "9:16"]))
def test_an_anchor_says_where_the_old_pixels_lie_and_they_lie_inside(size: Size, anchor: str, aspect: str):
    asked = Extend(aspect=aspect, anchor=anchor)  # type: ignore[arg-type]
    try:
        canvas = size_of_extended(asked, size)
    except BadRequest:
        return
    place = place_on_canvas(asked, size, canvas)
    assert 0 <= place["x0"] <= canvas.width - size.width and 0 <= place["y0"] <= canvas.height - size.height
    if "left" in anchor:
        assert place["x0"] == 0
    if "bottom" in anchor:
        assert place["y0"] == canvas.height - size.height


def test_sides_grow_by_pixels_by_a_share_or_by_a_quarter():
    size = Size(200, 100)
    assert margins_of(Extend(sides={"left": 30, "top": 0.5}), size) == {"left": 30, "right": 0, "top": 50, "bottom": 0}
    assert size_of_extended(Extend(sides=("right",)), size) == Size(250, 100)
    assert place_on_canvas(Extend(sides={"left": 30}), size, Size(230, 100)) == {"x0": 30.0, "y0": 0.0}


def test_a_shape_that_the_layer_has_and_one_that_no_layer_can_have_are_refused():
    with pytest.raises(BadRequest, match="already"):
        size_of_extended(Extend(aspect="2:1"), Size(200, 100))
    with pytest.raises(BadRequest, match="too large"):
        size_of_extended(Extend(sides={"left": MOST_SIDE_PX}), Size(200, 100))


@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_the_old_pixels_keep_their_bits_and_all_around_is_new(format_: LayerFormat):
    before = picture(40, 60, format_)
    result = grown(before, Size(100, 56), format_, x0=25, y0=9)
    old = PixelRect(25, 9, 85, 49)
    assert result.canvas == Canvas(Size(100, 56), format_, 25, 9)
    assert result.pixels[old.slices()].tobytes() == before.tobytes()
    assert result.mask is not None and (result.mask[old.slices()] == 0).all()
    assert (result.mask == 255).sum() == 100 * 56 - 40 * 60
    fresh = result.pixels[result.mask == 255].astype(np.float64)
    assert abs(fresh.mean() - before.astype(np.float64).mean()) < 0.25 * format_.depth.white


def test_what_grows_is_neither_the_mirrored_border_nor_its_last_column():
    before = picture(96, 96, seed=8)
    result = grown(before, Size(144, 96), x0=0, y0=0)
    strip = result.pixels[:, 96:].astype(np.float64)
    for padded in (before[:, ::-1][:, :48], np.repeat(before[:, -1:], 48, 1)):
        assert np.abs(strip - padded).mean() > 1.0


def test_the_subject_is_brought_to_the_middle_and_is_there_once():
    rng = np.random.default_rng(2)
    before = (np.full((80, 80, 3), (150, 170, 190)) + rng.normal(0, 3, (80, 80, 3))).clip(0, 255).astype(np.uint8)
    before[30:55, 8:24] = (200, 30, 20)
    result = grown(before, Size(160, 80))
    assert result.canvas is not None and result.canvas.x0 > 50
    red = (result.pixels[..., 0].astype(int) - result.pixels[..., 2]) > 80
    assert red.sum() == (before[..., 0].astype(int) - before[..., 2] > 80).sum()


@pytest.mark.parametrize("side", [1, 2, 3])
def test_a_layer_of_a_few_pixels_grows_too(side: int):
    before = np.full((side, side, 3), 77, np.uint8)
    result = grown(before, Size(side + 5, side), x0=0, y0=0)
    assert (result.pixels[:, :side] == 77).all() and (np.abs(result.pixels.astype(int) - 77) <= 2).all()


def test_nothing_visible_has_nothing_to_go_on_from():
    broken = np.full((20, 20, 3), np.nan, np.float32)
    with pytest.raises(NothingToCopyFrom):
        grown(broken, Size(30, 20), LayerFormat(Depth.F32, 3, Alpha.NONE), x0=0, y0=0)


def test_a_canvas_that_does_not_hold_the_layer_is_refused():
    with pytest.raises(BadRequest):
        grown(picture(20, 20), Size(30, 10))


def test_the_same_request_gives_the_same_bits_and_it_can_be_stopped():
    before = picture(50, 50, seed=6)
    assert np.array_equal(grown(before, Size(80, 50)).pixels, grown(before, Size(80, 50)).pixels)

    class Stop(SilentReport):
        def __init__(self) -> None:
            self.left = 25

        def check(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    size = Size(50, 50)
    mask = np.full((50, 50), 255, np.uint8)
    asked = EditRequest(
        "edit-0001", "extend", size, RGB8, size.rect, before, mask, 3, becomes=Canvas(Size(120, 90), RGB8)
    )
    with pytest.raises(Cancelled):
        extend.run(asked, Stop(), "cpu")


def test_what_grows_at_a_side_comes_from_its_own_height():
    rng = np.random.default_rng(5)
    before = np.zeros((90, 90, 3), np.float64)
    for top, colour in ((0, (90, 140, 220)), (30, (60, 120, 50)), (60, (150, 110, 70))):
        before[top : top + 30] = colour
    before = (before + rng.normal(0, 6, before.shape)).clip(0, 255).astype(np.uint8)
    result = grown(before, Size(150, 90), x0=0.0, y0=0.0)
    for top, colour in ((0, (90, 140, 220)), (30, (60, 120, 50)), (60, (150, 110, 70))):
        band = result.pixels[top + 4 : top + 26, 90:].astype(np.float64)
        assert np.abs(band.mean((0, 1)) - colour).max() < 12
        assert 3 < band.std((0, 1)).mean() < 12  # its grain goes on too


def test_a_thing_that_stands_free_does_not_come_again_beside_it():
    rng = np.random.default_rng(6)
    before = (np.full((64, 72, 3), (120, 130, 90)) + rng.normal(0, 8, (64, 72, 3))).clip(0, 255).astype(np.uint8)
    before[14:50, 18:34] = (20, 20, 200)
    before[14:50, 42:58] = (200, 20, 20)
    result = grown(before, Size(120, 64), x0=24.0, y0=0.0)
    fresh = result.pixels[result.mask == 255].astype(int)
    assert (np.ptp(fresh, axis=-1) > 120).mean() < 0.01


def test_a_dark_line_at_the_border_is_no_picture_and_is_told():
    before = picture(80, 80, seed=9) // 8 + np.uint8(150)
    before[:, 0] = 0
    assert odd_lines(before, RGB8) == (1, 0, 0, 0)
    assert odd_lines(before[:, 1:], RGB8) == (0, 0, 0, 0)
    result = grown(before, Size(120, 80), x0=40.0, y0=0.0)
    assert (result.pixels[:, 40] == 0).all() and result.pixels[:, :40].min() > 120
    assert "left" in result.facts.notes[0]


def test_a_picture_that_is_all_but_white_grows_white():
    before = np.full((64, 64, 3), 255, np.uint8)
    before[30:33, 30:33] = 254
    result = grown(before, Size(120, 64))
    assert (result.pixels[result.mask == 255] >= 253).all()
