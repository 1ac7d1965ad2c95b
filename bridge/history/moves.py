"""Moves of the head: undo, redo, restore. The tree keeps every version; only the head goes somewhere else."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.errors import NothingTo, OutOfOrder
from bridge.history import events
from bridge.history.documents import layer_row
from bridge.history.edits import OPEN_STATES
from bridge.history.locks import check_unlocked
from bridge.history.records import Move, Person
from bridge.history.schema import DocumentRow, EditRow, LayerRow
from bridge.history.shapes import set_shape
from bridge.history.tree import difference, route, version_row
from engine.geometry import PixelRect


def undo(session: Session, layer_id: str, count: int, person: Person, edit_id: str | None = None) -> Move:
    """The head goes ``count`` versions up, or as many as there are; that is the end of the edit ``edit_id``.

    Raises:
        NothingTo: the head has no parent.
        Locked: the layer stays as it was approved.
    """
    layer = _locked(session, layer_id)
    target = version_row(session, layer.head_version_id)
    for _ in range(count):
        if target.parent_id is None:
            break
        target = version_row(session, target.parent_id)
    if target.version_id == layer.head_version_id:
        raise NothingTo("undo")
    return _move(session, layer, target.version_id, person, "undo", edit_id)


def redo(session: Session, layer_id: str, count: int, person: Person, edit_id: str | None = None) -> Move:
    """The head goes ``count`` versions down, or as many as there are, each time where it went most recently; that is
    the end of the edit ``edit_id``.

    Raises:
        NothingTo: the head never went on from here.
        Locked: the layer stays as it was approved.
    """
    layer = _locked(session, layer_id)
    target = version_row(session, layer.head_version_id)
    for _ in range(count):
        if target.redo_id is None:
            break
        target = version_row(session, target.redo_id)
    if target.version_id == layer.head_version_id:
        raise NothingTo("redo")
    return _move(session, layer, target.version_id, person, "redo", edit_id)


def restore(session: Session, version_id: str, person: Person) -> Move:
    """The head goes to that version, wherever in the tree it is.

    Raises:
        NotFound: no such version.
        OutOfOrder: the layer had another size or format then.
        Locked: the layer stays as it was approved.
    """
    layer = _locked(session, version_row(session, version_id).layer_id)
    return _move(session, layer, version_id, person, "restore")


def _locked(session: Session, layer_id: str) -> LayerRow:
    layer_row(session, layer_id)
    return session.scalars(
        select(LayerRow)
        .where(LayerRow.layer_id == layer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _move(
    session: Session, layer: LayerRow, target_id: str, person: Person, verb: str, edit_id: str | None = None
) -> Move:
    if layer.head_version_id == target_id:
        seq = session.get_one(DocumentRow, layer.document_id).last_seq
        return Move(layer.layer_id, target_id, seq, PixelRect(0, 0, 0, 0), {})
    check_unlocked(session, layer.layer_id)
    moved_from = layer.head_version_id
    way = route(session, moved_from, target_id)
    found = difference(session, way)
    layer.head_version_id = target_id
    if found.canvas is not None:
        set_shape(layer, found.canvas.size, found.canvas.format)
    for version in way.down:
        # Above the place where both ways part nothing changes: it led to the old head and so leads to the new one.
        assert version.parent_id is not None, "a way leads down along parents"
        version_row(session, version.parent_id).redo_id = version.version_id
        version.state = "landed"
    session.flush()
    seq = events.append(
        session, layer.document_id, "head.moved", person.person_id,
        layer_id=layer.layer_id, version_id=target_id, detail=verb, edit_id=edit_id,
    )  # fmt: skip
    if edit_id is not None:
        record = session.get(EditRow, edit_id)
        if record is None or record.state not in OPEN_STATES:
            raise OutOfOrder("That edit has ended already.")
        record.state, record.seq = "done", seq
        record.head_version_id, record.moved_from = target_id, moved_from
    return Move(layer.layer_id, target_id, seq, found.rect_px, found.tiles, found.canvas, found.masks)
