"""Verdicts on versions: one of each person counts, all are kept."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.errors import NothingTo, NoWords
from bridge.history import events
from bridge.history.database import Database
from bridge.history.documents import layer_row
from bridge.history.ids import new_id
from bridge.history.records import Approval, Person, Verdict
from bridge.history.schema import ApprovalRow, PersonRow
from bridge.history.tree import version_row


class Approvals:
    """Every document's verdicts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(self, version_id: str, verdict: Verdict, text: str, person: Person) -> Approval:
        """This person's verdict from now on; event ``approval.set`` unless it is so already.

        Raises:
            NotFound: no such version.
            NothingTo: there is nothing to withdraw.
            NoWords: changes are requested without a word of which.
        """
        if verdict == "changes_requested" and not text.strip():
            raise NoWords("Nothing is said of what should change.")
        return await self._database.write(lambda session: _set(session, version_id, verdict, text, person))

    async def page(self, document_id: str, skip: int, limit: int) -> tuple[int, tuple[Approval, ...]]:
        """How many verdicts count in a document, or did until they were withdrawn; and ``limit`` of them, oldest
        first."""
        last = (
            select(func.max(ApprovalRow.seq))
            .where(ApprovalRow.document_id == document_id)
            .group_by(ApprovalRow.version_id, ApprovalRow.person_id)
        )
        mine = (ApprovalRow.document_id == document_id, ApprovalRow.seq.in_(last))

        def work(session: Session) -> tuple[int, tuple[Approval, ...]]:
            total = session.scalar(select(func.count()).select_from(ApprovalRow).where(*mine)) or 0
            found = (
                select(ApprovalRow, PersonRow.name)
                .join(PersonRow, PersonRow.person_id == ApprovalRow.person_id)
                .where(*mine)
                .order_by(ApprovalRow.seq)
                .offset(skip)
                .limit(limit)
            )
            return total, tuple(_record(row, name) for row, name in session.execute(found))

        return await self._database.read(work)


def _set(session: Session, version_id: str, verdict: Verdict, text: str, person: Person) -> Approval:
    version = version_row(session, version_id)
    document_id = layer_row(session, version.layer_id).document_id
    mine = (ApprovalRow.version_id == version_id, ApprovalRow.person_id == person.person_id)
    last = session.scalars(select(ApprovalRow).where(*mine).order_by(ApprovalRow.seq.desc()).limit(1)).one_or_none()
    if last is not None and (last.verdict, last.text) == (verdict, text):
        return _record(last, person.name)
    if verdict == "withdrawn" and (last is None or last.verdict == "withdrawn"):
        raise NothingTo("withdraw")
    seq = events.append(
        session,
        document_id,
        "approval.set",
        person.person_id,
        layer_id=version.layer_id,
        version_id=version_id,
        detail=verdict,
    )
    row = ApprovalRow(
        approval_id=new_id(),
        document_id=document_id,
        layer_id=version.layer_id,
        version_id=version_id,
        person_id=person.person_id,
        seq=seq,
        verdict=verdict,
        text=text,
        at=datetime.now(UTC),
    )
    session.add(row)
    return _record(row, person.name)


def _record(row: ApprovalRow, name: str) -> Approval:
    return Approval(
        approval_id=row.approval_id,
        document_id=row.document_id,
        layer_id=row.layer_id,
        version_id=row.version_id,
        verdict=row.verdict,
        text=row.text,
        person=Person(row.person_id, name),
        at=row.at,
    )
