"""A document's rows as the parts of its file, written to a folder in one consistent view of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.errors import NotFound
from bridge.grid import layer_tile_bytes
from bridge.history.disk import disk_errors
from bridge.history.edits import OPEN_STATES
from bridge.history.records import Hash
from bridge.history.schema import (
    CommentRow,
    DocumentRow,
    EditRow,
    EventRow,
    LayerRow,
    PersonRow,
    SharedTileRow,
    TileRow,
    VersionRow,
)
from bridge.history.shapes import shape_of
from bridge.history.tree import rect_of
from bridge.takeaway.ids import Names
from bridge.takeaway.manifest import (
    COMMENTS,
    DECISIONS,
    EDITS,
    EVENTS,
    VERSIONS,
    CanvasPart,
    DocumentPart,
    EditPart,
    EventPart,
    FilePart,
    LayerPart,
    Manifest,
    PersonPart,
    ProfilePart,
    ShapePart,
    SharedPart,
    TilePart,
    VersionPart,
)
from bridge.takeaway.spoken import comments_of, decisions_of
from engine.geometry import TileIndex

# Events whose detail is the id of a version.
NAMES_A_VERSION = frozenset(("edit.conflict",))


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The manifest, and the blobs that belong to it with their sizes; the other parts lie in the folder."""

    manifest: Manifest
    blobs: dict[Hash, int]


def gather(session: Session, document_id: str, profiles: dict[Hash, int], folder: Path) -> Gathered:
    """Write the parts of the document to the folder.

    Args:
        session: in which all of it is read.
        document_id: which document.
        profiles: bytes of the layers' profiles, by hash.
        folder: an empty one.

    Raises:
        NotFound: no such document.
        StorageError: the parts cannot be written.
    """
    document = session.get(DocumentRow, document_id)
    if document is None:
        raise NotFound("document")
    names, blobs, files = Names(), dict[Hash, int](), dict[str, FilePart]()
    for kind in ("version", "comment"):  # they speak of each other, so each has its name before any is written
        for own in _ids_in_order(session, document_id, kind):
            names.of(kind, own)
    layers = _layers(session, document_id)
    files[VERSIONS] = _lines(folder / VERSIONS, _versions(session, layers, names, blobs))
    files[EDITS] = _lines(folder / EDITS, _edits(session, document_id, names))
    files[COMMENTS] = _write(folder / COMMENTS, [comments_of(session, document, names)])
    files[DECISIONS] = _write(folder / DECISIONS, [_json(decisions_of(session, document_id, layers, names))])
    files[EVENTS] = _lines(folder / EVENTS, _events(session, document_id, names))
    parts = tuple(_layer(row, profiles, names, blobs) for row in layers)
    manifest = Manifest(
        document=DocumentPart(
            title=document.title, created_at=document.created_at, last_seq=document.last_seq, model=document.model
        ),
        people=_people(session, names),
        layers=parts,
        files=files,
        blobs=len(blobs),
        blob_bytes=sum(blobs.values()),
    )
    return Gathered(manifest, blobs)


def profiles_of(session: Session, document_id: str) -> set[Hash]:
    """The layers' profiles."""
    found = select(LayerRow.profile).where(LayerRow.document_id == document_id, LayerRow.profile.is_not(None))
    return {key for key in session.scalars(found) if key is not None}


def _ids_in_order(session: Session, document_id: str, kind: str) -> Iterable[str]:
    if kind == "comment":
        mine = select(CommentRow.comment_id).where(CommentRow.document_id == document_id)
        return session.scalars(mine.order_by(CommentRow.seq))
    of_layers = select(VersionRow.version_id).join(LayerRow, LayerRow.layer_id == VersionRow.layer_id)
    return session.scalars(of_layers.where(LayerRow.document_id == document_id).order_by(VersionRow.seq))


def _layers(session: Session, document_id: str) -> list[LayerRow]:
    """In the order in which they came: of the number of their first version, which no two share."""
    rows = session.scalars(select(LayerRow).where(LayerRow.document_id == document_id)).all()
    first = {
        row.layer_id: session.scalar(
            select(VersionRow.seq).where(VersionRow.layer_id == row.layer_id).order_by(VersionRow.seq).limit(1)
        )
        or 0
        for row in rows
    }
    return sorted(rows, key=lambda row: first[row.layer_id])


def _layer(row: LayerRow, profiles: dict[Hash, int], names: Names, blobs: dict[Hash, int]) -> LayerPart:
    profile: ProfilePart | None = None
    if row.profile is not None:
        blobs[row.profile] = profiles[row.profile]
        profile = ProfilePart(sha256=row.profile.hex(), bytes=profiles[row.profile])
    return LayerPart(
        id=names.of("layer", row.layer_id),
        name=row.name,
        shape=_shape(row),
        profile=profile,
        head=names.of("version", row.head_version_id),
        created_at=row.created_at,
    )


