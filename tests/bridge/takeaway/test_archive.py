"""A whole document as one file, and opened elsewhere: the same trees, pixels and words; nothing that is not its own."""

from __future__ import annotations

import asyncio
import json
import threading
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from support.discussed import HOSTILE, Discussed, discussed
from support.histories import same_bits

from bridge.editing.job import understand
from bridge.editing.models import NoModel, OpenModels
from bridge.errors import NotFound, StorageDamaged
from bridge.files import read_picture
from bridge.history.records import Document, Person, Version
from bridge.history.schema import Base, EditRow, PersonRow, TokenRow
from bridge.history.store import History
from bridge.review.approvals import Approvals
from bridge.review.comments import Comments
from bridge.review.states import States
from bridge.takeaway.errors import ImportedBefore, TooLargeToBringIn
from bridge.takeaway.manifest import PARTS
from bridge.takeaway.pack import pack
from bridge.takeaway.picture import Wanted, write_version
from bridge.takeaway.unpack import unpack


def quiet(done: float) -> None:
    assert 0 <= done <= 1


@pytest_asyncio.fixture
async def story(history: History) -> Discussed:
    return await discussed(history)


@pytest_asyncio.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[History]:
    history = await History.open(tmp_path / "elsewhere", durable=False)
    yield history
    await history.close()


@pytest_asyncio.fixture
async def cy(elsewhere: History) -> Person:
    return await elsewhere.people.add("Cy", sha256(b"cy").digest())


@pytest_asyncio.fixture
async def archive(story: Discussed, tmp_path: Path) -> Path:
    await pack(story.history, story.document_id, tmp_path / "poster.zip", quiet)
    return tmp_path / "poster.zip"


def told(version: Version, number: dict[str | None, int]) -> tuple[object, ...]:
    """All of a version but ids."""
    return (
        number[version.version_id], number.get(version.parent_id), version.kind, version.state, version.rect_px,
        version.mask, version.text, version.plan, version.says, version.model, version.weights_hash, version.device,
        version.seed, version.author, version.created_at, version.engine_s, version.notes, version.size,
        version.format, version.canvas, version.layers,
    )  # fmt: skip


async def tree_of(history: History, document_id: str) -> list[object]:
    trees: list[object] = []
    for layer in await history.versions.layers(document_id):
        versions = await history.versions.tree(layer.layer_id)
        number: dict[str | None, int] = {one.version_id: index for index, one in enumerate(versions)}
        tiles = [await history.versions.tiles_of(one) for one in versions]
        canvases = [dict((await history.versions.canvas_at(one.version_id)).tiles) for one in versions]
        head = number[layer.head_version_id]
        profile = await history.versions.profile_of(layer)
        trees.append((layer.name, layer.size, layer.format, profile, head, tiles, canvases))
        trees += [told(one, number) for one in versions]
    return trees


async def test_what_is_imported_is_what_was_exported(story, elsewhere: History, cy: Person, archive: Path):
    document = await unpack(elsewhere, archive, cy, quiet)
    mine = (await elsewhere.versions.documents(cy))[0]
    assert (mine.document_id, mine.title, mine.role) == (document.document_id, "Poster", "owner")
    assert await tree_of(elsewhere, document.document_id) == await tree_of(story.history, story.document_id)


async def test_the_pixels_are_the_same_to_the_bit(story, elsewhere: History, cy: Person, archive: Path, tmp_path: Path):
    document = await unpack(elsewhere, archive, cy, quiet)
    layer = (await elsewhere.versions.layers(document.document_id))[0]
    version = await elsewhere.versions.version(layer.head_version_id)
    made = tmp_path / "a.png"
    await write_version(elsewhere, version, made, Wanted(), ("Inlay", "0"), None, quiet)
    assert same_bits(read_picture(made).pixels, story.host.pixels)


