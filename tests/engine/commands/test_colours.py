"""Colours by name: whoever asked Pillow for one before, each is read the same."""

from __future__ import annotations

import pytest
from PIL import ImageColor

from engine.commands.colours import is_colour, rgb_of


@pytest.mark.parametrize(
    "name", ["lavender", "turquoise", "crimson", "dark grey", "navy", "#ff8800", "rgb(10, 20, 30)"]
)
def test_a_colour_is_read_the_same_after_pillow_was_asked_for_it(name: str) -> None:
    rgb_of.cache_clear()
    before = rgb_of(name)
    assert before is not None
    ImageColor.getrgb(name.replace("dark grey", "darkgray"))  # from now on its table holds numbers for this name
    rgb_of.cache_clear()
    assert rgb_of(name) == before


@pytest.mark.parametrize("name", ["rgb(300,0,0)", "shirt", "", "rgb(1,2)", "#12", "very very very very dark red"])
def test_what_names_no_colour_is_none(name: str) -> None:
    assert not is_colour(name)
