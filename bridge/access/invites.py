"""Invites: links that let somebody without an account into one document, with one role.

A link carries its token in the fragment, which browsers send to nobody; the page at it trades the token for a cookie
that no script can read (see `bridge.review.routes`). The bridge keeps the token's hash only. An invite with a name is
that one person's, on as many devices as they open it; one without a name lets everybody in who has it, each as a person
of their own, or only the first if it is for ``once``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bridge.access.roles import Role
from bridge.errors import BadSpan, InviteInvalid

# Nobody is made a second owner by a link.
InvitedRole = Literal["editor", "approver", "commenter", "viewer"]
# From the most to the least: an invite never takes a role away.
_RANKS: tuple[Role, ...] = ("owner", "editor", "approver", "commenter", "viewer")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite as its document's owner sees it; times are in UTC.

    Attributes:
        name: whose it is; empty: whoever has the link.
        once: only the first who opens it comes in.
        joined: the names of those who came in by it and are still there.
    """

    invite_id: str
    document_id: str
    role: InvitedRole
    name: str
    once: bool
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    joined: tuple[str, ...] = ()

    def check(self, now: datetime) -> None:
        """Whether somebody new may still come in.

        Raises:
            InviteInvalid: not any more; says why.
        """
        if self.revoked_at is not None:
            raise InviteInvalid("This invite was taken back.")
        if self.expires_at is not None and now >= self.expires_at:
            raise InviteInvalid("This invite is too old.")
        if self.once and self.used_at is not None:
            raise InviteInvalid("This invite was used already.")


def higher(one: Role, other: Role) -> Role:
    """The role that may more."""
    return one if _RANKS.index(one) <= _RANKS.index(other) else other


def span_of(text: str) -> timedelta:
    """A span of time as people type it: ``90m``, ``12h``, ``7d``, ``2w``.

    Raises:
        BadSpan: it is none, or longer than a year.
    """
    found = re.fullmatch(r"\s*(\d{1,5})\s*([mhdw])\s*", text.lower())
    if found is None:
        raise BadSpan(f"“{text[:40]}” is no span of time.")
    span = int(found[1]) * _UNITS[found[2]]
    if not timedelta() < span <= LONGEST:
        raise BadSpan("An invite lasts a minute to a year.")
    return span
