"""How much of a layer a fill sees."""

from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import PixelRect, Size
from engine.operations.reach import reach_of_fill


@st.composite
def selections(draw: st.DrawFn) -> tuple[PixelRect, Size]:
    layer = Size(draw(st.integers(1, 9000)), draw(st.integers(1, 9000)))
    x0, y0 = draw(st.integers(0, layer.width - 1)), draw(st.integers(0, layer.height - 1))
    x1, y1 = draw(st.integers(x0 + 1, layer.width)), draw(st.integers(y0 + 1, layer.height))
    return PixelRect(x0, y0, x1, y1), layer


@given(selections())
def test_the_reach_contains_the_selection_and_stays_in_the_layer(case: tuple[PixelRect, Size]):
    selection, layer = case
    reach = reach_of_fill(selection, layer)
    assert reach.contains(selection)
    assert layer.rect.contains(reach)


@given(selections())
def test_something_is_known_around_the_selection_unless_it_is_the_layer(case: tuple[PixelRect, Size]):
    selection, layer = case
    reach = reach_of_fill(selection, layer)
    assert reach.area > selection.area or selection == layer.rect


def test_the_reach_follows_the_selection_and_not_the_canvas():
    selection = PixelRect(400, 400, 656, 656)
    assert reach_of_fill(selection, Size(1024, 1024)) == reach_of_fill(selection, Size(16384, 16384))


def test_at_the_layers_corner_the_reach_grows_where_there_is_room():
    reach = reach_of_fill(PixelRect(0, 0, 256, 256), Size(4096, 4096))
    assert reach.area - 256 * 256 >= 1.5 * 256 * 256
