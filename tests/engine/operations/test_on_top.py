"""Letters and pictures on top of a layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.pictures import RGB8, picture
from support.profiles import profile_of

from engine.api import Alpha, Depth, EditRequest, EditResult, ImageLayer, LayerFormat, Reference, ShadeLayer, TextLayer
from engine.errors import BadRequest, UnknownPrompt
from engine.geometry import Size
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport

FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in (
        (1, Alpha.NONE), (2, Alpha.STRAIGHT), (3, Alpha.NONE), (4, Alpha.STRAIGHT), (4, Alpha.PREMULTIPLIED)
    )
]  # fmt: skip
HEIGHT, WIDTH = 120, 200


def request(operation: str, format_: LayerFormat = RGB8, **values: str | float) -> EditRequest:
    pixels = picture(HEIGHT, WIDTH, format_, seed=5)
    size = Size(WIDTH, HEIGHT)
    mask = np.full((HEIGHT, WIDTH), 255, np.uint8)
    return EditRequest("edit-0001", operation, size, format_, size.rect, pixels, mask, 1, values=values)


def run(asked: EditRequest) -> EditResult:
    return OPERATIONS[asked.operation](asked, SilentReport(), "cpu")


def logo() -> Reference:
    """Green, left half clear."""
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[:, 20:] = (0, 200, 0, 255)
    return Reference(pixels, LayerFormat(Depth.U8, 4, Alpha.STRAIGHT))


def check_outside(asked: EditRequest, result: EditResult) -> None:
    assert result.mask is not None and set(np.unique(result.mask)) <= {0, 255}
    before = asked.pixels[result.rect_px.slices()]
    same = result.mask == 0
    assert result.pixels[same].tobytes() == before[same].tobytes()
    assert not np.array_equal(result.pixels, before)


@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_letters_change_no_pixel_that_they_do_not_cover(format_: LayerFormat):
    asked = request("add_text", format_, text="Sale", place="top", colour="navy")
    result = run(asked)
    check_outside(asked, result)
    assert result.canvas is None


@pytest.mark.parametrize("format_", FORMATS, ids=str)
@pytest.mark.parametrize("rotation", [0.0, 30.0])
def test_a_picture_changes_no_pixel_that_it_does_not_cover(format_: LayerFormat, rotation: float):
    asked = replace(
        request("place_image", format_, reference=1.0, place="top left", rotation=rotation), references=(logo(),)
    )
    check_outside(asked, run(asked))


def test_the_host_is_told_of_letters_that_it_can_set_itself():
    result = run(request("add_text", text="Sommer – 20 %", place="bottom left", style="bold", colour="white"))
    text = result.layers[-1]
    assert isinstance(text, TextLayer) and text.text == "Sommer – 20 %" and text.align == "left"
    assert text.colour == (1.0, 1.0, 1.0, 1.0)
    assert result.rect_px.meets(text.rect_px)


def test_letters_on_a_ground_of_their_own_colour_get_a_shade():
    asked = request("add_text", text="White", place="centre", colour="white")
    white = replace(asked, pixels=np.full_like(asked.pixels, 250))
    result = run(white)
    assert isinstance(result.layers[0], ShadeLayer) and isinstance(result.layers[1], TextLayer)
    check_outside(white, result)


def test_letters_without_a_place_go_where_the_picture_is_calm():
    asked = request("add_text", text="Calm")
    pixels = np.random.default_rng(1).integers(0, 255, asked.pixels.shape, np.uint8)
    pixels[:45] = 40
    result = run(replace(asked, pixels=pixels))
    text = result.layers[-1]
    assert isinstance(text, TextLayer) and text.rect_px.y1 <= 50


def test_a_rectangle_is_a_place():
    result = run(request("add_text", text="Here", place="100,60,190,110"))
    text = result.layers[-1]
    assert isinstance(text, TextLayer) and text.rect_px.x0 >= 100 and text.rect_px.y0 >= 60


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_to_write_is_said(text: str):
    with pytest.raises(BadRequest, match="nothing to write"):
        run(request("add_text", text=text))


def test_letters_that_no_font_has_and_colours_that_are_none_are_said():
    with pytest.raises(UnknownPrompt, match="font"):
        run(request("add_text", text="\ue123"))
    with pytest.raises(UnknownPrompt, match="no colour"):
        run(request("add_text", text="a", colour="plaidish"))


@pytest.mark.parametrize("text", ["a", "word " * 200])
def test_a_layer_without_room_is_said(text: str):
    asked = request("add_text", text=text)
    size = Size(1, 1)
    with pytest.raises(BadRequest, match="no room"):
        run(replace(asked, pixels=asked.pixels[:1, :1], mask=asked.mask[:1, :1], layer_size=size, reach_px=size.rect))


def test_a_quarter_turn_moves_pixels_and_mixes_none():
    asked = request("place_image", reference=1.0, place="centre", scale=1.0, rotation=90.0)
    result = run(replace(asked, references=(logo(),)))
    assert result.mask is not None and (result.pixels[result.mask > 0] == (0, 200, 0)).all()
    # The opaque right half is below after a turn clockwise.
    assert result.rect_px.height == 20 and result.rect_px.width == 20
    assert result.rect_px.y0 >= HEIGHT // 2 - 1
    assert result.layers == (ImageLayer(1, result.layers[0].rect_px, 90.0, 1.0),)


def test_half_opaque_is_half_of_both():
    asked = request("place_image", reference=1.0, place="centre", scale=1.0, opacity=0.5)
    result = run(replace(asked, references=(logo(),)))
    before = asked.pixels[result.rect_px.slices()].astype(float)
    assert np.abs(result.pixels - (before + (0, 200, 0)) / 2).max() <= 1


def test_a_picture_larger_than_the_layer_is_cut_off_and_one_of_no_opacity_refused():
    asked = replace(request("place_image", reference=1.0, scale=9.0), references=(logo(),))
    assert run(asked).rect_px.width <= WIDTH
    with pytest.raises(BadRequest):
        run(replace(asked, values={"reference": 1.0, "opacity": 0.0}))


def test_a_picture_that_is_not_there_is_said():
    with pytest.raises(BadRequest, match="no image 1"):
        run(request("place_image", reference=1.0))


@pytest.mark.parametrize("operation", ["add_text", "place_image"])
def test_the_same_request_gives_the_same_bits(operation: str):
    asked = replace(request(operation, text="Same", reference=1.0, rotation=20.0), references=(logo(),))
    assert run(asked).pixels.tobytes() == run(asked).pixels.tobytes()


def test_a_picture_with_another_profile_is_shown_as_it_looks():
    reference = Reference(np.full((20, 20, 3), 128, np.uint8), RGB8, profile_of(1.8))
    result = run(replace(request("place_image", reference=1, place="centre"), references=(reference,)))
    light = (128 / 255) ** 1.8
    wanted = 1.055 * light ** (1 / 2.4) - 0.055
    middle = result.pixels[result.pixels.shape[0] // 2, result.pixels.shape[1] // 2]
    assert np.abs(middle / 255 - wanted).max() < 0.01 and not result.facts.notes
