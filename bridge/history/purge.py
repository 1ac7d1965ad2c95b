"""Ending documents for good: what has been in the bin for long enough is removed from every table.

Which rows are a document's is read from the tables themselves, so a table that is added later is not forgotten: it is
reached by the column that names its document, or one of the document's parts. A test holds that every table is.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.orm import Session

from bridge.history.schema import Base, CommentRow, DocumentRow, LayerRow, MemberRow, PersonRow, TokenRow, VersionRow

# Tables that are about people, not about documents.
OF_PEOPLE = frozenset(("people", "tokens"))
# What other tables' rows are found by: removed after those.
_PARTS = ("comments", "versions", "layers", "documents")
# Columns by which a row is a document's, the most direct first.
_NAMES = ("document_id", "layer_id", "version_id", "comment_id")


def ended(session: Session, deleted_before: datetime, only: str | None = None) -> tuple[str, ...]:
    """The documents that have been in the bin since before that moment; of ``only`` that id."""
    found = select(DocumentRow.document_id).where(DocumentRow.deleted_at < deleted_before)
    if only is not None:
        found = found.where(DocumentRow.document_id == only)
    return tuple(session.scalars(found.order_by(DocumentRow.document_id)))


def purge(session: Session, document_id: str, deleted_before: datetime) -> bool:
    """Remove the document and all that is about it; False when it is not in the bin (any more) since before that
    moment. Guests who are nothing anywhere then have no token any more. Inside the caller's transaction."""
    row = session.get(DocumentRow, document_id)
    if row is None or row.deleted_at is None or row.deleted_at >= deleted_before:
        return False
    people = session.scalars(select(MemberRow.person_id).where(MemberRow.document_id == document_id)).all()
    session.expunge_all()
    tables = [table for table in reversed(Base.metadata.sorted_tables) if table.name not in OF_PEOPLE]
    parts = [Base.metadata.tables[name] for name in _PARTS]
    for table in (*(table for table in tables if table not in parts), *parts):
        session.execute(delete(table).where(_is_of(table, document_id)))
    nothing_left = ~select(MemberRow.document_id).where(MemberRow.person_id == PersonRow.person_id).exists()
    guests = select(PersonRow.person_id).where(PersonRow.person_id.in_(people), PersonRow.is_guest, nothing_left)
    out = (TokenRow.person_id.in_(guests), TokenRow.revoked_at.is_(None))
    session.execute(
        update(TokenRow).where(*out).values(revoked_at=datetime.now(UTC)),
        execution_options={"synchronize_session": False},
    )
    return True


def _is_of(table: Table, document_id: str) -> ColumnElement[bool]:
    """Which of the table's rows are the document's.

    Raises:
        LookupError: nothing in the table says so.
    """
    layers = select(LayerRow.layer_id).where(LayerRow.document_id == document_id)
    versions = select(VersionRow.version_id).where(VersionRow.layer_id.in_(layers))
    comments = select(CommentRow.comment_id).where(CommentRow.document_id == document_id)
    name = next((name for name in _NAMES if name in table.columns), None)
    match name:
        case "document_id":
            return table.columns["document_id"] == document_id
        case "layer_id":
            return table.columns["layer_id"].in_(layers)
        case "version_id":
            return table.columns["version_id"].in_(versions)
        case "comment_id":
            return table.columns["comment_id"].in_(comments)
        case _:
            raise LookupError(f"whose are the rows of {table.name}?")
