"""Landing: a finished edit becomes versions. Blobs first, then one transaction, only then acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bridge.access.roles import may
from bridge.errors import BadPixels, Conflict, Forbidden, NotFound, OutOfOrder, StorageBusy, StorageDamaged
from bridge.grid import cut, tile_rect_px
from bridge.history import events
from bridge.history.blobs import BlobStore
from bridge.history.database import Database
from bridge.history.documents import layer_row
from bridge.history.edits import OPEN_STATES, new_edit
from bridge.history.ids import new_id
from bridge.history.locks import locked_version
from bridge.history.records import Candidate, FinishedEdit, Hash, Landing, VersionState
from bridge.history.schema import EditRow, LayerRow, MemberRow, TileRow, VersionRow
from bridge.history.shapes import set_shape, shape_of
from bridge.history.tree import difference, rect_of, route, version_records, version_row
from bridge.protocol.messages import TILE_PX
from engine.api import Mask, Pixels, said_layer
from engine.geometry import PixelRect, TileIndex

# Another bridge may move the head between our look at it and our transaction; each try begins with a new look.
_TRIES = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where an edit lands: found for one position of the head, and true only while the head is there.

    Attributes:
        head_version_id: where the head is.
        parent_id: of the new versions: the head, or with a conflict the edit's own base.
        moved: contents at the head of the cells that changed since the base.
        rivals: for each version in between whose box meets the edit's: who to name, and its mask.
        conflict_with: the version that landed first where this edit would, or None.
    """

    head_version_id: str
    parent_id: str
    moved: dict[TileIndex, Hash]
    rivals: tuple[tuple[str, PixelRect, Hash], ...]
    conflict_with: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """What is in the blob store by now: the mask, and the touched tiles before and, for each candidate, after."""

    mask: Hash
    before: dict[TileIndex, Hash]
    after: tuple[dict[TileIndex, Hash], ...]


async def land(edit: FinishedEdit, database: Database, blobs: BlobStore) -> Landing:
    """See `bridge.history.versions.Versions.land`."""
    _check(edit)
    # Nearly always nothing has moved since the edit began: what is then to be stored is stored while we look.
    storing = asyncio.create_task(_store(edit, {}, blobs))
    try:
        return await _land(edit, storing, database, blobs)
    finally:
        await asyncio.wait([storing])
        storing.exception()  # raised where it matters


async def _land(edit: FinishedEdit, unmoved: asyncio.Task[_Stored], database: Database, blobs: BlobStore) -> Landing:
    for _ in range(_TRIES):
        looked = await database.read(lambda session: _landed(session, edit) or _look(session, edit))
        if isinstance(looked, Landing):
            return looked
        place = await _decided(edit, looked, blobs)
        moved = {cell: key for cell, key in place.moved.items() if cell in edit.before}
        stored = await (_store(edit, moved, blobs) if moved else unmoved)
        landing = await database.write(
            lambda session, place=place, stored=stored: _landed(session, edit) or _commit(session, edit, place, stored)
        )
        if landing is not None:
            return landing
    raise StorageBusy("The layer's head keeps moving.")


def _landed(session: Session, edit: FinishedEdit) -> Landing | None:
    """What the first landing of this edit did; None when this is the first."""
    row = session.get(EditRow, edit.edit_id)
    if row is None:
        return None
    if row.person_id != edit.person_id or row.layer_id != edit.layer_id:
        raise OutOfOrder("An edit of that id exists already.")
    if row.state in OPEN_STATES:
        return None
    if row.state not in ("done", "conflict") or row.head_version_id is None:
        raise OutOfOrder("That edit has ended already.")
    versions = session.scalars(
        select(VersionRow).where(VersionRow.edit_id == edit.edit_id).order_by(VersionRow.seq),
    )
    return Landing(
        versions=version_records(session, versions),
        head_version_id=row.head_version_id,
        seq=row.seq,
        rebased=row.rebased,
        conflict_with=row.conflict_with,
    )


def _look(session: Session, edit: FinishedEdit) -> _Place:
    """Where the head is, and what happened between it and the edit's base."""
    head_id = layer_row(session, edit.layer_id).head_version_id
    base = version_row(session, edit.base_version_id)
    if base.layer_id != edit.layer_id:
        raise NotFound("version")
    if shape_of(base) != (edit.size, edit.format):
        raise BadPixels("The edit's layer has not the size and format of its base.")
    if locked_version(session, edit.layer_id) is not None:  # it began before: what came of it is kept beside
        return _Place(head_id, base.version_id, {}, (), head_id)
    if head_id in (base.version_id, edit.instead_of):
        return _Place(head_id, base.version_id, {}, (), None)
    place = _Place(head_id, head_id, {}, (), None)
    try:
        way = route(session, base.version_id, head_id)
    except OutOfOrder:  # the layer was described anew: everything is where this edit would be
        return replace(place, parent_id=base.version_id, conflict_with=head_id)
    found = difference(session, way)
    # Where the whole layer changes, by this edit or by another, nothing lies beside it.
    if edit.canvas is not None or found.canvas is not None:
        return replace(place, parent_id=base.version_id, conflict_with=head_id)
    rivals: list[tuple[str, PixelRect, Hash]] = []
    for number, version in enumerate(way.changed):
        if version.mask is not None and rect_of(version).meets(edit.rect_px):
            # A version that was undone is not there to be shown; the head stands for its absence.
            name = head_id if number < len(way.up) else version.version_id
            rivals.append((name, rect_of(version), version.mask))
    return replace(place, moved=found.tiles, rivals=tuple(rivals))


