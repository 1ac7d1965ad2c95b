"""What is understood and what can be run today."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.editing.ability import NOT_YET, Edits, Moves
from bridge.editing.job import understand
from bridge.errors import BridgeError, CannotYet, NeedsReference, NeedsSelection, NotUnderstood
from engine.commands.plan import AnyOperation, BackgroundReplace, Relight, Remove, Replace, Series, Undo


def test_every_operation_of_the_plan_either_runs_or_is_listed():
    names = {kind.model_fields["op"].default for kind in get_args(AnyOperation)}
    runs = {kind.model_fields["op"].default for kind in (*get_args(Edits), *get_args(Moves), Series)}
    assert runs == names
    assert names > NOT_YET


@pytest.mark.parametrize(
    ("text", "has_selection", "error", "says"),
    [
        ("upscale it twice", True, CannotYet, "understands this"),
        ("remove this and undo", True, CannotYet, "cannot be mixed"),
        ("remove this but keep the shadow", True, CannotYet, "the shadow should stay"),
        ("remove the cup", False, NeedsSelection, "the cup"),
        ("remove this", False, NeedsSelection, "no selection"),
        ("make the sky darker", False, NeedsSelection, "the sky"),
        ("light it from behind", True, CannotYet, "cannot do it yet"),
        ("fill with dragons", True, NotUnderstood, "“dragons”"),
        ("fill with marbel", True, NotUnderstood, "marble"),
        ("turn this into a cat", True, NotUnderstood, "“cat”"),
        ("make it sing", True, NotUnderstood, "Try"),
    ],
)
def test_what_cannot_be_run_is_said_politely(text: str, has_selection: bool, error: type[BridgeError], says: str):
    with pytest.raises(error) as caught:
        understand(text, has_selection=has_selection)
    assert says in str(caught.value)
    assert caught.value.hint


def test_what_can_be_run_is_given_with_its_plan():
    plan, found = understand("remove the cup", has_selection=True)
    assert found == (Remove(),) == plan.ops
    plan, found = understand("undo twice", has_selection=True)
    assert found == Undo(count=2) == plan.ops[0]


def test_several_operations_of_one_sentence_run_in_their_order():
    _, found = understand("remove this and make the top half darker", has_selection=True)
    assert isinstance(found, tuple) and [type(operation) for operation in found] == [Remove, Relight]


@pytest.mark.parametrize(("kept", "region"), [("subject", "background"), ("background", "subject")])
def test_to_keep_the_subject_is_to_work_on_the_background(kept: str, region: str):
    _, found = understand(f"make it darker but don't touch the {kept}", has_selection=False)
    assert isinstance(found, tuple) and isinstance(found[0], Relight) and found[0].region == region


def test_a_picture_that_did_not_come_is_asked_for():
    with pytest.raises(NeedsReference):
        understand("use image 1 as the background", has_selection=False)
    with pytest.raises(NotUnderstood, match="no image 2"):
        understand("use image 2 as the background", has_selection=False, references=1)


def test_a_selected_background_is_painted_anew():
    plan, found = understand("replace the background with a summer beach", has_selection=True)
    assert found == (Replace(prompt="summer beach"),)
    assert plan.ops[0].op == "background_replace"


@pytest.mark.parametrize("extra", ["and match the light", "with a contact shadow"])
def test_nothing_is_matched_to_a_background_that_is_selected(extra: str):
    with pytest.raises(CannotYet, match="selected background"):
        understand(f"replace the background with a beach {extra}", has_selection=True)
    _, found = understand(f"replace the background with a beach {extra}", has_selection=False)
    assert isinstance(found, tuple) and isinstance(found[0], BackgroundReplace)
    assert found[0].light == 1 or found[0].shadow


@pytest.mark.parametrize(
    "text", ["make it brighter", "darken the left half", "sharpen", "fill the bottom third with grass"]
)
def test_the_whole_layer_and_its_parts_need_no_selection(text: str):
    _, found = understand(text, has_selection=False)
    assert isinstance(found, tuple) and found[0].op in ("relight", "adjust", "replace")
