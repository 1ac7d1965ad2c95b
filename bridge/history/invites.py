"""Invites and whom they let in, stored; what an invite is, is in `bridge.access.invites`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.access.invites import Invite, InvitedRole, higher
from bridge.access.roles import Role
from bridge.errors import InviteInvalid, NotFound
from bridge.history import events
from bridge.history.database import Database
from bridge.history.ids import new_id
from bridge.history.members import leave, set_role
from bridge.history.records import Person
from bridge.history.schema import DocumentRow, InviteRow, MemberRow, PersonRow, TokenRow

_NOBODY = "Guest"


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who came in by an invite; ``is_new``: their token was stored, they need to keep it."""

    person: Person
    document_id: str
    role: Role
    is_new: bool


class Invites:
    """Every document's invites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(
        self,
        document_id: str,
        role: InvitedRole,
        token_hash: bytes,
        by: Person,
        *,
        name: str = "",
        expires: timedelta | None = None,
        once: bool = False,
    ) -> Invite:
        """A new invite.

        Raises:
            NotFound: no such document.
        """

        def work(session: Session) -> Invite:
            if session.get(DocumentRow, document_id) is None:
                raise NotFound("document")
            now = datetime.now(UTC)
            row = InviteRow(
                invite_id=new_id(),
                document_id=document_id,
                token_hash=token_hash,
                role=role,
                name=name,
                once=once,
                created_by=by.person_id,
                person_id=None,
                created_at=now,
                expires_at=None if expires is None else now + expires,
                used_at=None,
                revoked_at=None,
            )
            session.add(row)
            return _record(row, ())

        return await self._database.write(work)

    async def list(self, document_id: str) -> tuple[Invite, ...]:
        """A document's invites, oldest first, also those that let nobody in any more."""

        def work(session: Session) -> tuple[Invite, ...]:
            found = select(InviteRow).where(InviteRow.document_id == document_id)
            rows = session.scalars(found.order_by(InviteRow.created_at, InviteRow.invite_id)).all()
            return tuple(_record(row, _joined(session, row)) for row in rows)

        return await self._database.read(work)

    async def revoke(self, invite_id: str, by: Person) -> Invite:
        """It lets nobody in any more, and those who came in by it are out; event ``member.left`` for each.

        Raises:
            NotFound: no such invite.
        """

        def work(session: Session) -> Invite:
            row = session.get(InviteRow, invite_id)
            if row is None:
                raise NotFound("invite")
            row.revoked_at = row.revoked_at or datetime.now(UTC)
            for member in session.scalars(select(MemberRow).where(MemberRow.invite_id == invite_id)).all():
                leave(session, member, by.person_id)
            session.flush()
            return _record(row, ())

        return await self._database.write(work)

    async def redeem(self, invite_hash: bytes, token_hash: bytes, name: str, known: Person | None) -> Joined:
        """Let somebody in.

        Args:
            invite_hash: of the invite's token.
            token_hash: of the token that a new person, or a new device, is to have.
            name: what they call themselves; an invite with a name knows better.
            known: who they are already, by a token they have.

        Returns:
            Who they are now. They get the invite's role unless they have a higher one; event ``member.joined`` when
            they are new in the document.

        Raises:
            InviteInvalid: there is no such invite, or it lets nobody in any more.
        """
        return await self._database.write(lambda session: _redeem(session, invite_hash, token_hash, name, known))


def _redeem(session: Session, invite_hash: bytes, token_hash: bytes, name: str, known: Person | None) -> Joined:
    row = session.scalars(select(InviteRow).where(InviteRow.token_hash == invite_hash)).one_or_none()
    if row is None or session.get_one(DocumentRow, row.document_id).deleted_at is not None:
        raise InviteInvalid
    if known is not None:
        member = session.get(MemberRow, (row.document_id, known.person_id))
        if member is not None and member.invite_id == row.invite_id:
            return Joined(known, row.document_id, member.role, is_new=False)  # the same link once more
    now = datetime.now(UTC)
    _record(row, ()).check(now)
    # Whoever is paired stays who they are; a guest who opens somebody's own link is that somebody from now on.
    stays = known is not None and (not row.name or not known.is_guest or known.person_id == row.person_id)
    person_id = known.person_id if known is not None and stays else row.person_id
    is_new = not stays
    if person_id is None:
        made = PersonRow(person_id=new_id(), name=row.name or name.strip() or _NOBODY, created_at=now, is_guest=True)
        session.add(made)
        session.flush()
        person_id = made.person_id
        if row.name:
            row.person_id = person_id
    if is_new:
        session.add(TokenRow(token_hash=token_hash, person_id=person_id, created_at=now))
    member = session.get(MemberRow, (row.document_id, person_id))
    role = row.role if member is None else higher(member.role, row.role)
    # Two who open a link for once at the same moment: transactions that write wait for each other. Whom it gives
    # nothing, it is not used up by.
    if is_new or member is None or member.role != role:
        row.used_at = now
    if member is None or member.role != role:
        set_role(session, row.document_id, person_id, role, invite_id=row.invite_id)
    if member is None:
        events.append(session, row.document_id, "member.joined", person_id, detail=role)
    session.flush()
    person = session.get_one(PersonRow, person_id)
    return Joined(Person(person_id, person.name, person.is_guest), row.document_id, role, is_new)


def _joined(session: Session, row: InviteRow) -> Sequence[str]:
    found = select(PersonRow.name).join(MemberRow, MemberRow.person_id == PersonRow.person_id)
    return session.scalars(found.where(MemberRow.invite_id == row.invite_id).order_by(PersonRow.name)).all()


def _record(row: InviteRow, joined: Sequence[str]) -> Invite:
    return Invite(
        invite_id=row.invite_id,
        document_id=row.document_id,
        role=cast(InvitedRole, row.role),
        name=row.name,
        once=row.once,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        joined=tuple(joined),
    )
