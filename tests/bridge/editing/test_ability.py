"""What is understood and what can be run today."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.editing.ability import NOT_YET, Runnable, why_not
from bridge.editing.job import understand
from bridge.errors import BridgeError, CannotYet, NeedsSelection, NotUnderstood
from engine.commands.plan import AnyOperation, Remove, Replace, Undo


def test_every_operation_of_the_plan_either_runs_or_is_listed():
    names = {kind.model_fields["op"].default for kind in get_args(AnyOperation)}
    runs = {kind.model_fields["op"].default for kind in get_args(Runnable)}
    assert runs | NOT_YET == names
    assert not runs & NOT_YET


@pytest.mark.parametrize(
    ("text", "has_selection", "error", "says"),
    [
        ("blur the background", True, CannotYet, "understands this (“Blur the background.”)"),
        ("add the text “Sale”", True, CannotYet, "cannot do it yet"),
        ("make it 16:9", False, CannotYet, "cannot do it yet"),
        ("remove this and undo", True, CannotYet, "one thing at a time"),
        ("remove this but keep the shadow", True, CannotYet, "the shadow should stay"),
        ("remove the cup", False, NeedsSelection, "the cup"),
        ("remove this", False, NeedsSelection, "no selection"),
        ("make the sky darker", False, NeedsSelection, "the sky"),
        ("replace the background with a beach", False, NeedsSelection, "the background"),
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


@pytest.mark.parametrize(("text", "operation"), [("remove the cup", Remove()), ("undo twice", Undo(count=2))])
def test_what_can_be_run_is_given_with_its_plan(text: str, operation: Remove | Undo):
    plan, found = understand(text, has_selection=True)
    assert found == operation == plan.ops[0]
    assert why_not(found) is None


def test_a_selected_background_is_painted_anew():
    plan, found = understand("replace the background with a summer beach", has_selection=True)
    assert found == Replace(prompt="summer beach")
    assert plan.ops[0].op == "background_replace"


@pytest.mark.parametrize(
    "text", ["make it brighter", "darken the left half", "sharpen", "fill the bottom third with grass"]
)
def test_the_whole_layer_and_its_parts_need_no_selection(text: str):
    _, found = understand(text, has_selection=False)
    assert found.op in ("relight", "adjust", "replace")
