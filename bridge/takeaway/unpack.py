"""An exported document becomes a new document of this person: all of it is checked, then its pixels are stored, then
one transaction adds it. What fails before that leaves nothing behind that anybody can see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bridge.access.roles import may
from bridge.history.ids import new_id
from bridge.history.records import Document, Hash, Person
from bridge.history.schema import (
    ApprovalRow,
    ApproverRow,
    Base,
    CommentChangeRow,
    CommentMentionRow,
    CommentRow,
    DocumentRow,
    EditRow,
    EventRow,
    LayerRow,
    LockRow,
    MemberRow,
    PersonRow,
    SharedTileRow,
    TileRow,
    VersionRow,
)
from bridge.history.store import History
from bridge.takeaway.check import Checked, check
from bridge.takeaway.errors import ImportedBefore
from bridge.takeaway.gather import NAMES_A_VERSION
from bridge.takeaway.manifest import EDITS, EVENTS, VERSIONS, EditPart, EventPart, ShapePart, VersionPart
from bridge.takeaway.opened import Opened, opened

Progress = Callable[[float], None]
# Blobs checked, or stored, at once.
_AT_ONCE_BYTES = 16 << 20
_ROWS_AT_ONCE = 500
# Of all the work, checking takes less than storing: that waits for the disk.
_CHECKING = 0.3


async def unpack(history: History, path: Path, person: Person, progress: Progress, *, copy: bool = False) -> Document:
    """Add the document in that file; who said what in it is there by name, as people without a token.

    Args:
        history: where it is added.
        path: the file.
        person: whose document it becomes.
        progress: told how much of it is done, 0 … 1.
        copy: also when this person imported the very same file before: as one more document.

    Raises:
        FileError, ArchiveError: see `bridge.takeaway.opened` and `bridge.takeaway.check`.
        ImportedBefore: this person did; nothing was changed.
        StorageError: it cannot be stored; nothing of it is to be seen.
    """
    with opened(path) as archive:
        checked = await asyncio.to_thread(check, archive)
        key = f"import {archive.digest}"
        before = await history.database.read(lambda session: _imported(session, person, key))
        if before is not None and before.is_there and not copy:
            raise ImportedBefore(before.document_id)
        await _look_at(archive, checked, progress)
        await _store(history, archive, checked, progress)
        await _keep(history, archive, checked)
        if before is not None:
            key = f"{key} {new_id()}"
        document = await history.database.write(lambda session: _add(session, archive, checked, person, key))
        progress(1.0)
        return document


@dataclass(frozen=True, slots=True)
class _Before:
    """What this person made of the same file before; ``is_there``: it is not in the bin."""

    document_id: str
    is_there: bool


def _imported(session: Session, person: Person, key: str) -> _Before | None:
    mine = select(DocumentRow).where(DocumentRow.owner_id == person.person_id, DocumentRow.key == key)
    row = session.scalars(mine).one_or_none()
    return None if row is None else _Before(row.document_id, row.deleted_at is None)


async def _look_at(archive: Opened, checked: Checked, progress: Progress) -> None:
    """Every blob is what its name says, before the first is stored."""
    done, total = 0, max(1, sum(checked.sizes.values()))
    for some in _portions(checked.sizes):
        held = await asyncio.to_thread(_read, archive, some)
        done += sum(len(data) for data in held.values())
        progress(_CHECKING * done / total)


async def _store(history: History, archive: Opened, checked: Checked, progress: Progress) -> None:
    done, total = 0, max(1, sum(checked.sizes.values()))
    for some in _portions(checked.sizes):
        held = await asyncio.to_thread(_read, archive, some)
        await history.blobs.put_many(held)
        done += sum(len(data) for data in held.values())
        progress(_CHECKING + (0.95 - _CHECKING) * done / total)


async def _keep(history: History, archive: Opened, checked: Checked) -> None:
    """A collection that ran meanwhile may have taken what was stored first, since nothing refers to it yet: asking for
    it makes all of it new, and what is missing is stored again."""
    missing = checked.sizes.keys() - await history.blobs.have(checked.sizes)
    for some in _portions({key: checked.sizes[key] for key in missing}):
        await history.blobs.put_many(await asyncio.to_thread(_read, archive, some))


def _portions(sizes: dict[Hash, int]) -> Iterator[list[Hash]]:
    portion: list[Hash] = []
    room = _AT_ONCE_BYTES
    for key, size in sizes.items():
        if portion and room < size:
            yield portion
            portion, room = [], _AT_ONCE_BYTES
        portion.append(key)
        room -= size
    if portion:
        yield portion


def _read(archive: Opened, keys: list[Hash]) -> dict[Hash, bytes]:
    return {key: archive.blob(key) for key in keys}


@dataclass(slots=True)
class _Ids:
    """Names within the file → fresh ids of this database."""

    known: dict[str, str] = field(default_factory=dict[str, str])

    def of(self, name: str) -> str:
        return self.known.setdefault(name, new_id())

    def maybe(self, name: str | None) -> str | None:
        return None if name is None else self.of(name)


@dataclass(slots=True)
class _Kinds:
    """One book of names for each kind of thing: a version may have the name of an edit."""

    person: _Ids = field(default_factory=_Ids)
    layer: _Ids = field(default_factory=_Ids)
    version: _Ids = field(default_factory=_Ids)
    edit: _Ids = field(default_factory=_Ids)
    comment: _Ids = field(default_factory=_Ids)


def _add(session: Session, archive: Opened, checked: Checked, person: Person, key: str) -> Document:
    """All rows, inside the caller's transaction."""
    manifest, ids, document_id = checked.manifest, _Kinds(), new_id()
    session.add(
        DocumentRow(
            document_id=document_id,
            owner_id=person.person_id,
            key=key,
            title=manifest.document.title,
            last_seq=manifest.document.last_seq,
            created_at=manifest.document.created_at,
            model=manifest.document.model,
        )
    )
    now = datetime.now(UTC)
    # Nobody comes in as one of them, and they have no documents: they are as guests without a token.
    _rows(
        session,
        PersonRow,
        (
            {"person_id": ids.person.of(one.id), "name": one.name, "created_at": now, "is_guest": True}
            for one in manifest.people
        ),
    )
    session.flush()
    session.add(MemberRow(document_id=document_id, person_id=person.person_id, role="owner"))
    session.add_all(
        LayerRow(
            layer_id=ids.layer.of(layer.id),
            document_id=document_id,
            key=layer.id,
            name=layer.name,
            **_shape(layer.shape),
            profile=None if layer.profile is None else bytes.fromhex(layer.profile.sha256),
            head_version_id=ids.version.of(layer.head),
            created_at=layer.created_at,
        )
        for layer in manifest.layers
    )
    session.flush()
    layer_of: dict[str, str] = {}
    for version in archive.lines(VERSIONS, VersionPart):
        layer_of[version.id] = version.layer
        session.add(_version(version, ids))
        session.flush()
        session.expunge_all()
        version_id = ids.version.of(version.id)
        _rows(
            session,
            TileRow,
            (
                {"version_id": version_id, "col": col, "row": row, "before_hash": _raw(old), "after_hash": _raw(new)}
                for col, row, old, new in version.tiles
            ),
        )
        _rows(
            session,
            SharedTileRow,
            (
                {"version_id": version_id, "col": col, "row": row, "tile_hash": _raw(tile)}
                for col, row, tile in version.shared
            ),
        )
    _rows(session, EditRow, (_edit(edit, document_id, ids) for edit in archive.lines(EDITS, EditPart)))
    _comments(session, checked, document_id, ids)
    _decisions(session, checked, document_id, ids, layer_of)
    _rows(session, EventRow, (_event(event, document_id, ids) for event in archive.lines(EVENTS, EventPart)))
    of = manifest.document
    return Document(document_id, key, of.title, "owner", of.last_seq, of.model)


