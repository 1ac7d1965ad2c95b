"""The tables. SQL goes through SQLAlchemy, so that the same history runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bridge.access.roles import Role
from bridge.history.records import CommentChange, EditState, Verdict, VersionKind, VersionState


class UtcTime(TypeDecorator[datetime]):
    """A moment, in UTC in the database and aware of it in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What all tables share; constraints have fixed names, so that a migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it as a plain class attribute)
        datetime: UtcTime,
        bytes: LargeBinary,
        list[str]: JSON,
        list[dict[str, object]]: JSON,
        Role: String(20),
        EditState: String(20),
        VersionKind: String(20),
        VersionState: String(20),
        CommentChange: String(20),
        Verdict: String(20),
    }


class PersonRow(Base):
    """``is_guest``: came in by an invite, and has no documents of their own."""

    __tablename__ = "people"

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    is_guest: Mapped[bool] = mapped_column(default=False, server_default=false())


class TokenRow(Base):
    """Only the SHA-256 of a token is known here."""

    __tablename__ = "tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DocumentRow(Base):
    """``last_seq`` counts the document's events; it is raised in the transaction that adds one.

    ``deleted_at``, ``deleted_seq``: of one in the bin, since when and by which event; see `bridge.history.bin`.
    ``model``: the open model that it is pinned to; empty: none.
    """

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("owner_id", "key"),)

    document_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    key: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    deleted_seq: Mapped[int | None] = mapped_column(BigInteger)
    model: Mapped[str] = mapped_column(String(40), default="", server_default="")


class MemberRow(Base):
    """``invite_id``: the invite that the role is from; it goes with it."""

    __tablename__ = "members"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), primary_key=True, index=True)
    role: Mapped[Role]
    invite_id: Mapped[str | None] = mapped_column(String(64), index=True)


class InviteRow(Base):
    """Only the SHA-256 of an invite's token is known here. ``person_id``: of one with a name, whom it made."""

    __tablename__ = "invites"

    invite_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    role: Mapped[Role]
    name: Mapped[str] = mapped_column(Text)
    once: Mapped[bool]
    created_by: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.person_id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LayerRow(Base):
    """``head_version_id`` has no foreign key: layers and versions would each have to be there before the other."""

    __tablename__ = "layers"
    __table_args__ = (UniqueConstraint("document_id", "key"),)

    layer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text)
    width: Mapped[int]
    height: Mapped[int]
    depth: Mapped[str] = mapped_column(String(8))
    channels: Mapped[int]
    alpha: Mapped[str] = mapped_column(String(20))
    profile: Mapped[bytes | None]
    head_version_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class VersionRow(Base):
    """``seq`` is the number of the event that announced the version: the order in which versions came.

    ``width`` to ``alpha`` say what the layer is in this version. Where that is not what it is in the parent,
    ``canvas_x`` to ``canvas_scale`` say where the parent's pixels lie in it, and the version's tiles are all of the
    layer, before and after. ``layers`` is the JSON of `engine.api.HostLayer`s. ``redo_id`` is the child that was on the
    way to the head most recently; for every version above the head it leads to the head.
    """

    __tablename__ = "versions"
    __table_args__ = (Index("ix_versions_layer_id_seq", "layer_id", "seq"),)

    version_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.layer_id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("versions.version_id"))
    redo_id: Mapped[str | None] = mapped_column(String(64))
    seq: Mapped[int] = mapped_column(BigInteger)
    edit_id: Mapped[str | None] = mapped_column(String(64), index=True)
    kind: Mapped[VersionKind]
    state: Mapped[VersionState]
    width: Mapped[int]
    height: Mapped[int]
    depth: Mapped[str] = mapped_column(String(8))
    channels: Mapped[int]
    alpha: Mapped[str] = mapped_column(String(20))
    x0: Mapped[int]
    y0: Mapped[int]
    x1: Mapped[int]
    y1: Mapped[int]
    canvas_x: Mapped[int | None]
    canvas_y: Mapped[int | None]
    canvas_scale: Mapped[float | None] = mapped_column(Float(53))
    layers: Mapped[list[dict[str, object]]] = mapped_column(server_default="[]")
    mask: Mapped[bytes | None]
    text: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    says: Mapped[list[str]]
    model: Mapped[str] = mapped_column(Text)
    weights_hash: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    seed: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    created_at: Mapped[datetime]
    engine_s: Mapped[float] = mapped_column(Float(53))
    notes: Mapped[list[str]]


