"""Where something is that a link names."""

from __future__ import annotations

from typing import Literal

from bridge.protocol.fields import Id, Message, RequestId


class LinkFind(Message):
    """Ask where a comment or a version of this document is; refused with ``not_found`` when it is not in it."""

    type: Literal["link.find"] = "link.find"
    id: RequestId
    document_id: Id
    comment_id: Id | None = None
    version_id: Id | None = None


class LinkFound(Message):
    """The version, and for a comment the one that its thread began with."""

    type: Literal["link.found"] = "link.found"
    re: RequestId
    layer_id: Id
    version_id: Id
    comment_id: Id | None
