"""Searching the history: one question over comments, versions and verdicts, of documents in which one has a role.

Who may see what is part of the question itself, so nothing else is even counted. Texts are compared in the database,
folded (`bridge.history.folding`); ARCHITECTURE has the figures that say why there is no index of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SelectBase, Subquery, and_, exists, func, literal, not_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from bridge.access.roles import RIGHTS
from bridge.history.database import Database
from bridge.history.folding import has
from bridge.history.records import Person
from bridge.history.schema import (
    ApprovalRow,
    CommentChangeRow,
    CommentRow,
    DocumentRow,
    LayerRow,
    MemberRow,
    PersonRow,
    VersionRow,
)
from bridge.search.query import Kind, Query, State

_VIEWERS = tuple(role for role, rights in RIGHTS.items() if "view" in rights)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found.

    Attributes:
        comment_id: of a comment.
        text: what it says: the comment, the command, or what came with the verdict (the verdict, where nothing did).
    """

    kind: Kind
    document_id: str
    document_title: str
    layer_id: str
    layer_name: str
    version_id: str
    comment_id: str | None
    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """``total``: how many there are; ``hits``: some of them, the latest first."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """What the question gives of each."""

    kind: Kind
    item_id: str
    version_id: str
    person_id: str
    at: datetime


class Search:
    """Searches everything that a person may see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, query: Query, person: Person, *, document_id: str | None, skip: int, limit: int) -> Found:
        """What fits the query, in all documents or in one; nothing of a document in which the person is nothing."""
        return await self._database.read(lambda session: _find(session, query, person, document_id, skip, limit))


def _find(session: Session, query: Query, person: Person, document_id: str | None, skip: int, limit: int) -> Found:
    parts = [part for part in (_comments, _versions, _verdicts) if part.__name__[1:-1] in query.kinds]
    asked = [part(query, person, document_id) for part in parts]
    asked = [one for one in asked if one is not None]
    if not asked:
        return Found(0, ())
    found = union_all(*asked).subquery()
    total = func.count().over()
    page = (
        select(found, total.label("total"))
        .order_by(found.c.at.desc(), found.c.kind, found.c.item_id)
        .offset(skip)
        .limit(limit)
    )
    page_rows = session.execute(page).all()
    rows = tuple(_Row(row.kind, row.item_id, row.version_id, row.person_id, row.at) for row in page_rows)
    names = _names_of(session, rows)
    hits = tuple(_hit(row, names) for row in rows)
    return Found(page_rows[0].total if page_rows else _count(session, found, skip), hits)


def _count(session: Session, found: Subquery, skip: int) -> int:
    """Beyond the last page nothing says how many there are."""
    return session.scalar(select(func.count()).select_from(found)) or 0 if skip else 0


# ── the three kinds ──────────────────────────────────────────────────────────────────────────────────────────────


def _comments(query: Query, person: Person, document_id: str | None) -> SelectBase | None:
    later = aliased(CommentChangeRow)
    is_last = ~exists(
        select(later.seq).where(
            later.comment_id == CommentChangeRow.comment_id,
            later.seq > CommentChangeRow.seq,
            later.text.is_not(None),
        )
    )
    said = (
        select(
            literal("comment").label("kind"),
            CommentRow.comment_id.label("item_id"),
            CommentRow.version_id.label("version_id"),
            CommentRow.person_id.label("person_id"),
            CommentRow.created_at.label("at"),
        )
        .join(CommentChangeRow, CommentChangeRow.comment_id == CommentRow.comment_id)
        .where(CommentChangeRow.text.is_not(None), is_last)
        .where(_seen(CommentRow.document_id, person, document_id))
        .where(*_words(query, CommentChangeRow.text), *_by(query, CommentRow.person_id, person))
        .where(*_when(query, CommentRow.created_at), *_made(query, CommentRow.version_id))
    )
    root = func.coalesce(CommentRow.reply_to, CommentRow.comment_id)
    for states, holds in ((query.states, True), (query.not_states, False)):
        for state in states:
            if state in ("open", "resolved"):
                said = said.where(_is_resolved(root) if (state == "resolved") is holds else not_(_is_resolved(root)))
    return said


