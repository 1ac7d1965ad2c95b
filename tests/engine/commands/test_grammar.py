"""Words as designers say them, and the plans they make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import parse
from engine.commands.grammar import corrected
from engine.commands.plan import Again, Operation, Redo, Remove, Replace, Undo, Variations

REMOVALS = """
remove this
Remove this.
remove
remove it
remove that
remove the cup
remove the person please
Please remove this
could you please remove the wires
can you remove the sign on the left
remove this for me
REMOVE THE LOGO!
just remove it
delete this
delete the cup
erase
erase the scratches
heal
heal this
heal the skin here
retouch
retouch this spot
clean up
clean this up
clean up the dust
tidy this up
get rid of that
get rid of the two people behind her
take this out
take out the lamp post
take the bin away
make it disappear
make the cable vanish
make this go away
fill in
fill this in
inpaint
inpaint this
paint this out
edit out the tourists
wipe it out
rub out the pencil marks
eliminate the glare
patch this
scrub the stain
drop the watermark
lose the price tag
I'd like you to remove the bottle
i want to get rid of the shadow
let's remove the noise
remvoe this
reomve it
delet this
earse the spot
retuoch this
okay inlay, remove the crumbs, thanks
remove the text
""".strip().splitlines()

HISTORY: list[tuple[str, Operation]] = [
    ("undo", Undo()),
    ("Undo!", Undo()),
    ("undo that", Undo()),
    ("undo the last edit", Undo()),
    ("undo twice", Undo(count=2)),
    ("undo 3", Undo(count=3)),
    ("undo three times", Undo(count=3)),
    ("undo the last 4 edits", Undo(count=4)),
    ("please undo", Undo()),
    ("revert", Undo()),
    ("revert that", Undo()),
    ("step back", Undo()),
    ("go back two steps", Undo(count=2)),
    ("redo", Redo()),
    ("redo that", Redo()),
    ("redo twice", Redo(count=2)),
    ("step forward", Redo()),
    ("again", Again()),
    ("do it again", Again()),
    ("once more", Again()),
    ("one more time", Again()),
    ("agian", Again()),
    ("repeat", Again()),
    ("repeat that", Again()),
    ("do the same thing again", Again()),
    ("another one", Variations()),
    ("another", Variations()),
    ("anohter one", Variations()),
    ("try another", Variations()),
    ("try another one please", Variations()),
    ("try again", Variations()),
    ("a different one", Variations()),
    ("show me another version", Variations()),
    ("something different", Variations()),
    ("give me 4 variations", Variations(count=4)),
    ("three more", Variations(count=3)),
    ("two more versions", Variations(count=2)),
    ("show me three other options", Variations(count=3)),
    ("make 5 alternatives", Variations(count=5)),
]

REFUSED = """
make it blue
make the sky blue
don't remove this
do not remove this
never remove that
remove everything but the cup
remove all except the dog
remove this and add a tree
remove the cup and make the table white
remove the background
remove this but keep the shadow
remove the sign without the pole
add a hat
write SALE here
crop to square
extend the sky
brighter
warmer please
what can you do
hello
the cup
blur the background
recolour the car
undo 0
undo 5000
undo the sky
give me 90 variations
again and again and brighter
12345
?!
🙂
move this to the left
turn it off
clean up the background
remove
""".strip().splitlines()[:-1]


@pytest.mark.parametrize("text", REMOVALS)
def test_words_for_removing_remove_the_selection(text: str):
    plan = parse(text, True)
    assert plan.ops == (Remove(),)
    assert plan.says == ("Remove what is in the selection and continue what surrounds it.",)
    assert plan.unsure == ()


@pytest.mark.parametrize("text", REMOVALS)
def test_without_a_selection_a_removal_asks_for_one(text: str):
    plan = parse(text, False)
    assert plan.ops == ()
    assert "select" in plan.unsure[0]


REPLACEMENTS = [
    ("fill with brick wall", "brick wall"),
    ("Fill this with grass, please", "grass"),
    ("replace this with grass", "grass"),
    ("replace the background with a summer beach", "summer beach"),
    ("change the background of this banner to a summer beach", "summer beach"),
    ("make this wall brick", "brick"),
    ("make this wall out of marble", "marble"),
    ("turn it into red and white stripes", "red and white stripes"),
    ("paint this area with plain #ff8800", "plain #ff8800"),
    ("put wooden planks here", "wooden planks"),
]


@pytest.mark.parametrize(("text", "prompt"), REPLACEMENTS)
def test_words_for_filling_keep_the_prompt_as_it_was_said(text: str, prompt: str):
    plan = parse(text, True)
    assert plan.ops == (Replace(prompt=prompt),)
    assert prompt in plan.says[0]
    assert not parse(text, False).ops


@pytest.mark.parametrize("text", ["brick wall", "Soft grey studio backdrop", "navy to teal gradient", "autumn leaves."])
def test_the_name_of_something_drawable_is_enough(text: str):
    (operation,) = parse(text, True).ops
    assert isinstance(operation, Replace)
    assert not parse(text, False).ops


@pytest.mark.parametrize(
    ("text", "says"),
    [("fill with dragons", "dragons"), ("fill with marbel", "marble"), ("turn this into a cat", "cat")],
)
def test_what_cannot_be_drawn_is_said_before_anything_runs(text: str, says: str):
    plan = parse(text, True)
    assert not plan.ops
    assert says in plan.unsure[0]


def test_a_colour_alone_is_no_wish():
    assert not parse("blue", True).ops


def test_another_colour_of_the_same_wall_is_not_taken_for_a_fill():
    assert not parse("make this wall blue", True).ops


@pytest.mark.parametrize(("text", "operation"), HISTORY, ids=[text for text, _ in HISTORY])
@pytest.mark.parametrize("has_selection", [True, False])
def test_words_of_the_history_need_no_selection(text: str, operation: Operation, has_selection: bool):
    plan = parse(text, has_selection)
    assert plan.ops == (operation,)
    assert plan.says == (operation.says(),)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_is_said_with_what_to_try_and_nothing_runs(text: str):
    plan = parse(text, True)
    assert plan.ops == ()
    assert "Try" in plan.unsure[0] or "words" in plan.unsure[0]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "…", "\x00\x07", "please"])
def test_no_words_are_answered_too(text: str):
    assert parse(text, True).ops == ()
    assert parse(text, True).unsure


def test_a_text_that_is_too_long_is_not_read():
    plan = parse("remove this " * 1000, True)
    assert plan.ops == () and "longer" in plan.unsure[0]


def test_control_characters_are_never_shown_back():
    assert "\x1b" not in parse("make \x1b[31m it \x07 red", True).unsure[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("remvoe", "remove"),
        ("eraes", "erase"),
        ("delette", "delete"),
        ("agan", "again"),
        ("cup", "cup"),
        ("moved", "moved"),
    ],
)
def test_one_slip_in_a_long_word_is_understood(typed: str, meant: str):
    assert corrected(typed) == meant


@given(st.text(max_size=300), st.booleans())
def test_any_text_gives_either_one_operation_or_one_question(text: str, has_selection: bool):
    plan = parse(text, has_selection)
    assert (len(plan.ops), len(plan.unsure)) in {(1, 0), (0, 1)}
    assert len(plan.says) == len(plan.ops)