async def _decided(edit: FinishedEdit, place: _Place, blobs: BlobStore) -> _Place:
    """Compare masks pixel by pixel: where they meet it is a conflict, else the edit goes on top of the head."""
    masks = await blobs.get_many(mask for _, _, mask in place.rivals) if place.rivals else {}
    for name, rect_px, mask in place.rivals:
        if _meet(edit.mask, edit.rect_px, mask_from(masks[mask], rect_px), rect_px):
            return replace(place, parent_id=edit.base_version_id, moved={}, conflict_with=name)
    return place


def _meet(mine: Mask, mine_px: PixelRect, theirs: Mask, theirs_px: PixelRect) -> bool:
    both_px = mine_px.intersect(theirs_px)
    return bool(((mine[both_px.slices(mine_px)] > 0) & (theirs[both_px.slices(theirs_px)] > 0)).any())


async def _store(edit: FinishedEdit, moved: Mapping[TileIndex, Hash], blobs: BlobStore) -> _Stored:
    """Put everything that the versions will refer to into the blob store; ``moved``: cells under the edit that are not
    as it saw them any more."""
    before = edit.before | dict(moved)
    samples = {key: edit.before_tiles[key] for key in before.values() if key in edit.before_tiles}
    samples |= await blobs.get_many(key for key in before.values() if key not in samples)
    mask = edit.mask.tobytes()
    put = samples | {sha256(mask).digest(): mask}
    after: list[dict[TileIndex, Hash]] = []
    for candidate in edit.candidates:  # one at a time: each is as large as the selection
        tiles = await asyncio.to_thread(_cut_or_paste, edit, candidate.pixels, before, samples)
        await blobs.put_many(put | dict(tiles.values()))
        after.append({cell: key for cell, (key, _) in tiles.items()})
        put = {}
    return _Stored(sha256(mask).digest(), before, tuple(after))


def _cut_or_paste(
    edit: FinishedEdit,
    pixels: Pixels,
    before: Mapping[TileIndex, Hash],
    samples: Mapping[Hash, bytes],
) -> dict[TileIndex, tuple[Hash, bytes]]:
    """The tiles afterwards: of the touched cells, or of all of a new canvas."""
    if edit.canvas is None:
        return _paste(edit, pixels, before, samples)
    whole_px = edit.canvas.size.rect
    return {cell: (sha256(tile).digest(), tile) for cell, tile in cut(pixels, whole_px, whole_px).items()}


def _paste(
    edit: FinishedEdit,
    pixels: Pixels,
    before: Mapping[TileIndex, Hash],
    samples: Mapping[Hash, bytes],
) -> dict[TileIndex, tuple[Hash, bytes]]:
    """The touched tiles with the candidate where the mask is not 0; every other sample as it was."""
    selected = (edit.mask > 0)[..., np.newaxis]
    pasted: dict[TileIndex, tuple[Hash, bytes]] = {}
    for cell, key in before.items():
        covers_px = tile_rect_px(cell, edit.size.rect)
        part_px = covers_px.intersect(edit.rect_px)
        if len(samples[key]) != covers_px.area * edit.format.bytes_per_pixel:
            raise BadPixels("A tile of the layer has not the size of its cell.")
        tile = np.frombuffer(samples[key], edit.format.depth.dtype).copy()
        tile = tile.reshape(covers_px.height, covers_px.width, edit.format.channels)
        mine = part_px.slices(edit.rect_px)
        np.copyto(tile[part_px.slices(covers_px)], pixels[mine], where=selected[mine])
        content = tile.tobytes()
        pasted[cell] = (sha256(content).digest(), content)
    return pasted


