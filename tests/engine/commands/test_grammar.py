"""Words as designers say them, and the plans they make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import parse
from engine.commands.plan import Adjust, Again, Operation, Plan, Recolour, Redo, Remove, Replace, Undo, Variations
from engine.commands.regions import Named
from engine.commands.spelling import corrected

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
don't remove this
do not remove this
never remove that
remove everything but the cup
remove all except the dog
remove the sign without the pole
what can you do
hello
the cup
undo 0
undo 5000
undo the sky
give me 90 variations
12345
?!
🙂
move this to the left
turn it off
clean up the background
remove this and make it sing
make it 0:5
extend it to 1:5000
upscale 100x
""".strip().splitlines()


@pytest.mark.parametrize("text", REMOVALS)
def test_words_for_removing_remove_the_selection(text: str):
    plan = parse(text, True)
    assert plan.ops == (Remove(),)
    assert plan.says == ("Remove what is in the selection and continue what surrounds it.",)
    assert plan.unsure == ()


@pytest.mark.parametrize("text", REMOVALS)
def test_without_a_selection_a_removal_names_its_thing_or_asks_for_one(text: str):
    plan = parse(text, False)
    if plan.ops:
        assert all(isinstance(operation, Remove) and isinstance(operation.region, Named) for operation in plan.ops)
    else:
        assert "select the thing to remove" in plan.unsure[0]


REPLACEMENTS = [
    ("fill with brick wall", "brick wall"),
    ("Fill this with grass, please", "grass"),
    ("replace this with grass", "grass"),
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
    without = parse(text, False)
    assert without.unsure or all(
        isinstance(operation, Replace) and operation.region != "selection" for operation in without.ops
    )


@pytest.mark.parametrize("text", ["brick wall", "Soft grey studio backdrop", "navy to teal gradient", "autumn leaves."])
def test_the_name_of_something_drawable_is_enough(text: str):
    (operation,) = parse(text, True).ops
    assert isinstance(operation, Replace)
    assert not any(isinstance(operation, Replace) for operation in parse(text, False).ops)


def test_with_a_selection_a_colour_alone_is_that_of_the_selection():
    assert parse("blue", True).ops == (Recolour(colour="blue"),)
    assert "select what to colour" in parse("blue", False).unsure[0]


def test_another_colour_of_the_same_wall_is_not_taken_for_a_fill():
    assert parse("make this wall blue", True).ops == (Recolour(colour="blue"),)


def test_noise_is_taken_out_of_the_picture_and_is_no_thing_to_remove():
    assert parse("let's remove the noise", True).ops == (Adjust(kind="denoise"),)


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
    assert plan.unsure


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


@pytest.mark.parametrize(
    "text",
    [
        *("things: remove the sign", "stuff: delete the cup"),
        *(f"{verb} the {'x' * 130}" for verb in ("remove", "blur", "keep", "remove the cup and")),
        *(f"give the {'x' * 130} a blue tint", f"give {'x' * 130} a red colour", f"make the {'x' * 130} red"),
        f"remove image {'9' * 1900}",
    ],
)
@pytest.mark.parametrize("selected", [True, False])
def test_a_noun_that_is_empty_or_longer_than_any_is_asked_back_on_and_never_raises(text: str, selected: bool):
    assert parse(text, selected).unsure


@pytest.mark.parametrize("number", ["1e999", "nan", "inf", "9" * 400])
@pytest.mark.parametrize("words", ["remove {} cups", "brighter by {} stops", "extend by {} px", "write “x” {} px high"])
def test_a_number_beyond_all_numbers_never_raises(words: str, number: str):
    plan = parse(words.format(number), True)
    assert bool(plan.ops) != bool(plan.unsure)


@given(st.text(max_size=300), st.booleans(), st.integers(0, 10))
def test_any_text_gives_either_operations_with_their_sentences_or_a_question(
    text: str, selected: bool, references: int
):
    plan = parse(text, selected, references)
    assert bool(plan.ops) != bool(plan.unsure)
    assert len(plan.says) == len(plan.ops) + len(plan.keep)


_WORDS = (
    "remove make the a cup sky it this brighter darker and then , . but don't touch blur background red write "
    "text put logo "
    'image 2 top left 16:9 extend by 20% to with add "Sale" without two stops more less contrast from above all both'
).split(" ")


@given(st.lists(st.sampled_from(_WORDS), max_size=30).map(" ".join), st.booleans(), st.integers(0, 3))
def test_words_of_commands_in_any_order_give_a_plan_or_a_question(text: str, selected: bool, references: int):
    plan = parse(text, selected, references)
    assert bool(plan.ops) != bool(plan.unsure)
    if not selected:
        assert all(getattr(operation, "region", None) != "selection" for operation in plan.ops)


@given(st.text(min_size=1, max_size=80).filter(lambda text: text.strip() and '"' not in text))
def test_quoted_text_stays_letter_for_letter(text: str):
    (operation,) = parse(f'write "{text}" at the top', False).ops
    assert operation.op == "add_text" and operation.text == text


def test_not_understood_is_said_with_three_things_to_do():
    (said,) = parse("make it sing", True).unsure
    assert said.count("“") >= 4 and " or “" in said


READINGS = [
    (
        "everything but the sky stays out of it: “everything but” is a limit",
        "sharpen everything but the sky",
        "sharpen",
    ),
    ("a slip that is a word is no slip", "remove the couch", "the couch"),
    (
        "an amount at the end is that of the row",
        "darken the trees and the grass by one stop",
        "trees: darker by 1 stop",
    ),
    ("what is in the way is said first", "there's a stain on the shirt, remove it", "stain on the shirt"),
    ("a place may come first", "in the top left write “Hi”", "top left"),
    ("a complaint alone is a wish", "her face is too dark", "brighter"),
    ("a complaint is answered by what follows", "it's too dark, darken only the sky", "Change the light"),
]


@pytest.mark.parametrize(("why", "text", "says"), READINGS, ids=[why for why, _, _ in READINGS])
def test_a_command_is_read_as_it_is_meant(why: str, text: str, says: str):
    assert says.lower() in parse(text, False).says[0].lower()


MISREADINGS = """
turn her head to the left
change the font to Arial
set the white balance to daylight
make the background less distracting
put the logo on the shirt at 80%
light the scene from below with a blue light
make the light softer
make it portrait
remove the cup and frobnicate the spoon
delete this layer
make the food look tastier
blur by 500%
make it brighter by 9000%
""".strip().splitlines()


@pytest.mark.parametrize("text", MISREADINGS)
@pytest.mark.parametrize("selected", [True, False])
def test_what_was_misread_once_is_asked_back_on(text: str, selected: bool):
    assert not parse(text, selected, 2).ops


@pytest.mark.parametrize(
    "text",
    [
        "write “🎉 a\nb 🎉” at the top",
        "add the text “שלום, עולם” bottom right",
        "write “مرحبا” in red",
        "write “日本語”",
    ],
)
def test_any_script_and_newlines_are_kept(text: str):
    (operation,) = parse(text, False).ops
    assert operation.op == "add_text" and operation.text == text.split("“")[1].split("”", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("make it 20 % brighter", 0.263),
        ("make it 20 % darker", -0.322),
        ("brighten it by half", 0.585),
        ("darken it by half", -1.0),
        ("exposure -20%", -0.322),
        ("brightness +50", 0.585),
        ("make it 100 % darker", -10.0),
        ("brighten it by 0.2 stops", 0.2),
    ],
)
def test_a_per_cent_of_brightness_is_one_of_the_light(text: str, stops: float):
    (operation,) = parse(text, False).ops
    assert operation.op == "relight" and operation.exposure == pytest.approx(stops)


