"""Storing what somebody shared of a layer: all of it, as the host showed it at one of its versions."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bridge.access.roles import may
from bridge.errors import Forbidden
from bridge.history import events
from bridge.history.canvas import known_without
from bridge.history.documents import layer_row
from bridge.history.records import Hash, Person
from bridge.history.schema import MemberRow, SharedTileRow
from bridge.history.tree import version_row
from engine.geometry import TileIndex


def share(session: Session, version_id: str, tiles: Mapping[TileIndex, Hash], person: Person) -> int | None:
    """See `bridge.history.versions.Versions.share`."""
    version = version_row(session, version_id)
    layer = layer_row(session, version.layer_id)
    member = session.get(MemberRow, (layer.document_id, person.person_id))
    if not may(None if member is None else member.role, "edit"):
        raise Forbidden("You may not edit this document any more.")  # taken away while the tiles came
    known = known_without(session, version_id)
    new = {(cell.col, cell.row): key for cell, key in tiles.items() if known.get(cell) != key}
    mine = SharedTileRow.version_id == version_id
    columns = select(SharedTileRow.col, SharedTileRow.row, SharedTileRow.tile_hash).where(mine)
    if {(row.col, row.row): row.tile_hash for row in session.execute(columns)} == new:
        return None
    session.execute(delete(SharedTileRow).where(mine))
    rows = [{"version_id": version_id, "col": col, "row": row, "tile_hash": key} for (col, row), key in new.items()]
    if rows:
        session.execute(insert(SharedTileRow), rows)
    return events.append(
        session,
        layer.document_id,
        "source.shared",
        person.person_id,
        layer_id=layer.layer_id,
        version_id=version_id,
    )
