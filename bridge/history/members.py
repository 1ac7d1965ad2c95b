"""Who is what in which document, asked by whatever a message speaks of."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from bridge.access.roles import Role
from bridge.errors import NotFound
from bridge.history.database import Database
from bridge.history.schema import CommentRow, DocumentRow, LayerRow, MemberRow, VersionRow

# What names a document: itself, or one of its parts.
Subject = Literal["document", "layer", "version", "comment"]
SUBJECTS: tuple[Subject, ...] = ("document", "layer", "version", "comment")


class Members:
    """The roles of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def role(self, person_id: str, subject: Subject, subject_id: str) -> Role | None:
        """What this person is in the document that this is, or is part of; None is nothing, also where there is no
        such thing."""
        mine = select(MemberRow.role).where(
            MemberRow.person_id == person_id, MemberRow.document_id == _document(subject, subject_id)
        )
        return await self._database.read(lambda session: session.scalar(mine))

    async def set_role(self, document_id: str, person_id: str, role: Role) -> None:
        """From now on this person is that in the document.

        Raises:
            NotFound: no such document.
        """
        await self._database.write(lambda session: set_role(session, document_id, person_id, role))


def set_role(session: Session, document_id: str, person_id: str, role: Role) -> None:
    """See `Members.set_role`; inside the caller's transaction."""
    if session.get(DocumentRow, document_id) is None:
        raise NotFound("document")
    row = session.get(MemberRow, (document_id, person_id))
    if row is None:
        session.add(MemberRow(document_id=document_id, person_id=person_id, role=role))
    else:
        row.role = role


def _document(subject: Subject, subject_id: str) -> ScalarSelect[str]:
    """The id of the document."""
    match subject:
        case "document":
            found = select(DocumentRow.document_id).where(DocumentRow.document_id == subject_id)
        case "layer":
            found = select(LayerRow.document_id).where(LayerRow.layer_id == subject_id)
        case "version":
            of_layer = select(LayerRow.document_id).join(VersionRow, VersionRow.layer_id == LayerRow.layer_id)
            found = of_layer.where(VersionRow.version_id == subject_id)
        case "comment":
            found = select(CommentRow.document_id).where(CommentRow.comment_id == subject_id)
    return found.scalar_subquery()
