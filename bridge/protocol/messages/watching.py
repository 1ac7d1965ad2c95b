"""Edits as everybody sees them who has the document open, may view it, and said so when they opened it (``watch``)."""

from __future__ import annotations

from typing import Literal

from bridge.protocol.fields import EditId, Encoding, Id, Message, PlainText, Rect

WatchedState = Literal["preparing", "waiting", "running", "done", "failed", "cancelled", "beside"]


class EditWatched(Message):
    """Where somebody's edit is by now: all that is known of it, each time.

    A connection that is behind gets only the last of these, perhaps none: what counts comes as an `Event` too. One's
    own edit is not told on the connection that runs it.

    ``state``: ``preparing`` (planned; pixels are on their way), ``waiting`` in line (``position`` ahead of it),
    ``running`` (``fraction`` of ``candidate`` is done), or how it ended: ``done``, ``failed``, ``cancelled``,
    ``beside`` (kept beside another's). ``rect_px`` is the selection's box, None without a selection;
    ``base_version_id`` the version that it starts from, in whose pixels that is. ``version_ids``: what it made.
    """

    type: Literal["edit.watched"] = "edit.watched"
    document_id: Id
    layer_id: Id
    edit_id: EditId
    base_version_id: Id
    person_id: Id
    by: PlainText
    text: str
    says: tuple[str, ...]
    rect_px: Rect | None
    state: WatchedState
    position: int = 0
    candidate: int = 0
    fraction: float = 0.0
    stage: str = ""
    version_ids: tuple[Id, ...] = ()


class EditWatchedPreview(Message):
    """A first look at somebody's edit, as `EditPreview`; may be skipped."""

    type: Literal["edit.watched.preview"] = "edit.watched.preview"
    document_id: Id
    layer_id: Id
    edit_id: EditId
    candidate: int
    rect_px: Rect
    scale: int
    width: int
    height: int
    channels: int
    encoding: Encoding
    data: bytes


class RoleIs(Message):
    """What this person is from now on in a document that they have open here; None: nothing any more."""

    type: Literal["role.is"] = "role.is"
    document_id: Id
    role: Literal["owner", "editor", "approver", "commenter", "viewer"] | None
