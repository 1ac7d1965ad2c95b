"""Threads page by page: newest first, numbered, counted, filtered, each with its last answers."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from support.histories import Host

from bridge.errors import NotFound
from bridge.history.records import NewComment, Person
from bridge.review.comments import Comments
from bridge.review.threads import Threads
from engine.geometry import PixelRect

PLACE = PixelRect(10, 10, 40, 40)


async def said(host: Host, name: str, reply_to: str | None = None, by: Person | None = None, at: str | None = None):
    comments = Comments(host.history.database)
    place = None if reply_to is not None else PLACE
    version_id = at or await host.head()
    return await comments.add(NewComment(name, version_id, f"says {name}", place, reply_to), by or host.person)


@pytest.fixture
async def threads(host: Host) -> Threads:
    """Five threads on the first version, the odd ones resolved; thread-2 has four answers."""
    comments = Comments(host.history.database)
    for number in range(5):
        await said(host, f"thread-{number}")
        if number % 2:
            await comments.resolve(f"thread-{number}", True, host.person)
    for number in range(4):
        await said(host, f"answer-{number}", "thread-2")
    return Threads(host.history.database)


def names(page) -> list[str]:
    return [thread.root.comment_id for thread in page.threads]


async def test_the_newest_come_first_and_the_next_page_goes_on_where_the_last_ended(host: Host, threads: Threads):
    layer = host.layer.layer_id
    first = await threads.page(layer, None, "all", "nobody", None, 2)
    assert (names(first), first.total) == (["thread-4", "thread-3"], 5)
    assert [thread.number for thread in first.threads] == [5, 4]
    second = await threads.page(layer, None, "all", "nobody", first.threads[-1].seq, 10)
    assert (names(second), second.total) == (["thread-2", "thread-1", "thread-0"], 5)
    happened = await host.history.events.after(host.layer.document_id, 0, 1000)
    assert second.as_of == happened[-1].seq


async def test_a_thread_in_a_list_has_its_last_two_answers_and_is_asked_for_the_others(host: Host, threads: Threads):
    page = await threads.page(host.layer.layer_id, None, "all", "nobody", None, 10)
    two = next(thread for thread in page.threads if thread.root.comment_id == "thread-2")
    assert (two.reply_count, [reply.comment_id for reply in two.replies]) == (4, ["answer-2", "answer-3"])
    for any_of_it in ("thread-2", "answer-1"):
        _, whole = await threads.one(any_of_it, 0, 3)
        assert (whole.root, whole.number) == (two.root, two.number)
        assert [reply.comment_id for reply in whole.replies] == ["answer-0", "answer-1", "answer-2"]
    _, rest = await threads.one("thread-2", 3, 3)
    assert [reply.comment_id for reply in rest.replies] == ["answer-3"]
    with pytest.raises(NotFound):
        await threads.one("nothing", 0, 3)


async def test_open_ones_are_those_that_were_not_resolved_last(host: Host, threads: Threads):
    layer, comments = host.layer.layer_id, Comments(host.history.database)
    assert names(await threads.page(layer, None, "open", "nobody", None, 10)) == ["thread-4", "thread-2", "thread-0"]
    await comments.resolve("thread-1", False, host.person)
    await comments.resolve("thread-4", True, host.person)
    open_now = await threads.page(layer, None, "open", "nobody", None, 10)
    assert (names(open_now), open_now.total) == (["thread-2", "thread-1", "thread-0"], 3)
    total, pinned = await threads.pinned(layer, 2)
    assert (total, [thread.root.comment_id for thread in pinned]) == (3, ["thread-2", "thread-1"])


async def test_mine_are_those_in_which_i_spoke(host: Host, threads: Threads):
    other = await host.history.people.add("Bob", b"b" * 32)
    await said(host, "answer-of-bob", "thread-1", by=other)
    page = await threads.page(host.layer.layer_id, None, "mine", other.person_id, None, 10)
    assert (names(page), page.total) == (["thread-1"], 1)


async def test_counts_are_by_the_version_that_a_thread_began_on(host: Host, threads: Threads):
    source = await host.head()
    landing = await host.edit(PixelRect(10, 20, 50, 60))
    await said(host, "on-the-edit")
    as_of, counts = await threads.counts(host.layer.layer_id)
    assert [(one.version_id, one.open, one.all) for one in counts] == [
        (landing.head_version_id, 1, 1),
        (source, 3, 5),
    ]
    assert as_of == (await host.history.events.after(host.layer.document_id, 0, 1000))[-1].seq
    only = await threads.page(host.layer.layer_id, landing.head_version_id, "all", "nobody", None, 10)
    assert (names(only), only.total, only.threads[0].number) == (["on-the-edit"], 1, 6)


async def test_pages_and_numbers_are_found_by_an_index(host: Host, threads: Threads):
    seen: list[str] = []

    def work(session) -> None:
        sql = (
            "EXPLAIN QUERY PLAN SELECT comment_id, (SELECT count(*) FROM comments e WHERE e.layer_id = c.layer_id"
            " AND e.reply_to IS NULL AND e.seq <= c.seq) FROM comments c WHERE c.layer_id = 'x'"
            " AND c.reply_to IS NULL AND c.seq < 9 ORDER BY c.seq DESC LIMIT 20"
        )
        seen.extend(str(row[3]) for row in session.execute(text(sql)))

    await host.history.database.read(work)
    assert all("SCAN" not in line and "TEMP B-TREE" not in line for line in seen), seen
    assert sum("ix_comments_layer_id_reply_to_seq" in line for line in seen) == 2
