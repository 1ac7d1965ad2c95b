"""Comments: pinned, threaded, changed and resolved; what was said stays in the history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import select
from support.histories import Host

from bridge.errors import BadPlace, IdTaken, NotFound, NotYours, NoWords, OutOfOrder
from bridge.history.records import NewComment, Person
from bridge.history.schema import CommentChangeRow
from bridge.history.store import History
from bridge.review.comments import Comments
from engine.geometry import PixelRect

PLACE = PixelRect(10, 20, 40, 60)
HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE comments; --",
    "{{7*7}} ${7*7} %s {0} \\x00 \\u202e",
    "[x](javascript:alert(1)) ![](http://evil.invalid/x.png)",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe\u202c 👩‍👩‍👧 ﷽ e\u0301",
    " leading, and trailing \n\n\tlines ",
]


@pytest.fixture
def comments(history: History) -> Comments:
    return Comments(history.database)


@pytest.fixture
async def bob(history: History) -> Person:
    return await history.people.add("Bob", sha256(b"bob").digest())


async def new(host: Host, comment_id: str = "comment-1", text: str = "Too dark?", **fields: object) -> NewComment:
    known = {"version_id": await host.head(), "rect_px": PLACE, "reply_to": None} | fields
    return NewComment(comment_id=comment_id, text=text, **known)  # type: ignore[arg-type]


async def kinds(history: History, host: Host) -> list[tuple[str, str | None]]:
    happened = await history.events.after(host.layer.document_id, 0, 1000)
    assert [event.seq for event in happened] == list(range(1, len(happened) + 1))
    return [(event.kind, event.comment_id) for event in happened if event.kind.startswith("comment.")]


async def test_a_comment_is_kept_with_its_place_its_author_and_its_time(history: History, host: Host, comments):
    comment = await comments.add(await new(host), host.person)
    assert (comment.text, comment.rect_px, comment.person) == ("Too dark?", PLACE, host.person)
    assert (comment.document_id, comment.layer_id) == (host.layer.document_id, host.layer.layer_id)
    assert comment.created_at.utcoffset().total_seconds() == 0
    assert (comment.changed_at, comment.resolved_by, comment.resolved_at) == (None, None, None)
    assert await comments.page(host.layer.document_id, None, 0, 10) == (1, (comment,))
    assert await kinds(history, host) == [("comment.added", "comment-1")]


async def test_a_comment_on_the_whole_version_has_no_place(host: Host, comments):
    comment = await comments.add(await new(host, rect_px=None), host.person)
    assert comment.rect_px is None


async def test_what_is_sent_again_is_found_and_not_stored_twice(history: History, host: Host, comments):
    wanted = await new(host)
    first = await asyncio.gather(*(comments.add(wanted, host.person) for _ in range(8)))
    assert len(set(first)) == 1
    changed = await comments.change("comment-1", "Much too dark.", host.person)
    assert await comments.add(wanted, host.person) == changed
    assert (await comments.page(host.layer.document_id, None, 0, 10))[0] == 1
    assert await kinds(history, host) == [("comment.added", "comment-1"), ("comment.changed", "comment-1")]


@pytest.mark.parametrize("fields", [{"text": "Else"}, {"rect_px": None}, {"rect_px": PixelRect(0, 0, 1, 1)}])
async def test_an_id_that_another_comment_has_is_refused(host: Host, comments, bob: Person, fields: dict[str, object]):
    wanted = await new(host)
    await comments.add(wanted, host.person)
    with pytest.raises(IdTaken):
        await comments.add(replace(wanted, **fields), host.person)
    with pytest.raises(IdTaken):
        await comments.add(wanted, bob)


async def test_answers_are_one_thread_however_deep(host: Host, comments, bob: Person):
    await comments.add(await new(host), host.person)
    answer = await comments.add(await new(host, "comment-2", "Yes.", reply_to="comment-1", rect_px=None), bob)
    deeper = await comments.add(await new(host, "comment-3", "No.", reply_to="comment-2", rect_px=None), host.person)
    assert answer.reply_to == deeper.reply_to == "comment-1"
    again = await comments.add(await new(host, "comment-3", "No.", reply_to="comment-2", rect_px=None), host.person)
    assert again == deeper


async def test_nobody_answers_on_another_layer_or_in_another_document(history: History, host: Host, comments):
    await comments.add(await new(host), host.person)
    described = (host.layer.size, host.layer.format, None)
    layer = await history.versions.describe_layer(host.layer.document_id, "second", "Second", *described)
    beside = replace(await new(host, "comment-2", reply_to="comment-1"), version_id=layer.head_version_id)
    with pytest.raises(OutOfOrder):
        await comments.add(beside, host.person)
    elsewhere = await Host.open(history, person=host.person, key="other")
    with pytest.raises(NotFound):
        await comments.add(await new(elsewhere, "comment-3", reply_to="comment-1"), host.person)
    for reply_to in ("nothing", "comment-2"):
        with pytest.raises(NotFound):
            await comments.add(await new(host, "comment-4", reply_to=reply_to), host.person)


async def test_changing_keeps_what_was_said_before_and_only_the_author_may(
    history: History, host: Host, comments, bob: Person
):
    await comments.add(await new(host), host.person)
    changed = await comments.change("comment-1", "Light enough.", host.person)
    assert changed.text == "Light enough." and changed.changed_at is not None
    assert await comments.change("comment-1", "Light enough.", host.person) == changed
    with pytest.raises(NotYours):
        await comments.change("comment-1", "Bob was here", bob)
    with pytest.raises(NotFound):
        await comments.change("nothing", "Hm.", host.person)
    said = await history.database.read(
        lambda session: session.scalars(select(CommentChangeRow.text).order_by(CommentChangeRow.seq)).all()
    )
    assert said == ["Too dark?", "Light enough."]
    assert await kinds(history, host) == [("comment.added", "comment-1"), ("comment.changed", "comment-1")]


async def test_a_thread_is_resolved_and_opened_again_once_each(history: History, host: Host, comments, bob: Person):
    await comments.add(await new(host), host.person)
    for _ in range(2):
        closed = await comments.resolve("comment-1", True, bob)
        assert closed.resolved_by == "Bob" and closed.resolved_at is not None
    opened = await comments.resolve("comment-1", False, host.person)
    assert (opened.resolved_by, opened.resolved_at) == (None, None)
    assert [kind for kind, _ in await kinds(history, host)] == ["comment.added", "comment.resolved", "comment.reopened"]
    await comments.add(await new(host, "comment-2", reply_to="comment-1"), bob)
    with pytest.raises(OutOfOrder):
        await comments.resolve("comment-2", True, bob)
    with pytest.raises(NotFound):
        await comments.resolve("nothing", True, bob)


@pytest.mark.parametrize("rect", [(0, 0, 301, 200), (0, 0, 10, 201), (300, 0, 301, 1), (5, 5, 5, 9)])
async def test_a_place_that_is_not_on_the_layer_is_refused(history: History, host: Host, comments, rect):
    with pytest.raises(BadPlace):
        await comments.add(await new(host, rect_px=PixelRect(*rect)), host.person)
    assert await kinds(history, host) == []


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000"])
async def test_a_comment_says_something(host: Host, comments, text: str):
    with pytest.raises(NoWords):
        await comments.add(await new(host, text=text), host.person)
    await comments.add(await new(host), host.person)
    with pytest.raises(NoWords):
        await comments.change("comment-1", text, host.person)


async def test_what_is_typed_is_kept_letter_for_letter(host: Host, comments):
    for number, text in enumerate(HOSTILE):
        await comments.add(await new(host, f"comment-{number}", text), host.person)
    _, found = await comments.page(host.layer.document_id, None, 0, 100)
    assert [comment.text for comment in found] == HOSTILE


async def test_pages_are_in_order_of_a_document_or_of_one_layer(history: History, host: Host, comments):
    described = (host.layer.size, host.layer.format, None)
    layer = await history.versions.describe_layer(host.layer.document_id, "second", "Second", *described)
    elsewhere = await Host.open(history, person=host.person, key="other")
    await comments.add(await new(elsewhere, "comment-x"), host.person)
    for number in range(9):
        wanted = await new(host, f"comment-{number}")
        await comments.add(
            replace(wanted, version_id=layer.head_version_id) if number % 3 == 0 else wanted, host.person
        )
    ids: list[str] = []
    for skip in (0, 4, 8):
        total, page = await comments.page(host.layer.document_id, None, skip, 4)
        assert total == 9
        ids += [comment.comment_id for comment in page]
    assert ids == [f"comment-{number}" for number in range(9)]
    total, page = await comments.page(host.layer.document_id, layer.layer_id, 0, 100)
    assert (total, [comment.comment_id for comment in page]) == (3, ["comment-0", "comment-3", "comment-6"])
    assert await comments.page(host.layer.document_id, elsewhere.layer.layer_id, 0, 100) == (0, ())


async def test_many_who_write_at_once_are_all_heard_and_numbered_without_gaps(
    history: History, host: Host, comments, bob: Person
):
    wanted = [await new(host, f"comment-{number}", f"{number}") for number in range(40)]
    await asyncio.gather(*(comments.add(one, host.person if n % 2 else bob) for n, one in enumerate(wanted)))
    await asyncio.gather(*(comments.resolve(f"comment-{number}", True, bob) for number in range(40)))
    assert len(await kinds(history, host)) == 80
