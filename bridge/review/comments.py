"""Comments on versions: threads pinned to places. A row is never changed; what happens to a comment is a new row.

Every change is one transaction with its event, so a client that follows a document's events misses none and sees none
twice. Texts are kept letter for letter and never interpreted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.errors import BadPlace, IdTaken, NotFound, NotYours, NoWords, OutOfOrder
from bridge.history import events
from bridge.history.database import Database
from bridge.history.documents import layer_row
from bridge.history.records import Comment, CommentChange, NewComment, Person
from bridge.history.schema import CommentChangeRow, CommentRow, PersonRow
from bridge.history.tree import version_row
from bridge.review import mentions
from engine.geometry import PixelRect, Size

# Databases take only so many values in one question.
_AT_ONCE = 500


class Comments:
    """Every document's comments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewComment, person: Person) -> Comment:
        """Store a comment; event ``comment.added``. The same one again is found, not stored twice.

        Raises:
            NotFound: no such version, or nothing to reply to.
            NoWords: it says nothing.
            BadPlace: its place is not on the layer as that version has it.
            OutOfOrder: it answers a comment on another layer.
            IdTaken: its id is that of another comment.
        """
        _check_words(new.text)
        return await self._database.write(lambda session: _add(session, new, person))

    async def change(self, comment_id: str, text: str, person: Person, mentioned: tuple[str, ...] = ()) -> Comment:
        """Say it in other words; event ``comment.changed``. The same words again change nothing.

        Raises:
            NotFound: no such comment.
            NoWords: it would say nothing.
            NotYours: somebody else wrote it.
        """
        _check_words(text)
        return await self._database.write(lambda session: _change(session, comment_id, text, person, mentioned))

    async def resolve(self, comment_id: str, resolved: bool, person: Person) -> Comment:
        """Close a thread or open it again; event ``comment.resolved`` or ``comment.reopened`` unless it is so already.

        Raises:
            NotFound: no such comment.
            OutOfOrder: it is not the one that its thread began with.
        """
        return await self._database.write(lambda session: _resolve(session, comment_id, resolved, person))

    async def page(
        self, document_id: str, layer_id: str | None, skip: int, limit: int
    ) -> tuple[int, tuple[Comment, ...]]:
        """How many comments a document, or one layer of it, has; and ``limit`` of them, oldest first."""
        mine = [CommentRow.document_id == document_id]
        if layer_id is not None:
            mine.append(CommentRow.layer_id == layer_id)

        def work(session: Session) -> tuple[int, tuple[Comment, ...]]:
            total = session.scalar(select(func.count()).select_from(CommentRow).where(*mine)) or 0
            found = select(CommentRow).where(*mine).order_by(CommentRow.seq).offset(skip).limit(limit)
            return total, comment_records(session, session.scalars(found))

        return await self._database.read(work)

    async def some(self, layer_id: str, comment_ids: Sequence[str]) -> tuple[Comment, ...]:
        """Those of them that are comments of the layer, oldest first."""
        found = select(CommentRow).where(CommentRow.layer_id == layer_id, CommentRow.comment_id.in_(comment_ids))
        return await self._database.read(
            lambda session: comment_records(session, session.scalars(found.order_by(CommentRow.seq)))
        )


def comment_records(session: Session, rows: Iterable[CommentRow]) -> tuple[Comment, ...]:
    """Rows as records: what they say now, and by whom."""
    rows = tuple(rows)
    changes: dict[str, list[CommentChangeRow]] = {row.comment_id: [] for row in rows}
    ids = list(changes)
    for start in range(0, len(ids), _AT_ONCE):
        some = CommentChangeRow.comment_id.in_(ids[start : start + _AT_ONCE])
        for change in session.scalars(select(CommentChangeRow).where(some).order_by(CommentChangeRow.seq)):
            changes[change.comment_id].append(change)
    people = {row.person_id for row in rows} | {change.person_id for some in changes.values() for change in some}
    names = _names(session, sorted(people))
    spoken_to = mentions.mentioned(session, ids)
    return tuple(_record(row, changes[row.comment_id], names, spoken_to) for row in rows)


