"""Every message on the wire, as tagged unions.

One message is one binary WebSocket frame: a msgpack map with a ``type``. A client's message that wants an answer
carries ``id``, chosen by the client; the answer, or the `Error`, carries the same number as ``re``.

One edit on the wire::

    → edit.start {edit_id, layer_id, text, mask_rect_px}      → edit.tiles (plane mask)
    ← edit.plan {says, reach_px}
    → edit.have {hashes of the tiles in reach}
    ← edit.want {the tiles that are not here yet}             → edit.tiles (plane layer)
                                          and, for the references the plan uses, → edit.tiles (plane reference)
    ← edit.ack for each frame of tiles: at most `Limits.window_frames` may be under way
    ← edit.queued {position} · edit.progress · edit.preview
    ← patch.begin, patch.tiles …  (each frame is answered by → patch.ack; same window)
    ← edit.done {versions, head}   or   edit.failed {code, message, hint}

Tiles are the cells of a grid of ``Limits.tile_px`` squares from the layer's origin. A layer tile is the cell clipped to
the layer; a mask or patch tile is the cell clipped to the mask's or the patch's rectangle. Samples are interleaved,
little-endian; masks are uint8. A tile's hash is the SHA-256 of its raw samples.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bridge.protocol.fields import (
    FRAME_BYTES,
    MOST_REFERENCES,
    PROFILE_BYTES,
    PROTOCOL_VERSION,
    SIDE_PX,
    TEXT_CHARS,
    TILE_PX,
    WINDOW_FRAMES,
    AlphaName,
    Cell,
    DepthName,
    EditId,
    Encoding,
    Hash,
    Id,
    Message,
    Name,
    PlainText,
    Rect,
    RequestId,
    Seed,
    Sequence,
    Tile,
)
from bridge.protocol.shapes import (
    CanvasInfo,
    DocumentInfo,
    LayerInfo,
    ReferenceInfo,
    VersionInfo,
)

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class Hello(Message):
    """First message of every connection. Without a token only `Pair` is answered afterwards."""

    type: Literal["hello"] = "hello"
    id: RequestId
    protocol: Annotated[int, Field(ge=0, le=65535)]
    client: Name
    token: Annotated[str, Field(max_length=200)] | None = None


class Pair(Message):
    """Trade the code that the bridge's own machine shows for a token."""

    type: Literal["pair"] = "pair"
    id: RequestId
    code: Annotated[str, Field(max_length=40)]
    name: Name


class DocumentOpen(Message):
    """Open, or make, the document that the host calls ``key``; ``last_seq``: the last event seen, for the catch-up."""

    type: Literal["document.open"] = "document.open"
    id: RequestId
    key: Name
    title: PlainText = ""
    last_seq: Sequence | None = None


class DocumentList(Message):
    type: Literal["document.list"] = "document.list"
    id: RequestId


class LayerDescribe(Message):
    """Say what a layer is: size, format, profile. Again when it changed; the history stays."""

    type: Literal["layer.describe"] = "layer.describe"
    id: RequestId
    document_id: Id
    key: Name
    name: PlainText = ""
    width: Annotated[int, Field(ge=1, le=SIDE_PX)]
    height: Annotated[int, Field(ge=1, le=SIDE_PX)]
    depth: DepthName
    channels: Annotated[int, Field(ge=1, le=4)]
    alpha: AlphaName
    profile: Annotated[bytes, Field(max_length=PROFILE_BYTES)] | None = None


class EditStart(Message):
    """Begin an edit. ``edit_id`` is chosen by the client (random), so that it can ask for it after a reconnect.

    ``mask_rect_px`` is the selection's bounding box, or None without a selection. ``seed`` None: the bridge draws one.
    ``base_version_id`` is the version that the client shows; None: the head.
    """

    type: Literal["edit.start"] = "edit.start"
    id: RequestId
    edit_id: EditId
    layer_id: Id
    text: Annotated[str, Field(max_length=TEXT_CHARS)]
    mask_rect_px: Rect | None = None
    seed: Seed | None = None
    variations: Annotated[int, Field(ge=1, le=8)] = 1
    previews: bool = True
    base_version_id: Id | None = None
    references: Annotated[tuple[ReferenceInfo, ...], Field(max_length=MOST_REFERENCES)] = ()


class EditTiles(Message):
    """Tiles of the mask (after `EditStart`), of the layer (after `EditWant`), or of a reference (after `EditPlan`),
    as many as fit a frame. ``reference`` counts from 1; 0 for the other planes.
    """

    type: Literal["edit.tiles"] = "edit.tiles"
    edit_id: EditId
    plane: Literal["mask", "layer", "reference"]
    reference: Annotated[int, Field(ge=0, le=MOST_REFERENCES)] = 0
    tiles: Annotated[tuple[Tile, ...], Field(min_length=1, max_length=4096, fail_fast=True)]


