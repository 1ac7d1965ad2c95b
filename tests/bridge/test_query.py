"""What is typed to search, and what is meant by it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.history.folding import fold
from bridge.search.query import KEYS, OPERATIONS, Query, Unclear, read_query
from bridge.search.room import shown

NOW = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Query()),
        ("  warmer   Cuff ", Query(words=("warmer", "cuff"))),
        ('"dark cuff" -draft', Query(words=("dark cuff",), without=("draft",))),
        ("by:Ana -by:me", Query(by=("ana",), not_by=("me",))),
        ('by:"Ana Maria"', Query(by=("ana maria",))),
        ("after:2026-11-01", Query(since=day("2026-11-01"))),
        ("before:2026-11-01", Query(until=day("2026-11-01"))),
        ("on:2026-11-01", Query(since=day("2026-11-01"), until=day("2026-11-02"))),
        ("on:today", Query(since=day("2026-11-28"), until=day("2026-11-29"))),
        ("on:yesterday", Query(since=day("2026-11-27"), until=day("2026-11-28"))),
        ("after:7d", Query(since=day("2026-11-21"))),
        ("on:2026-02", Query(since=day("2026-02-01"), until=day("2026-03-01"))),
        ("on:2024", Query(since=day("2024-01-01"), until=day("2025-01-01"))),
        ("op:relight -op:background-blur", Query(ops=("relight",), not_ops=("background_blur",))),
        ("is:approved is:changes -is:open", Query(states=("approved", "rejected"), not_states=("open",))),
        ("in:comments", Query(kinds=frozenset(("comment",)))),
        ("in:comment in:versions", Query(kinds=frozenset(("comment", "version")))),
        ("-in:verdicts", Query(kinds=frozenset(("comment", "version")))),
        ("layer:Sky", Query(layer=("sky",))),
        ("make it 16:9", Query(words=("make", "it", "16:9"))),
        ('unclosed "quote here', Query(words=("unclosed", "quote here"))),
        ("ÄRMEL", Query(words=("ärmel",))),
        ("straße", Query(words=("strasse",))),
    ],
)
def test_what_is_meant(typed: str, meant: Query):
    assert read_query(typed, NOW) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("form:ana", "“form:” is nothing to search by"),
        ("bye:ana", "by: is."),
        ("by:", "“by:” says nothing"),
        ("after:november", "is no date"),
        ("after:2026-02-30", "is no date"),
        ("after:9999y", "is no date"),
        ("op:relite", "op:relight is."),
        ("is:aproved", "is:approved is."),
        ("in:pictures", "“in:pictures” is not known"),
        (" ".join("w" * 25), "at most 24"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_it_may_have_been(typed: str, said: str):
    with pytest.raises(Unclear) as caught:
        read_query(typed, NOW)
    assert said in str(caught.value)
    assert len(caught.value.hint) > 20


def test_every_operation_of_a_plan_is_one_to_search_by():
    assert {"remove", "relight", "background_replace", "upscale"} <= set(OPERATIONS)
    for name in OPERATIONS:
        assert read_query(f"op:{name}").ops == (name,)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str):
    try:
        read_query(typed, NOW)
    except Unclear as error:
        assert str(error)


@given(st.sampled_from(KEYS), st.text(max_size=20))
def test_every_key_takes_or_refuses_whatever_follows(key: str, value: str):
    try:
        read_query(f"{key}:{value}", NOW)
    except Unclear as error:
        assert str(error)


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str):
    assert fold(fold(text)) == fold(text)


def test_of_a_long_text_the_part_around_the_first_word_is_shown():
    text = "word " * 200 + "the Cuff here " + "more " * 200
    cut, marks = shown(text, ("cuff",))
    assert len(cut) < 260 and cut.startswith("… ") and cut.endswith(" …")
    assert [cut[first:last] for first, last in marks] == ["Cuff"]
    assert shown("ß and ss", ("ss",)) == ("ß and ss", ((0, 1), (6, 8)))
    assert shown("short", ()) == ("short", ())
