"""Verdicts: one of each person on each version counts, all are kept, and each is told once."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest
from sqlalchemy import select
from support.histories import Host

from bridge.errors import NotFound, NothingTo, NoWords
from bridge.history.schema import ApprovalRow
from bridge.history.store import History
from bridge.review.approvals import Approvals
from engine.geometry import PixelRect

PLACE = PixelRect(10, 20, 40, 60)


@pytest.fixture
def approvals(history: History) -> Approvals:
    return Approvals(history.database)


async def details(history: History, host: Host) -> list[str]:
    happened = await history.events.after(host.layer.document_id, 0, 1000)
    return [event.detail for event in happened if event.kind == "approval.set"]


async def test_the_last_verdict_counts_and_the_earlier_ones_are_kept(history: History, host: Host, approvals):
    head = await host.head()
    await approvals.set(head, "changes_requested", "The cuff.", host.person)
    last = await approvals.set(head, "approved", "", host.person)
    assert (last.verdict, last.version_id, last.person) == ("approved", head, host.person)
    assert await approvals.page(host.layer.document_id, 0, 10) == (1, (last,))
    kept = await history.database.read(
        lambda session: session.scalars(select(ApprovalRow.verdict).order_by(ApprovalRow.seq)).all()
    )
    assert kept == ["changes_requested", "approved"]
    assert await details(history, host) == ["changes_requested", "approved"]


async def test_the_same_verdict_again_is_no_news(history: History, host: Host, approvals):
    head = await host.head()
    said = await asyncio.gather(*(approvals.set(head, "approved", "Good.", host.person) for _ in range(6)))
    assert len(set(said)) == 1
    assert await details(history, host) == ["approved"]


async def test_each_person_and_each_version_has_its_own(history: History, host: Host, approvals):
    bob = await history.people.add("Bob", sha256(b"bob").digest())
    first = await host.head()
    second = (await host.edit(PLACE)).head_version_id
    for version_id in (first, second):
        for person, verdict in ((host.person, "approved"), (bob, "changes_requested")):
            await approvals.set(version_id, verdict, "So it is.", person)
    total, found = await approvals.page(host.layer.document_id, 0, 3)
    _, rest = await approvals.page(host.layer.document_id, 3, 3)
    assert total == 4
    assert [(one.version_id, one.person.name) for one in (*found, *rest)] == [
        (first, "Ada"), (first, "Bob"), (second, "Ada"), (second, "Bob"),
    ]  # fmt: skip
    elsewhere = await Host.open(history, person=host.person, key="other")
    assert await approvals.page(elsewhere.layer.document_id, 0, 10) == (0, ())


async def test_what_was_said_can_be_withdrawn_and_nothing_else(history: History, host: Host, approvals):
    head = await host.head()
    with pytest.raises(NothingTo):
        await approvals.set(head, "withdrawn", "", host.person)
    await approvals.set(head, "approved", "", host.person)
    withdrawn = await approvals.set(head, "withdrawn", "", host.person)
    assert await approvals.set(head, "withdrawn", "", host.person) == withdrawn
    with pytest.raises(NothingTo):
        await approvals.set(head, "withdrawn", "I mean it", host.person)
    assert await approvals.page(host.layer.document_id, 0, 10) == (1, (withdrawn,))
    assert await details(history, host) == ["approved", "withdrawn"]


async def test_there_is_no_verdict_on_nothing(host: Host, approvals):
    with pytest.raises(NotFound):
        await approvals.set("nothing", "approved", "", host.person)


async def test_changes_are_not_requested_without_a_word(host: Host, approvals):
    with pytest.raises(NoWords):
        await approvals.set(await host.head(), "changes_requested", "  ", host.person)
