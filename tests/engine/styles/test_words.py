"""Which phrases are styles, what else they say, and what is answered when they are none."""

from __future__ import annotations

import pytest

from engine.geometry import PixelRect, Size
from engine.styles.registry import GRADES, PAINTS
from engine.styles.words import margin_px, phrases, reach_of_style, styles, understand


def test_every_style_that_is_named_is_drawn_and_every_drawing_has_a_name():
    assert set(styles()) == set(PAINTS)
    assert set(styles()) > GRADES


def test_a_synonym_means_one_style_only():
    claimed = [synonym for style in styles().values() for synonym in (style.name, *style.synonyms)]
    assert len(claimed) == len(set(claimed))
    assert all(name in styles() for name in phrases().values())


@pytest.mark.parametrize(
    ("phrase", "style"),
    [
        ("Watercolor painting", "watercolour"),
        ("an oil painting", "oil painting"),
        ("colored pencils", "coloured pencil"),
        ("charcoal sketch", "charcoal"),
        ("black and white pen and ink drawing", "hatching"),
        ("comic book", "comic"),
        ("posterized", "poster"),
        ("8-bit pixel art", "pixel art"),
        ("stained-glass window", "stained glass"),
        ("teal and orange grade", "cinematic"),
        ("noir film", "film noir"),
        ("faded vintage film", "vintage"),
    ],
)
def test_names_synonyms_and_american_spelling_are_read(phrase: str, style: str):
    wanted = understand(phrase)
    assert wanted.style == style
    assert wanted.is_whole, wanted.unknown


def test_how_much_how_large_and_which_colours_are_read():
    assert understand("slightly vintage").strength == 0.5
    assert understand("sepia 30%").strength == pytest.approx(0.3)
    assert understand("mosaic with large tiles").size > 1 > understand("fine hatching").size
    assert understand("bold oil painting").size > 1 == understand("bold oil painting").strength
    navy, orange = understand("duotone in navy and orange").colours
    assert navy[2] > navy[0] and orange[0] > orange[2]


def test_a_colour_that_a_style_has_no_use_for_is_not_overlooked():
    assert understand("red watercolour").unknown == ("red",)


@pytest.mark.parametrize(
    ("phrase", "unknown", "near"),
    [
        ("watercolur", "watercolur", "watercolour"),
        ("Van Gogh", "gogh", "impressionist"),
        ("Hokusai", "hokusai", "woodcut"),
        ("anime", "anime", "cartoon"),
        ("vintage spaceship", "spaceship", None),
    ],
)
def test_what_is_no_style_is_named_with_the_nearest(phrase: str, unknown: str, near: str | None):
    wanted = understand(phrase)
    assert not wanted.is_whole
    assert unknown in wanted.unknown
    assert near is None or near in wanted.nearest


def test_the_reach_grows_with_the_layer_and_ends_at_its_border():
    region = PixelRect(100, 100, 200, 200)
    small, large = Size(1000, 1000), Size(4000, 4000)
    assert reach_of_style("oil painting", region, small) == region.grow(margin_px(styles()["oil painting"], small))
    near, far = (reach_of_style("sepia", region, size).width for size in (small, large))
    assert near < far
    assert reach_of_style(None, region, Size(210, 210)) == PixelRect(78, 78, 210, 210)
