"""Who is in a document now, what they look at, and where they point; nothing of it is stored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import Coordinate, Id, Message, PlainText, RequestId

# Layer pixels (x, y); whole ones, a cursor is no finer.
Point = tuple[Coordinate, Coordinate]

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class PresenceLook(Message):
    """Be here, in this document and no other, and look at this version of this layer; None: at none yet.

    From now on `Presence` and `PresenceAt` tell of everybody who is here. Said again whenever one looks elsewhere.
    """

    type: Literal["presence.look"] = "presence.look"
    id: RequestId
    document_id: Id
    layer_id: Id | None = None
    version_id: Id | None = None


class PresencePoint(Message):
    """Point at a place of the version that one looks at; None: no more. Not answered; beyond some 15 a second the
    sender's next messages wait."""

    type: Literal["presence.point"] = "presence.point"
    at_px: Point | None


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class PresentInfo(Message):
    """Somebody who is here, however many programs they have open.

    ``programs``: what those call themselves (“Figma”). ``layer_id`` and ``version_id``: what they looked at last in a
    browser, None: nothing there. ``points``: where, is said by `PresenceAt`; when it is False their cursor is gone.
    """

    person_id: Id
    name: PlainText
    programs: tuple[PlainText, ...]
    layer_id: Id | None
    version_id: Id | None
    points: bool


class Presence(Message):
    """Everybody who is in the document now, by name; sent anew when that changes."""

    type: Literal["presence"] = "presence"
    document_id: Id
    people: Annotated[tuple[PresentInfo, ...], Field(max_length=500)]


class PresenceAt(Message):
    """Where somebody points; a later one takes its place, so a slow client misses some."""

    type: Literal["presence.at"] = "presence.at"
    document_id: Id
    person_id: Id
    version_id: Id
    at_px: Point
