"""Edits as records: what was begun, and how it ended. A reconnecting client asks here."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bridge.errors import NotFound, OutOfOrder
from bridge.history import events
from bridge.history.database import Database
from bridge.history.records import EditRecord, EditState
from bridge.history.schema import EditRow, VersionRow

# States that nothing has ended yet.
OPEN_STATES: tuple[EditState, ...] = ("waiting", "running")


class Edits:
    """The records of edits.

    Args:
        runner: names this bridge in the records of the edits that it carries out.
    """

    def __init__(self, database: Database, runner: str) -> None:
        self._database = database
        self._runner = runner

    async def begin(self, edit_id: str, document_id: str, layer_id: str, person_id: str, text: str) -> None:
        """Record an edit as waiting. A promise to carry it out, not a result: nobody waits for the disk.

        Raises:
            OutOfOrder: that id is taken, by whomever.
        """
        row = new_edit(edit_id, document_id, layer_id, person_id, text, self._runner)

        def work(session: Session) -> None:
            if session.get(EditRow, edit_id) is not None:
                raise OutOfOrder("An edit of that id exists already.")
            session.add(row)

        await self._database.write(work, flush=False)

    async def running(self, edit_id: str) -> None:
        """Its turn has come.

        Raises:
            NotFound: it was never begun, or has ended.
        """
        waiting = update(EditRow).where(EditRow.edit_id == edit_id, EditRow.state.in_(OPEN_STATES))

        def work(session: Session) -> None:
            if session.execute(waiting.values(state="running").returning(EditRow.edit_id)).one_or_none() is None:
                raise NotFound("edit")

        await self._database.write(work, flush=False)

    async def fail(self, edit_id: str, state: EditState, code: str, message: str, hint: str) -> None:
        """Record that it ended without a result, with the event ``edit.failed``.

        One that was never begun, or has ended already, is left as it is: what is stored first counts.
        """
        await self._database.write(lambda session: _end(session, edit_id, state, "edit.failed", code, message, hint))

    async def get(self, edit_id: str, person_id: str) -> EditRecord | None:
        """This person's edit of that id; somebody else's is not there."""

        def work(session: Session) -> EditRecord | None:
            row = session.get(EditRow, edit_id)
            return None if row is None or row.person_id != person_id else _record(session, row)

        return await self._database.read(work)

    async def interrupt(self, alive: Container[str]) -> None:
        """Edits that none of the bridges ``alive`` carries out were interrupted; say so, with ``edit.interrupted``."""
        unfinished = (
            select(EditRow.edit_id, EditRow.runner).where(EditRow.state.in_(OPEN_STATES)).order_by(EditRow.created_at)
        )

        def work(session: Session) -> None:
            for edit_id, runner in session.execute(unfinished).all():
                if runner not in alive:
                    _end(session, edit_id, "interrupted", "edit.interrupted", *_INTERRUPTED)

        await self._database.write(work)


def new_edit(edit_id: str, document_id: str, layer_id: str, person_id: str, text: str, runner: str = "") -> EditRow:
    """The record of an edit that waits."""
    return EditRow(
        edit_id=edit_id,
        document_id=document_id,
        layer_id=layer_id,
        person_id=person_id,
        text=text,
        state="waiting",
        error_code="",
        error_message="",
        error_hint="",
        seq=0,
        runner=runner,
        head_version_id=None,
        rebased=False,
        conflict_with=None,
        created_at=datetime.now(UTC),
    )


_INTERRUPTED = (
    "interrupted",
    "The bridge stopped while this edit ran; nothing was changed.",
    "Start the edit again.",
)


def _end(session: Session, edit_id: str, state: EditState, kind: str, code: str, message: str, hint: str) -> None:
    row = session.get(EditRow, edit_id)
    if row is None or row.state not in OPEN_STATES:
        return
    row.state, row.error_code, row.error_message, row.error_hint = state, code, message, hint
    row.seq = events.append(
        session, row.document_id, kind, row.person_id, layer_id=row.layer_id, edit_id=edit_id, detail=code, in_bin=True
    )


def _record(session: Session, row: EditRow) -> EditRecord:
    versions = select(VersionRow.version_id).where(VersionRow.edit_id == row.edit_id).order_by(VersionRow.seq)
    return EditRecord(
        edit_id=row.edit_id,
        document_id=row.document_id,
        layer_id=row.layer_id,
        person_id=row.person_id,
        text=row.text,
        state=row.state,
        error_code=row.error_code,
        error_message=row.error_message,
        error_hint=row.error_hint,
        version_ids=tuple(session.scalars(versions)),
        seq=row.seq,
        created_at=row.created_at,
        head_version_id=row.head_version_id,
        moved_from=row.moved_from,
    )