def _version(version: VersionPart, ids: _Kinds) -> VersionRow:
    x0, y0, x1, y1 = version.rect_px
    return VersionRow(
        version_id=ids.version.of(version.id),
        layer_id=ids.layer.of(version.layer),
        parent_id=ids.version.maybe(version.parent),
        redo_id=ids.version.maybe(version.redo),
        seq=version.seq,
        edit_id=ids.edit.maybe(version.edit),
        kind=version.kind,
        state=version.state,
        **_shape(version.shape),
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        canvas_x=None if version.canvas is None else version.canvas.x,
        canvas_y=None if version.canvas is None else version.canvas.y,
        canvas_scale=None if version.canvas is None else version.canvas.scale,
        layers=list(version.layers),
        mask=_raw(version.mask),
        text=version.text,
        plan=version.plan,
        says=list(version.says),
        model=version.model,
        weights_hash=version.weights_hash,
        device=version.device,
        seed=version.seed,
        person_id=ids.person.of(version.person),
        created_at=version.created_at,
        engine_s=version.engine_s,
        notes=list(version.notes),
    )


def _edit(edit: EditPart, document_id: str, ids: _Kinds) -> dict[str, object]:
    code, message, hint = edit.error
    return {
        "edit_id": ids.edit.of(edit.id),
        "document_id": document_id,
        "layer_id": ids.layer.of(edit.layer),
        "person_id": ids.person.of(edit.person),
        "text": edit.text,
        "state": edit.state,
        "error_code": code,
        "error_message": message,
        "error_hint": hint,
        "seq": edit.seq,
        "runner": "",
        "head_version_id": ids.version.maybe(edit.head),
        "rebased": edit.rebased,
        "conflict_with": ids.version.maybe(edit.conflict_with),
        "moved_from": ids.version.maybe(edit.moved_from),
        "created_at": edit.created_at,
    }


