"""Roles of people in a document: one table of what each may do, one of what each message asks for, one of what each
address asks for.

They are read at two places, where messages are dispatched and at the gate of HTTP; tests go through every message,
every route and every role.
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

# What names a document: itself, or one of its parts.
Subject = Literal["document", "layer", "version", "comment", "invite"]
SUBJECTS: tuple[Subject, ...] = ("document", "layer", "version", "comment", "invite")

# What a message of this type asks for, in the document that it speaks of. None: it speaks of no document, or of what is
# the person's own (documents by their key, edits that they began, frames that they were sent, where they point).
NEEDS: dict[str, Right | None] = {
    "hello": None,
    "pair": None,
    "ping": None,
    "document.open": None,
    "document.list": None,
    "document.visit": "view",
    "document.model": "edit",
    "models.list": None,
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
    "source.offer": "edit",
    "source.tiles": "edit",
    "source.finish": "edit",
    "comment.add": "comment",
    "comment.change": "comment",
    "comment.resolve": "comment",
    "comment.list": "view",
    "comment.places": "view",
    "thread.list": "view",
    "thread.get": "view",
    "thread.count": "view",
    "thread.pins": "view",
    "approval.set": "approve",
    "approval.list": "view",
    "state.get": "view",
    "approvers.set": "manage",
    "version.lock": "edit",
    "version.picture": "view",
    "version.canvas": "view",
    "version.pixel": "view",
    "version.compare": "view",
    "link.make": "view",
    "link.find": "view",
    "presence.look": "view",
    "presence.point": None,
    "member.list": "view",
    "member.set": "manage",
    "invite.make": "manage",
    "invite.list": "manage",
    "invite.revoke": "manage",
    # Whoever may look may take away what they see; the whole document with all of its history is its owner's.
    "take.picture": "view",
    "take.report": "view",
    "take.archive": "manage",
    "document.delete": "manage",
    "document.restore": "manage",
    "bin.list": None,
    # What is found is what one may see: `bridge.search` asks for nothing else.
    "search": None,
}

# What a route of HTTP asks for, in the document that its address speaks of, as `bridge.access.gate` reads it. None: it
# is for everybody, or has proofs of its own (a token in the body, an address that works once). A route that is not in
# this table is answered as one that is not there.
ROUTES: dict[str, Right | None] = {
    "GET /": None,
    "GET /health": None,
    "GET /ws": None,
    "GET /join": None,
    "GET /d/{document_id}": None,
    "GET /page/{path}": None,
    "POST /session": None,
    "DELETE /session": None,
    "GET /take/{token}": None,
    "GET /tiles/{version_id}/{level}/{cell}": "view",
    "GET /tiles/{from_id}..{version_id}/difference/{level}/{cell}": "view",
}

# What is about documents in the bin, and only about those; to everything else they are not there.
OF_THE_BIN = frozenset(("document.restore",))

# What others have to read: so many at once, and so many a second, see `bridge.access.pace`.
PACED: frozenset[Right] = frozenset(("comment", "approve", "manage"))

# What is only true for a moment: it is not refused when it comes too quickly, its sender is read more slowly.
UNHURRIED = frozenset(("presence.look", "presence.point"))

# What somebody who was only invited may not do at all: they have no documents of their own, and so nothing to edit but
# what they were invited to.
NOT_FOR_GUESTS = frozenset(("document.open",))


def may(role: Role | None, right: Right) -> bool:
    """Whether that role has that right; nobody without a role has any."""
    return role is not None and right in RIGHTS[role]
