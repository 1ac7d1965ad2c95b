"""What an operation's parameters may be."""

import pytest

from engine.commands.parameters import is_aspect


@pytest.mark.parametrize("said", ["16:9", "1:1", "1.91:1", "50:1", "1:50"])
def test_a_width_to_a_height_is_an_aspect(said: str):
    assert is_aspect(said)


@pytest.mark.parametrize("said", ["0:5", "16:0", "16/9", "51:1", "1:51", "a:b", "", "16:9 ", "-1:1"])
def test_what_is_none_or_makes_a_line_of_the_picture_is_not(said: str):
    assert not is_aspect(said)
