"""“@Name” in a comment: whom of the document it means, with each of its wordings; everybody else is only text."""

from __future__ import annotations

from hashlib import sha256

import pytest
import pytest_asyncio
from sqlalchemy import select
from support.histories import Host

from bridge.history.records import NewComment, Person
from bridge.history.schema import CommentMentionRow
from bridge.history.store import History
from bridge.review.comments import Comments
from bridge.review.threads import Threads


@pytest.fixture
def comments(history: History) -> Comments:
    return Comments(history.database)


@pytest_asyncio.fixture
async def bob(history: History, host: Host) -> Person:
    bob = await history.people.add("Bob <b>", sha256(b"bob").digest())
    await history.members.set_role(host.layer.document_id, bob.person_id, "viewer")
    return bob


@pytest_asyncio.fixture
async def eve(history: History) -> Person:
    return await history.people.add("Eve", sha256(b"eve").digest())


async def said(host: Host, comments: Comments, text: str, *people: Person):
    ids = tuple(person.person_id for person in people)
    new = NewComment("comment-1", await host.head(), text, None, None, ids)
    return await comments.add(new, host.person)


async def test_people_of_the_document_are_meant(host: Host, comments: Comments, bob: Person):
    comment = await said(host, comments, "@Bob <b>, is the cuff too dark?", bob)
    assert comment.mentions == (bob.person_id,)
    assert await comments.page(host.layer.document_id, None, 0, 10) == (1, (comment,))


async def test_others_and_those_whom_the_text_does_not_name_are_left_out(
    host: Host, comments: Comments, bob: Person, eve: Person
):
    assert (await said(host, comments, "@Eve, nobody, Bob <b>", bob, eve)).mentions == ()


async def test_another_wording_speaks_to_others_and_the_first_is_kept(
    history: History, host: Host, comments: Comments, bob: Person, eve: Person
):
    await history.members.set_role(host.layer.document_id, eve.person_id, "viewer")
    await said(host, comments, "@Bob <b>?", bob)
    changed = await comments.change("comment-1", "@Eve?", host.person, (bob.person_id, eve.person_id))
    assert changed.mentions == (eve.person_id,)
    await comments.resolve("comment-1", True, bob)
    _, (now,) = await comments.page(host.layer.document_id, None, 0, 10)
    assert now.mentions == (eve.person_id,)
    kept = await history.database.read(
        lambda session: session.scalars(select(CommentMentionRow.person_id).order_by(CommentMentionRow.seq)).all()
    )
    assert list(kept) == [bob.person_id, eve.person_id]


async def test_whoever_was_mentioned_and_left_is_still_in_what_was_said(
    history: History, host: Host, comments: Comments, bob: Person
):
    await said(host, comments, "@Bob <b>?", bob)
    await history.members.set_role(host.layer.document_id, bob.person_id, None)
    _, (now,) = await comments.page(host.layer.document_id, None, 0, 10)
    assert now.mentions == (bob.person_id,)


async def test_threads_that_mention_somebody_are_theirs_until_another_wording_does_not(
    history: History, host: Host, comments: Comments, bob: Person
):
    threads, layer_id = Threads(history.database), host.layer.layer_id

    async def mine() -> list[str]:
        page = await threads.page(layer_id, None, "mine", bob.person_id, None, 10)
        return [thread.root.comment_id for thread in page.threads]

    await said(host, comments, "No word of him", bob)
    assert await mine() == []
    head = await host.head()
    await comments.add(NewComment("answer-1", head, "@Bob <b>?", None, "comment-1", (bob.person_id,)), host.person)
    assert await mine() == ["comment-1"]
    await comments.change("answer-1", "Nobody", host.person, (bob.person_id,))
    assert await mine() == []
    await comments.change("comment-1", "@Bob <b>!", host.person, (bob.person_id,))
    assert await mine() == ["comment-1"]