def _versions(session: Session, layers: list[LayerRow], names: Names, blobs: dict[Hash, int]) -> Iterator[VersionPart]:
    for layer in layers:
        names.of("layer", layer.layer_id)
    mine = select(VersionRow).where(VersionRow.layer_id.in_([layer.layer_id for layer in layers]))
    shapes = {row.version_id: shape_of(row) for row in session.scalars(mine)}
    for row in session.scalars(mine.order_by(VersionRow.seq)).all():
        size, format_ = shapes[row.version_id]
        before_size, before_format = shapes.get(row.parent_id or "", (size, format_))
        if row.mask is not None:
            blobs[row.mask] = rect_of(row).area
        tiles: list[TilePart] = []
        found = select(TileRow).where(TileRow.version_id == row.version_id).order_by(TileRow.row, TileRow.col)
        for tile in session.scalars(found):
            cell = TileIndex(tile.col, tile.row)
            if tile.before_hash is not None:
                blobs[tile.before_hash] = layer_tile_bytes(cell, before_size, before_format)
            if tile.after_hash is not None:
                blobs[tile.after_hash] = layer_tile_bytes(cell, size, format_)
            tiles.append((tile.col, tile.row, _hex(tile.before_hash), _hex(tile.after_hash)))
        shared: list[SharedPart] = []
        found_shared = select(SharedTileRow).where(SharedTileRow.version_id == row.version_id)
        for one in session.scalars(found_shared.order_by(SharedTileRow.row, SharedTileRow.col)):
            blobs[one.tile_hash] = layer_tile_bytes(TileIndex(one.col, one.row), size, format_)
            shared.append((one.col, one.row, one.tile_hash.hex()))
        yield _version(row, names, tuple(tiles), tuple(shared))


def _version(row: VersionRow, names: Names, tiles: tuple[TilePart, ...], shared: tuple[SharedPart, ...]) -> VersionPart:
    canvas = None
    if row.canvas_x is not None and row.canvas_y is not None and row.canvas_scale is not None:
        canvas = CanvasPart(x=row.canvas_x, y=row.canvas_y, scale=row.canvas_scale)
    return VersionPart(
        id=names.of("version", row.version_id),
        layer=names.of("layer", row.layer_id),
        parent=names.maybe("version", row.parent_id),
        redo=names.maybe("version", row.redo_id),
        seq=row.seq,
        edit=names.maybe("edit", row.edit_id),
        kind=row.kind,
        state=row.state,
        shape=_shape(row),
        canvas=canvas,
        rect_px=rect_of(row).as_tuple(),
        mask=_hex(row.mask),
        layers=tuple(row.layers),
        text=row.text,
        plan=row.plan,
        says=tuple(row.says),
        model=row.model,
        weights_hash=row.weights_hash,
        device=row.device,
        seed=row.seed,
        person=names.of("person", row.person_id),
        created_at=row.created_at,
        engine_s=row.engine_s,
        notes=tuple(row.notes),
        tiles=tiles,
        shared=shared,
    )


def _edits(session: Session, document_id: str, names: Names) -> Iterator[EditPart]:
    """Those that have ended: nobody carries the others out elsewhere."""
    ended = select(EditRow).where(EditRow.document_id == document_id, EditRow.state.not_in(OPEN_STATES))
    for row in session.scalars(ended.order_by(EditRow.seq, EditRow.created_at, EditRow.edit_id)):
        if row.state in ("waiting", "running"):
            continue
        yield EditPart(
            id=names.of("edit", row.edit_id),
            layer=names.of("layer", row.layer_id),
            person=names.of("person", row.person_id),
            text=row.text,
            state=row.state,
            error=(row.error_code, row.error_message, row.error_hint),
            seq=row.seq,
            head=names.maybe("version", row.head_version_id),
            rebased=row.rebased,
            conflict_with=names.maybe("version", row.conflict_with),
            moved_from=names.maybe("version", row.moved_from),
            created_at=row.created_at,
        )


def _events(session: Session, document_id: str, names: Names) -> Iterator[EventPart]:
    found = select(EventRow).where(EventRow.document_id == document_id).order_by(EventRow.seq)
    for row in session.scalars(found.execution_options(yield_per=1000)):
        detail = names.known.get(("version", row.detail), row.detail) if row.kind in NAMES_A_VERSION else row.detail
        yield EventPart(
            seq=row.seq,
            kind=row.kind,
            at=row.at,
            person=names.maybe("person", row.person_id),
            layer=names.maybe("layer", row.layer_id),
            edit=names.maybe("edit", row.edit_id),
            version=names.maybe("version", row.version_id),
            comment=names.maybe("comment", row.comment_id),
            detail=detail,
        )


def _people(session: Session, names: Names) -> tuple[PersonPart, ...]:
    return tuple(
        PersonPart(id=names.of("person", own), name=session.get_one(PersonRow, own).name) for own in names.met("person")
    )


def _shape(row: LayerRow | VersionRow) -> ShapePart:
    size, format_ = shape_of(row)
    return ShapePart(
        width=size.width,
        height=size.height,
        depth=format_.depth.value,
        channels=format_.channels,
        alpha=format_.alpha.value,
    )


def _hex(key: Hash | None) -> str | None:
    return None if key is None else key.hex()


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json().encode() + b"\n"


def _lines(path: Path, models: Iterator[BaseModel]) -> FilePart:
    return _write(path, (_json(model) for model in models))


def _write(path: Path, pieces: Iterable[bytes]) -> FilePart:
    digest, count = sha256(), 0
    with disk_errors(), path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            count += len(piece)
    return FilePart(bytes=count, sha256=digest.hexdigest())