def _commit(session: Session, edit: FinishedEdit, place: _Place, stored: _Stored) -> Landing | None:
    """The one transaction. None when the head is no longer where it was, or was locked there: look again."""
    layer = session.scalars(select(LayerRow).where(LayerRow.layer_id == edit.layer_id).with_for_update()).one()
    if layer.head_version_id != place.head_version_id:
        return None
    if place.conflict_with is None and locked_version(session, edit.layer_id) is not None:
        return None
    member = session.get(MemberRow, (layer.document_id, edit.person_id))
    if not may(None if member is None else member.role, "edit"):
        raise Forbidden("You may not edit this document any more.")  # taken away while the edit ran
    record = session.get(EditRow, edit.edit_id)
    if record is None:
        record = new_edit(edit.edit_id, layer.document_id, edit.layer_id, edit.person_id, edit.text)
        session.add(record)

    versions: list[VersionRow] = []
    tiles: list[dict[str, str | int | Hash | None]] = []
    for number, (candidate, after) in enumerate(zip(edit.candidates, stored.after, strict=True)):
        first_kind = "version.landed" if place.conflict_with is None else "edit.conflict"
        version_id = new_id()
        seq = events.append(
            session,
            layer.document_id,
            first_kind if number == 0 else "version.added",
            edit.person_id,
            layer_id=edit.layer_id,
            edit_id=edit.edit_id,
            version_id=version_id,
            detail=(place.conflict_with or edit.text) if number == 0 else edit.text,
        )
        state: VersionState = "beside" if place.conflict_with else "candidate" if number else "landed"
        versions.append(_version(version_id, edit, candidate, place, stored, seq, state))
        tiles += [
            {
                "version_id": version_id,
                "col": cell.col,
                "row": cell.row,
                "before_hash": stored.before.get(cell),
                "after_hash": after.get(cell),
            }
            for cell in (stored.before | after)
        ]
    session.add_all(versions)
    session.flush()
    session.execute(insert(TileRow), tiles)

    if place.conflict_with is None:
        version_row(session, place.parent_id).redo_id = versions[0].version_id
        layer.head_version_id = versions[0].version_id
        set_shape(layer, edit.size_after, edit.format_after)
        record.state = "done"
    else:
        told = Conflict(versions[0].version_id, layer.head_version_id)
        record.state = "conflict"
        record.error_code, record.error_message, record.error_hint = told.code, told.message, told.hint
    record.seq = versions[-1].seq
    record.head_version_id = layer.head_version_id
    record.conflict_with = place.conflict_with
    record.rebased = place.parent_id != edit.base_version_id
    return Landing(
        versions=version_records(session, versions),
        head_version_id=layer.head_version_id,
        seq=record.seq,
        rebased=record.rebased,
        conflict_with=record.conflict_with,
    )


def _version(
    version_id: str,
    edit: FinishedEdit,
    candidate: Candidate,
    place: _Place,
    stored: _Stored,
    seq: int,
    state: VersionState,
) -> VersionRow:
    return VersionRow(
        version_id=version_id,
        layer_id=edit.layer_id,
        parent_id=place.parent_id,
        redo_id=None,
        seq=seq,
        edit_id=edit.edit_id,
        kind="edit",
        state=state,
        width=edit.size_after.width,
        height=edit.size_after.height,
        depth=edit.format_after.depth.value,
        channels=edit.format_after.channels,
        alpha=edit.format_after.alpha.value,
        canvas_x=None if edit.canvas is None else edit.canvas.x0,
        canvas_y=None if edit.canvas is None else edit.canvas.y0,
        canvas_scale=None if edit.canvas is None else edit.canvas.scale,
        layers=[said_layer(layer) for layer in candidate.layers],
        x0=edit.rect_px.x0,
        y0=edit.rect_px.y0,
        x1=edit.rect_px.x1,
        y1=edit.rect_px.y1,
        mask=stored.mask,
        text=edit.text,
        plan=edit.plan if candidate.plan is None else candidate.plan,
        says=list(edit.says if candidate.says is None else candidate.says),
        model=candidate.model,
        weights_hash=candidate.weights_hash,
        device=candidate.device,
        seed=candidate.seed,
        person_id=edit.person_id,
        created_at=datetime.now(UTC),
        engine_s=candidate.engine_s,
        notes=list(candidate.notes),
    )


def _check(edit: FinishedEdit) -> None:
    """An edit that cannot be stored whole is not stored at all.

    Raises:
        BadPixels: see the message.
    """
    rect_px = edit.rect_px
    if rect_px.is_empty or not edit.size_after.rect.contains(rect_px):
        raise BadPixels(f"The edit's place is not inside the layer, which is {edit.size_after}.")
    if edit.canvas is not None and rect_px != edit.canvas.size.rect:
        raise BadPixels("A new canvas is not whole.")
    if edit.mask.shape != (rect_px.height, rect_px.width) or edit.mask.dtype != np.uint8:
        raise BadPixels("The mask has not the size of the edit's place.")
    touched_px = rect_px if edit.canvas is None else edit.size.rect
    if set(edit.before) != set(touched_px.cells(TILE_PX)):
        raise BadPixels("The tiles before are not those of the edit's place.")
    if not edit.candidates:
        raise BadPixels("The edit has no result.")
    wanted = (rect_px.height, rect_px.width, edit.format_after.channels)
    for candidate in edit.candidates:
        if candidate.pixels.shape != wanted or candidate.pixels.dtype != edit.format_after.depth.dtype:
            raise BadPixels("A result has not the size and format of the edit's place.")


def mask_from(samples: bytes, rect_px: PixelRect) -> Mask:
    """A stored mask as H×W of its version's place.

    Raises:
        StorageDamaged: it has another size.
    """
    if len(samples) != rect_px.area:
        raise StorageDamaged("A stored mask has not the size of its version.")
    return np.frombuffer(samples, np.uint8).reshape(rect_px.height, rect_px.width)
