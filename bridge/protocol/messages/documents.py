"""Documents and their layers, and what happens in them."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, cast

import msgpack
from pydantic import Field

from bridge.protocol.fields import (
    PROFILE_BYTES,
    SIDE_PX,
    AlphaName,
    DepthName,
    EditId,
    Id,
    Message,
    Name,
    PlainText,
    RequestId,
    Sequence,
)
from bridge.protocol.shapes import CommentInfo, DocumentInfo, LayerInfo


class DocumentOpen(Message):
    """Open, or make, the document that the host calls ``key``; ``last_seq``: the last event seen, for the catch-up.

    ``watch``: others' edits are told while they run, as `EditWatched`.
    """

    type: Literal["document.open"] = "document.open"
    id: RequestId
    key: Name
    title: PlainText = ""
    last_seq: Sequence | None = None
    watch: bool = False


class DocumentVisit(Message):
    """Open a document in which one has a role, by its id; ``last_seq`` and ``watch`` as in `DocumentOpen`."""

    type: Literal["document.visit"] = "document.visit"
    id: RequestId
    document_id: Id
    last_seq: Sequence | None = None
    watch: bool = False


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


class Event(Message):
    """Something that happened in an open document, with its stored number; missed ones are sent at the reconnect.

    ``kind``: ``version.landed``, ``version.added`` (a candidate), ``head.moved``, ``edit.failed``,
    ``edit.interrupted`` (the bridge stopped while it ran), ``edit.conflict``, ``layer.described``;
    ``comment.added``, ``comment.changed``, ``comment.resolved`` and ``comment.reopened``, of ``comment_id``;
    ``approval.set``, whose ``detail`` is the verdict; ``member.joined``, ``member.changed`` and ``member.left``;
    ``approvers.set``; ``version.locked`` and ``version.unlocked``; ``source.shared``, at the version where the layer's
    picture was shared; ``document.deleted``, after which the document is not there until ``document.restored``.
    ``document.model``: the document was pinned to the open model ``detail``. ``comment``: the comment as it is now.
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
    comment_id: Id | None = None
    comment: CommentInfo | None = None

    @cached_property
    def packed(self) -> bytes:
        """The event as msgpack, made once: all who follow a document are sent the same bytes."""
        return cast(bytes, msgpack.packb(self.model_dump(), use_bin_type=True))