def _add(session: Session, new: NewComment, person: Person) -> Comment:
    version = version_row(session, new.version_id)
    document_id = layer_row(session, version.layer_id).document_id
    root = None if new.reply_to is None else _root(session, new.reply_to, document_id)
    if root is not None and root.layer_id != version.layer_id:
        raise OutOfOrder("An answer belongs to the layer of what it answers.", hint="Comment on this layer anew.")
    if new.rect_px is not None and (
        new.rect_px.is_empty or not Size(version.width, version.height).rect.contains(new.rect_px)
    ):
        raise BadPlace(f"There the layer is {version.width}×{version.height}.")
    known = session.get(CommentRow, new.comment_id)
    if known is not None:
        if not _is_same(session, known, new, None if root is None else root.comment_id, person):
            raise IdTaken
        return comment_records(session, (known,))[0]
    now = datetime.now(UTC)
    seq = events.append(
        session,
        document_id,
        "comment.added",
        person.person_id,
        layer_id=version.layer_id,
        version_id=version.version_id,
        comment_id=new.comment_id,
    )
    x0, y0, x1, y1 = (None,) * 4 if new.rect_px is None else new.rect_px.as_tuple()
    row = CommentRow(
        comment_id=new.comment_id,
        document_id=document_id,
        layer_id=version.layer_id,
        version_id=version.version_id,
        reply_to=None if root is None else root.comment_id,
        person_id=person.person_id,
        seq=seq,
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add(_changed(row, seq, "added", person, now, new.text))
    mentions.keep(session, document_id, row.comment_id, seq, new.text, new.mentions)
    session.flush()
    return comment_records(session, (row,))[0]


def _change(session: Session, comment_id: str, text: str, person: Person, mentioned: tuple[str, ...]) -> Comment:
    row = _comment_row(session, comment_id)
    if row.person_id != person.person_id:
        raise NotYours
    comment = comment_records(session, (row,))[0]
    return comment if comment.text == text else _happens(session, row, "changed", person, text, mentioned)


def _resolve(session: Session, comment_id: str, resolved: bool, person: Person) -> Comment:
    row = _comment_row(session, comment_id)
    if row.reply_to is not None:
        raise OutOfOrder("A thread is resolved as a whole.", hint="Resolve the comment that it began with.")
    comment = comment_records(session, (row,))[0]
    if (comment.resolved_at is not None) is resolved:
        return comment
    return _happens(session, row, "resolved" if resolved else "reopened", person)


def _happens(
    session: Session,
    row: CommentRow,
    kind: CommentChange,
    person: Person,
    text: str | None = None,
    mentioned: tuple[str, ...] = (),
) -> Comment:
    seq = events.append(
        session,
        row.document_id,
        f"comment.{kind}",
        person.person_id,
        layer_id=row.layer_id,
        version_id=row.version_id,
        comment_id=row.comment_id,
    )
    session.add(_changed(row, seq, kind, person, datetime.now(UTC), text))
    if text is not None:
        mentions.keep(session, row.document_id, row.comment_id, seq, text, mentioned)
    session.flush()
    return comment_records(session, (row,))[0]


def _changed(
    row: CommentRow, seq: int, kind: CommentChange, person: Person, at: datetime, text: str | None
) -> CommentChangeRow:
    return CommentChangeRow(comment_id=row.comment_id, seq=seq, kind=kind, text=text, person_id=person.person_id, at=at)


def _comment_row(session: Session, comment_id: str) -> CommentRow:
    row = session.get(CommentRow, comment_id)
    if row is None:
        raise NotFound("comment")
    return row


def _root(session: Session, comment_id: str, document_id: str) -> CommentRow:
    """The first comment of the thread that this one is in; another document's is not even said to exist."""
    row = _comment_row(session, comment_id)
    if row.document_id != document_id:
        raise NotFound("comment")
    return row if row.reply_to is None else _comment_row(session, row.reply_to)


def _is_same(session: Session, row: CommentRow, new: NewComment, root_id: str | None, person: Person) -> bool:
    """Whether this is what was stored: the same person's, of the same place, with the words it had at first."""
    first = session.scalars(
        select(CommentChangeRow).where(CommentChangeRow.comment_id == row.comment_id).order_by(CommentChangeRow.seq)
    ).first()
    is_there = (row.person_id, row.version_id, row.reply_to, _rect(row)) == (
        person.person_id, new.version_id, root_id, new.rect_px,
    )  # fmt: skip
    return is_there and first is not None and first.text == new.text


def _record(
    row: CommentRow,
    changes: Sequence[CommentChangeRow],
    names: dict[str, str],
    spoken_to: dict[tuple[str, int], tuple[str, ...]],
) -> Comment:
    said = [change for change in changes if change.text is not None]
    state = next((change for change in reversed(changes) if change.kind in ("resolved", "reopened")), None)
    resolved = state if state is not None and state.kind == "resolved" else None
    return Comment(
        comment_id=row.comment_id,
        document_id=row.document_id,
        layer_id=row.layer_id,
        version_id=row.version_id,
        reply_to=row.reply_to,
        rect_px=_rect(row),
        text=said[-1].text or "",
        person=Person(row.person_id, names[row.person_id]),
        created_at=row.created_at,
        changed_at=said[-1].at if len(said) > 1 else None,
        resolved_by=None if resolved is None else names[resolved.person_id],
        resolved_at=None if resolved is None else resolved.at,
        mentions=spoken_to.get((row.comment_id, said[-1].seq), ()),
    )


def _rect(row: CommentRow) -> PixelRect | None:
    if row.x0 is None or row.y0 is None or row.x1 is None or row.y1 is None:
        return None
    return PixelRect(row.x0, row.y0, row.x1, row.y1)


def _names(session: Session, person_ids: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for start in range(0, len(person_ids), _AT_ONCE):
        some = PersonRow.person_id.in_(person_ids[start : start + _AT_ONCE])
        names |= {row.person_id: row.name for row in session.scalars(select(PersonRow).where(some))}
    return names


def _check_words(text: str) -> None:
    if not text.strip():
        raise NoWords