def _comments(session: Session, checked: Checked, document_id: str, ids: _Kinds) -> None:
    # One insert each for all: an answer's row may not come before the row of what it answers.
    def rows() -> Iterator[dict[str, object]]:
        for comment in checked.comments:
            x0, y0, x1, y1 = comment.rect_px or (None, None, None, None)
            yield {
                "comment_id": ids.comment.of(comment.id),
                "document_id": document_id,
                "layer_id": ids.layer.of(comment.layer),
                "version_id": ids.version.of(comment.version),
                "reply_to": ids.comment.maybe(comment.reply_to),
                "person_id": ids.person.of(comment.person),
                "seq": comment.seq,
                "x0": x0,
                "y0": y0,
                "x1": x1,
                "y1": y1,
                "created_at": comment.created_at,
            }

    _rows(session, CommentRow, rows())
    changes = (
        {
            "comment_id": ids.comment.of(comment.id),
            "seq": change.seq,
            "kind": change.kind,
            "text": change.text,
            "person_id": ids.person.of(change.person),
            "at": change.at,
        }
        for comment in checked.comments
        for change in comment.changes
    )
    _rows(session, CommentChangeRow, changes)
    mentions = (
        {
            "comment_id": ids.comment.of(comment.id),
            "seq": change.seq,
            "person_id": ids.person.of(name),
        }
        for comment in checked.comments
        for change in comment.changes
        for name in change.mentions
    )
    _rows(session, CommentMentionRow, mentions)


def _decisions(session: Session, checked: Checked, document_id: str, ids: _Kinds, layer_of: dict[str, str]) -> None:
    decisions = checked.decisions
    session.add_all(
        ApprovalRow(
            approval_id=new_id(),
            document_id=document_id,
            layer_id=ids.layer.of(layer_of[one.version]),
            version_id=ids.version.of(one.version),
            person_id=ids.person.of(one.person),
            seq=one.seq,
            verdict=one.verdict,
            text=one.text,
            at=one.at,
        )
        for one in decisions.approvals
    )
    session.add_all(
        ApproverRow(
            document_id=document_id,
            person_id=ids.person.of(one.person),
            from_seq=one.from_seq,
            until_seq=one.until_seq,
        )
        for one in decisions.approvers
    )
    # Whoever must approve counts only while they may (see `bridge.review.states`): so that the document stands where it
    # stood.
    assert may("approver", "approve")
    session.add_all(
        MemberRow(document_id=document_id, person_id=ids.person.of(name), role="approver")
        for name in dict.fromkeys(one.person for one in decisions.approvers if one.until_seq is None)
    )
    session.add_all(
        LockRow(
            layer_id=ids.layer.of(layer_of[one.version]),
            seq=one.seq,
            version_id=ids.version.of(one.version),
            is_locked=one.locked,
            person_id=ids.person.of(one.person),
            at=one.at,
        )
        for one in decisions.locks
    )
    session.flush()


def _event(event: EventPart, document_id: str, ids: _Kinds) -> dict[str, object]:
    names_a_version = event.kind in NAMES_A_VERSION and event.detail in ids.version.known
    return {
        "document_id": document_id,
        "seq": event.seq,
        "kind": event.kind,
        "at": event.at,
        "person_id": ids.person.maybe(event.person),
        "layer_id": ids.layer.maybe(event.layer),
        "edit_id": ids.edit.maybe(event.edit),
        "version_id": ids.version.maybe(event.version),
        "comment_id": ids.comment.maybe(event.comment),
        "detail": ids.version.of(event.detail) if names_a_version else event.detail,
    }


def _shape(shape: ShapePart) -> dict[str, object]:
    return {
        "width": shape.width,
        "height": shape.height,
        "depth": shape.depth,
        "channels": shape.channels,
        "alpha": shape.alpha,
    }


def _rows(session: Session, table: type[Base], rows: Iterator[Mapping[str, object]]) -> None:
    """Rows in order, a few hundred at a time."""
    some: list[Mapping[str, object]] = []
    for row in rows:
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            session.execute(insert(table), some)
            some = []
    if some:
        session.execute(insert(table), some)


def _raw(text: str | None) -> Hash | None:
    return None if text is None else bytes.fromhex(text)
