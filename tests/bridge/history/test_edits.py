"""Edits as records: begun once, ended once, theirs alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.histories import Host, new_edit_id

from bridge.errors import NotFound, OutOfOrder
from bridge.history.store import History
from engine.geometry import PixelRect

PLACE = PixelRect(10, 10, 40, 40)


async def begin(host: Host, edit_id: str) -> None:
    await host.history.edits.begin(
        edit_id, host.layer.document_id, host.layer.layer_id, host.person.person_id, "remove this"
    )


async def state_of(host: Host, edit_id: str) -> str | None:
    record = await host.history.edits.get(edit_id, host.person.person_id)
    return None if record is None else record.state


async def kinds(host: Host) -> list[str]:
    return [event.kind for event in await host.history.events.after(host.layer.document_id, 1, 100)]


async def test_an_edit_waits_runs_and_is_done(history: History, host: Host):
    edit_id = new_edit_id()
    assert await state_of(host, edit_id) is None
    await begin(host, edit_id)
    assert await state_of(host, edit_id) == "waiting"
    await history.edits.running(edit_id)
    assert await state_of(host, edit_id) == "running"
    landing = await host.edit(PLACE, edit_id=edit_id)
    record = await history.edits.get(edit_id, host.person.person_id)
    assert record is not None
    assert (record.state, record.text, record.seq) == ("done", "remove this", landing.seq)
    assert record.version_ids == (landing.head_version_id,)
    assert (record.layer_id, record.document_id) == (host.layer.layer_id, host.layer.document_id)


async def test_an_id_that_is_taken_is_refused_to_everybody(history: History, host: Host):
    edit_id = new_edit_id()
    await begin(host, edit_id)
    stranger = await Host.open(history)
    for whoever in (host, stranger):
        with pytest.raises(OutOfOrder):
            await begin(whoever, edit_id)
    tries = await asyncio.gather(*(begin(host, "edit-raced") for _ in range(5)), return_exceptions=True)
    assert sum(result is None for result in tries) == 1


async def test_somebody_elses_edit_is_not_there(history: History, host: Host):
    edit_id = new_edit_id()
    await begin(host, edit_id)
    stranger = await Host.open(history)
    assert await state_of(stranger, edit_id) is None


@pytest.mark.parametrize("state", ["failed", "cancelled"])
async def test_an_end_without_a_result_is_recorded_and_told(history: History, host: Host, state):
    edit_id = new_edit_id()
    await begin(host, edit_id)
    await history.edits.fail(edit_id, state, "a_code", "What happened.", "What to do.")
    record = await history.edits.get(edit_id, host.person.person_id)
    assert record is not None
    assert (record.state, record.error_code, record.error_message, record.error_hint) == (
        state,
        "a_code",
        "What happened.",
        "What to do.",
    )
    (event,) = await history.events.after(host.layer.document_id, 1, 10)
    assert (event.kind, event.edit_id, event.detail, event.seq) == ("edit.failed", edit_id, "a_code", record.seq)


async def test_an_edit_ends_once(history: History, host: Host):
    edit_id = new_edit_id()
    await host.edit(PLACE, edit_id=edit_id)
    await history.edits.fail(edit_id, "cancelled", "cancelled", "", "")
    assert await state_of(host, edit_id) == "done"
    other = new_edit_id()
    await begin(host, other)
    await history.edits.fail(other, "failed", "first", "", "")
    await history.edits.fail(other, "cancelled", "second", "", "")
    assert await state_of(host, other) == "failed"
    assert await kinds(host) == ["version.landed", "edit.failed"]
    with pytest.raises(NotFound):
        await history.edits.running(other)


async def test_failing_an_edit_that_was_never_begun_is_no_error(history: History, host: Host):
    await history.edits.fail("edit-never", "failed", "x", "", "")
    assert await kinds(host) == []
    with pytest.raises(NotFound):
        await history.edits.running("edit-never")


async def test_edits_that_nobody_finished_are_interrupted_at_the_next_start_and_told_once(folder: Path):
    first = await History.open(folder, durable=False)
    host = await Host.open(first)
    waits, runs, done = new_edit_id(), new_edit_id(), new_edit_id()
    for edit_id in (waits, runs, done):
        await begin(host, edit_id)
    await first.edits.running(runs)
    await host.edit(PLACE, edit_id=done)
    await first.close()
    for _ in range(2):
        second = await History.open(folder, durable=False)
        host.history = second
        assert [await state_of(host, edit_id) for edit_id in (waits, runs, done)] == [
            "interrupted",
            "interrupted",
            "done",
        ]
        assert await kinds(host) == ["version.landed", "edit.interrupted", "edit.interrupted"]
        await second.close()


async def test_a_second_bridge_on_the_folder_leaves_the_edits_of_the_first_alone(history: History, host, folder: Path):
    edit_id = new_edit_id()
    await begin(host, edit_id)
    torn = folder / "blobs" / "incoming" / "being-written"
    torn.write_bytes(b"half")
    second = await History.open(folder, durable=False)
    assert await state_of(host, edit_id) == "waiting"
    assert torn.exists()
    await second.close()
    await host.edit(PLACE, edit_id=edit_id)