@pytest.mark.parametrize(
    ("text", "light", "shadow"),
    [
        ("replace the background with a beach", None, None),
        ("replace the background with a beach and match the light", 1.0, None),
        ("replace the background with a beach, relight the subject to fit", 1.0, None),
        ("replace the background with a beach and slightly match the lighting to it", 0.5, None),
        ("replace the background with a beach, with a shadow", None, True),
        ("put her on a beach and blend her in, and add a soft shadow under her", 1.0, True),
        ("replace the background with a beach. Add a contact shadow", None, True),
    ],
)
def test_how_a_subject_is_fitted_belongs_to_its_background(text: str, light: float | None, shadow: bool | None):
    (operation,) = parse(text, False).ops
    assert operation.op == "background_replace" and operation.prompt == "beach"
    assert (operation.light, operation.shadow) == (light, shadow)


def test_light_that_is_matched_to_nothing_is_asked_back():
    plan = parse("match the light", False)
    assert not plan.ops and "new background" in plan.unsure[0]


def test_settings_in_a_row_with_a_shadow_stay_a_series():
    (operation,) = parse("show it on a beach, in a forest and in a kitchen with a shadow", False).ops
    assert operation.op == "series"


@pytest.mark.parametrize("text", ["entferne den Hintergrund", "supprime la tasse", "背景を削除して", "убери фон"])
def test_another_language_is_politely_refused(text: str):
    plan = parse(text, True)
    assert not plan.ops and "Try" in plan.unsure[0]


def test_a_plan_survives_its_own_json():
    text = (
        "make the face brighter, don't touch the hair, light it from the left and extend it left by 20 % and "
        "right by 40 px"
    )
    plan = parse(text, False)
    assert plan.ops
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_a_hundred_clauses_are_answered_at_once_and_not_run():
    assert parse("make it red and " * 100, True).unsure


@pytest.mark.parametrize("text", ["rotate it", "rotate this 90 degrees", "flip horizontally", "export as png", "save"])
def test_what_the_host_does_is_said_to_be_the_host_s(text: str) -> None:
    assert "your own program does that" in parse(text, True).unsure[0]


@pytest.mark.parametrize(
    "text", ["rotate image 1 and put it here", "save the subject and remove the rest", "group shot on a beach"]
)
def test_a_sentence_that_only_begins_so_is_not(text: str) -> None:
    assert not any("your own program" in said for said in parse(text, True, 1).unsure)
