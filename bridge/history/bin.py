"""The bin: a deleted document is hidden from everybody at once, and its owner can bring it back for a while.

Nothing of it is removed until `bridge.history.purge` ends it; so bringing it back brings everything back, also roles
and invites. Deleting and bringing back are events of the document: who did it when stays in its log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.errors import BridgeError, NotFound
from bridge.history import events
from bridge.history.database import Database
from bridge.history.records import Person
from bridge.history.schema import CommentRow, DocumentRow, LayerRow, VersionRow

# How long a deleted document can be brought back.
KEPT = timedelta(days=30)


class InBin(BridgeError):
    """This document is in the bin."""

    code = "in_bin"

    def __init__(self, document_id: str) -> None:
        super().__init__(
            hint=f"Bring it back: `inlay restore {document_id}`. To begin anew, end it for good: "
            f"`inlay gc --now {document_id}`."
        )


@dataclass(frozen=True, slots=True)
class Binned:
    """A document in the bin, as its owner sees it; times are in UTC.

    Attributes:
        ends_at: from then on `inlay gc` removes it for good.
        versions, comments: how many go with it.
    """

    document_id: str
    key: str
    title: str
    deleted_at: datetime
    ends_at: datetime
    versions: int
    comments: int


class Bin:
    """Every document's way into the bin and out of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete(self, document_id: str, by: Person) -> None:
        """Into the bin; event ``document.deleted`` unless it is there already.

        Raises:
            NotFound: no such document.
        """

        def work(session: Session) -> None:
            row = _row(session, document_id)
            if row.deleted_at is not None:
                return
            # Before the event: who listens is told all events up to this one, and none beyond.
            row.deleted_seq = events.append(session, document_id, "document.deleted", by.person_id)
            row.deleted_at = datetime.now(UTC)

        await self._database.write(work)

    async def restore(self, document_id: str, by: Person) -> None:
        """Out of the bin, as it was; event ``document.restored`` unless it is out already.

        Raises:
            NotFound: no such document, or it has ended for good.
        """

        def work(session: Session) -> None:
            row = _row(session, document_id)
            if row.deleted_at is None:
                return
            row.deleted_at = row.deleted_seq = None
            session.flush()
            events.append(session, document_id, "document.restored", by.person_id)

        await self._database.write(work)

    async def list(self, owner: Person) -> tuple[Binned, ...]:
        """This person's own documents in the bin, the last first."""
        versions = (
            select(func.count())
            .select_from(VersionRow)
            .join(LayerRow, LayerRow.layer_id == VersionRow.layer_id)
            .where(LayerRow.document_id == DocumentRow.document_id, VersionRow.kind == "edit")
        )
        comments = select(func.count()).where(CommentRow.document_id == DocumentRow.document_id)
        found = (
            select(DocumentRow, versions.scalar_subquery(), comments.scalar_subquery())
            .where(DocumentRow.owner_id == owner.person_id, DocumentRow.deleted_at.is_not(None))
            .order_by(DocumentRow.deleted_at.desc(), DocumentRow.document_id)
        )
        rows = await self._database.read(lambda session: session.execute(found).all())
        return tuple(_binned(row, versions, comments) for row, versions, comments in rows)


def _row(session: Session, document_id: str) -> DocumentRow:
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFound("document")
    return row


def _binned(row: DocumentRow, versions: int, comments: int) -> Binned:
    assert row.deleted_at is not None, "asked for"
    return Binned(
        document_id=row.document_id,
        key=row.key,
        title=row.title,
        deleted_at=row.deleted_at,
        ends_at=row.deleted_at + KEPT,
        versions=versions,
        comments=comments,
    )
