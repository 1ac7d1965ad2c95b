"""Open models by name: what is typed, what it means, and what no model can be named for."""

from __future__ import annotations

import pytest

from engine.commands import parse
from engine.commands.grammar import instruction_in
from engine.commands.models import TITLES, title_of
from engine.commands.plan import Instruct


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("words", ["fill this with gravel using {}", "with {}, fill this with gravel"])
def test_every_model_can_be_named_as_it_is_listed_and_as_it_is_written(name: str, words: str):
    for said in (name, title_of(name)):
        plan = parse(words.format(said), True)
        assert [operation.model_dump().get("model") for operation in plan.ops] == [name]
        assert plan.says == (f"Fill the selection with gravel, drawn by {title_of(name)}.",)


def test_a_model_that_draws_nothing_of_it_is_asked_back_on():
    assert "leave “Meissonic” out" in parse("make it darker using meissonic", True).unsure[0]


def test_an_unknown_model_is_told_with_where_the_known_ones_are():
    (told,) = parse("replace this with a cat using the model flux", True).unsure
    assert "“flux”" in told and "inlay models list" in told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("make it sing", ("make it sing", None)),
        ("Make it sing, using EditMGT", ("Make it sing", "editmgt")),
        ("make it winter using editmgt", ("make it winter", "editmgt")),  # the rules would only make it colder
        ("make it darker", None),
        ("remove this using editmgt", None),
        ("undo using editmgt", None),
        ("with meissonic", None),
        ("sing", None),
        ("help", None),
        ("save as png", None),
        ("use image 1 as the background", None),
        ("make it sing using the model flux", None),
        ("", None),
        ("x " * 2000, None),
    ],
)
def test_only_what_no_rule_answers_is_an_instruction_for_a_model(text: str, found: tuple[str, str | None] | None):
    assert instruction_in(text, has_selection=True) == found


def test_an_instruction_says_whose_it_is():
    instruct = Instruct(prompt="make it sing", model="editmgt")
    assert instruct.says() == "“make it sing”, drawn by EditMGT as an instruction."
    assert "a model as an instruction" in Instruct(prompt="make it sing").says()
