"""What is in the file that a whole document is exported as: the models of its JSON, and its names and limits.

::

    manifest.json      what the document is; layers, people; size and SHA-256 of the other parts
    versions.jsonl     one version a line, oldest first, with its plan, its mask and its tiles by hash
    edits.jsonl        one edit a line: how it ended
    comments.jsonld    the comments as W3C Web Annotations, each with all that happened to it
    decisions.json     verdicts, who must approve, locks: all of them, in order
    events.jsonl       one event a line, numbered from 1
    blobs/HASH         raw bytes of tiles, masks and profiles, named by their SHA-256

Ids are names within the file only (``version-12``), so that a document exported, imported and exported again is the
same file. People are names: no token, no invite, no role. What the owner's programs call the document and its layers is
not in it either: those names may be paths on their disk.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bridge.protocol.messages import PROFILE_BYTES, SIDE_PX
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import PixelRect, Size

FORMAT = "inlay-document"
VERSION = 1

MANIFEST = "manifest.json"
VERSIONS, EDITS, COMMENTS = "versions.jsonl", "edits.jsonl", "comments.jsonld"
DECISIONS, EVENTS = "decisions.json", "events.jsonl"
PARTS = (VERSIONS, EDITS, COMMENTS, DECISIONS, EVENTS)
BLOBS = "blobs/"
BLOB_NAME = re.compile(r"blobs/[0-9a-f]{64}")

# Limits of what is taken in. A manifest is small; a line is at most a version of 300,000 × 300,000 pixels that touches
# far fewer of its cells; the longest part is the versions of a document that was edited for years.
MOST_MANIFEST_BYTES = 4 << 20
MOST_LINE_BYTES = 64 << 20
MOST_PART_BYTES = 1 << 30
# Comments and decisions are held in memory whole: some fifty times what ten thousand comments need.
MOST_WHOLE_BYTES = 64 << 20
# JSON packs well, but not a thousand times: more is a bomb.
MOST_RATIO = 200
MOST_BLOBS = 1_000_000
# No blob is larger (see `bridge.history.blobs`).
MOST_BLOB_BYTES = 1 << 30

Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
HashText = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Seq = Annotated[int, Field(ge=1, le=2**53 - 1)]
Coordinate = Annotated[int, Field(ge=0, le=SIDE_PX)]
Offset = Annotated[int, Field(ge=-SIDE_PX, le=SIDE_PX)]
Side = Annotated[int, Field(ge=1, le=SIDE_PX)]
CellIndex = Annotated[int, Field(ge=0, le=SIDE_PX)]
Box = tuple[Coordinate, Coordinate, Coordinate, Coordinate]
Words = Annotated[str, Field(max_length=10_000)]
# Plans, and texts of hosts' own layers, are longer than what is typed.
LongWords = Annotated[str, Field(max_length=1_000_000)]
Title = Annotated[str, Field(max_length=2_000)]
# Of an open model, “auto”, “built-in” or nothing. One that this Inlay does not know is kept: an edit says so.
ModelName = Annotated[str, Field(pattern=r"^(?:[a-z0-9][a-z0-9.-]{0,39})?$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Part(BaseModel):
    """Base: strict, frozen, nothing that is not known."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class FilePart(Part):
    """One of the other parts: its size and content."""

    bytes: Annotated[int, Field(ge=0, le=MOST_PART_BYTES)]
    sha256: HashText


class PersonPart(Part):
    """Somebody, by name."""

    id: Id
    name: Title


class ShapePart(Part):
    """Size and format of a layer, or of a version of it."""

    width: Side
    height: Side
    depth: Literal["u8", "u16", "f32"]
    channels: Annotated[int, Field(ge=1, le=4)]
    alpha: Literal["none", "straight", "premultiplied"]

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def format(self) -> LayerFormat:
        """Raises ValueError where channels and alpha do not go together."""
        return LayerFormat(Depth(self.depth), self.channels, Alpha(self.alpha))


class ProfilePart(Part):
    """An ICC profile, as a blob."""

    sha256: HashText
    bytes: Annotated[int, Field(ge=1, le=PROFILE_BYTES)]


class LayerPart(Part):
    id: Id
    name: Title
    shape: ShapePart
    profile: ProfilePart | None
    head: Id
    created_at: AwareDatetime


class DocumentPart(Part):
    """``model``: the open model that it is pinned to; files of documents that are pinned to none do not speak of it."""

    title: Title
    created_at: AwareDatetime
    last_seq: Annotated[int, Field(ge=0, le=2**53 - 1)]
    model: ModelName = ""


