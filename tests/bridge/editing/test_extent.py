"""What a layer becomes."""

from __future__ import annotations

import pytest

from bridge.editing.extent import extent_of
from bridge.editing.values import values_of
from engine.api import Alpha, Depth, LayerFormat
from engine.commands.plan import BackgroundReplace, Instruct, Replace, Upscale
from engine.errors import BadRequest
from engine.geometry import PixelRect, Size

RGBA16 = LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED)


@pytest.mark.parametrize("selection_px", [None, PixelRect(3, 3, 9, 9)])
def test_upscaling_sees_and_changes_all_of_the_layer_whatever_is_selected(selection_px: PixelRect | None):
    size = Size(300, 200)
    extent = extent_of(Upscale(factor=2.5), selection_px, size, RGBA16)
    assert extent.rect_px == extent.reach_px == size.rect and not extent.by_selection
    assert extent.becomes is not None
    assert (extent.becomes.size, extent.becomes.format) == (Size(750, 500), RGBA16)
    assert extent.becomes.scale == pytest.approx(2.5)


def test_upscaling_to_a_size_tells_the_engine_which_was_wanted():
    wanted = Upscale(size="1920x1080")
    extent = extent_of(wanted, None, Size(640, 480), RGBA16)
    assert extent.becomes is not None and extent.becomes.size == Size(1440, 1080)
    assert values_of(wanted, Size(640, 480), None) == {"size": "1920x1080"}


def test_a_layer_that_would_be_too_large_is_refused_before_any_pixel_travels():
    with pytest.raises(BadRequest, match="16384"):
        extent_of(Upscale(factor=4), None, Size(5000, 5000), RGBA16)


def test_an_open_model_sees_as_much_again_on_every_side_and_not_endlessly_more():
    size, selection_px = Size(3000, 3000), PixelRect(1000, 1000, 1300, 1200)
    by_model = extent_of(Replace(prompt="cat", model="meissonic"), selection_px, size, RGBA16)
    assert by_model.rect_px == selection_px and by_model.reach_px == selection_px.grow(300)
    built_in = extent_of(Replace(prompt="brick", model="built-in"), selection_px, size, RGBA16)
    assert built_in.reach_px == extent_of(Replace(prompt="brick"), selection_px, size, RGBA16).reach_px
    dot = PixelRect(1000, 1000, 1004, 1004)
    assert extent_of(Instruct(prompt="make it sing", model="editmgt"), dot, size, RGBA16).reach_px == dot.grow(128)
    assert extent_of(Instruct(prompt="make it sing", region="all"), None, size, RGBA16).rect_px == size.rect


def test_a_picture_in_a_selected_background_needs_nothing_but_the_selection():
    size, selection_px = Size(300, 200), PixelRect(3, 3, 90, 40)
    extent = extent_of(BackgroundReplace(reference=1), selection_px, size, RGBA16)
    assert extent.rect_px == extent.reach_px == selection_px and extent.by_selection and not extent.finds
    # Without a selection the subject has to be found, and in front of a drawing it has to be too.
    for operation, selected in (
        (BackgroundReplace(reference=1), None),
        (BackgroundReplace(prompt="sky"), selection_px),
    ):
        extent = extent_of(operation, selected, size, RGBA16)
        assert extent.reach_px == size.rect and extent.finds