def _versions(query: Query, person: Person, document_id: str | None) -> SelectBase | None:
    if _of_threads(query):
        return None
    return (
        select(
            literal("version").label("kind"),
            VersionRow.version_id.label("item_id"),
            VersionRow.version_id.label("version_id"),
            VersionRow.person_id.label("person_id"),
            VersionRow.created_at.label("at"),
        )
        .join(LayerRow, LayerRow.layer_id == VersionRow.layer_id)
        .where(VersionRow.kind == "edit", _seen(LayerRow.document_id, person, document_id))
        .where(*_words(query, VersionRow.text), *_by(query, VersionRow.person_id, person))
        .where(*_when(query, VersionRow.created_at), *_made(query, VersionRow.version_id))
    )


def _verdicts(query: Query, person: Person, document_id: str | None) -> SelectBase | None:
    if _of_threads(query):
        return None
    words = _judged()
    return (
        select(
            literal("verdict").label("kind"),
            ApprovalRow.approval_id.label("item_id"),
            ApprovalRow.version_id.label("version_id"),
            ApprovalRow.person_id.label("person_id"),
            ApprovalRow.at.label("at"),
        )
        .where(ApprovalRow.verdict != "withdrawn", _is_last_verdict())
        .where(_seen(ApprovalRow.document_id, person, document_id))
        .where(*_words(query, words), *_by(query, ApprovalRow.person_id, person))
        .where(*_when(query, ApprovalRow.at), *_made(query, ApprovalRow.version_id))
    )


def _judged() -> ColumnElement[str]:
    return func.coalesce(func.nullif(ApprovalRow.text, ""), ApprovalRow.verdict)


def _of_threads(query: Query) -> bool:
    """Whether it asks for what only comments are."""
    return any(state in ("open", "resolved") for state in (*query.states, *query.not_states))


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────

_Column = InstrumentedAttribute[str] | ColumnElement[str]


def _seen(column: _Column, person: Person, document_id: str | None) -> ColumnElement[bool]:
    """What this person may see, and of that what is in the document, if one is named."""
    mine = (
        select(MemberRow.document_id)
        .join(DocumentRow, DocumentRow.document_id == MemberRow.document_id)
        .where(MemberRow.person_id == person.person_id, MemberRow.role.in_(_VIEWERS), DocumentRow.deleted_at.is_(None))
    )
    if document_id is not None:
        mine = mine.where(MemberRow.document_id == document_id)
    return column.in_(mine)


def _words(query: Query, text: object) -> Sequence[ColumnElement[bool]]:
    found = [has(text, query.words)] if query.words else []
    return [*found, *(not_(has(text, (word,))) for word in query.without)]


def _by(query: Query, column: _Column, person: Person) -> Sequence[ColumnElement[bool]]:
    def one(name: str) -> ColumnElement[bool]:
        if name == "me":
            return column == person.person_id
        return column.in_(select(PersonRow.person_id).where(has(PersonRow.name, (name,))))

    return [one(name) for name in query.by] + [not_(one(name)) for name in query.not_by]


def _when(query: Query, at: InstrumentedAttribute[datetime]) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.since is not None:
        found.append(at >= query.since)
    if query.until is not None:
        found.append(at < query.until)
    return found


def _made(query: Query, column: _Column) -> Sequence[ColumnElement[bool]]:
    """Conditions on the version that it is, or is about."""
    version = aliased(VersionRow)
    conditions: list[ColumnElement[bool]] = []
    # As `engine.commands.plan.Plan` is written; in a text its quotes would be escaped.
    conditions += [version.plan.contains(f'"op":"{name}"', autoescape=True) for name in query.ops]
    conditions += [not_(version.plan.contains(f'"op":"{name}"', autoescape=True)) for name in query.not_ops]
    for names, holds in ((query.layer, True), (query.not_layer, False)):
        for name in names:
            within = version.layer_id.in_(select(LayerRow.layer_id).where(has(LayerRow.name, (name,))))
            conditions.append(within if holds else not_(within))
    found = [column.in_(select(version.version_id).where(and_(*conditions)))] if conditions else []
    for states, holds in ((query.states, True), (query.not_states, False)):
        for state in states:
            of_version = _state(state)
            if of_version is not None:
                found.append(column.in_(of_version) if holds else not_(column.in_(of_version)))
    return found


