"""Searching versions, comments and verdicts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import Id, Message, PlainText, RequestId

SEARCH_CHARS = 400


class Search(Message):
    """Search all documents that one may see, or one of them: ``warmer by:ana after:2026-11-01 op:relight is:approved
    in:comments``. See `bridge.search.query`."""

    type: Literal["search"] = "search"
    id: RequestId
    query: Annotated[str, Field(max_length=SEARCH_CHARS)]
    document_id: Id | None = None
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class HitInfo(Message):
    """Something that was found; ``at`` is ISO 8601 in UTC. ``text`` is the part of it around the first word that was
    looked for; ``marks`` are where those words are in it, as half-open ranges of characters. Show it as text."""

    kind: Literal["comment", "version", "verdict"]
    document_id: Id
    document_title: PlainText
    layer_id: Id
    layer_name: PlainText
    version_id: Id
    comment_id: Id | None
    author: PlainText
    at: str
    text: PlainText
    marks: tuple[tuple[int, int], ...]


class SearchFound(Message):
    """Some of what was found, the latest first; ``total``: how many there are."""

    type: Literal["search.found"] = "search.found"
    re: RequestId
    total: int
    hits: tuple[HitInfo, ...]
