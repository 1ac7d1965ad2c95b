"""Finding each other: hello, pairing, and the answers that every request may get."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import (
    FRAME_BYTES,
    PROTOCOL_VERSION,
    TEXT_CHARS,
    TILE_PX,
    WINDOW_FRAMES,
    Id,
    Message,
    Name,
    PlainText,
    RequestId,
)


class Hello(Message):
    """First message of every connection. Without a token only `Pair` is answered afterwards.

    ``zstd``: whether this client unpacks it. A plugin does not: loopback carries raw tiles faster than JavaScript
    unpacks packed ones, so they come as ``raw`` and ``fill``.
    """

    type: Literal["hello"] = "hello"
    id: RequestId
    protocol: Annotated[int, Field(ge=0, le=65535)]
    client: Name
    token: Annotated[str, Field(max_length=200)] | None = None
    zstd: bool = True


class Pair(Message):
    """Trade the code that the bridge's own machine shows for a token."""

    type: Literal["pair"] = "pair"
    id: RequestId
    code: Annotated[str, Field(max_length=40)]
    name: Name


class Ping(Message):
    type: Literal["ping"] = "ping"
    id: RequestId


class Limits(Message):
    frame_bytes: int = FRAME_BYTES
    tile_px: int = TILE_PX
    window_frames: int = WINDOW_FRAMES
    text_chars: int = TEXT_CHARS


class Welcome(Message):
    """``person`` is None when there was no valid token: pair first."""

    type: Literal["welcome"] = "welcome"
    re: RequestId
    protocol: int = PROTOCOL_VERSION
    bridge: str
    person_id: Id | None
    person: PlainText | None
    limits: Limits = Limits()


class Paired(Message):
    type: Literal["paired"] = "paired"
    re: RequestId
    token: str
    person_id: Id


class Done(Message):
    """The plain answer to a request that has nothing else to say."""

    type: Literal["done"] = "done"
    re: RequestId


class Error(Message):
    """A request was refused. ``re`` is None when its id could not be read; after ``fatal`` the socket closes."""

    type: Literal["error"] = "error"
    re: RequestId | None
    code: str
    message: str
    hint: str
    fatal: bool = False