class EditHave(Message):
    """Hashes of the layer's tiles in the cells of ``rect_px``, row by row, in one or more parts from ``first``."""

    type: Literal["edit.have"] = "edit.have"
    edit_id: EditId
    rect_px: Rect
    first: Annotated[int, Field(ge=0, le=1 << 26)] = 0
    hashes: Annotated[tuple[Hash, ...], Field(max_length=20_000, fail_fast=True)]


class EditCancel(Message):
    type: Literal["edit.cancel"] = "edit.cancel"
    id: RequestId
    edit_id: EditId


class EditResume(Message):
    """After a reconnect: send this edit's events here from now on, and its outcome if it is done."""

    type: Literal["edit.resume"] = "edit.resume"
    id: RequestId
    edit_id: EditId


class HistoryTree(Message):
    """Ask for `PAGE_VERSIONS` of a layer's versions, oldest first, after the first ``skip``."""

    type: Literal["history.tree"] = "history.tree"
    id: RequestId
    layer_id: Id
    skip: Sequence = 0


class HistoryMove(Message):
    """Undo or redo: move the head along the tree; the patch that brings the layer there follows."""

    type: Literal["history.undo", "history.redo"]
    id: RequestId
    layer_id: Id
    count: Annotated[int, Field(ge=1, le=100)] = 1


class HistoryRestore(Message):
    """Make a version the head (also: choose a candidate, or go back and branch by editing from there)."""

    type: Literal["history.restore"] = "history.restore"
    id: RequestId
    version_id: Id


class PatchFetch(Message):
    """Send a version's own patch and mask again, as after the edit."""

    type: Literal["patch.fetch"] = "patch.fetch"
    id: RequestId
    version_id: Id


class PatchAck(Message):
    """This frame of tiles has been taken; the next may come."""

    type: Literal["patch.ack"] = "patch.ack"
    patch_id: Id
    received: Sequence


class Ping(Message):
    type: Literal["ping"] = "ping"
    id: RequestId


ClientMessage = Annotated[
    Hello
    | Pair
    | DocumentOpen
    | DocumentList
    | LayerDescribe
    | EditStart
    | EditTiles
    | EditHave
    | EditCancel
    | EditResume
    | HistoryTree
    | HistoryMove
    | HistoryRestore
    | PatchFetch
    | PatchAck
    | Ping,
    Field(discriminator="type"),
]

# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class Limits(Message):
    frame_bytes: int = FRAME_BYTES
    tile_px: int = TILE_PX
    window_frames: int = WINDOW_FRAMES
    text_chars: int = TEXT_CHARS


class Welcome(Message):
    """``person`` is None when there was no valid token: pair first."""

    type: Literal["welcome"] = "welcome"
    re: RequestId
    protocol: int = PROTOCOL_VERSION
    bridge: str
    person_id: Id | None
    person: PlainText | None
    limits: Limits = Limits()


class Paired(Message):
    type: Literal["paired"] = "paired"
    re: RequestId
    token: str
    person_id: Id


class DocumentOpened(Message):
    """The document; when `DocumentOpen` said a ``last_seq``, the `Event`s since then follow in order."""

    type: Literal["document.opened"] = "document.opened"
    re: RequestId
    document: DocumentInfo
    layers: tuple[LayerInfo, ...]


class Documents(Message):
    type: Literal["documents"] = "documents"
    re: RequestId
    documents: tuple[DocumentInfo, ...]


class LayerDescribed(Message):
    type: Literal["layer.described"] = "layer.described"
    re: RequestId
    layer: LayerInfo


class EditPlan(Message):
    """What will be done, in plain words, and the part of the layer that must be seen for it (None: no pixels).

    ``references``: the numbers of those whose tiles the bridge waits for.
    """

    type: Literal["edit.plan"] = "edit.plan"
    re: RequestId
    edit_id: EditId
    ops: tuple[str, ...]
    says: tuple[str, ...]
    reach_px: Rect | None
    seed: Seed
    references: tuple[int, ...] = ()


class EditWant(Message):
    """The cells of the reach whose tiles the bridge does not hold; may be empty."""

    type: Literal["edit.want"] = "edit.want"
    edit_id: EditId
    cells: tuple[Cell, ...]


class EditAck(Message):
    """Frames of tiles of this edit taken so far, mask and layer counted together."""

    type: Literal["edit.ack"] = "edit.ack"
    edit_id: EditId
    received: Sequence


