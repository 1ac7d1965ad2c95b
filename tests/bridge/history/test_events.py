"""Events: numbered without gaps, told after the commit, and none is lost by a slow listener."""

from __future__ import annotations

import asyncio

import pytest
from support.histories import Host, paint

from bridge.errors import NotFound
from bridge.history import events
from bridge.history.store import History
from engine.geometry import PixelRect

PLACE = PixelRect(10, 10, 40, 40)


async def test_events_say_what_happened_by_whom_and_when(history: History, host: Host):
    landing = await host.edit(PLACE)
    await host.undo()
    happened = await history.events.after(host.layer.document_id, 0, 10)
    assert [event.kind for event in happened] == ["layer.described", "version.landed", "head.moved"]
    landed = happened[1]
    assert (landed.by, landed.layer_id, landed.version_id, landed.edit_id) == (
        "Ada",
        host.layer.layer_id,
        landing.head_version_id,
        landing.versions[0].edit_id,
    )
    assert all(event.at.utcoffset().total_seconds() == 0 for event in happened)
    assert happened[2].detail == "undo"


async def test_a_client_that_says_the_last_it_saw_gets_the_rest_in_parts(history: History, host: Host):
    for number in range(6):
        await host.edit(PLACE, number)
    document_id = host.layer.document_id
    assert [event.seq for event in await history.events.after(document_id, 0, 3)] == [1, 2, 3]
    assert [event.seq for event in await history.events.after(document_id, 3, 100)] == [4, 5, 6, 7]
    assert await history.events.after(document_id, 7, 100) == []
    assert await history.events.after("nothing", 0, 100) == []


async def test_numbers_have_no_gaps_when_many_write_at_once_and_some_fail(history: History, host: Host):
    base = await host.head()
    good = [host.finished(PixelRect(x, 0, x + 5, 9), base, paint(PixelRect(0, 0, 5, 9))) for x in range(0, 120, 10)]
    bad = [history.versions.undo(host.layer.layer_id, 1, host.person) for _ in range(20)]
    await asyncio.gather(*map(history.versions.land, good), *bad, return_exceptions=True)
    seqs = [event.seq for event in await history.events.after(host.layer.document_id, 0, 1000)]
    assert len(seqs) > 12
    assert seqs == list(range(1, len(seqs) + 1))


async def test_a_transaction_that_fails_leaves_no_event_and_tells_nobody(history: History, host: Host):
    document_id = host.layer.document_id

    def work(session):
        events.append(session, document_id, "head.moved")
        raise RuntimeError("stop")

    with history.events.subscribe(document_id) as news:
        with pytest.raises(RuntimeError):
            await history._database.write(work)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(news.wait(), 0.05)
    assert len(await history.events.after(document_id, 0, 10)) == 1


async def test_an_event_of_an_unknown_document_is_refused(history: History):
    with pytest.raises(NotFound):
        await history._database.write(lambda session: events.append(session, "nothing", "head.moved"))


async def test_a_listener_is_told_after_the_commit_and_finds_the_event(history: History, host: Host):
    document_id = host.layer.document_id
    found: list[int] = []

    async def follow() -> None:
        seq = 0
        with history.events.subscribe(document_id) as news:
            while len(found) < 12:
                for event in await history.events.after(document_id, seq, 5):
                    found.append(seq := event.seq)
                if len(found) < 12:
                    await news.wait()

    following = asyncio.create_task(follow())
    for number in range(11):
        await host.edit(PLACE, number)
    await asyncio.wait_for(following, 10)
    assert found == list(range(1, 13))


async def test_a_listener_that_sleeps_holds_nothing_and_misses_nothing(history: History, host: Host):
    with history.events.subscribe(host.layer.document_id) as news:
        for number in range(20):
            await host.edit(PLACE, number)
        await asyncio.wait_for(news.wait(), 1)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(news.wait(), 0.05)
        assert len(await history.events.after(host.layer.document_id, 1, 100)) == 20


async def test_news_of_another_document_wake_nobody(history: History, host: Host):
    other = await Host.open(history, key="other", person=host.person)
    with history.events.subscribe(other.layer.document_id) as news:
        await host.edit(PLACE)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(news.wait(), 0.05)


async def test_whoever_stopped_listening_is_forgotten(history: History, host: Host):
    with history.events.subscribe(host.layer.document_id), history.events.subscribe(host.layer.document_id):
        assert len(history.events._bells._listening) == 1
    assert history.events._bells._listening == {}