def _state(state: State) -> SelectBase | None:
    """The versions of which that is so; None: it is said of comments."""
    match state:
        case "approved" | "rejected":
            verdict = "approved" if state == "approved" else "changes_requested"
            return select(ApprovalRow.version_id).where(ApprovalRow.verdict == verdict, _is_last_verdict())
        case "head":
            return select(LayerRow.head_version_id)
        case "open" | "resolved":
            return None


def _is_last_verdict() -> ColumnElement[bool]:
    """Of each person on each version the last one counts."""
    later = aliased(ApprovalRow)
    return ~exists(
        select(later.approval_id).where(
            later.version_id == ApprovalRow.version_id,
            later.person_id == ApprovalRow.person_id,
            later.seq > ApprovalRow.seq,
        )
    )


def _is_resolved(root: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the thread that begins with this comment is closed."""
    change, later = aliased(CommentChangeRow), aliased(CommentChangeRow)
    turns = ("resolved", "reopened")
    after = exists(
        select(later.seq).where(later.comment_id == change.comment_id, later.seq > change.seq, later.kind.in_(turns))
    )
    return exists(select(change.seq).where(change.comment_id == root, change.kind == "resolved", ~after))


# ── what is said of them ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Names:
    people: dict[str, str]
    places: dict[str, tuple[str, str, str, str]]
    texts: dict[str, str]


def _names_of(session: Session, rows: Sequence[_Row]) -> _Names:
    people = {row.person_id for row in rows}
    versions = {row.version_id for row in rows}
    places = (
        select(VersionRow.version_id, LayerRow.layer_id, LayerRow.name, DocumentRow.document_id, DocumentRow.title)
        .join(LayerRow, LayerRow.layer_id == VersionRow.layer_id)
        .join(DocumentRow, DocumentRow.document_id == LayerRow.document_id)
        .where(VersionRow.version_id.in_(versions))
    )
    named = select(PersonRow.person_id, PersonRow.name).where(PersonRow.person_id.in_(people))
    return _Names(
        {row.person_id: row.name for row in session.execute(named)},
        {row[0]: (row[1], row[2], row[3], row[4]) for row in session.execute(places)},
        _texts_of(session, {row.item_id for row in rows}),
    )


def _texts_of(session: Session, item_ids: set[str]) -> dict[str, str]:
    """Of one page only: they were looked through, but not carried along, for all that was found."""
    said = (
        select(CommentChangeRow.comment_id, CommentChangeRow.text)
        .where(CommentChangeRow.comment_id.in_(item_ids), CommentChangeRow.text.is_not(None))
        .order_by(CommentChangeRow.seq)
    )
    typed = select(VersionRow.version_id, VersionRow.text).where(VersionRow.version_id.in_(item_ids))
    judged = select(ApprovalRow.approval_id, _judged()).where(ApprovalRow.approval_id.in_(item_ids))
    return {row[0]: row[1] or "" for one in (said, typed, judged) for row in session.execute(one)}


def _hit(row: _Row, names: _Names) -> Hit:
    layer_id, layer_name, document_id, title = names.places[row.version_id]
    return Hit(
        kind=row.kind,
        document_id=document_id,
        document_title=title,
        layer_id=layer_id,
        layer_name=layer_name,
        version_id=row.version_id,
        comment_id=row.item_id if row.kind == "comment" else None,
        author=names.people.get(row.person_id, ""),
        at=row.at,
        text=names.texts.get(row.item_id, ""),
    )
