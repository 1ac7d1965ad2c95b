"""What `inlay gc` ends and frees, and what it must leave alone; counted."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, select, update
from support.histories import Host, paint

from bridge.access.tokens import token_hash
from bridge.errors import NotFound, StorageBusy
from bridge.history.gc import NO_BLOBS, collect, references
from bridge.history.purge import OF_PEOPLE, purge
from bridge.history.records import NewComment
from bridge.history.schema import Base, DocumentRow
from bridge.history.store import History
from bridge.review.approvals import Approvals
from bridge.review.comments import Comments
from bridge.review.states import States
from engine.geometry import PixelRect

PLACE = PixelRect(10, 20, 250, 180)
LONG_AGO_S = time.time() - 1_000_000


def files_of(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in (folder / "blobs").rglob("*.blob")}


def grow_old(folder: Path) -> None:
    for path in files_of(folder):
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))


async def all_is_read(history: History) -> int:
    """Read every blob that anything refers to; how many there are."""
    needed = await history.database.read(references)
    assert len(await history.blobs.get_many(needed)) == len(needed)
    return len(needed)


@pytest.fixture
async def other(history: History) -> Host:
    """A second document of somebody else, with one edit; its blobs are its own."""
    other = await Host.open(history, key="other")
    other.pixels = paint(other.layer.size.rect, seed=99)
    await other.edit(PLACE, 98)
    return other


async def test_a_document_ends_with_its_blobs_and_nothing_else_goes(
    history: History, folder: Path, host: Host, other: Host
):
    await host.edit(PLACE, 1)
    await host.edit(PLACE, 2)
    before = files_of(folder)
    mine = len(before)
    grow_old(folder)
    await history.bin.delete(host.layer.document_id, host.person)
    done = await collect(history, folder, now=True)
    after = files_of(folder)
    assert done.documents == 1 and done.missing == 0 and done.swept.young.blobs == 0
    assert (done.swept.before.blobs, done.swept.before.bytes) == (mine, sum(before.values()))
    assert (done.after.blobs, done.after.bytes) == (len(after), sum(after.values()))
    assert done.swept.freed.blobs == mine - len(after) > 0
    assert done.swept.freed.bytes == sum(before.values()) - sum(after.values())
    assert done.swept.needed == done.after
    assert await all_is_read(history) == len(after)
    with pytest.raises(NotFound):
        await history.bin.restore(host.layer.document_id, host.person)
    assert len(await history.versions.tree(other.layer.layer_id)) == 2


async def test_what_is_in_the_bin_for_less_than_thirty_days_stays(history: History, folder: Path, host: Host):
    await host.edit(PLACE, 1)
    await history.bin.delete(host.layer.document_id, host.person)
    deleted = DocumentRow.document_id == host.layer.document_id

    async def since(days: float) -> int:
        when = datetime.now(UTC) - timedelta(days=days)
        await history.database.write(
            lambda session: session.execute(update(DocumentRow).where(deleted).values(deleted_at=when))
        )
        grow_old(folder)
        return (await collect(history, folder)).documents

    assert await since(29.99) == 0
    await history.bin.restore(host.layer.document_id, host.person)
    assert await all_is_read(history) > 0
    await history.bin.delete(host.layer.document_id, host.person)
    assert await since(30.01) == 1
    assert files_of(folder) == {}


async def test_two_layers_with_the_same_pixels_share_blobs_until_neither_needs_them(history: History, folder: Path):
    hosts = [await Host.open(history, key=key) for key in ("one", "two")]
    for host in hosts:
        await host.edit(PLACE, 1)
    shared = files_of(folder)
    grow_old(folder)
    await history.bin.delete(hosts[0].layer.document_id, hosts[0].person)
    assert (await collect(history, folder, now=True)).swept.freed.blobs == 0
    assert files_of(folder) == shared
    await history.bin.delete(hosts[1].layer.document_id, hosts[1].person)
    grow_old(folder)
    assert (await collect(history, folder, now=True)).swept.freed.blobs == len(shared)


async def test_a_profile_is_needed_and_orphans_of_a_crashed_landing_go(history: History, folder: Path, host: Host):
    layer = host.layer
    await history.versions.describe_layer(
        layer.document_id, "layer", "Layer", layer.size, layer.format, b"an ICC profile" * 10
    )
    await history.blobs.put_many({token_hash("orphan"): b"orphan"})
    half = folder / "blobs" / "incoming" / "half-written"
    half.write_bytes(b"half")
    os.utime(half, (LONG_AGO_S, LONG_AGO_S))
    grow_old(folder)
    done = await collect(history, folder)
    assert (done.swept.before.blobs, done.swept.needed.blobs, done.swept.freed.blobs) == (2, 1, 1)
    assert not half.exists()
    assert await all_is_read(history) == 1


async def test_beside_a_running_bridge_what_is_young_stays(history: History, folder: Path):
    await history.blobs.put_many({token_hash("orphan"): b"orphan"})
    beside = await History.open(folder, durable=False)
    try:
        done = await collect(beside, folder)
        assert (done.swept.freed.blobs, done.swept.young.blobs) == (0, 1)
        grow_old(folder)
        # Whoever asks whether it is here is about to rely on it.
        assert await history.blobs.have([token_hash("orphan")])
        assert (await collect(beside, folder)).swept.young.blobs == 1
        grow_old(folder)
        assert (await collect(beside, folder)).swept.freed.blobs == 1
    finally:
        await beside.close()


async def test_a_dry_run_counts_and_changes_nothing(history: History, folder: Path, host: Host):
    await host.edit(PLACE, 1)
    await history.bin.delete(host.layer.document_id, host.person)
    await history.blobs.put_many({token_hash("orphan"): b"orphan"})
    grow_old(folder)
    before = files_of(folder)
    done = await collect(history, folder, now=True, dry_run=True)
    assert (done.documents, done.swept.freed.blobs) == (1, 1)
    assert files_of(folder) == before
    await history.bin.restore(host.layer.document_id, host.person)
    assert await all_is_read(history) > 0


async def test_one_document_of_the_bin_is_ended_alone(history: History, folder: Path, host: Host, other: Host):
    await history.bin.delete(host.layer.document_id, host.person)
    with pytest.raises(NotFound):
        await collect(history, folder, now=True, only=other.layer.document_id)
    await history.bin.delete(other.layer.document_id, other.person)
    assert (await collect(history, folder, now=True, only=host.layer.document_id)).documents == 1
    assert [one.document_id for one in await history.bin.list(other.person)] == [other.layer.document_id]


async def test_what_is_made_again_shows_nothing_of_an_ended_document(history: History, folder: Path, host: Host):
    tile = folder / "tiles" / "ab" / "abc.tile"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(b"a tile")
    await collect(history, folder, now=True, made_again=(folder / "tiles",))
    assert tile.exists(), "nothing ended"
    await history.bin.delete(host.layer.document_id, host.person)
    await collect(history, folder, now=True, made_again=(folder / "tiles", folder / "nothing"))
    assert not tile.exists()


async def test_a_blob_that_is_on_its_way_out_is_read_and_comes_back(history: History, folder: Path, host: Host):
    """As a sweep that was killed leaves it."""
    await host.edit(PLACE, 1)
    for path in files_of(folder):
        path.rename(folder / "blobs" / "leaving" / path.name)
    assert await all_is_read(history) > 0
    done = await collect(history, folder)
    assert done.missing == 0 and done.swept.freed.blobs == 0
    assert not list((folder / "blobs" / "leaving").iterdir())
    assert await all_is_read(history) > 0


async def test_a_blob_that_was_lost_is_counted(history: History, folder: Path, host: Host):
    await host.edit(PLACE, 1)
    next(iter(files_of(folder))).unlink()
    assert (await collect(history, folder)).missing == 1


async def test_two_at_once_are_refused(history: History, folder: Path):
    answers = await asyncio.gather(*(collect(history, folder) for _ in range(2)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Collected", "StorageBusy"]
    assert any(isinstance(answer, StorageBusy) for answer in answers)


async def test_no_row_of_an_ended_document_is_left_in_any_table(history: History, host: Host, other: Host):
    landing = await host.edit(PLACE, 1)
    version_id = landing.head_version_id
    comments = Comments(history.database)
    await comments.add(NewComment("c1", version_id, "Hm.", None, None), host.person)
    await comments.add(NewComment("c2", version_id, "Yes.", None, "c1"), host.person)
    await Approvals(history.database).set(version_id, "approved", "", host.person)
    await States(history.database).set_approvers(host.layer.document_id, (host.person.person_id,), host.person)
    await States(history.database).lock(version_id, True, host.person)
    await history.invites.make(host.layer.document_id, "viewer", token_hash("invite"), host.person)
    guest = (await history.invites.redeem(token_hash("invite"), token_hash("guest"), "Guest", None)).person
    await history.edits.begin("edit-begun", host.layer.document_id, host.layer.layer_id, host.person.person_id, "x")
    assert (await history.people.by_token(token_hash("guest"))) == guest
    counts = await history.database.read(count_rows)
    filled = {name for name, count in counts.items() if count}

    await history.bin.delete(host.layer.document_id, host.person)
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert await history.database.write(lambda session: purge(session, host.layer.document_id, later))
    rest = await history.database.read(count_rows)
    await history.bin.delete(other.layer.document_id, other.person)
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert await history.database.write(lambda session: purge(session, other.layer.document_id, later))
    assert {name for name, count in (await history.database.read(count_rows)).items() if count} <= OF_PEOPLE
    assert all(rest[name] < counts[name] for name in filled - OF_PEOPLE)
    assert await history.people.by_token(token_hash("guest")) is None, "a guest who is nothing anywhere is out"


def count_rows(session: object) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table))  # type: ignore[attr-defined]
        for table in Base.metadata.sorted_tables
    }


async def test_every_table_is_some_documents_or_about_people(history: History):
    """Whoever adds a table is told here that `bridge.history.purge` must know whose its rows are."""
    await history.database.write(lambda session: purge(session, "nothing", datetime.now(UTC)))
    names = {table.name for table in Base.metadata.sorted_tables}
    known = {
        table.name
        for table in Base.metadata.sorted_tables
        if {"document_id", "layer_id", "version_id", "comment_id"} & set(table.columns.keys())
    }
    assert names - known == OF_PEOPLE


async def test_every_column_of_bytes_names_blobs_or_is_known_not_to():
    columns = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert columns >= NO_BLOBS
    assert {("layers", "profile"), ("versions", "mask"), ("version_tiles", "before_hash")} <= columns - NO_BLOBS