class Manifest(Part):
    format: Literal["inlay-document"] = FORMAT
    version: Literal[1] = VERSION
    document: DocumentPart
    people: Annotated[tuple[PersonPart, ...], Field(max_length=100_000)]
    layers: Annotated[tuple[LayerPart, ...], Field(max_length=10_000)]
    files: dict[str, FilePart]
    blobs: Annotated[int, Field(ge=0, le=MOST_BLOBS)]
    blob_bytes: Annotated[int, Field(ge=0, le=2**53 - 1)]


class Envelope(BaseModel):
    """What every manifest says, whatever its version: read first."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    format: Annotated[str, Field(max_length=100)]
    version: Annotated[int, Field(ge=0, le=2**31)]


# (col, row, before, after), the last two as hashes.
TilePart = tuple[CellIndex, CellIndex, HashText | None, HashText | None]
# (col, row, hash): what was shared of the layer's whole picture at that version.
SharedPart = tuple[CellIndex, CellIndex, HashText]


class CanvasPart(Part):
    """Where the parent's pixels lie in a version that changed the layer's size or format."""

    x: Offset
    y: Offset
    scale: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)]


class VersionPart(Part):
    id: Id
    layer: Id
    parent: Id | None
    redo: Id | None
    seq: Seq
    edit: Id | None
    kind: Literal["source", "edit"]
    state: Literal["landed", "candidate", "beside"]
    shape: ShapePart
    canvas: CanvasPart | None
    rect_px: Box
    mask: HashText | None
    layers: Annotated[tuple[dict[str, object], ...], Field(max_length=1_000)]
    text: Words
    plan: LongWords
    says: Annotated[tuple[Words, ...], Field(max_length=1_000)]
    model: Words
    weights_hash: Words
    device: Words
    seed: Annotated[int, Field(ge=0, le=2**53 - 1)] | None
    person: Id
    created_at: AwareDatetime
    engine_s: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
    notes: Annotated[tuple[Words, ...], Field(max_length=1_000)]
    tiles: tuple[TilePart, ...]
    shared: tuple[SharedPart, ...]

    @property
    def place_px(self) -> PixelRect:
        """What it changed. Raises ValueError where that is no rectangle."""
        return PixelRect(*self.rect_px)


class EditPart(Part):
    id: Id
    layer: Id
    person: Id
    text: Words
    state: Literal["done", "failed", "cancelled", "interrupted", "conflict"]
    error: tuple[Words, Words, Words]
    seq: Annotated[int, Field(ge=0, le=2**53 - 1)]
    head: Id | None
    rebased: bool
    conflict_with: Id | None
    moved_from: Id | None
    created_at: AwareDatetime


class ApprovalPart(Part):
    id: Id
    version: Id
    person: Id
    seq: Seq
    verdict: Literal["approved", "changes_requested", "withdrawn"]
    text: Words
    at: AwareDatetime


class ApproverPart(Part):
    person: Id
    from_seq: Seq
    until_seq: Seq | None


class LockPart(Part):
    version: Id
    seq: Seq
    locked: bool
    person: Id
    at: AwareDatetime


class Decisions(Part):
    approvals: Annotated[tuple[ApprovalPart, ...], Field(max_length=1_000_000)]
    approvers: Annotated[tuple[ApproverPart, ...], Field(max_length=100_000)]
    locks: Annotated[tuple[LockPart, ...], Field(max_length=1_000_000)]


class EventPart(Part):
    seq: Seq
    kind: Annotated[str, Field(pattern=r"^[a-z_.]{1,40}$")]
    at: AwareDatetime
    person: Id | None
    layer: Id | None
    edit: Id | None
    version: Id | None
    comment: Id | None
    detail: LongWords


class ChangePart(Part):
    """One thing that happened to a comment; ``added`` and ``changed`` have a text, and whom it speaks to."""

    seq: Seq
    kind: Literal["added", "changed", "resolved", "reopened"]
    text: Words | None
    mentions: Annotated[tuple[Id, ...], Field(max_length=1_000)]
    person: Id
    at: AwareDatetime


class CommentPart(Part):
    """What the import reads of an annotation; see `bridge.takeaway.conversation`."""

    id: Id
    layer: Id
    version: Id
    reply_to: Id | None
    rect_px: Box | None
    person: Id
    seq: Seq
    created_at: AwareDatetime
    changes: Annotated[tuple[ChangePart, ...], Field(min_length=1, max_length=100_000)]
