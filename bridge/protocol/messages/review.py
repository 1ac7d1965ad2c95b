"""Comments, approvals and small pictures: how a team talks about versions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import (
    LEAST_PICTURE_PX,
    MOST_APPROVERS,
    MOST_PICTURE_PX,
    PAGE_COMMENTS,
    EditId,
    Id,
    Message,
    PlainText,
    Rect,
    RequestId,
    Sequence,
)
from bridge.protocol.shapes import (
    ApprovalInfo,
    CommentInfo,
    LayerStateInfo,
    MemberInfo,
    PlaceInfo,
    ReviewState,
    Verdict,
)

CommentText = Annotated[str, Field(min_length=1, max_length=2_000)]

# The ids of those who are meant by “@Name” in a text; whoever is not in the document, or not in the text, is left out.
Mentioned = Annotated[tuple[Id, ...], Field(max_length=20)]

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class CommentAdd(Message):
    """Say something about a version, or about a place on it. Sent again, it is answered again and stored once.

    ``comment_id`` is chosen by the client (random). ``rect_px`` is in the pixels of the layer in that version; a point
    is one pixel wide and high; None: the whole version. ``reply_to``: a comment of the same layer; the answer joins
    its thread.
    """

    type: Literal["comment.add"] = "comment.add"
    id: RequestId
    comment_id: EditId
    version_id: Id
    text: CommentText
    rect_px: Rect | None = None
    reply_to: Id | None = None
    mentions: Mentioned = ()


class CommentChange(Message):
    """Say one's own comment in other words; what it said before is kept in the history."""

    type: Literal["comment.change"] = "comment.change"
    id: RequestId
    comment_id: Id
    text: CommentText
    mentions: Mentioned = ()


class CommentResolve(Message):
    """Close a thread, or open it again; ``comment_id`` is the comment that it began with."""

    type: Literal["comment.resolve"] = "comment.resolve"
    id: RequestId
    comment_id: Id
    resolved: bool


class CommentList(Message):
    """Ask for `PAGE_COMMENTS` of a document's comments, or of one layer's, oldest first, after the first ``skip``."""

    type: Literal["comment.list"] = "comment.list"
    id: RequestId
    document_id: Id
    layer_id: Id | None = None
    skip: Sequence = 0


class CommentPlaces(Message):
    """Ask where the comments of a version's layer are in that version: for the same pages as `CommentList` gives for
    the layer, or only for those named (those that are no comments of the layer are left out)."""

    type: Literal["comment.places"] = "comment.places"
    id: RequestId
    version_id: Id
    skip: Sequence = 0
    comment_ids: Annotated[tuple[Id, ...], Field(max_length=PAGE_COMMENTS)] | None = None


class ApprovalSet(Message):
    """One's own verdict on a version; the last one counts, the earlier ones are kept in the history."""

    type: Literal["approval.set"] = "approval.set"
    id: RequestId
    version_id: Id
    verdict: Verdict
    text: PlainText = ""


class ApprovalList(Message):
    """Ask for `PAGE_COMMENTS` of a document's verdicts, oldest first, after the first ``skip``."""

    type: Literal["approval.list"] = "approval.list"
    id: RequestId
    document_id: Id
    skip: Sequence = 0


class StateGet(Message):
    """Ask where a document stands."""

    type: Literal["state.get"] = "state.get"
    id: RequestId
    document_id: Id


class ApproversSet(Message):
    """Say who must approve a document, all of them; nobody: every verdict counts."""

    type: Literal["approvers.set"] = "approvers.set"
    id: RequestId
    document_id: Id
    person_ids: Annotated[tuple[Id, ...], Field(max_length=MOST_APPROVERS)]


class VersionLock(Message):
    """Keep a layer at its approved head, or let it go again."""

    type: Literal["version.lock"] = "version.lock"
    id: RequestId
    version_id: Id
    locked: bool


class VersionPicture(Message):
    """Ask for a small picture of the place that a version changed, as it was before or after; of a source, of all of it
    that is known."""

    type: Literal["version.picture"] = "version.picture"
    id: RequestId
    version_id: Id
    show: Literal["before", "after"] = "after"
    side_px: Annotated[int, Field(ge=LEAST_PICTURE_PX, le=MOST_PICTURE_PX)]


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class CommentIs(Message):
    """The comment as it is now."""

    type: Literal["comment.is"] = "comment.is"
    re: RequestId
    comment: CommentInfo


class Comments(Message):
    """A page of comments, oldest first; ``total`` is how many there are."""

    type: Literal["comments"] = "comments"
    re: RequestId
    total: int
    comments: tuple[CommentInfo, ...]


class CommentPlacesAre(Message):
    """A page of places, in the order of the comments; ``total`` is how many comments the layer has, or were found of
    those that were named."""

    type: Literal["comment.places.are"] = "comment.places.are"
    re: RequestId
    version_id: Id
    total: int
    places: tuple[PlaceInfo, ...]


class ApprovalIs(Message):
    """The verdict that counts now."""

    type: Literal["approval.is"] = "approval.is"
    re: RequestId
    approval: ApprovalInfo


class Approvals(Message):
    """A page of verdicts: of each person on each version the last, oldest first; ``total`` is how many there are."""

    type: Literal["approvals"] = "approvals"
    re: RequestId
    total: int
    approvals: tuple[ApprovalInfo, ...]


class StateIs(Message):
    """Where a document stands; ``approvers`` must approve it."""

    type: Literal["state.is"] = "state.is"
    re: RequestId
    document_id: Id
    state: ReviewState
    approvers: tuple[MemberInfo, ...]
    layers: tuple[LayerStateInfo, ...]


class Picture(Message):
    """An encoded picture in 8 bit sRGB, at most ``side_px`` wide and high and never enlarged: JPEG, or PNG where
    something is transparent.

    ``rect_px`` is what it shows: the version's place; where the version changed the layer's size, all of the layer,
    before or after, in the pixels that it had then.
    """

    type: Literal["picture"] = "picture"
    re: RequestId
    version_id: Id
    show: Literal["before", "after"]
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    rect_px: Rect
    data: bytes