async def test_what_people_said_and_decided_is_there_under_their_names(story, elsewhere: History, cy, archive: Path):
    document = await unpack(elsewhere, archive, cy, quiet)
    _, before = await Comments(story.history.database).page(story.document_id, None, 0, 100)
    _, after = await Comments(elsewhere.database).page(document.document_id, None, 0, 100)

    def said(comments):
        ids = {one.comment_id: number for number, one in enumerate(comments)}
        return [
            (ids[one.comment_id], ids.get(one.reply_to), one.rect_px, one.text, one.person.name, one.created_at,
             one.changed_at, one.resolved_by, one.resolved_at, len(one.mentions))
            for one in comments
        ]  # fmt: skip

    assert said(after) == said(before) and after[0].text == HOSTILE and len(after[-1].mentions) == 3
    _, verdicts = await Approvals(elsewhere.database).page(document.document_id, 0, 100)
    assert [(one.verdict, one.text, one.person.name) for one in verdicts] == [
        ("withdrawn", "", "Bob <b>Böhm</b>"),
        ("approved", HOSTILE, "Bob <b>Böhm</b>"),
    ]
    states = [
        await States(one.database).of(there)
        for one, there in ((story.history, story.document_id), (elsewhere, document.document_id))
    ]
    assert [one.state for one in states] == ["approved", "approved"]
    assert [[member.person.name for member in one.approvers] for one in states] == [["Bob <b>Böhm</b>"]] * 2


async def test_exported_again_it_is_the_same_file(story, elsewhere: History, cy: Person, archive: Path, tmp_path: Path):
    document = await unpack(elsewhere, archive, cy, quiet)
    await pack(elsewhere, document.document_id, tmp_path / "again.zip", quiet)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


async def test_exported_twice_it_is_the_same_file(story, archive: Path, tmp_path: Path):
    await pack(story.history, story.document_id, tmp_path / "again.zip", quiet)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    assert not list(tmp_path.glob("*.parts"))


async def test_nobody_comes_in_as_one_of_the_people(story, elsewhere: History, cy: Person, archive: Path):
    document = await unpack(elsewhere, archive, cy, quiet)

    def work(session):
        tokens = session.scalars(select(TokenRow.person_id)).all()
        people = session.execute(select(PersonRow.name, PersonRow.is_guest)).all()
        return tokens, {tuple(row) for row in people}

    tokens, people = await elsewhere.database.read(work)
    assert tokens == [cy.person_id]
    assert people == {("Cy", False), ("Ada", True), ("Bob <b>Böhm</b>", True), ("Carol", True)}
    members = await elsewhere.members.list(document.document_id)
    assert [(one.person.name, one.role) for one in members] == [("Bob <b>Böhm</b>", "approver"), ("Cy", "owner")]


async def test_nothing_secret_and_no_path_is_in_the_file(history: History, tmp_path: Path):
    story = await discussed(history)
    person = story.host.person
    await history.versions.open_document(person, "/home/ada/clients/secret/poster.psd", "Poster 2")
    secret = (await history.versions.documents(person))[1]
    layer = await history.versions.describe_layer(
        secret.document_id, "/home/ada/layer", "L", story.host.layer.size, story.host.layer.format, None
    )
    await history.invites.make(secret.document_id, "viewer", sha256(b"invite").digest(), person, name="Dora")
    await pack(history, secret.document_id, tmp_path / "a.zip", quiet)
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        texts = b"".join(file.read(name) for name in ("manifest.json", *PARTS))
    for hidden in (b"/home", b"psd", b"Dora", sha256(b"invite").hexdigest().encode(), person.person_id.encode()):
        assert hidden not in texts
    assert layer.layer_id.encode() not in texts and b"Ada" in texts


