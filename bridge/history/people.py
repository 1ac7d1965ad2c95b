"""People and the tokens they prove themselves with; of a token only its hash is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from bridge.history.database import Database
from bridge.history.ids import new_id
from bridge.history.records import Person
from bridge.history.schema import PersonRow, TokenRow


class People:
    """Who is paired."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, token_hash: bytes) -> Person:
        """A new person with one token."""

        def work(session: Session) -> Person:
            row = PersonRow(person_id=new_id(), name=name, created_at=datetime.now(UTC))
            session.add(row)
            session.flush()
            session.add(_token(row.person_id, token_hash))
            return Person(row.person_id, row.name)

        return await self._database.write(work)

    async def add_token(self, person_id: str, token_hash: bytes) -> None:
        """One more token for somebody who is known: another program, another machine."""
        await self._database.write(lambda session: session.add(_token(person_id, token_hash)))

    async def by_token(self, token_hash: bytes) -> Person | None:
        """Whose token this is; None when there is no such token, or it was revoked."""
        found = (
            select(PersonRow.person_id, PersonRow.name, PersonRow.is_guest)
            .join(TokenRow, TokenRow.person_id == PersonRow.person_id)
            .where(TokenRow.token_hash == token_hash, TokenRow.revoked_at.is_(None))
        )
        row = await self._database.read(lambda session: session.execute(found).one_or_none())
        return None if row is None else Person(row.person_id, row.name, row.is_guest)

    async def list(self) -> tuple[Person, ...]:
        """Everybody who was ever paired, by name."""
        found = select(PersonRow.person_id, PersonRow.name).order_by(PersonRow.name, PersonRow.created_at)
        rows = await self._database.read(lambda session: session.execute(found).all())
        return tuple(Person(row.person_id, row.name) for row in rows)

    async def revoke(self, token_hash: bytes) -> None:
        """This token lets nobody in any more; one that does not exist is none already."""
        await self._database.write(lambda session: _revoke(session, TokenRow.token_hash == token_hash))

    async def revoke_all(self, person_id: str) -> None:
        """None of this person's tokens lets anybody in any more."""
        await self._database.write(lambda session: _revoke(session, TokenRow.person_id == person_id))


def _token(person_id: str, token_hash: bytes) -> TokenRow:
    return TokenRow(token_hash=token_hash, person_id=person_id, created_at=datetime.now(UTC))


def _revoke(session: Session, which: ColumnElement[bool]) -> None:
    now = datetime.now(UTC)
    session.execute(update(TokenRow).where(which, TokenRow.revoked_at.is_(None)).values(revoked_at=now))
