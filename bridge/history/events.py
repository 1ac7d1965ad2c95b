"""What happened in a document: numbered, stored, and told to those who listen once it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bridge.errors import NotFound
from bridge.history.database import Database, tell_after_commit
from bridge.history.records import Happening
from bridge.history.schema import DocumentRow, EventRow, PersonRow


class News:
    """Says that a document has new events; which, the listener reads from the store by number.

    So a slow listener holds nothing in memory and misses nothing.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """There is something new."""
        self._event.set()

    async def wait(self) -> None:
        """Return when something happened since the last return, or as soon as it does."""
        await self._event.wait()
        self._event.clear()


class Bells:
    """The listeners of all documents, in this process."""

    def __init__(self) -> None:
        self._listening: dict[str, set[News]] = {}

    def ring(self, document_id: str) -> None:
        """Tell everybody who listens to this document."""
        for news in self._listening.get(document_id, ()):
            news.ring()

    @contextmanager
    def listen(self, document_id: str) -> Generator[News]:
        """News of one document for the length of a block."""
        news = News()
        self._listening.setdefault(document_id, set()).add(news)
        try:
            yield news
        finally:
            listeners = self._listening[document_id]
            listeners.discard(news)
            if not listeners:
                del self._listening[document_id]


class Events:
    """Reads events and tells of new ones."""

    def __init__(self, database: Database, bells: Bells) -> None:
        self._database = database
        self._bells = bells

    async def after(self, document_id: str, seq: int, limit: int) -> list[Happening]:
        """The first ``limit`` events whose number is greater than ``seq``, in order; none that came
        after the document went into the bin, as long as it is there."""
        return await self._database.read(lambda session: happenings_after(session, document_id, seq, limit))

    def subscribe(self, document_id: str) -> AbstractContextManager[News]:
        """``with events.subscribe(…) as news``: `News.wait` returns whenever there is more for `after` to read."""
        return self._bells.listen(document_id)


def happenings_after(session: Session, document_id: str, seq: int, limit: int) -> list[Happening]:
    """See `Events.after`."""
    found = (
        select(EventRow, PersonRow.name)
        .join(DocumentRow, DocumentRow.document_id == EventRow.document_id)
        .outerjoin(PersonRow, PersonRow.person_id == EventRow.person_id)
        .where(EventRow.document_id == document_id, EventRow.seq > seq)
        .where(or_(DocumentRow.deleted_seq.is_(None), EventRow.seq <= DocumentRow.deleted_seq))
        .order_by(EventRow.seq)
        .limit(limit)
    )
    return [_happening(row, name) for row, name in session.execute(found)]


def append(
    session: Session,
    document_id: str,
    kind: str,
    person_id: str | None = None,
    *,
    layer_id: str | None = None,
    edit_id: str | None = None,
    version_id: str | None = None,
    comment_id: str | None = None,
    detail: str = "",
    in_bin: bool = False,
) -> int:
    """Add an event inside the caller's transaction; listeners are told after its commit.

    Args:
        in_bin: also to a document in the bin: for what ends by itself, not for what people do.

    Returns:
        Its number: one more than the last. Whoever else wants the next number waits for this transaction's end.

    Raises:
        NotFound: no such document, or it is in the bin; so nothing that has an event can happen to it there.
    """
    there = () if in_bin else (DocumentRow.deleted_at.is_(None),)
    seq = session.scalar(
        update(DocumentRow)
        .where(DocumentRow.document_id == document_id, *there)
        .values(last_seq=DocumentRow.last_seq + 1)
        .returning(DocumentRow.last_seq)
        .execution_options(synchronize_session=False)
    )
    if seq is None:
        raise NotFound("document")
    event = EventRow(
        document_id=document_id,
        seq=seq,
        kind=kind,
        at=datetime.now(UTC),
        person_id=person_id,
        layer_id=layer_id,
        edit_id=edit_id,
        version_id=version_id,
        comment_id=comment_id,
        detail=detail,
    )
    session.add(event)
    tell_after_commit(session, document_id)
    return seq


def _happening(row: EventRow, name: str | None) -> Happening:
    return Happening(
        document_id=row.document_id,
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        by=name or "",
        layer_id=row.layer_id,
        edit_id=row.edit_id,
        version_id=row.version_id,
        detail=row.detail,
        comment_id=row.comment_id,
    )
