"""One edit, from its words to its end; see the package for the order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import (
    MOST_REFERENCES,
    TEXT_CHARS,
    Cell,
    EditId,
    Encoding,
    Hash,
    Id,
    Message,
    Rect,
    RequestId,
    Seed,
    Sequence,
    Tile,
)
from bridge.protocol.messages.models import ModelName
from bridge.protocol.shapes import ReferenceInfo, VersionInfo


class EditStart(Message):
    """Begin an edit. ``edit_id`` is chosen by the client (random), so that it can ask for it after a reconnect.

    ``mask_rect_px`` is the selection's bounding box, or None without a selection. ``seed`` None: the bridge draws one.
    ``base_version_id`` is the version that the client shows; None: the head. ``pixels``: whose of the layer are
    edited; ``bridge`` are those that are stored of that version (the client sends the mask alone, and the plan's
    reach is None). Without ``wants_patch`` the edit's end comes without patches. ``model``: the open model that is to
    draw what it can of it, ``built-in`` or ``auto``; None: not said. Words that name one count more.
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
    pixels: Literal["client", "bridge"] = "client"
    wants_patch: bool = True
    model: ModelName | None = None


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
    wants_patch: bool = True


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