async def test_the_comments_are_annotations_that_other_programs_read(story, archive: Path):
    with zipfile.ZipFile(archive) as file:
        made = json.loads(file.read("comments.jsonld"))
    assert made["type"] == "AnnotationCollection" and made["total"] == 5
    first, answer = made["first"]["items"][:2]
    assert first["body"]["value"] == HOSTILE
    assert first["target"]["selector"]["value"] == "xywh=pixel:1,2,29,38"
    assert (answer["motivation"], answer["target"]) == ("replying", "urn:inlay:comment:comment-1")
    assert [one["kind"] for one in first["inlay:changes"]] == ["added", "resolved", "reopened"]
    assert [one["text"] for one in answer["inlay:changes"]] == ["yes", "no"]


async def test_events_are_numbered_as_they_were(story, elsewhere: History, cy: Person, archive: Path):
    document = await unpack(elsewhere, archive, cy, quiet)
    before = await story.history.events.after(story.document_id, 0, 1000)
    after = await elsewhere.events.after(document.document_id, 0, 1000)
    assert [(one.seq, one.kind, one.at, one.by) for one in after] == [
        (one.seq, one.kind, one.at, one.by) for one in before
    ]
    versions = {
        one.version_id
        for layer in await elsewhere.versions.layers(document.document_id)
        for one in await elsewhere.versions.tree(layer.layer_id)
    }
    assert {one.version_id for one in after if one.version_id is not None} <= versions
    conflicts = [one.detail for one in after if one.kind == "edit.conflict"]
    assert conflicts and set(conflicts) <= versions


async def test_the_same_file_again_is_said_to_be_there_or_becomes_a_second_copy(elsewhere, cy: Person, archive: Path):
    first = await unpack(elsewhere, archive, cy, quiet)
    with pytest.raises(ImportedBefore) as refused:
        await unpack(elsewhere, archive, cy, quiet)
    assert refused.value.document_id == first.document_id
    second = await unpack(elsewhere, archive, cy, quiet, copy=True)
    assert second.document_id != first.document_id
    dee = await elsewhere.people.add("Dee", sha256(b"dee").digest())
    assert (await unpack(elsewhere, archive, dee, quiet)).document_id not in (first.document_id, second.document_id)


async def test_it_goes_beside_the_document_that_it_came_from(story, archive: Path):
    document: Document = await unpack(story.history, archive, story.host.person, quiet)
    assert await tree_of(story.history, document.document_id) == await tree_of(story.history, story.document_id)


async def test_work_goes_on_in_an_imported_document(story, elsewhere: History, cy: Person, archive: Path):
    document = await unpack(elsewhere, archive, cy, quiet)
    layer = (await elsewhere.versions.layers(document.document_id))[0]
    move = await elsewhere.versions.undo(layer.layer_id, 1, cy)
    assert move.seq == document.last_seq + 1
    again = await elsewhere.versions.redo(layer.layer_id, 1, cy)
    assert again.head_version_id == layer.head_version_id


@pytest.mark.parametrize("model", ["meissonic", "auto", "built-in"])
async def test_a_documents_model_goes_with_it(story, elsewhere: History, cy: Person, tmp_path: Path, model: str):
    await story.history.versions.pin_model(story.document_id, model, story.host.person)
    await pack(story.history, story.document_id, tmp_path / "a.zip", quiet)
    document = await unpack(elsewhere, tmp_path / "a.zip", cy, quiet)
    assert await elsewhere.versions.model_of(document.document_id) == model == document.model
    await pack(elsewhere, document.document_id, tmp_path / "again.zip", quiet)
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "a.zip").read_bytes()


async def test_where_the_documents_model_is_not_on_this_machine_an_edit_says_so(
    story, elsewhere: History, cy: Person, tmp_path: Path
):
    await story.history.versions.pin_model(story.document_id, "meissonic", story.host.person)
    await pack(story.history, story.document_id, tmp_path / "a.zip", quiet)
    document = await unpack(elsewhere, tmp_path / "a.zip", cy, quiet)
    models = OpenModels().for_edit("", await elsewhere.versions.model_of(document.document_id))
    with pytest.raises(NoModel) as caught:
        understand("replace it with a cat", has_selection=True, models=models)
    assert "Meissonic, this document's model, is not on this machine" in str(caught.value)