class TileRow(Base):
    """One cell that a version touched: the layer's tile before and after it, as hashes of blobs.

    None only in a version that changes the layer's size: for a cell that the layer had not before, or has no more.
    """

    __tablename__ = "version_tiles"

    version_id: Mapped[str] = mapped_column(ForeignKey("versions.version_id"), primary_key=True)
    col: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    before_hash: Mapped[bytes | None]
    after_hash: Mapped[bytes | None]


class SharedTileRow(Base):
    """One cell of a layer as its host showed it at a version, when somebody shared the layer's picture there.

    Only of cells where the versions above do not say the same already.
    """

    __tablename__ = "shared_tiles"

    version_id: Mapped[str] = mapped_column(ForeignKey("versions.version_id"), primary_key=True)
    col: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    tile_hash: Mapped[bytes]


class EditRow(Base):
    """``runner`` is the bridge that carries the edit out; ``head_version_id`` to ``conflict_with``: its landing.

    ``moved_from``: of one that only moved the head (“undo”), where that was before.
    """

    __tablename__ = "edits"

    edit_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.layer_id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[EditState] = mapped_column(index=True)
    error_code: Mapped[str] = mapped_column(Text)
    error_message: Mapped[str] = mapped_column(Text)
    error_hint: Mapped[str] = mapped_column(Text)
    seq: Mapped[int] = mapped_column(BigInteger)
    runner: Mapped[str] = mapped_column(String(64))
    head_version_id: Mapped[str | None] = mapped_column(String(64))
    rebased: Mapped[bool]
    conflict_with: Mapped[str | None] = mapped_column(String(64))
    moved_from: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class EventRow(Base):
    __tablename__ = "events"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.person_id"))
    layer_id: Mapped[str | None] = mapped_column(String(64))
    edit_id: Mapped[str | None] = mapped_column(String(64))
    version_id: Mapped[str | None] = mapped_column(String(64))
    comment_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)


class CommentRow(Base):
    """A comment's place, never changed; what it says and whether it is resolved is in its `CommentChangeRow`s.

    ``seq`` is the number of the event that announced it. ``reply_to`` is the first comment of the thread.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_document_id_seq", "document_id", "seq"),
        Index("ix_comments_layer_id_seq", "layer_id", "seq"),
        Index("ix_comments_layer_id_reply_to_seq", "layer_id", "reply_to", "seq"),
        Index("ix_comments_version_id_reply_to_seq", "version_id", "reply_to", "seq"),
    )

    comment_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.layer_id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.version_id"), index=True)
    reply_to: Mapped[str | None] = mapped_column(ForeignKey("comments.comment_id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    x0: Mapped[int | None]
    y0: Mapped[int | None]
    x1: Mapped[int | None]
    y1: Mapped[int | None]
    created_at: Mapped[datetime]


class CommentChangeRow(Base):
    """What happened to a comment, one row each: ``added`` and ``changed`` have a text, the others none."""

    __tablename__ = "comment_changes"
    __table_args__ = (Index("ix_comment_changes_comment_id_kind_seq", "comment_id", "kind", "seq"),)

    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.comment_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[CommentChange]
    text: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    at: Mapped[datetime]


class CommentMentionRow(Base):
    """Somebody to whom one wording of a comment speaks; ``seq`` is that of the change which has the text."""

    __tablename__ = "comment_mentions"

    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.comment_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), primary_key=True)


class ApprovalRow(Base):
    """A verdict, never changed; of each person on each version the one with the largest ``seq`` counts."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index("ix_approvals_document_id_seq", "document_id", "seq"),
        Index("ix_approvals_version_id_person_id_seq", "version_id", "person_id", "seq"),
    )

    approval_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.layer_id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.version_id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[Verdict]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ApproverRow(Base):
    """Who must approve a document, from one event to another; ``until_seq`` None: still."""

    __tablename__ = "approvers"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), primary_key=True)
    from_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    until_seq: Mapped[int | None] = mapped_column(BigInteger)


class LockRow(Base):
    """A layer was locked at its head, or unlocked; the row with the largest ``seq`` counts."""

    __tablename__ = "locks"

    layer_id: Mapped[str] = mapped_column(ForeignKey("layers.layer_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.version_id"))
    is_locked: Mapped[bool]
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    at: Mapped[datetime]
