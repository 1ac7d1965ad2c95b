"""What is understood and what can be run today."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.editing.ability import Edits, Moves
from bridge.editing.job import understand
from bridge.errors import BridgeError, CannotYet, NeedsReference, NeedsSelection, NotUnderstood
from engine.commands import nearest
from engine.commands.plan import AnyOperation, BackgroundReplace, Relight, Remove, Replace, Restyle, Series, Undo


def test_every_operation_of_the_plan_runs():
    names = {kind.model_fields["op"].default for kind in get_args(AnyOperation)}
    runs = {kind.model_fields["op"].default for kind in (*get_args(Edits), *get_args(Moves), Series)}
    assert runs == names


@pytest.mark.parametrize(
    ("text", "has_selection", "error", "says"),
    [
        ("remove this and undo", True, CannotYet, "cannot be mixed"),
        ("remove this but keep the shadow", True, CannotYet, "the shadow should stay"),
        ("remove the cup", False, NeedsSelection, "the cup"),
        ("remove this", False, NeedsSelection, "no selection"),
        ("make the sky darker", False, NeedsSelection, "the sky"),
        ("light it from behind", True, CannotYet, "cannot do it yet"),
        ("fill with dragons", True, NotUnderstood, "“dragons”"),
        ("fill with marbel", True, NotUnderstood, "marble"),
        ("turn this into a cat", True, NotUnderstood, "“cat”"),
        ("make it sing", True, NotUnderstood, "“make it sing” is not understood."),
        ("in the style of Van Gogh", False, NotUnderstood, "impressionist"),
        ("make it look like a watercolur painting", False, NotUnderstood, "watercolour"),
        ("restyle this as brick", True, NotUnderstood, "Fill with brick"),
    ],
)
def test_what_cannot_be_run_is_said_politely(text: str, has_selection: bool, error: type[BridgeError], says: str):
    with pytest.raises(error) as caught:
        understand(text, has_selection=has_selection)
    assert says in str(caught.value)
    assert caught.value.hint


def test_the_nearest_things_to_try_are_the_hint_of_what_is_not_understood():
    with pytest.raises(NotUnderstood) as caught:
        understand("make it sing", has_selection=True)
    assert "Try" not in str(caught.value)
    assert caught.value.hint.startswith("Nothing was changed. Try “") and caught.value.hint.count("“") == 3


@pytest.mark.parametrize("example", [example for example, _ in nearest._EXAMPLES])
def test_what_is_proposed_to_try_can_be_done(example: str):
    try:
        understand(example, has_selection=True, references=2)
    except CannotYet as error:
        assert "cannot do it yet" in str(error)  # of the engine's missing operations only


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("help", "Inlay removes and fills"),
        ("what can you do?", "Inlay removes and fills"),
        ("rotate 90 degrees", "does not rotate"),
        ("flip it horizontally", "does not flip"),
        ("save as png", "does not save"),
        ("write", "What should be written"),
        ("use my photo as background", "no picture with the command"),
        ("add a dog", "cannot draw “dog”"),
        ("use image 3 as the background", "no picture"),
    ],
)
@pytest.mark.parametrize("has_selection", [False, True])
def test_a_new_user_is_told_what_happened_and_what_to_do(text: str, says: str, has_selection: bool):
    with pytest.raises(BridgeError) as caught:
        understand(text, has_selection=has_selection)
    assert says in str(caught.value) and caught.value.hint
    assert "fog" not in str(caught.value)


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
    with pytest.raises(NeedsReference, match=r"no image 2: only one picture was added\.$"):
        understand("use image 2 as the background", has_selection=False, references=1)


@pytest.mark.parametrize(
    ("text", "has_selection", "error", "says"),
    [
        ("combine images 1 and 2 into a postcard", False, NotUnderstood, "“postcard”"),
        ("put the dress from image 1 on the woman in image 2", False, NotUnderstood, "dress anybody"),
        ("put the mug from image 1 on the table", False, NeedsSelection, "the table"),
        ("put the mug from image 1 in the man's hand", False, NeedsSelection, "a hand"),
        ("image 1 left of the cat and image 2 right of the dog", False, CannotYet, "one thing"),
    ],
)
def test_a_scene_that_cannot_be_made_is_said_politely(
    text: str, has_selection: bool, error: type[BridgeError], says: str
):
    with pytest.raises(error) as caught:
        understand(text, has_selection=has_selection, references=2)
    assert says in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "has_selection"),
    [
        ("combine images 1 and 2", False),
        ("put the mug from image 1 on the left of the cat", False),
        ("put the mug from image 1 on the table", True),
        ("put the mug from image 1 in the man's hand", True),
        ("put image 1 behind the cat and image 2 in front of it", False),
    ],
)
def test_pictures_are_combined(text: str, has_selection: bool):
    _, found = understand(text, has_selection=has_selection, references=2)
    assert isinstance(found, tuple) and [operation.op for operation in found] == ["combine"]


def test_pictures_to_combine_that_did_not_come_are_asked_for():
    with pytest.raises(NeedsReference, match="no image 2"):
        understand("put image 1 left of the cat and image 2 right of it", has_selection=False, references=1)


def test_a_selected_background_is_painted_anew():
    plan, found = understand("replace the background with a summer beach", has_selection=True)
    assert found == (Replace(region="selection", prompt="summer beach"),)
    assert plan.ops[0].op == "background_replace"


def test_a_style_that_is_known_and_that_of_a_picture_that_came_can_be_run():
    _, found = understand("turn the background into a watercolor painting", has_selection=False)
    assert found == (Restyle(region="background", prompt="watercolor painting"),)
    _, found = understand("in the style of image 1", has_selection=False, references=1)
    assert found == (Restyle(region="all", reference=1),)
    with pytest.raises(NeedsReference):
        understand("in the style of image 1", has_selection=False)


@pytest.mark.parametrize("extra", ["and match the light", "with a contact shadow"])
def test_nothing_is_matched_to_a_background_that_is_selected(extra: str):
    with pytest.raises(CannotYet, match="selected background"):
        understand(f"replace the background with a beach {extra}", has_selection=True)
    _, found = understand(f"replace the background with a beach {extra}", has_selection=False)
    assert isinstance(found, tuple) and isinstance(found[0], BackgroundReplace)
    assert found[0].light == 1 or found[0].shadow


@pytest.mark.parametrize(
    "text",
    ["upscale it twice", "make it brighter", "darken the left half", "sharpen", "fill the bottom third with grass"],
)
def test_the_whole_layer_and_its_parts_need_no_selection(text: str):
    _, found = understand(text, has_selection=False)
    assert isinstance(found, tuple) and found[0].op in ("upscale", "relight", "adjust", "replace")
