"""Who is in a document, and invites to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import Id, InvitedRole, Message, RequestId
from bridge.protocol.shapes import InviteInfo, MemberInfo

# A year and a day.
_LONGEST_S = 366 * 24 * 3600
PersonName = Annotated[str, Field(max_length=200)]

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class MemberList(Message):
    """Ask who is in a document."""

    type: Literal["member.list"] = "member.list"
    id: RequestId
    document_id: Id


class MemberSet(Message):
    """Give a person another role in a document; None: they are out of it."""

    type: Literal["member.set"] = "member.set"
    id: RequestId
    document_id: Id
    person_id: Id
    role: InvitedRole | None


class InviteMake(Message):
    """Make a link into a document. With a ``name`` it is that one person's; ``once``: only the first who opens it comes
    in; ``expires_s``: for so long, None: until it is revoked."""

    type: Literal["invite.make"] = "invite.make"
    id: RequestId
    document_id: Id
    role: InvitedRole
    name: PersonName = ""
    once: bool = False
    expires_s: Annotated[int, Field(ge=60, le=_LONGEST_S)] | None = None


class InviteList(Message):
    """Ask for a document's invites."""

    type: Literal["invite.list"] = "invite.list"
    id: RequestId
    document_id: Id


class InviteRevoke(Message):
    """Take an invite back: it lets nobody in, and those who came in by it are out."""

    type: Literal["invite.revoke"] = "invite.revoke"
    id: RequestId
    invite_id: Id


class LinkMake(Message):
    """Make a link for a browser of one's own: whoever opens it is this person, once, for a short while."""

    type: Literal["link.make"] = "link.make"
    id: RequestId
    document_id: Id


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class Members(Message):
    type: Literal["members"] = "members"
    re: RequestId
    members: tuple[MemberInfo, ...]


class InviteIs(Message):
    """An invite; ``token`` is said once, when it is made: the link is ``http://HOST/join#TOKEN``. ``link``: that
    link by an address that others reach, where the bridge is open to them; None: on this machine only."""

    type: Literal["invite.is"] = "invite.is"
    re: RequestId
    invite: InviteInfo
    token: str | None
    link: str | None = None


class Invites(Message):
    """A document's invites, oldest first; of very many the last."""

    type: Literal["invites"] = "invites"
    re: RequestId
    invites: tuple[InviteInfo, ...]


class LinkIs(Message):
    """``http://HOST/d/DOCUMENT#k=TOKEN`` works once, within ``expires_s`` seconds."""

    type: Literal["link.is"] = "link.is"
    re: RequestId
    token: str
    expires_s: int
