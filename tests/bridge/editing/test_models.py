"""Which open model draws what: named, pinned, chosen, lacking; and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.editing.ability import Runnable
from bridge.editing.job import understand
from bridge.editing.models import AUTO, NoModel, OpenModels, model_of, pictures_of, settings_of
from bridge.editing.models import beside as pictures_beside
from bridge.editing.words import Words
from bridge.errors import NeedsReference, NeedsSelection, NotUnderstood
from bridge.language import LanguageModel
from engine.commands.models import BUILT_IN, TITLES
from engine.commands.plan import (
    Again,
    BackgroundReplace,
    Extend,
    Instruct,
    PlaceImage,
    Plan,
    Relight,
    Remove,
    Replace,
    Series,
    Variations,
)
from engine.models.catalogue import open_entries

MEISSONIC = OpenModels(("meissonic",))
ALL = OpenModels(("amused-256", "amused-512", "meissonic", "editmgt", "lumina-dimoo"))


def done(text: str, models: OpenModels, *, has_selection: bool = True) -> tuple[Plan, Any]:
    return understand(text, has_selection=has_selection, models=models)


def one(found: Runnable) -> Any:
    assert isinstance(found, tuple) and len(found) == 1
    return found[0]


async def read(text: str, models: OpenModels, *, has_selection: bool = True) -> tuple[Plan, Any]:
    """As an edit does: words, then what they do."""
    plan = await Words().plan(text, has_selection=has_selection, models=models)
    return understand(text, has_selection=has_selection, plan=plan, models=models)


def test_every_model_of_the_catalogue_can_be_said():
    assert {entry.name: entry.title for entry in open_entries()} == {
        name: title for name, title in TITLES.items() if name != BUILT_IN
    }


def test_what_the_library_cannot_draw_is_refused_without_weights_with_the_way_to_some():
    with pytest.raises(NotUnderstood) as caught:
        done("replace it with a cat", OpenModels())
    assert "“cat”" in str(caught.value) and "`inlay models pull " in caught.value.hint


def test_what_the_library_cannot_draw_is_drawn_by_the_model_that_is_here():
    plan, found = done("replace it with a cat", MEISSONIC)
    assert one(found) == Replace(prompt="cat", model="meissonic")
    assert plan.says == (
        "Fill the selection with cat, drawn by Meissonic.",
        "Meissonic is the best model here for this.",
    )


def test_among_several_the_best_is_chosen_and_it_is_said_that_there_were_others():
    plan, found = done("replace it with a cat", ALL)
    assert one(found).model == "editmgt"
    assert plan.says[-1] == "EditMGT is the best model here for this."


def test_what_does_not_fit_this_device_is_not_chosen_but_can_be_named():
    small = replace(ALL, why_not=lambda entry: "it needs 8 GB." if entry.name != "amused-256" else None)
    plan, found = done("replace it with a cat", small)
    assert one(found).model == "amused-256" and "EditMGT does not fit: it needs 8 GB." in plan.says[-1]
    assert one(done("replace it with a cat using editmgt", small)[1]).model == "editmgt"


@pytest.mark.parametrize("text", ["fill with brick wall", "fill it with red", "remove this"])
def test_what_the_built_in_models_do_exactly_or_better_stays_theirs(text: str):
    pinned = MEISSONIC.for_edit("", "meissonic")
    assert model_of(one(done(text, MEISSONIC)[1])) == "" == model_of(one(done(text, pinned)[1]))


@pytest.mark.parametrize(
    ("text", "kind"), [("fill with brick wall", Replace), ("remove this", Remove), ("extend to 16:9", Extend)]
)
def test_a_model_that_is_named_draws_all_that_a_model_can(text: str, kind: type):
    for models, words in ((MEISSONIC, f"{text}, using meissonic"), (MEISSONIC.for_edit("meissonic", ""), text)):
        plan, found = done(words, models, has_selection=kind is not Extend)
        assert isinstance(one(found), kind) and model_of(one(found)) == "meissonic"
        assert "drawn by Meissonic" in plan.says[0] and len(plan.says) == 1  # whoever named it knows why


def test_words_that_name_a_model_count_more_than_the_edits_own_and_that_more_than_the_documents():
    models = ALL.for_edit("amused-512", "lumina-dimoo")
    assert one(done("replace it with a cat using meissonic", models)[1]).model == "meissonic"
    assert one(done("replace it with a cat", models)[1]).model == "amused-512"
    plan, found = done("replace it with a cat", ALL.for_edit("", "lumina-dimoo"))
    assert one(found).model == "lumina-dimoo" and plan.says[-1] == "Lumina-DiMOO is this document's model."
    assert one(done("replace it with a cat", ALL.for_edit(AUTO, "amused-256"))[1]).model != "amused-256"


def test_a_document_without_open_models_refuses_what_only_they_draw():
    with pytest.raises(NotUnderstood):
        done("replace it with a cat", ALL.for_edit("", BUILT_IN))
    with pytest.raises(NotUnderstood):
        done("replace it with a cat using the built-in model", ALL)


@pytest.mark.parametrize(
    ("text", "models", "says", "hint"),
    [
        ("remove this using meissonic", OpenModels(), "Meissonic is not on", "inlay models pull meissonic"),
        ("replace it with a cat", OpenModels().for_edit("", "meissonic"), "this document's model", "inlay models use"),
        ("replace it with a cat", ALL.for_edit("flux", ""), "no model called “flux”", "inlay models list"),
        ("another one using amused-512", MEISSONIC, "aMUSEd 512 is not on", "inlay models pull amused-512"),
    ],
)
def test_a_model_that_cannot_be_had_is_told_with_what_to_do(text: str, models: OpenModels, says: str, hint: str):
    with pytest.raises(NoModel) as caught:
        done(text, models)
    assert says in str(caught.value) and hint in caught.value.hint


def test_light_and_colour_are_nobodys_but_the_programs_own():
    assert isinstance(one(done("make it darker", ALL.for_edit("meissonic", "meissonic"))[1]), Relight)


def test_a_selected_background_keeps_its_model():
    _, found = done("replace the background with a castle", MEISSONIC)
    assert one(found) == Replace(prompt="castle", model="meissonic")
    _, found = done("replace the background with a castle", MEISSONIC, has_selection=False)
    assert one(found) == BackgroundReplace(prompt="castle", model="meissonic")


def test_a_series_is_drawn_by_one_model_all_through():
    plan, found = done("show it in a forest, in a castle and in a kitchen", MEISSONIC, has_selection=False)
    assert isinstance(found, Series) and {setting.model for setting in settings_of(found)} == {"meissonic"}
    assert plan.says[-1].startswith("Meissonic is the best")


# ── instructions ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_words_that_no_rule_reads_go_to_a_model_that_edits_by_instruction():
    plan, found = await read("make it sing", OpenModels(("meissonic", "editmgt")))
    assert one(found) == Instruct(prompt="make it sing", model="editmgt")
    assert plan.says[0] == "“make it sing”, drawn by EditMGT as an instruction."
    _, found = await read("make it sing", OpenModels(("editmgt",)), has_selection=False)
    assert one(found).region == "all"


@pytest.mark.parametrize("models", [OpenModels(), MEISSONIC, OpenModels(("editmgt",), of_document=BUILT_IN)])
async def test_without_such_a_model_they_are_not_understood_as_ever(models: OpenModels):
    with pytest.raises(NotUnderstood) as caught:
        await read("make it sing", models)
    assert "“make it sing” is not understood." in str(caught.value)


@pytest.mark.parametrize("text", ["help", "save as png", "use image 1 as the background", "write", "sing"])
async def test_what_has_an_answer_is_never_handed_on(text: str):
    plan = await Words().plan(text, has_selection=True, models=ALL)
    assert plan.unsure


async def test_a_model_that_reads_no_instructions_says_so_and_who_does():
    with pytest.raises(NoModel) as caught:
        await read("make it sing using meissonic", ALL)
    assert "Meissonic does not edit by instruction" in str(caught.value) and "EditMGT" in caught.value.hint
    with pytest.raises(NoModel) as caught:
        await read("make it sing using the built-in model", ALL)
    assert "reads no instructions" in str(caught.value)


async def test_what_the_rules_read_otherwise_is_an_instruction_when_such_a_model_is_named():
    _, found = await read("make it winter using editmgt", ALL)
    assert one(found) == Instruct(prompt="make it winter", model="editmgt")


async def test_a_style_that_is_not_drawn_by_rule_is_an_instruction():
    _, found = await read("in the style of Van Gogh", ALL, has_selection=False)
    assert isinstance(one(found), Instruct) and "Van Gogh" in one(found).prompt
    with pytest.raises(NotUnderstood):
        await read("in the style of Van Gogh", MEISSONIC, has_selection=False)


# ── a thing's name alone ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "models", "model"),
    [
        ("a red barn, using meissonic", MEISSONIC, "meissonic"),
        ("a red barn", ALL.for_edit("amused-512", "meissonic"), "amused-512"),
        ("a red barn", ALL.for_edit("", "editmgt"), "editmgt"),  # which is not given it as an instruction
    ],
)
async def test_a_things_name_fills_the_selection_where_a_model_is_named(text: str, models: OpenModels, model: str):
    plan, found = await read(text, models)
    assert one(found) == Replace(prompt="red barn", model=model)
    assert plan.says[0].startswith("Fill the selection with red barn, drawn by ")


@pytest.mark.parametrize(
    "text", ["some contrast", "a tighter crop", "stone walls to brick walls", "90 degrees clockwise"]
)
@pytest.mark.parametrize("models", [ALL.for_edit("", "lumina-dimoo"), ALL.for_edit("lumina-dimoo", "")])
async def test_what_is_no_thing_is_an_instruction_for_the_model_that_can(text: str, models: OpenModels):
    _, found = await read(text, models)
    assert one(found) == Instruct(region="selection", prompt=text, model="lumina-dimoo")


@pytest.mark.parametrize("text", ["blue eyes", "a smile", "red barn"])
async def test_a_documents_model_that_can_is_told_what_is_no_clear_thing(text: str):
    _, found = await read(text, ALL.for_edit("", "lumina-dimoo"))
    assert one(found) == Instruct(region="selection", prompt=text, model="lumina-dimoo")
    for models in (ALL.for_edit("lumina-dimoo", ""), ALL.for_edit("", "meissonic")):
        assert isinstance(one((await read(text, models))[1]), Replace)


async def test_a_language_model_is_asked_before_a_name_alone_fills():
    asked: list[str] = []

    class Reader(LanguageModel):
        async def plan(self, text: str, *, has_selection: bool, references: int = 0) -> Plan | None:
            asked.append(text)
            return Plan.of((Relight(contrast=0.2),)) if text == "some contrast" else None

    words, pinned = Words(Reader("http://127.0.0.1:9")), ALL.for_edit("", "meissonic")
    contrast = await words.plan("some contrast", has_selection=True, models=pinned)
    barn = await words.plan("a red barn", has_selection=True, models=pinned)
    assert isinstance(contrast.ops[0], Relight) and isinstance(barn.ops[0], Replace)
    assert asked == ["some contrast", "a red barn"]


@pytest.mark.parametrize("models", [MEISSONIC, MEISSONIC.for_edit("", BUILT_IN), MEISSONIC.for_edit(AUTO, "meissonic")])
async def test_where_none_is_named_a_things_name_is_not_understood_as_ever(models: OpenModels):
    with pytest.raises(NotUnderstood) as caught:
        await read("a red barn", models)
    assert "“a red barn” is not understood." in str(caught.value)


async def test_where_the_named_model_is_not_here_that_is_what_is_told():
    with pytest.raises(NoModel) as caught:
        await read("a red barn", MEISSONIC.for_edit("", "amused-256"))
    assert "aMUSEd 256, this document's model, is not on this machine" in str(caught.value)


async def test_a_documents_model_that_inlay_does_not_know_is_told_as_the_documents_with_how_to_go_on():
    with pytest.raises(NoModel) as caught:
        await read("replace it with a cat", ALL.for_edit("", "flux-9"))
    assert str(caught.value) == "Inlay knows no model called “flux-9”, this document's model."
    assert (
        "`inlay models list`" in caught.value.hint and "`inlay models use auto` lets Inlay choose" in caught.value.hint
    )
    with pytest.raises(NoModel) as caught:
        ALL.kept(Replace(prompt="cat", model="flux-9"))
    assert str(caught.value) == "Inlay knows no model called “flux-9”, which drew that edit."


@pytest.mark.parametrize("text", ["a red barn", "a red barn using meissonic"])
async def test_a_things_name_without_a_selection_asks_for_one(text: str):
    with pytest.raises(NeedsSelection):
        await read(text, MEISSONIC.for_edit("meissonic", ""), has_selection=False)


# ── pictures that came with the words ────────────────────────────────────────────────────────────────────────────────


async def beside(text: str, models: OpenModels, references: int, *, has_selection: bool = True) -> tuple[Plan, Any]:
    plan = await Words().plan(text, has_selection=has_selection, references=references, models=models)
    return understand(text, has_selection=has_selection, references=references, plan=plan, models=models)


async def test_a_model_that_looks_at_pictures_is_chosen_where_some_came_and_gets_them():
    plan, found = await beside("replace it with a cat", ALL, 1)
    assert one(found) == Replace(prompt="cat", references=(1,), model="lumina-dimoo")
    assert plan.says == (
        "Fill the selection with cat, drawn by Lumina-DiMOO.",
        "Lumina-DiMOO is the best model here for this, for it looks at the picture with the words.",
        "Lumina-DiMOO looks at image 1 with the words.",
    )
    assert plan.ops == found
    assert one((await beside("replace it with a cat", ALL, 0))[1]).model == "editmgt"


async def test_an_instruction_gets_them_too():
    plan, found = await beside("make it in the style of image 1 using lumina-dimoo", ALL, 1)
    assert one(found) == Instruct(prompt="make it in the style of image 1", references=(1,), model="lumina-dimoo")
    plan, found = await beside("make it sing", ALL, 2)
    assert one(found).references == (1,) and one(found).model == "lumina-dimoo"
    assert plan.says[-1] == "Lumina-DiMOO looks at image 1 with the words, and at no more."


async def test_a_model_that_looks_at_none_says_so_before_it_draws():
    plan, found = await beside("replace it with a cat", MEISSONIC, 2)
    assert one(found).references is None, "so they are not asked for"
    assert plan.says[-1] == "Meissonic does not look at other pictures: images 1 and 2 will not be used."


@pytest.mark.parametrize("text", ["fill with brick wall", "fill with brick wall using the built-in model"])
async def test_the_built_in_models_are_sent_none(text: str):
    plan, found = await beside(text, ALL, 1)
    assert one(found).references is None
    assert plan.says[-1] == "The built-in models do not look at other pictures: image 1 will not be used."
    assert (await beside(text, ALL, 0))[0].says[-1] != plan.says[-1]


@pytest.mark.parametrize(
    "text",
    [
        "make it in the style of image 2 using lumina-dimoo",
        "replace it with the cat from image 2",
        "let him wear the hat of Picture 2 using lumina-dimoo",
        "let him wear the hat of pic two",
        "let him wear the hat of reference #2",
        "make it in the style of the second photo using lumina-dimoo",
    ],
)
async def test_the_picture_that_the_words_name_is_the_one_that_is_looked_at(text: str):
    plan, found = await beside(text, ALL, 3)
    assert one(found).references == (2,)
    assert plan.says[-1] == "Lumina-DiMOO looks at image 2 with the words, and at no more."


async def test_the_last_picture_is_the_last_that_came():
    assert one((await beside("let him wear the hat of the last image", ALL, 3))[1]).references == (3,)


@pytest.mark.parametrize("text", ["let him wear the hat of image 3", "replace it with the cat from the third picture"])
async def test_a_picture_that_the_words_name_and_that_did_not_come_is_asked_for_and_no_other_is_shown(text: str):
    with pytest.raises(NeedsReference, match="Image 3"):
        await beside(text, ALL, 2)


async def test_a_number_that_no_picture_can_have_names_none():
    assert one((await beside("make it sing like a photo 35 years old", ALL, 2))[1]).references == (1,)


def test_a_picture_that_another_part_of_the_command_uses_is_looked_at_where_the_words_name_it():
    drawn = Replace(prompt="the cat of image 1", model="lumina-dimoo")
    found = pictures_beside((PlaceImage(reference=1), drawn, Replace(prompt="cat", model="lumina-dimoo")), 2)
    assert [pictures_of(operation) for operation in found] == [(1,), (1,), (2,)]
    settings = Series(prompts=("a forest", "the kitchen of image 2"))
    assert pictures_of(pictures_beside((settings,), 3)[0]) == (2,)


async def test_what_another_part_of_the_command_uses_is_not_looked_at():
    text = "put image 1 in the bottom right corner and replace this with a cat using lumina-dimoo"
    _, found = await beside(text, ALL, 2)
    assert {operation.op: getattr(operation, "references", None) for operation in found} == {
        "place_image": None,
        "replace": (2,),
    }


async def test_backgrounds_and_series_get_them():
    for text in ("replace the background with a castle", "show it in a forest, in a castle and in a kitchen"):
        _, found = await beside(text, ALL, 1, has_selection=False)
        settings = settings_of(found) if isinstance(found, Series) else found
        assert all((one.references, one.model) == ((1,), "lumina-dimoo") for one in settings)


def test_a_repeated_edit_asks_for_them_only_where_they_are_looked_at():
    def given(model: str) -> tuple[int, ...]:
        return pictures_of(ALL.given(Replace(prompt="brick wall", references=(1, 2), model=model), lambda _: None))

    assert {model: given(model) for model in ("lumina-dimoo", "meissonic", BUILT_IN)} == {
        "lumina-dimoo": (1,),
        "meissonic": (),
        BUILT_IN: (),
    }


# ── once more ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operation", [Again(), Variations()])
def test_what_is_repeated_needs_the_model_that_drew_it(operation: Again | Variations):
    drawn = Replace(prompt="cat", model="meissonic")
    assert MEISSONIC.kept(drawn) == drawn
    with pytest.raises(NoModel) as caught:
        OpenModels(("amused-512",)).kept(drawn)
    assert "which drew that edit" in str(caught.value)
