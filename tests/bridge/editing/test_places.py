"""Named parts of a layer lie inside it, however small it is, and the halves meet."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.editing.places import is_place, rect_of
from engine.commands.regions import Anchor, Named, Part
from engine.geometry import PixelRect, Size

PLACES = ("all", *get_args(Anchor), *get_args(Part))


@given(st.sampled_from(PLACES), st.integers(1, 5000), st.integers(1, 5000))
def test_every_place_is_a_part_of_the_layer_that_is_not_empty(place: str, width: int, height: int):
    layer = Size(width, height)
    rect = rect_of(place, layer)
    assert rect is not None
    assert not rect.is_empty
    assert layer.rect.contains(rect)


@pytest.mark.parametrize(
    ("place", "rect"),
    [
        ("all", (0, 0, 300, 200)),
        ("left half", (0, 0, 150, 200)),
        ("bottom third", (0, 133, 300, 200)),
        ("top right", (150, 0, 300, 100)),
        ("centre", (75, 50, 225, 150)),
    ],
)
def test_places_are_where_people_mean_them(place: str, rect: tuple[int, int, int, int]):
    assert rect_of(place, Size(300, 200)) == PixelRect(*rect)


@given(st.integers(2, 5000), st.integers(2, 5000))
def test_halves_meet_and_do_not_overlap(width: int, height: int):
    layer = Size(width, height)
    for one, other in (("left half", "right half"), ("top half", "bottom half")):
        first, second = rect_of(one, layer), rect_of(other, layer)
        assert first is not None and second is not None
        assert first.area + second.area == layer.area
        assert not first.meets(second)


def test_what_has_to_be_found_is_no_place():
    for region in ("selection", "subject", "background", Named(named="cup")):
        assert rect_of(region, Size(10, 10)) is None
        assert not is_place(region)
