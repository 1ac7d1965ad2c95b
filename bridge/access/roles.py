"""Roles of people in a document: one table of what each may do, and one of what each message asks for.

Both are read at the one place where messages are dispatched; a test goes through every message and every role.
"""

from __future__ import annotations

from typing import Literal

Role = Literal["owner", "editor", "approver", "commenter", "viewer"]

# "view" the history, pictures, patches and comments; "edit" the layers; "comment"; "approve" versions; "manage" who is
# in the document.
Right = Literal["view", "edit", "comment", "approve", "manage"]
RIGHTS: dict[Role, frozenset[Right]] = {
    "owner": frozenset(("view", "edit", "comment", "approve", "manage")),
    "editor": frozenset(("view", "edit", "comment")),
    "approver": frozenset(("view", "comment", "approve")),
    "commenter": frozenset(("view", "comment")),
    "viewer": frozenset(("view",)),
}

# What a message of this type asks for, in the document that it speaks of. None: it speaks of no document, or of what is
# the person's own (documents by their key, edits that they began, frames that they were sent).
NEEDS: dict[str, Right | None] = {
    "hello": None,
    "pair": None,
    "ping": None,
    "document.open": None,
    "document.list": None,
    "document.visit": "view",
    "layer.describe": "edit",
    "edit.start": "edit",
    "edit.tiles": None,
    "edit.have": None,
    "edit.cancel": None,
    "edit.resume": None,
    "history.tree": "view",
    "history.undo": "edit",
    "history.redo": "edit",
    "history.restore": "edit",
    "patch.fetch": "view",
    "patch.ack": None,
    "comment.add": "comment",
    "comment.change": "comment",
    "comment.resolve": "comment",
    "comment.list": "view",
    "comment.places": "view",
    "approval.set": "approve",
    "approval.list": "view",
    "state.get": "view",
    "approvers.set": "manage",
    "version.lock": "edit",
    "version.picture": "view",
    "link.make": "view",
    "member.list": "view",
    "member.set": "manage",
    "invite.make": "manage",
    "invite.list": "manage",
    "invite.revoke": "manage",
}

# What others have to read: so many at once, and so many a second, see `bridge.access.pace`.
PACED: frozenset[Right] = frozenset(("comment", "approve", "manage"))

# What somebody who was only invited may not do at all: they have no documents of their own, and so nothing to edit but
# what they were invited to.
NOT_FOR_GUESTS = frozenset(("document.open",))


def may(role: Role | None, right: Right) -> bool:
    """Whether that role has that right; nobody without a role has any."""
    return role is not None and right in RIGHTS[role]