class EditQueued(Message):
    """Place in line: 0 is running."""

    type: Literal["edit.queued"] = "edit.queued"
    edit_id: EditId
    position: Annotated[int, Field(ge=0)]


class EditProgress(Message):
    type: Literal["edit.progress"] = "edit.progress"
    edit_id: EditId
    candidate: int
    fraction: float
    stage: str


class EditPreview(Message):
    """uint8 RGB or straight RGBA of ``rect_px`` at 1/``scale`` of the layer's resolution; may be skipped when slow."""

    type: Literal["edit.preview"] = "edit.preview"
    edit_id: EditId
    candidate: int
    rect_px: Rect
    scale: int
    width: int
    height: int
    channels: int
    encoding: Encoding
    data: bytes


class PatchBegin(Message):
    """A patch follows in ``frames`` frames: the pixels of ``rect_px`` as they are in ``version_id``, and its mask.

    ``edit_id`` is None when the patch answers a history request or a fetch. ``mask`` is False when the whole
    rectangle is to be replaced. With a ``canvas`` the layer has another size or format now, in
    which ``rect_px`` and the samples are, and the patch is all of it.
    """

    type: Literal["patch.begin"] = "patch.begin"
    re: RequestId | None
    patch_id: Id
    edit_id: EditId | None
    candidate: int
    layer_id: Id
    version_id: Id
    rect_px: Rect
    mask: bool
    frames: int
    canvas: CanvasInfo | None = None


class PatchTiles(Message):
    type: Literal["patch.tiles"] = "patch.tiles"
    patch_id: Id
    frame: int
    plane: Literal["mask", "layer"]
    tiles: tuple[Tile, ...]


class EditDone(Message):
    """The edit is stored: ``versions`` in the order of candidates, ``head_version_id`` is the layer's head now."""

    type: Literal["edit.done"] = "edit.done"
    edit_id: EditId
    seq: Sequence
    versions: tuple[VersionInfo, ...]
    head_version_id: Id | None


class EditFailed(Message):
    """The edit ended without landing. For ``conflict``, ``version_id`` is the result that was kept beside."""

    type: Literal["edit.failed"] = "edit.failed"
    edit_id: EditId
    code: str
    message: str
    hint: str
    version_id: Id | None = None
    head_version_id: Id | None = None


class HistoryTreeIs(Message):
    """A page of a layer's versions, oldest first; ``total`` is how many there are."""

    type: Literal["history.tree.is"] = "history.tree.is"
    re: RequestId
    layer: LayerInfo
    total: int
    versions: tuple[VersionInfo, ...]


class HeadMoved(Message):
    """The answer to undo, redo and restore; the patch came before it."""

    type: Literal["head.moved"] = "head.moved"
    re: RequestId
    layer_id: Id
    head_version_id: Id | None
    seq: Sequence


class Event(Message):
    """Something that happened in an open document, with its stored number; missed ones are sent at the reconnect.

    ``kind``: ``version.landed``, ``version.added`` (a candidate), ``head.moved``, ``edit.failed``,
    ``edit.interrupted`` (the bridge stopped while it ran), ``edit.conflict``, ``layer.described``.
    """

    type: Literal["event"] = "event"
    document_id: Id
    seq: Sequence
    kind: str
    at: str
    by: PlainText
    layer_id: Id | None = None
    edit_id: EditId | None = None
    version_id: Id | None = None
    detail: PlainText = ""


class Done(Message):
    """The plain answer to a request that has nothing else to say."""

    type: Literal["done"] = "done"
    re: RequestId


class Error(Message):
    """A request was refused. ``re`` is None when its id could not be read; after ``fatal`` the socket closes."""

    type: Literal["error"] = "error"
    re: RequestId | None
    code: str
    message: str
    hint: str
    fatal: bool = False


ServerMessage = Annotated[
    Welcome
    | Paired
    | DocumentOpened
    | Documents
    | LayerDescribed
    | EditPlan
    | EditWant
    | EditAck
    | EditQueued
    | EditProgress
    | EditPreview
    | PatchBegin
    | PatchTiles
    | EditDone
    | EditFailed
    | HistoryTreeIs
    | HeadMoved
    | Event
    | Done
    | Error,
    Field(discriminator="type"),
]


def client_messages() -> TypeAdapter[ClientMessage]:
    """The adapter that reads what clients send (built on demand: it takes some milliseconds)."""
    return TypeAdapter(ClientMessage)


def server_messages() -> TypeAdapter[ServerMessage]:
    """The adapter that reads what the bridge sends."""
    return TypeAdapter(ServerMessage)
