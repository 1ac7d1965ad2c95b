"""Who is what in which document, asked by whatever a message speaks of."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.orm import Session

from bridge.access.roles import Role, Subject
from bridge.errors import NotFound, OwnerStays
from bridge.history import events
from bridge.history.database import Database
from bridge.history.records import Member, Person
from bridge.history.schema import (
    CommentRow,
    DocumentRow,
    InviteRow,
    LayerRow,
    MemberRow,
    PersonRow,
    TokenRow,
    VersionRow,
)


class Members:
    """The roles of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def role(self, person_id: str, subject: Subject, subject_id: str, *, in_bin: bool = False) -> Role | None:
        """What this person is in the document that this is, or is part of; None is nothing, also where there is no
        such thing, or where it is in the bin (``in_bin``: where it is not).
        """
        there = DocumentRow.deleted_at.is_not(None) if in_bin else DocumentRow.deleted_at.is_(None)
        mine = (
            select(MemberRow.role)
            .join(DocumentRow, DocumentRow.document_id == MemberRow.document_id)
            .where(MemberRow.person_id == person_id, MemberRow.document_id == _document(subject, subject_id), there)
        )
        return await self._database.read(lambda session: session.scalar(mine))

    async def roles(self, document_id: str) -> dict[str, Role]:
        """What everybody in a document is there, by their ids; nobody is anything in one that is in the bin."""
        found = (
            select(MemberRow.person_id, MemberRow.role)
            .join(DocumentRow, DocumentRow.document_id == MemberRow.document_id)
            .where(MemberRow.document_id == document_id, DocumentRow.deleted_at.is_(None))
        )
        return {
            row.person_id: row.role for row in await self._database.read(lambda session: session.execute(found).all())
        }

    async def list(self, document_id: str) -> tuple[Member, ...]:
        """Everybody in a document, by name."""
        found = (
            select(PersonRow, MemberRow.role)
            .join(MemberRow, MemberRow.person_id == PersonRow.person_id)
            .where(MemberRow.document_id == document_id)
            .order_by(PersonRow.name, PersonRow.person_id)
        )
        rows = await self._database.read(lambda session: session.execute(found).all())
        return tuple(Member(Person(row.person_id, row.name, row.is_guest), role) for row, role in rows)

    async def set_role(self, document_id: str, person_id: str, role: Role | None, by: str | None = None) -> None:
        """From now on this person is that in the document, event ``member.joined`` or ``member.changed``; None:
        nothing any more, event ``member.left``.

        Args:
            document_id, person_id, role: who is what where.
            by: who says so; otherwise the person themselves.

        Raises:
            NotFound: no such document or person.
            OwnerStays: it is the document's owner.
        """

        def work(session: Session) -> None:
            document, row = session.get(DocumentRow, document_id), session.get(MemberRow, (document_id, person_id))
            if document is None:
                raise NotFound("document")
            if session.get(PersonRow, person_id) is None:
                raise NotFound("person")
            if document.owner_id == person_id:
                raise OwnerStays
            # A link of their own must not bring back what was taken from them.
            own = (InviteRow.document_id == document_id, InviteRow.person_id == person_id)
            for invite in session.scalars(select(InviteRow).where(*own)):
                if role is None:
                    invite.revoked_at = invite.revoked_at or datetime.now(UTC)
                elif role != "owner":
                    invite.role = role
            if role is not None:
                if row is None:
                    events.append(session, document_id, "member.joined", person_id, detail=role)
                set_role(session, document_id, person_id, role, by=by, invite_id=None if row is None else row.invite_id)
            elif row is not None:
                leave(session, row, by or person_id)

        await self._database.write(work)


def set_role(
    session: Session,
    document_id: str,
    person_id: str,
    role: Role,
    *,
    by: str | None = None,
    invite_id: str | None = None,
) -> None:
    """The person is that in the document from now on, event ``member.changed`` if they were something else there;
    inside the caller's transaction."""
    row = session.get(MemberRow, (document_id, person_id))
    if row is None:
        session.add(MemberRow(document_id=document_id, person_id=person_id, role=role, invite_id=invite_id))
        return
    was, row.role, row.invite_id = row.role, role, invite_id
    if was != role:
        name = session.get_one(PersonRow, person_id).name
        events.append(session, document_id, "member.changed", by or person_id, detail=f"{name}: {role}")


def leave(session: Session, member: MemberRow, by: str) -> None:
    """The person is nothing in the document any more, event ``member.left``; a guest who is nothing anywhere has no
    token any more. Inside the caller's transaction."""
    person = session.get_one(PersonRow, member.person_id)
    session.delete(member)
    session.flush()
    events.append(session, member.document_id, "member.left", by, detail=person.name)
    elsewhere = session.scalar(select(MemberRow.document_id).where(MemberRow.person_id == person.person_id).limit(1))
    if person.is_guest and elsewhere is None:
        mine = (TokenRow.person_id == person.person_id, TokenRow.revoked_at.is_(None))
        session.execute(update(TokenRow).where(*mine).values(revoked_at=datetime.now(UTC)))


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
        case "invite":
            found = select(InviteRow.document_id).where(InviteRow.invite_id == subject_id)
        case "comment":
            found = select(CommentRow.document_id).where(CommentRow.comment_id == subject_id)
    return found.scalar_subquery()
