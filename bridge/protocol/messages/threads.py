"""Long conversations, page by page: threads newest first, how many there are, where the newest open ones are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import PAGE_THREADS, Id, Message, RequestId, Sequence
from bridge.protocol.shapes import CommentInfo, PlaceInfo

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class ThreadList(Message):
    """Ask for a layer's threads, newest first.

    ``version_id``: only those that began on it. ``which``: those that are open, in which this person spoke or is
    mentioned, or all.
    ``before``: only those whose first comment has a smaller ``seq``, for the next page.
    """

    type: Literal["thread.list"] = "thread.list"
    id: RequestId
    layer_id: Id
    version_id: Id | None = None
    which: Literal["open", "mine", "all"] = "all"
    before: Sequence | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_THREADS)] = PAGE_THREADS


class ThreadGet(Message):
    """Ask for one thread, by any comment in it; of its answers a page, after the first ``skip``."""

    type: Literal["thread.get"] = "thread.get"
    id: RequestId
    comment_id: Id
    skip: Sequence = 0


class ThreadCount(Message):
    """Ask how many threads a layer has, by the version that they began on."""

    type: Literal["thread.count"] = "thread.count"
    id: RequestId
    layer_id: Id


class ThreadPins(Message):
    """Ask where the newest open threads of a version's layer are in that version."""

    type: Literal["thread.pins"] = "thread.pins"
    id: RequestId
    version_id: Id


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class ThreadInfo(Message):
    """A thread. ``number``: of its layer's threads, from 1, oldest first. ``seq``: of its first comment's event.
    ``replies``: some of its ``reply_count`` answers, oldest first: in a list the last two."""

    root: CommentInfo
    number: int
    seq: Sequence
    reply_count: int
    replies: tuple[CommentInfo, ...]


class VersionThreads(Message):
    """How many threads began on a version, and how many of them are open."""

    version_id: Id
    open: int
    all: int


class PinInfo(Message):
    """A thread's first comment and where it is; ``text`` is its beginning."""

    comment_id: Id
    number: int
    author: str
    text: str
    place: PlaceInfo


class Threads(Message):
    """A page of threads, as of the event ``as_of``. ``total``: how many there are on all pages."""

    type: Literal["threads"] = "threads"
    re: RequestId
    as_of: Sequence
    total: int
    threads: tuple[ThreadInfo, ...]


class ThreadIs(Message):
    """One thread, as of the event ``as_of``."""

    type: Literal["thread.is"] = "thread.is"
    re: RequestId
    as_of: Sequence
    thread: ThreadInfo


class ThreadCounts(Message):
    """Counts of all versions on which a thread began, as of the event ``as_of``; of very many the newest."""

    type: Literal["thread.counts"] = "thread.counts"
    re: RequestId
    layer_id: Id
    as_of: Sequence
    versions: tuple[VersionThreads, ...]


class Pins(Message):
    """The newest open threads that have a place on their version, newest first; ``total``: how many are open."""

    type: Literal["pins"] = "pins"
    re: RequestId
    version_id: Id
    total: int
    pins: tuple[PinInfo, ...]
