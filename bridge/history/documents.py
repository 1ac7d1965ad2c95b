"""Documents and their layers. A host's key names them; the key of one person's document says nothing to another."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.access.roles import Role
from bridge.errors import NotFound
from bridge.history import events
from bridge.history.bin import InBin
from bridge.history.ids import new_id
from bridge.history.records import Document, Hash, Layer, Person
from bridge.history.schema import DocumentRow, LayerRow, MemberRow, VersionRow
from bridge.history.shapes import set_shape, shape_of
from engine.api import LayerFormat
from engine.geometry import Size

_UNTITLED = ""


def open_document(session: Session, person: Person, key: str, title: str) -> Document | None:
    """This person's own document of that key, if it is there as described; see `make_document`.

    Raises:
        InBin: it was deleted; the same key begins nothing new before that has ended, or is brought back.
    """
    mine = select(DocumentRow).where(DocumentRow.owner_id == person.person_id, DocumentRow.key == key)
    row = session.scalars(mine).one_or_none()
    if row is not None and row.deleted_at is not None:
        raise InBin(row.document_id)
    if row is None or title not in (_UNTITLED, row.title):
        return None
    return _document_record(row, "owner")


def make_document(session: Session, person: Person, key: str, title: str) -> Document:
    """This person's own document of that key, made or given its new title."""
    found = open_document(session, person, key, _UNTITLED)
    if found is None:
        document_id, now = new_id(), datetime.now(UTC)
        session.add(
            DocumentRow(
                document_id=document_id, owner_id=person.person_id, key=key, title=title, last_seq=0, created_at=now
            )
        )
        session.flush()
        session.add(MemberRow(document_id=document_id, person_id=person.person_id, role="owner"))
        return Document(document_id, key, title, "owner", 0)
    row = session.get_one(DocumentRow, found.document_id)
    row.title = title or row.title
    return _document_record(row, "owner")


def document_for(session: Session, document_id: str, person: Person) -> Document:
    """See `bridge.history.versions.Versions.document_for`."""
    row, member = session.get(DocumentRow, document_id), session.get(MemberRow, (document_id, person.person_id))
    if row is None or member is None or row.deleted_at is not None:
        raise NotFound("document")
    return _document_record(row, member.role)


def documents_of(session: Session, person: Person) -> tuple[Document, ...]:
    """Every document in which this person has a role, oldest first."""
    found = (
        select(DocumentRow, MemberRow.role)
        .join(MemberRow, MemberRow.document_id == DocumentRow.document_id)
        .where(MemberRow.person_id == person.person_id, DocumentRow.deleted_at.is_(None))
        .order_by(DocumentRow.created_at, DocumentRow.document_id)
    )
    return tuple(_document_record(row, role) for row, role in session.execute(found))


def _document_record(row: DocumentRow, role: Role) -> Document:
    """The document as somebody in it sees it. What its owner's host calls it is for the owner alone: it may be the path
    of a file on their disk."""
    key = row.key if role == "owner" else row.document_id
    return Document(row.document_id, key, row.title, role, row.last_seq, row.model)


def model_of(session: Session, document_id: str) -> str:
    """The open model that the document is pinned to; empty where it is not there, or to none."""
    return session.scalar(select(DocumentRow.model).where(DocumentRow.document_id == document_id)) or ""


def pin_model(session: Session, document_id: str, name: str, person: Person) -> None:
    """See `bridge.history.versions.Versions.pin_model`."""
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFound("document")
    if row.model != name:
        row.model = name
        events.append(session, document_id, "document.model", person.person_id, detail=name)


def layers_of(session: Session, document_id: str) -> tuple[Layer, ...]:
    """A document's layers, oldest first."""
    found = select(LayerRow).where(LayerRow.document_id == document_id)
    rows = session.scalars(found.order_by(LayerRow.created_at, LayerRow.layer_id))
    return tuple(layer_record(row) for row in rows)


def layer_row(session: Session, layer_id: str) -> LayerRow:
    """The layer.

    Raises:
        NotFound: no such layer.
    """
    row = session.get(LayerRow, layer_id)
    if row is None:
        raise NotFound("layer")
    return row


def layer_of_key(session: Session, document_id: str, key: str) -> Layer | None:
    """The layer that the host calls so."""
    row = _row_of_key(session, document_id, key)
    return None if row is None else layer_record(row)


def describe_layer(
    session: Session, document_id: str, key: str, name: str, size: Size, format_: LayerFormat, profile: Hash | None
) -> Layer:
    """Make the layer, or bring what is known of it up to date; says so in an event when anything changed.

    Where size or format are not what they were, the tiles of earlier versions fit no longer: a new source version
    begins a tree of its own beside the old one, and is the head.

    Raises:
        NotFound: no such document.
    """
    row = _row_of_key(session, document_id, key)
    if row is not None and is_described(layer_record(row), name, size, format_, profile):
        return layer_record(row)
    document = session.get(DocumentRow, document_id)
    if document is None:
        raise NotFound("document")
    source_id = new_id()
    begins = row is None or shape_of(row) != (size, format_)
    if row is None:
        row = LayerRow(layer_id=new_id(), document_id=document_id, key=key, created_at=datetime.now(UTC))
        session.add(row)
    row.name, row.profile = name, profile
    set_shape(row, size, format_)
    if begins:
        row.head_version_id = source_id
    session.flush()
    seq = events.append(
        session,
        document_id,
        "layer.described",
        document.owner_id,
        layer_id=row.layer_id,
        version_id=source_id if begins else None,
        detail=f"{size}, {format_.depth.value}",
    )
    if begins:
        session.add(_source(source_id, row, seq, document.owner_id))
    return layer_record(row)


def layer_record(row: LayerRow) -> Layer:
    """The row as a record."""
    size, format_ = shape_of(row)
    return Layer(
        layer_id=row.layer_id,
        document_id=row.document_id,
        key=row.key,
        name=row.name,
        size=size,
        format=format_,
        profile=row.profile,
        head_version_id=row.head_version_id,
    )


def is_described(layer: Layer, name: str, size: Size, format_: LayerFormat, profile: Hash | None) -> bool:
    """Whether a description says nothing new."""
    return (layer.name, layer.size, layer.format, layer.profile) == (name, size, format_, profile)


def _row_of_key(session: Session, document_id: str, key: str) -> LayerRow | None:
    found = select(LayerRow).where(LayerRow.document_id == document_id, LayerRow.key == key)
    return session.scalars(found).one_or_none()


def _source(version_id: str, layer: LayerRow, seq: int, person_id: str) -> VersionRow:
    """The version that a tree begins with: the layer as the host has it."""
    return VersionRow(
        version_id=version_id,
        layer_id=layer.layer_id,
        parent_id=None,
        redo_id=None,
        seq=seq,
        edit_id=None,
        kind="source",
        state="landed",
        width=layer.width,
        height=layer.height,
        depth=layer.depth,
        channels=layer.channels,
        alpha=layer.alpha,
        x0=0,
        y0=0,
        x1=0,
        y1=0,
        layers=[],
        mask=None,
        text="",
        plan="",
        says=[],
        model="",
        weights_hash="",
        device="",
        seed=None,
        person_id=person_id,
        created_at=datetime.now(UTC),
        engine_s=0.0,
        notes=[],
    )
