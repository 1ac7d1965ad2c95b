"""Which model draws what, and that every entry says all that somebody must know before a pull."""

from __future__ import annotations

import pytest

from engine.models.catalogue import (
    ABILITY_OF,
    ENTRIES,
    Ability,
    Entry,
    UnknownModel,
    choose,
    entry_of,
    open_entries,
)

OPEN = tuple(entry.name for entry in open_entries())


@pytest.mark.parametrize("operation", ["remove", "extend", "replace", "background_replace"])
def test_with_nothing_pulled_a_built_in_model_does_it(operation: str):
    choice = choose(operation, ())
    assert choice.name is not None and entry_of(choice.name).is_built_in and choice.heeded and choice.reason


def test_an_instruction_needs_a_model_that_reads_them_and_it_is_said_which():
    choice = choose("instruct", ("meissonic",))
    assert choice.name is None
    assert "editmgt" in choice.reason and "inlay models pull" in choice.reason


def test_the_best_that_is_here_is_taken_and_the_reason_said():
    choice = choose("replace", ("amused-512", "meissonic"))
    assert choice.name == "meissonic" and "best" in choice.reason


def test_what_does_not_fit_is_passed_over_with_the_reason():
    def why_not(entry: Entry) -> str | None:
        return "it needs 20.0 GB." if entry.name == "meissonic" else None

    choice = choose("replace", ("amused-512", "meissonic"), why_not=why_not)
    assert choice.name == "amused-512" and "Meissonic does not fit: it needs 20.0 GB." in choice.reason


def test_with_nothing_that_fits_the_built_in_model_stays():
    choice = choose("replace", OPEN, why_not=lambda _: "it is too large.")
    assert choice.name == "nano"


@pytest.mark.parametrize("operation", ["remove", "extend"])
def test_what_is_continued_is_continued_by_the_pictures_own_patches_unless_asked_otherwise(operation: str):
    assert choose(operation, OPEN).name == "exemplar"
    assert choose(operation, OPEN, pinned="meissonic").name == "meissonic"


@pytest.mark.parametrize(
    ("pinned", "operation", "why"),
    [
        ("flux", "replace", "no model called"),
        ("lumina-dimoo", "replace", "not on this machine"),
        ("meissonic", "instruct", "does not edit by an instruction"),
        ("exemplar", "replace", "cannot draw from words"),
    ],
)
def test_a_pin_that_cannot_be_heeded_is_told_with_what_is_taken_instead(pinned: str, operation: str, why: str):
    choice = choose(operation, ("meissonic", "editmgt"), pinned)
    assert not choice.heeded and why in choice.reason
    assert choice.name == "editmgt"


def test_a_pinned_model_that_does_not_fit_is_told():
    choice = choose("replace", ("meissonic",), "meissonic", why_not=lambda _: "it needs 20.0 GB.")
    assert choice.name == "nano" and not choice.heeded and "20.0 GB" in choice.reason


def test_an_unknown_name_is_an_error_with_a_hint():
    with pytest.raises(UnknownModel, match="flux") as caught:
        entry_of("flux")
    assert "inlay models list" in caught.value.hint


def test_every_operation_asks_for_an_ability_that_some_model_has():
    assert all(any(ability in entry.abilities for entry in ENTRIES) for ability in ABILITY_OF.values())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_names_its_terms_and_its_repository_or_comes_with_the_program(entry: Entry):
    assert entry.licences and all(licence.url.startswith("https://") and licence.says for licence in entry.licences)
    assert entry.is_built_in == (entry.name not in OPEN)
    for source in entry.sources:
        assert source.revision is not None or source.unpinned, "no revision without the reason"
        assert all(pattern in source.patterns for pattern in source.optional)
        assert not any(pattern.endswith((".bin", ".pt", ".ckpt", "/*.py")) for pattern in source.patterns)


def test_editmgt_is_under_two_terms_and_may_need_two_repositories():
    entry = entry_of("editmgt")
    assert {licence.name for licence in entry.licences} == {"CC-BY-4.0", "Gemma Terms of Use"}
    assert [source.repo for source in entry.sources] == ["WeiChow/EditMGT", "google/gemma-2-2b-it"]
    assert Ability.INSTRUCT in entry.abilities


def test_where_a_picture_came_with_the_words_a_model_that_looks_at_it_is_preferred_not_demanded():
    choice = choose("instruct", OPEN, looks=True)
    assert choice.name == "lumina-dimoo" and "looks at the picture" in choice.reason
    assert choose("instruct", ("editmgt",), looks=True).name == "editmgt"
    assert (
        choose("instruct", OPEN, looks=True, why_not=lambda entry: "large" if entry.references else None).name
        == "editmgt"
    )
    assert choose("instruct", OPEN).name == "editmgt"
