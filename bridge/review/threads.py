"""Threads, a page at a time: what a list shows first of ten thousand comments, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from bridge.errors import NotFound
from bridge.history.database import Database
from bridge.history.documents import layer_row
from bridge.history.records import Comment, CommentChange
from bridge.history.schema import CommentChangeRow, CommentRow, DocumentRow
from bridge.history.tree import version_row
from bridge.review import mentions
from bridge.review.comments import comment_records

Which = Literal["open", "mine", "all"]
# Answers of each thread in a list; the others are asked for.
LAST_REPLIES = 2
# Versions in one answer: a frame holds some ten thousand.
_MOST_VERSIONS = 8_000
_IS_ROOT = CommentRow.reply_to.is_(None)


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and what was answered; ``number`` counts its layer's threads from 1, oldest first."""

    root: Comment
    number: int
    seq: int
    reply_count: int
    replies: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some threads, as of the document's event ``as_of``; ``total``: how many there are on all pages."""

    as_of: int
    total: int
    threads: tuple[Thread, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Threads that began on a version."""

    version_id: str
    open: int
    all: int


class Threads:
    """Reads threads; `bridge.review.comments.Comments` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, layer_id: str, version_id: str | None, which: Which, me: str, before: int | None, limit: int
    ) -> Page:
        """``limit`` threads of a layer, or of one version of it, newest first, each with its last answers.

        Args:
            which: those that are open, those in which ``me`` spoke, or all.
            before: only those whose first comment has a smaller number of its event.

        Raises:
            NotFound: the layer has no such version.
        """
        begun = _roots(layer_id) if version_id is None else (CommentRow.version_id == version_id, _IS_ROOT)
        wanted = (*begun, *_which(which, me))

        def work(session: Session) -> Page:
            # Asked for here and not there, so that the database looks where there are fewer.
            if version_id is not None and version_row(session, version_id).layer_id != layer_id:
                raise NotFound("version")
            total = session.scalar(select(func.count()).select_from(CommentRow).where(*wanted)) or 0
            found = select(CommentRow).where(*wanted).order_by(CommentRow.seq.desc()).limit(limit)
            if before is not None:
                found = found.where(CommentRow.seq < before)
            return Page(_as_of(session, layer_id), total, _threads(session, tuple(session.scalars(found))))

        return await self._database.read(work)

    async def one(self, comment_id: str, skip: int, limit: int) -> tuple[int, Thread]:
        """The thread that a comment is in, with ``limit`` of its answers, oldest first, after the first ``skip``; and
        the event as of which it is so.

        Raises:
            NotFound: no such comment.
        """

        def work(session: Session) -> tuple[int, Thread]:
            row = session.get(CommentRow, comment_id)
            if row is not None and row.reply_to is not None:
                row = session.get(CommentRow, row.reply_to)
            if row is None:
                raise NotFound("comment")
            (thread,) = _threads(session, (row,))
            answers = select(CommentRow).where(CommentRow.reply_to == row.comment_id).order_by(CommentRow.seq)
            replies = comment_records(session, session.scalars(answers.offset(skip).limit(limit)))
            whole = Thread(thread.root, thread.number, thread.seq, thread.reply_count, replies)
            return _as_of(session, row.layer_id), whole

        return await self._database.read(work)

    async def counts(self, layer_id: str) -> tuple[int, tuple[Count, ...]]:
        """By version, of those on which a thread began, the newest first; and the event as of which it is so."""
        found = (
            select(CommentRow.version_id, func.count().filter(_is_open()), func.count())
            .where(*_roots(layer_id))
            .group_by(CommentRow.version_id)
            .order_by(func.max(CommentRow.seq).desc())
            .limit(_MOST_VERSIONS)
        )

        def work(session: Session) -> tuple[int, tuple[Count, ...]]:
            rows = session.execute(found)
            return _as_of(session, layer_id), tuple(Count(version_id, some, every) for version_id, some, every in rows)

        return await self._database.read(work)

    async def pinned(self, layer_id: str, limit: int) -> tuple[int, tuple[Thread, ...]]:
        """How many open threads with a place a layer has, and the newest of them, without their answers."""
        wanted = (*_roots(layer_id), CommentRow.x0.is_not(None), _is_open())

        def work(session: Session) -> tuple[int, tuple[Thread, ...]]:
            total = session.scalar(select(func.count()).select_from(CommentRow).where(*wanted)) or 0
            found = select(CommentRow).where(*wanted).order_by(CommentRow.seq.desc()).limit(limit)
            return total, _threads(session, tuple(session.scalars(found)), answers=False)

        return await self._database.read(work)


