"""Parts of messages: documents, layers and versions; pictures that come with a command; what a layer became."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import (
    PROFILE_BYTES,
    SIDE_PX,
    AlphaName,
    DepthName,
    Id,
    InvitedRole,
    Message,
    Name,
    PlainText,
    Rect,
    Seed,
    Sequence,
)


class ReferenceInfo(Message):
    """A picture that the words may speak of (“image 2”); its pixels follow when the plan uses it."""

    width: Annotated[int, Field(ge=1, le=SIDE_PX)]
    height: Annotated[int, Field(ge=1, le=SIDE_PX)]
    depth: DepthName
    channels: Annotated[int, Field(ge=1, le=4)]
    alpha: AlphaName
    profile: Annotated[bytes, Field(max_length=PROFILE_BYTES)] | None = None


class CanvasInfo(Message):
    """What the layer is from now on, and where its old pixels lie in it: their corner, and new pixels an old one."""

    width: int
    height: int
    depth: DepthName
    channels: int
    alpha: AlphaName
    x0: int
    y0: int
    scale: float


class TextInfo(Message):
    """Letters that a host can set itself; see `engine.api.TextLayer`."""

    kind: Literal["text"] = "text"
    rect_px: Rect
    text: str
    family: str
    style: str
    size_px: float
    line_px: float
    colour: tuple[float, float, float, float]
    align: str


class ImageInfo(Message):
    """A reference that a host can place itself; see `engine.api.ImageLayer`."""

    kind: Literal["image"] = "image"
    rect_px: Rect
    reference: int
    rotation: float
    opacity: float


class ShadeInfo(Message):
    """A soft rectangle beneath letters; see `engine.api.ShadeLayer`."""

    kind: Literal["shade"] = "shade"
    rect_px: Rect
    colour: tuple[float, float, float, float]
    radius_px: float


HostLayerInfo = Annotated[TextInfo | ImageInfo | ShadeInfo, Field(discriminator="kind")]


class LayerInfo(Message):
    layer_id: Id
    key: Name
    name: PlainText
    width: int
    height: int
    depth: DepthName
    channels: int
    alpha: AlphaName
    head_version_id: Id | None


Role = Literal["owner", "editor", "approver", "commenter", "viewer"]


class MemberInfo(Message):
    """Somebody in a document."""

    person_id: Id
    name: PlainText
    role: Role


class InviteInfo(Message):
    """An invite; times are ISO 8601 in UTC. ``joined``: the names of those who came in by it and are still there."""

    invite_id: Id
    document_id: Id
    role: InvitedRole
    name: PlainText
    once: bool
    created_at: str
    expires_at: str | None
    used_at: str | None
    revoked_at: str | None
    joined: tuple[PlainText, ...]


class DocumentInfo(Message):
    """A document as this person sees it; ``key`` is what its owner's host calls it, for everybody else its id;
    ``model``: the open model that it is pinned to, or ``auto``.
    """

    document_id: Id
    key: Name
    title: PlainText
    role: Role
    last_seq: Sequence
    model: str = "auto"


Verdict = Literal["approved", "changes_requested", "withdrawn"]


class CommentInfo(Message):
    """A comment as it is now; times are ISO 8601 in UTC.

    ``rect_px`` is in the pixels of the layer in ``version_id``, None: the whole version. ``reply_to`` is the comment
    that the thread began with, None for that one itself; only that one is resolved. ``text`` is as it was typed: show
    it as text, never as HTML; ``mentions`` are the people who are meant by “@Name” in it.
    """

    comment_id: Id
    document_id: Id
    layer_id: Id
    version_id: Id
    reply_to: Id | None
    rect_px: Rect | None
    text: str
    author: PlainText
    person_id: Id
    created_at: str
    changed_at: str | None
    resolved_by: PlainText | None
    resolved_at: str | None
    mentions: tuple[Id, ...] = ()


class PlaceInfo(Message):
    """Where a comment's place is in another version of its layer.

    ``where``: ``here``, at ``rect_px``; ``whole``, the comment is on the whole version; ``gone``, that place is beyond
    the layer's border now; ``elsewhere``, the layer was described anew since, nothing leads there. ``same``: nothing is
    different there from the comment's own version. ``changed_by``: the edits since that changed pixels there, in order;
    of very many the last.
    """

    comment_id: Id
    where: Literal["here", "whole", "gone", "elsewhere"]
    rect_px: Rect | None
    same: bool
    changed_by: tuple[Id, ...]


class ApprovalInfo(Message):
    """What a person says of a version now; ``withdrawn``: nothing any more. ``created_at`` is ISO 8601 in UTC."""

    approval_id: Id
    document_id: Id
    layer_id: Id
    version_id: Id
    verdict: Verdict
    text: str
    author: PlainText
    person_id: Id
    created_at: str


ReviewState = Literal["draft", "in_review", "changes_requested", "approved"]


class LayerStateInfo(Message):
    """Where a layer stands. ``approved_version_id``: the nearest approved version that the head came from, or is; what
    changed since is between the two. ``locked``: edits and moves of the head are refused."""

    layer_id: Id
    head_version_id: Id
    state: ReviewState
    approved_version_id: Id | None
    locked: bool


class VersionInfo(Message):
    """One version of a layer. ``created_at`` is ISO 8601 in UTC.

    ``canvas`` says what the layer became with this version, None when neither its size nor its format changed.
    ``layers``: what a host may set itself instead of the pixels, lowest first.

    ``state``: ``landed`` (is or was the head), ``candidate`` (a variation not chosen), ``beside`` (kept after a
    conflict).
    """

    version_id: Id
    parent_id: Id | None
    kind: Literal["source", "edit"]
    state: Literal["landed", "candidate", "beside"]
    rect_px: Rect
    text: str
    says: tuple[str, ...]
    model: str
    weights_hash: str
    device: str
    seed: Seed | None
    author: PlainText
    created_at: str
    engine_s: float
    notes: tuple[str, ...]
    canvas: CanvasInfo | None = None
    layers: tuple[HostLayerInfo, ...] = ()
