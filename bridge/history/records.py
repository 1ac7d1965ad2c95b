"""What the history takes and gives: small immutable types, no SQL here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bridge.access.roles import Role
from engine.api import Canvas, HostLayer, LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size, TileIndex

# SHA-256 of a blob's raw bytes.
Hash = bytes
VersionKind = Literal["source", "edit"]
VersionState = Literal["landed", "candidate", "beside"]
EditState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted", "conflict"]
CommentChange = Literal["added", "changed", "resolved", "reopened"]
Verdict = Literal["approved", "changes_requested", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Person:
    """``is_guest``: they came in by an invite, and may nothing beyond the documents that they were invited to."""

    person_id: str
    name: str
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role in a document."""

    person: Person
    role: Role


@dataclass(frozen=True, slots=True)
class Document:
    """``model``: the open model that it is pinned to; empty: none."""

    document_id: str
    key: str
    title: str
    role: Role
    last_seq: int
    model: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """``head_version_id`` is never None: a layer begins with a version of kind ``source``."""

    layer_id: str
    document_id: str
    key: str
    name: str
    size: Size
    format: LayerFormat
    profile: Hash | None
    head_version_id: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its parent, the place it changed and how. ``created_at`` is UTC.

    ``rect_px`` is empty for the source. ``mask`` is the blob of uint8 samples of ``rect_px``. ``plan`` is the JSON
    of the `engine.commands.plan.Plan` that was run. ``size`` and ``format`` are the layer's in this version; ``canvas``
    says where the parent's pixels lie in it, None when nothing of that changed. ``layers``: what a host may set itself.
    """

    version_id: str
    layer_id: str
    parent_id: str | None
    edit_id: str | None
    kind: VersionKind
    state: VersionState
    rect_px: PixelRect
    mask: Hash | None
    text: str
    plan: str
    says: tuple[str, ...]
    model: str
    weights_hash: str
    device: str
    seed: int | None
    author: str
    created_at: datetime
    engine_s: float
    notes: tuple[str, ...]
    size: Size
    format: LayerFormat
    canvas: Canvas | None = None
    layers: tuple[HostLayer, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class VersionPage:
    """Some of a layer's versions, oldest first; ``total`` is how many there are, ``edits_before`` how many edits come
    before these."""

    layer: Layer
    total: int
    edits_before: int
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One result of an edit, to be stored.

    Attributes:
        pixels: H×W×C of the edit's ``rect_px``, in the format that the layer has then.
        layers: what a host may set itself instead.
        plan, says: where a candidate is not made by the edit's plan but by a part of it.
    """

    pixels: Pixels
    seed: int
    model: str
    weights_hash: str
    device: str
    engine_s: float
    notes: tuple[str, ...]
    layers: tuple[HostLayer, ...] = ()
    plan: str | None = None
    says: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FinishedEdit:
    """Everything `Versions.land` stores.

    Attributes:
        base_version_id: the version that the edit began with.
        size, format: of the layer in that version.
        rect_px: bounding box of the mask, in the layer.
        mask: H×W of ``rect_px``, uint8.
        before: hash of the layer's tile, as the client described it, for each cell that ``rect_px`` meets;
            all are in the blob store or among ``before_tiles``.
        before_tiles: raw bytes of those tiles.
        candidates: the first becomes the head, the others stay findable; at least one.
        canvas: what the layer becomes, where its size or format change: ``rect_px`` and ``mask`` are then the whole
            canvas, and ``before`` are all cells of the layer.
        instead_of: the version that this edit is another one of. While that is the head, the head goes over to this
            edit's version, in the one transaction that stores it.
    """

    edit_id: str
    layer_id: str
    person_id: str
    base_version_id: str
    size: Size
    format: LayerFormat
    rect_px: PixelRect
    mask: Mask
    before: dict[TileIndex, Hash]
    before_tiles: dict[Hash, bytes]
    text: str
    plan: str
    says: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    canvas: Canvas | None = None
    instead_of: str | None = None

    @property
    def size_after(self) -> Size:
        """Of the layer, once the edit has landed."""
        return self.size if self.canvas is None else self.canvas.size

    @property
    def format_after(self) -> LayerFormat:
        """Of the layer, once the edit has landed."""
        return self.format if self.canvas is None else self.canvas.format


@dataclass(frozen=True, slots=True)
class Landing:
    """What `Versions.land` did. ``conflict_with`` is the version that landed first where this one would, or None.

    With a conflict, ``versions`` were kept with state ``beside`` and the head did not move. ``rebased``: the head had
    moved on meanwhile, elsewhere, and this edit was put on top of it.
    """

    versions: tuple[Version, ...]
    head_version_id: str
    seq: int
    rebased: bool
    conflict_with: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """Undo, redo or restore: the cells that differ between the old head and the new one, with the new contents.

    ``rect_px`` is the box around all that may differ (empty when nothing does), inside the layer. ``canvas``: the layer
    has another size or format now, and ``tiles`` are all of it. ``masks``: each with its place; where all of them are 0
    nothing of ``rect_px`` changes.
    """

    layer_id: str
    head_version_id: str
    seq: int
    rect_px: PixelRect
    tiles: dict[TileIndex, Hash]
    canvas: Canvas | None = None
    masks: tuple[tuple[PixelRect, Hash], ...] = ()


@dataclass(frozen=True, slots=True)
class EditRecord:
    """An edit as the queue and a reconnecting client know it.

    ``head_version_id``: where the head was when it had ended, if it has; ``moved_from``: where it was before an edit
    that made no version but moved the head (“undo”).
    """

    edit_id: str
    document_id: str
    layer_id: str
    person_id: str
    text: str
    state: EditState
    error_code: str
    error_message: str
    error_hint: str
    version_ids: tuple[str, ...]
    seq: int
    created_at: datetime
    head_version_id: str | None = None
    moved_from: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """A stored event of a document; ``seq`` counts from 1 without gaps."""

    document_id: str
    seq: int
    kind: str
    at: datetime
    by: str
    layer_id: str | None
    edit_id: str | None
    version_id: str | None
    detail: str
    comment_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment to be stored; ``comment_id`` was chosen by whoever wrote it. ``rect_px`` None: the whole version.
    ``mentions``: the ids of those who are meant by “@Name” in the text."""

    comment_id: str
    version_id: str
    text: str
    rect_px: PixelRect | None
    reply_to: str | None
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it is now; ``reply_to`` is the first comment of its thread, None for that one itself."""

    comment_id: str
    document_id: str
    layer_id: str
    version_id: str
    reply_to: str | None
    rect_px: PixelRect | None
    text: str
    person: Person
    created_at: datetime
    changed_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person says of a version, as of ``at``."""

    approval_id: str
    document_id: str
    layer_id: str
    version_id: str
    verdict: Verdict
    text: str
    person: Person
    at: datetime