def _roots(layer_id: str) -> tuple[ColumnElement[bool], ...]:
    return CommentRow.layer_id == layer_id, _IS_ROOT


def _which(which: Which, me: str) -> tuple[ColumnElement[bool], ...]:
    match which:
        case "open":
            return (_is_open(),)
        case "mine":
            answer = aliased(CommentRow)
            has_part = or_(answer.person_id == me, mentions.speaks_to(answer, me))
            mine = select(answer.comment_id).where(answer.reply_to == CommentRow.comment_id, has_part)
            return (or_(CommentRow.person_id == me, mentions.speaks_to(CommentRow, me), mine.exists()),)
        case "all":
            return ()


def _is_open() -> ColumnElement[bool]:
    """It was not resolved since it was reopened, if ever. Both are found in the index alone."""
    return _last("resolved") <= _last("reopened")


def _last(kind: CommentChange) -> ColumnElement[int]:
    """The event in which this happened to a comment last; 0: it never did."""
    last = (
        select(func.max(CommentChangeRow.seq))
        .where(CommentChangeRow.comment_id == CommentRow.comment_id, CommentChangeRow.kind == kind)
        .correlate(CommentRow)
        .scalar_subquery()
    )
    return func.coalesce(last, 0)


def _threads(session: Session, roots: Sequence[CommentRow], *, answers: bool = True) -> tuple[Thread, ...]:
    """Rows of first comments as threads: three questions, however many they are."""
    if not roots:
        return ()
    ids = [row.comment_id for row in roots]
    numbers = _numbers(session, roots)
    counts: dict[str | None, int] = {}
    last: list[CommentRow] = []
    if answers:
        mine = CommentRow.reply_to.in_(ids)
        counted = select(CommentRow.reply_to, func.count()).where(mine).group_by(CommentRow.reply_to)
        counts = {row[0]: row[1] for row in session.execute(counted)}
        place = func.row_number().over(partition_by=CommentRow.reply_to, order_by=CommentRow.seq.desc())
        ranked = select(CommentRow.comment_id, place.label("place")).where(mine).subquery()
        found = select(CommentRow).join(
            ranked, and_(ranked.c.comment_id == CommentRow.comment_id, ranked.c.place <= LAST_REPLIES)
        )
        last = list(session.scalars(found.order_by(CommentRow.seq)))
    records = comment_records(session, (*roots, *last))
    return tuple(
        Thread(
            root=root,
            number=numbers[row.comment_id],
            seq=row.seq,
            reply_count=counts.get(row.comment_id, 0),
            replies=tuple(record for record in records[len(roots) :] if record.reply_to == row.comment_id),
        )
        for row, root in zip(roots, records[: len(roots)], strict=True)
    )


def _numbers(session: Session, roots: Sequence[CommentRow]) -> dict[str, int]:
    """Of each, all of one layer: how many threads of its layer had begun by then."""
    earlier = aliased(CommentRow)
    count = (
        select(func.count())
        .select_from(earlier)
        .where(earlier.layer_id == CommentRow.layer_id, earlier.reply_to.is_(None), earlier.seq <= CommentRow.seq)
        .correlate(CommentRow)
        .scalar_subquery()
    )
    found = select(CommentRow.comment_id, count).where(CommentRow.comment_id.in_([row.comment_id for row in roots]))
    return {row[0]: row[1] for row in session.execute(found)}


def _as_of(session: Session, layer_id: str) -> int:
    return session.get_one(DocumentRow, layer_row(session, layer_id).document_id).last_seq
