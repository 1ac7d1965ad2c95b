"""Layers whose head stays where it is until somebody unlocks it. Every locking and unlocking is a row of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.errors import Locked
from bridge.history import events
from bridge.history.documents import layer_row
from bridge.history.schema import LockRow


def locked_version(session: Session, layer_id: str) -> str | None:
    """The version at which the layer is locked, or None. A layer that was described anew is not locked any more: it is
    another picture."""
    last = select(LockRow).where(LockRow.layer_id == layer_id).order_by(LockRow.seq.desc()).limit(1)
    row = session.scalars(last).one_or_none()
    if row is None or not row.is_locked or layer_row(session, layer_id).head_version_id != row.version_id:
        return None
    return row.version_id


def check_unlocked(session: Session, layer_id: str) -> None:
    """Before the head moves.

    Raises:
        Locked: it stays.
    """
    if locked_version(session, layer_id) is not None:
        raise Locked


def set_lock(session: Session, layer_id: str, version_id: str, is_locked: bool, person_id: str) -> None:
    """Lock the layer at its head, or unlock it; event ``version.locked`` or ``version.unlocked`` unless it is so
    already. Inside the caller's transaction."""
    if (locked_version(session, layer_id) is not None) is is_locked:
        return
    seq = events.append(
        session,
        layer_row(session, layer_id).document_id,
        "version.locked" if is_locked else "version.unlocked",
        person_id,
        layer_id=layer_id,
        version_id=version_id,
    )
    session.add(
        LockRow(
            layer_id=layer_id,
            seq=seq,
            version_id=version_id,
            is_locked=is_locked,
            person_id=person_id,
            at=datetime.now(UTC),
        )
    )
    session.flush()
