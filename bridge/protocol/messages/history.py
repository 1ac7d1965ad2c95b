"""The tree of versions, moves of the head, and patches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import AlphaName, DepthName, EditId, Id, Message, Rect, RequestId, Sequence, Tile
from bridge.protocol.shapes import CanvasInfo, LayerInfo, VersionInfo


class HistoryTree(Message):
    """Ask for `PAGE_VERSIONS` of a layer's versions, oldest first, after the first ``skip``; with ``from_end`` those
    before the last ``skip``, so that the newest come first, page by page."""

    type: Literal["history.tree"] = "history.tree"
    id: RequestId
    layer_id: Id
    skip: Sequence = 0
    from_end: bool = False


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


class PatchBegin(Message):
    """A patch follows in ``frames`` frames: the pixels of ``rect_px`` as they are in ``version_id``, and its mask.

    ``edit_id`` is None when the patch answers a history request or a fetch. ``depth``, ``channels``, ``alpha``:
    of its samples, which an older version may have had otherwise. ``mask`` is False when the whole rectangle is
    to be replaced. With a ``canvas`` the layer has another size or format now, in which ``rect_px`` and the
    samples are, and the patch is all of it.
    """

    type: Literal["patch.begin"] = "patch.begin"
    re: RequestId | None
    patch_id: Id
    edit_id: EditId | None
    candidate: int
    layer_id: Id
    version_id: Id
    rect_px: Rect
    depth: DepthName
    channels: int
    alpha: AlphaName
    mask: bool
    frames: int
    canvas: CanvasInfo | None = None


class PatchTiles(Message):
    type: Literal["patch.tiles"] = "patch.tiles"
    patch_id: Id
    frame: int
    plane: Literal["mask", "layer"]
    tiles: tuple[Tile, ...]


class HistoryTreeIs(Message):
    """A page of a layer's versions, oldest first; ``total`` is how many there are, ``edits_before`` how many edits come
    before the page: the first edit on it is number ``edits_before`` + 1."""

    type: Literal["history.tree.is"] = "history.tree.is"
    re: RequestId
    layer: LayerInfo
    total: int
    versions: tuple[VersionInfo, ...]
    edits_before: int = 0


class HeadMoved(Message):
    """The answer to undo, redo and restore; the patch came before it."""

    type: Literal["head.moved"] = "head.moved"
    re: RequestId
    layer_id: Id
    head_version_id: Id | None
    seq: Sequence
