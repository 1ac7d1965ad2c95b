"""Comments and verdicts over real sockets: two people, one document, events in order and once each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from support.wire import settled

from bridge.access.tokens import token_hash
from bridge.client import InlayClient, Layer, People, RemoteError, Review
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings
from engine.geometry import PixelRect

PLACE = PixelRect(10, 20, 40, 60)


@dataclass
class Person:
    """A connection, and the events that it was sent."""

    client: InlayClient
    review: Review
    heard: list[m.Event]

    @classmethod
    async def comes(cls, bridge: Bridge, token: str) -> Person:
        client = await InlayClient.connect(bridge.address, token)
        person = cls(client, Review(client), [])
        client.listen(person.heard.append)
        return person

    def kinds(self) -> list[str]:
        return [event.kind for event in self.heard]


@dataclass
class Team:
    """Ann owns the document, Bob comments in it; his token, to come again."""

    bridge: Bridge
    ann: Person
    bob: Person
    bobs_token: str
    layer: Layer

    @property
    def head(self) -> str:
        assert self.layer.head_version_id is not None
        return self.layer.head_version_id


@pytest_asyncio.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        ann = await Person.comes(bridge, bridge.local_token)
        layer = await ann.client.open_layer("poster", picture(200, 300), RGB8)
        token = "bobs-token"
        beside = await History.open(tmp_path, durable=False)
        bob = await beside.people.add("Bob", token_hash(token))
        await beside.members.set_role(layer.document_id, bob.person_id, "approver")
        await beside.close()
        team = Team(bridge, ann, await Person.comes(bridge, token), token, layer)
        yield team
        await team.bob.client.close()
        await ann.client.close()


async def test_a_conversation_reaches_both_in_the_same_order(team: Team):
    opened = await team.bob.review.visit(team.layer.document_id)
    assert opened.document.role == "approver" and opened.layers[0].layer_id == team.layer.layer_id
    first = await team.ann.review.comment(team.head, "Is the cuff too dark?", rect_px=PLACE)
    answer = await team.bob.review.comment(team.head, "A little.", reply_to=first.comment_id)
    assert (answer.reply_to, answer.author, first.rect_px) == (first.comment_id, "Bob", PLACE.as_tuple())
    await team.ann.review.change(first.comment_id, "Is the left cuff too dark?")
    closed = await team.bob.review.resolve(first.comment_id)
    assert closed.resolved_by == "Bob"
    await team.ann.review.resolve(first.comment_id, False)
    await team.bob.review.approve(team.head, "changes_requested", "The cuff.")
    wanted = ["comment.added", "comment.added", "comment.changed", "comment.resolved", "comment.reopened"]
    wanted += ["approval.set"]
    await settled(lambda: len(team.bob.heard) == len(wanted) and len(team.ann.heard) >= len(wanted))
    assert team.bob.kinds() == wanted
    assert team.ann.heard[-len(wanted) :] == team.bob.heard
    seqs = [event.seq for event in team.bob.heard]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert [event.comment_id for event in team.bob.heard] == [
        first.comment_id, answer.comment_id, first.comment_id, first.comment_id, first.comment_id, None,
    ]  # fmt: skip
    assert [event.by for event in team.bob.heard[:2]] == ["this machine", "Bob"]
    listed = await team.bob.review.comments(team.layer.document_id, team.layer.layer_id)
    assert [comment.text for comment in listed] == ["Is the left cuff too dark?", "A little."]
    assert [one.verdict for one in await team.ann.review.approvals(team.layer.document_id)] == ["changes_requested"]


async def test_whoever_was_away_is_told_the_rest_and_nothing_twice(team: Team):
    await team.bob.review.visit(team.layer.document_id)
    for number in range(3):
        await team.ann.review.comment(team.head, f"{number}")
    await settled(lambda: len(team.bob.heard) == 3)
    last = team.bob.heard[-1].seq
    await team.bob.client.close()
    for number in range(3, 6):
        await team.ann.review.comment(team.head, f"{number}")
    again = await Person.comes(team.bridge, team.bobs_token)
    opened = await again.review.visit(team.layer.document_id, last)
    assert opened.document.last_seq == last + 3
    await team.ann.review.comment(team.head, "6")
    await settled(lambda: len(again.heard) >= 4)
    await asyncio.sleep(0.05)
    assert [event.seq for event in again.heard] == [last + 1, last + 2, last + 3, last + 4]
    await again.client.close()


async def test_a_comment_that_is_sent_twice_is_there_once(team: Team):
    said = await asyncio.gather(
        *(team.ann.review.comment(team.head, "Once.", rect_px=PLACE, comment_id="chosen-by-client") for _ in range(5))
    )
    assert len(set(said)) == 1
    assert len(await team.ann.review.comments(team.layer.document_id)) == 1
    await settled(lambda: "comment.added" in team.ann.kinds())
    await asyncio.sleep(0.05)
    assert team.ann.kinds().count("comment.added") == 1
    with pytest.raises(RemoteError) as taken:
        await team.bob.review.comment(team.head, "Once.", rect_px=PLACE, comment_id="chosen-by-client")
    assert taken.value.code == "id_taken"


async def test_only_ones_own_words_are_changed(team: Team):
    comment = await team.ann.review.comment(team.head, "Mine.")
    with pytest.raises(RemoteError) as refused:
        await team.bob.review.change(comment.comment_id, "Bob's.")
    assert refused.value.code == "not_yours"


@pytest.mark.parametrize(
    ("text", "rect", "code"),
    [
        ("  \n", None, "no_words"),
        ("x", (5, 5, 5, 9), "bad_place"),
        ("x", (9, 9, 5, 12), "bad_place"),
        ("x", (0, 0, 301, 9), "bad_place"),
        ("x" * 2001, None, "too_large"),
    ],
)
async def test_what_cannot_be_said_is_refused_with_what_to_do(team: Team, text: str, rect, code: str):
    with pytest.raises(RemoteError) as refused:
        message = m.CommentAdd.model_construct(
            id=77, comment_id="comment-0001", version_id=team.head, text=text, rect_px=rect, reply_to=None
        )
        await team.ann.client.request(lambda number: message.model_copy(update={"id": number}), m.CommentIs)
    assert refused.value.code == code and refused.value.hint
    assert await team.ann.review.comments(team.layer.document_id) == ()


async def test_a_full_page_of_the_longest_comments_fits_a_frame(team: Team):
    text = "🙂" * 2000
    for number in range(m.PAGE_COMMENTS + 2):
        author = team.ann if number % 2 else team.bob
        await author.review.comment(team.head, text, rect_px=PLACE)
        if number % 30 == 29:
            team.bridge.server._handlers._pace._left.clear()  # nobody types so much
    found = await team.ann.review.comments(team.layer.document_id)
    assert [comment.text for comment in found] == [text] * (m.PAGE_COMMENTS + 2)


async def test_control_characters_become_spaces_and_all_else_is_kept(team: Team):
    text = "<img src=x onerror=alert(1)> \u202e & \"'` \n\ttab \x1b[31m \x00 end"
    comment = await team.ann.review.comment(team.head, text)
    assert comment.text == text.replace("\x1b", " ").replace("\x00", " ")


async def test_a_document_is_sent_to_review_approved_and_locked(team: Team):
    bob = next(one for one in await People(team.ann.client).members(team.layer.document_id) if one.name == "Bob")
    document_id, head = team.layer.document_id, team.head
    assert (await team.bob.review.state(document_id)).state == "draft"
    assert (await team.ann.review.set_approvers(document_id, (bob.person_id,))).state == "in_review"
    await team.bob.review.approve(head)
    assert (await team.ann.review.state(document_id)).state == "approved"
    locked = await team.ann.review.lock(head)
    assert (locked.layers[0].locked, locked.layers[0].approved_version_id) == (True, head)
    edit = await team.ann.client.edit(team.layer, "remove this", mask=np.full((200, 300), 255, np.uint8))
    with pytest.raises(RemoteError) as refused:
        await edit.result()
    assert refused.value.code == "locked"
    assert not (await team.ann.review.lock(head, False)).layers[0].locked
