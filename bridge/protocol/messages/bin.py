"""Deleting a document, and bringing it back."""

from __future__ import annotations

from typing import Literal

from bridge.protocol.fields import Id, Message, Name, PlainText, RequestId

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class DocumentDelete(Message):
    """Put a document into the bin: it is gone for everybody at once, and its owner can bring it back for a while."""

    type: Literal["document.delete"] = "document.delete"
    id: RequestId
    document_id: Id


class DocumentRestore(Message):
    """Bring a document back from the bin, with everything that was in it and everybody's roles."""

    type: Literal["document.restore"] = "document.restore"
    id: RequestId
    document_id: Id


class BinList(Message):
    """Ask for one's own documents in the bin."""

    type: Literal["bin.list"] = "bin.list"
    id: RequestId


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class BinnedInfo(Message):
    """A document in the bin; times are ISO 8601 in UTC. From ``ends_at`` on it may be gone for good. ``versions`` and
    ``comments``: how many go with it."""

    document_id: Id
    key: Name
    title: PlainText
    deleted_at: str
    ends_at: str
    versions: int
    comments: int


class BinIs(Message):
    """One's own documents in the bin, the last first; of very many the last."""

    type: Literal["bin.is"] = "bin.is"
    re: RequestId
    documents: tuple[BinnedInfo, ...]
