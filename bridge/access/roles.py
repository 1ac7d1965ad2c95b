"""Roles of people in a document. One table; the check stands at the one place where messages are dispatched.

Today everybody who is paired owns the documents they open and nobody else sees them; invitations with the other
roles come with team review and need no new place.
"""

from __future__ import annotations

from typing import Literal

Role = Literal["owner", "editor", "approver", "commenter", "viewer"]

# What each role may do: "view" the history and patches, "edit" the layers.
Right = Literal["view", "edit"]
RIGHTS: dict[Role, frozenset[Right]] = {
    "owner": frozenset(("view", "edit")),
    "editor": frozenset(("view", "edit")),
    "approver": frozenset(("view",)),
    "commenter": frozenset(("view",)),
    "viewer": frozenset(("view",)),
}


def may(role: Role | None, right: Right) -> bool:
    """Whether that role has that right; nobody without a role has any."""
    return role is not None and right in RIGHTS[role]