async def test_a_file_of_a_document_without_a_model_is_as_files_were_before_there_were_any(
    archive: Path, elsewhere: History, cy: Person
):
    with zipfile.ZipFile(archive) as file:
        assert "model" not in json.loads(file.read("manifest.json"))["document"]
    assert (await unpack(elsewhere, archive, cy, quiet)).model == ""


async def test_edits_that_run_are_not_exported(story, tmp_path: Path):
    layer, person = story.host.layer, story.host.person
    await story.history.edits.begin("edit-running", layer.document_id, layer.layer_id, person.person_id, "remove this")
    await pack(story.history, story.document_id, tmp_path / "a.zip", quiet)
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        edits = [json.loads(line) for line in file.read("edits.jsonl").splitlines()]
    assert {one["state"] for one in edits} == {"done", "conflict"}


async def test_progress_is_told_and_ends(story, elsewhere: History, cy: Person, archive: Path, tmp_path: Path):
    steps: list[float] = []
    await pack(story.history, story.document_id, tmp_path / "a.zip", steps.append)
    assert steps == sorted(steps) and steps[-1] == 1.0
    steps.clear()
    await unpack(elsewhere, archive, cy, steps.append)
    assert steps == sorted(steps) and steps[-1] == 1.0


async def test_a_document_whose_pixels_are_lost_is_not_exported(story, tmp_path: Path):
    blob = next((tmp_path / "data" / "blobs").glob("??/*.blob"))
    blob.unlink()
    with pytest.raises((NotFound, StorageDamaged)):
        await pack(story.history, story.document_id, tmp_path / "a.zip", quiet)
    assert not list(tmp_path.glob("*.parts"))


async def test_every_table_is_exported_or_left_out_on_purpose():
    """Whoever adds a table decides whether it belongs to a document's file."""
    exported = {
        "documents", "layers", "versions", "version_tiles", "shared_tiles", "edits", "events", "comments",
        "comment_changes", "comment_mentions", "approvals", "approvers", "locks",
    }  # fmt: skip
    # Who somebody is and what lets them in stays here; names go along where they said something.
    left_out = {"people", "tokens", "members", "invites"}
    assert set(Base.metadata.tables) == exported | left_out


async def test_no_row_is_forgotten(story, elsewhere: History, cy: Person, archive: Path):
    await unpack(elsewhere, archive, cy, quiet)
    kept_out = {"people", "tokens", "members", "invites"}

    def counts(session):
        return {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
            if name not in kept_out
        }

    assert await elsewhere.database.read(counts) == await story.history.database.read(counts)
    assert await elsewhere.database.read(lambda session: session.scalar(select(func.count()).select_from(EditRow)))


async def test_a_file_that_nobody_could_bring_in_again_is_refused(story: Discussed, tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr("bridge.takeaway.opened.MOST_BLOB_BYTES", 16)
    with pytest.raises(TooLargeToBringIn) as caught:
        await pack(story.history, story.document_id, tmp_path / "a.zip", quiet)
    assert "brought in again" in str(caught.value)
    assert not (tmp_path / "a.zip").exists()


async def test_an_export_that_is_cancelled_waits_for_the_thread_that_writes(
    story: Discussed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    write = zipfile.ZipFile.writestr

    def slow(archive: zipfile.ZipFile, *arguments: Any, **named: Any) -> None:
        writing.set()
        go_on.wait(10)
        write(archive, *arguments, **named)  # raises where the file is closed already
        ended.set()

    monkeypatch.setattr(zipfile.ZipFile, "writestr", slow)
    packing = asyncio.create_task(pack(story.history, story.document_id, tmp_path / "cut.zip", quiet))
    await asyncio.to_thread(writing.wait, 10)
    packing.cancel()
    await asyncio.sleep(0.05)
    assert not packing.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await packing
    assert ended.is_set()
    assert not (tmp_path / "cut.zip.parts").exists()
