"""What a report tells: who, where the document stands, and for each version what was said and decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.history.records import Approval, Comment, Document, Layer, Member, Person, Version
from bridge.history.schema import ApprovalRow, CommentRow, PersonRow
from bridge.history.store import History
from bridge.review.comments import comment_records
from bridge.review.encode import Mime
from bridge.review.states import DocumentState, States
from engine.geometry import PixelRect, Size

Which = Literal["discussed", "all"]
STATES = {
    "draft": "Draft",
    "in_review": "In review",
    "changes_requested": "Changes requested",
    "approved": "Approved",
}
VERDICTS = {"approved": "approved", "changes_requested": "asked for changes", "withdrawn": "withdrew the verdict"}
_WIDE, _WIDE_PX = 1.7, 480
ROLES = {"owner": "Owner", "editor": "Editor", "approver": "Approver", "commenter": "Commenter", "viewer": "Viewer"}


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and its answers; ``number`` counts the layer's threads from 1, as the page does."""

    number: int
    root: Comment
    answers: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One version.

    Attributes:
        name: “v3”, counted as the page counts, or “Original”.
        layer_name: empty where the document has one layer only.
        verdicts: all of them, also those that others replaced, in order.
    """

    version: Version
    layer: Layer
    name: str
    layer_name: str
    is_current: bool
    threads: tuple[Thread, ...]
    verdicts: tuple[Approval, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture's file, and the part of the layer that it shows. ``is_whole``: nothing of it is missing."""

    mime: Mime
    size: Size
    rect_px: PixelRect
    data: bytes
    is_whole: bool


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A version's pictures; None where there is none to be had."""

    before: Shot | None
    after: Shot | None


@dataclass(frozen=True, slots=True)
class Story:
    """All of a report but its pictures."""

    title: str
    state: DocumentState
    people: tuple[Member, ...]
    approvers: frozenset[str]
    pages: tuple[Page, ...]
    versions: int
    comments: int
    open_threads: int
    made_at: datetime


async def story_of(history: History, document: Document, which: Which) -> Story:
    """What there is to tell of a document, oldest version first."""
    layers = await history.versions.layers(document.document_id)
    state = await States(history.database).of(document.document_id)
    comments, verdicts = await history.database.read(lambda session: _said(session, document.document_id))
    pages: list[tuple[datetime, Page]] = []
    versions = 0
    for layer in layers:
        tree = await history.versions.tree(layer.layer_id)
        versions += sum(version.kind == "edit" for version in tree)
        threads = _threads([comment for comment in comments if comment.layer_id == layer.layer_id])
        names = layer.name if len(layers) > 1 else ""
        for version, name in _named(tree):
            mine = tuple(one for one in threads if one.root.version_id == version.version_id)
            decided = tuple(one for one in verdicts if one.version_id == version.version_id)
            if which == "all" or mine or decided:
                is_current = version.version_id == layer.head_version_id
                page = Page(version, layer, name, names, is_current, mine, decided)
                pages.append((version.created_at, page))
    pages.sort(key=lambda one: one[0])
    roots = [comment for comment in comments if comment.reply_to is None]
    return Story(
        title=document.title or "Untitled",
        state=state,
        people=await history.members.list(document.document_id),
        approvers=frozenset(one.person.person_id for one in state.approvers),
        pages=tuple(page for _, page in pages),
        versions=versions,
        comments=len(comments),
        open_threads=sum(root.resolved_at is None for root in roots),
        made_at=datetime.now(UTC),
    )


def title_of(version: Version) -> str:
    """What somebody typed for it."""
    return "The layer as it came" if version.kind == "source" else version.text or "Edit"


def is_wide(shot: Shot) -> bool:
    """Whether two of them are better one above the other than side by side."""
    return shot.size.width > max(_WIDE * shot.size.height, _WIDE_PX)


def moment(at: datetime) -> str:
    """“28 Nov 2026, 03:14 UTC”."""
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def _said(session: Session, document_id: str) -> tuple[tuple[Comment, ...], tuple[Approval, ...]]:
    mine = select(CommentRow).where(CommentRow.document_id == document_id).order_by(CommentRow.seq)
    found = (
        select(ApprovalRow, PersonRow.name)
        .join(PersonRow, PersonRow.person_id == ApprovalRow.person_id)
        .where(ApprovalRow.document_id == document_id)
        .order_by(ApprovalRow.seq)
    )
    verdicts = tuple(
        Approval(
            row.approval_id,
            row.document_id,
            row.layer_id,
            row.version_id,
            row.verdict,
            row.text,
            Person(row.person_id, name),
            row.at,
        )
        for row, name in session.execute(found)
    )
    return comment_records(session, session.scalars(mine)), verdicts


def _threads(comments: Sequence[Comment]) -> list[Thread]:
    answers: dict[str, list[Comment]] = {}
    for comment in comments:
        if comment.reply_to is not None:
            answers.setdefault(comment.reply_to, []).append(comment)
    roots = [comment for comment in comments if comment.reply_to is None]
    return [Thread(number, root, tuple(answers.get(root.comment_id, ()))) for number, root in enumerate(roots, 1)]


def _named(tree: Sequence[Version]) -> list[tuple[Version, str]]:
    named: list[tuple[Version, str]] = []
    number = 0
    for version in tree:
        number += version.kind == "edit"
        named.append((version, "Original" if version.kind == "source" else f"v{number}"))
    return named
