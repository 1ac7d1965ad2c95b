"""Words that only name a thing: for a model that is named they fill the selection, for nobody else."""

from __future__ import annotations

import pytest

from engine.commands import parse
from engine.commands.grammar import filled, instruction_in, is_for_a_model
from engine.commands.models import BUILT_IN
from engine.commands.plan import Replace


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("a red barn", "red barn"),
        ("red barn", "red barn"),
        ("A red barn at sunset.", "red barn at sunset"),
        ("please a red barn", "red barn"),
        ("some people at a table", "people at a table"),
        ("two dogs, one black and one white", "two dogs, one black and one white"),
        ("brick house by the sea", "brick house by the sea"),
        ("a barn that is on fire", "barn that is on fire"),
        ("a little bird", "little bird"),
    ],
)
def test_a_things_name_means_that_the_selection_is_filled_with_it(text: str, prompt: str):
    named = parse(f"{text}, using meissonic", True)
    assert named.ops == (Replace(region="selection", prompt=prompt, model="meissonic"),)
    assert named.says == (f"Fill the selection with {prompt}, drawn by Meissonic.",)
    plan = filled(text, has_selection=True, model="editmgt")
    assert plan is not None and plan.ops == (Replace(region="selection", prompt=prompt),)


def test_it_is_what_fill_with_makes_of_it():
    assert filled("a red barn", True, "meissonic") == parse("fill with a red barn", True)
    assert parse("with amused-512, a red barn", True) == parse("fill with a red barn, using amused-512", True)


@pytest.mark.parametrize(
    "text",
    [
        *("make it sing", "sing loudly", "water the plants", "paper it over", "select the dog", "the red barn", "barn"),
        *("a bit", "a touch", "a better one", "another cat", "a moment please", "a new version", "a barn like this"),
        *("what is this", "is this any good", "a red barn?", "a cat. remove the dog", "a dog should sit here"),
        *("a red barn and make the sky blue", "a barn without a door", "a logo", "a barn like in image 2"),
        *("help", "", ":-)", "a " * 1500, "a barn using the model flux"),
    ],
)
def test_what_is_more_or_less_than_a_name_is_not_guessed(text: str):
    assert filled(text, has_selection=True, model="meissonic") is None


@pytest.mark.parametrize(
    "text",
    [
        *("some contrast", "some motion blur", "some noise", "some sharpening", "some grain", "a vignette"),
        *("a higher resolution", "a tighter crop", "green tint", "black and white conversion", "a blue tone"),
        *("a touch of warmth", "more saturation", "a bit of clarity and some noise"),
        *("90 degrees", "90 degrees clockwise", "a 90 degree turn", "300 dpi", "12.5 %", "20 px"),
        *("stone walls to brick walls", "a red barn to a blue barn", "wood into marble"),
        *("a text that says hello", "a title", "white lettering on a wall"),
    ],
)
def test_what_no_layer_shows_by_itself_is_no_thing_to_draw(text: str):
    assert filled(text, has_selection=True, model="meissonic") is None


@pytest.mark.parametrize(
    "text",
    [
        *("a field of grain", "a boat tied to a post", "a path to the castle", "a house next to a lake"),
        *("a painting by the sea", "a color wheel", "a sharpening stone", "a letter on a table", "two sailing boats"),
        *("a woman with blue eyes", "a dozen roses", "a man and his dog with a smile"),
    ],
)
def test_words_of_an_effect_that_describe_a_thing_leave_it_one(text: str):
    assert filled(text, has_selection=True, model="meissonic", clearly=True)


@pytest.mark.parametrize(
    "text", ["blue eyes", "a smile", "red barn", "some people", "a bigger dog", "a sign that says open"]
)
def test_what_may_be_meant_for_what_is_there_is_no_clear_thing(text: str):
    assert filled(text, has_selection=True, model="meissonic")
    assert filled(text, has_selection=True, model="meissonic", clearly=True) is None


@pytest.mark.parametrize("model", ["", BUILT_IN])
def test_without_an_open_model_a_name_is_asked_back_on_as_ever(model: str):
    assert filled("a red barn", has_selection=True, model=model) is None
    assert parse("a red barn", True).unsure
    assert parse("a red barn using the built-in model", True).unsure


def test_without_a_selection_it_is_not_known_where():
    assert filled("a red barn", has_selection=False, model="meissonic") is None
    assert parse("a red barn using meissonic", False).unsure


def test_what_the_rules_read_stays_theirs():
    for text in ("red", "a little warmer", "brick wall"):
        assert parse(text, True).ops
    assert parse("a little warmer using meissonic", True).unsure  # no model draws that


def test_a_model_that_reads_instructions_is_still_given_such_words_without_a_selection():
    assert is_for_a_model("a red barn using editmgt")
    assert instruction_in("a red barn using editmgt", has_selection=False) == ("a red barn", "editmgt")
