"""Who is spoken to in a comment: “@Name” in its text, and which person of the document that is.

Kept as ids with each wording of the comment. What names nobody of the document is only text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from bridge.history.schema import CommentChangeRow, CommentMentionRow, CommentRow, MemberRow, PersonRow

# Databases take only so many values in one question.
_AT_ONCE = 500


def keep(session: Session, document_id: str, comment_id: str, seq: int, text: str, person_ids: Iterable[str]) -> None:
    """Store whom this wording speaks to: those who are in the document and whose name is in it after an @."""
    wanted = set(person_ids)
    if not wanted:
        return
    found = (
        select(PersonRow.person_id, PersonRow.name)
        .join(MemberRow, MemberRow.person_id == PersonRow.person_id)
        .where(MemberRow.document_id == document_id, PersonRow.person_id.in_(wanted))
        .order_by(PersonRow.person_id)
    )
    for person_id, name in session.execute(found).all():
        if f"@{name}" in text:
            session.add(CommentMentionRow(comment_id=comment_id, seq=seq, person_id=person_id))


def mentioned(session: Session, comment_ids: Sequence[str]) -> dict[tuple[str, int], tuple[str, ...]]:
    """The ids of those to whom each wording of these comments speaks, by comment and number of the change."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for start in range(0, len(comment_ids), _AT_ONCE):
        rows = (
            select(CommentMentionRow)
            .where(CommentMentionRow.comment_id.in_(comment_ids[start : start + _AT_ONCE]))
            .order_by(CommentMentionRow.person_id)
        )
        for row in session.scalars(rows):
            found[row.comment_id, row.seq] = (*found.get((row.comment_id, row.seq), ()), row.person_id)
    return found


def speaks_to(comment: type[CommentRow], person_id: str) -> ColumnElement[bool]:
    """Whether a comment mentions that person, as it is worded now; ``comment`` may be an alias."""
    change = aliased(CommentChangeRow)
    now = (
        select(func.max(change.seq))
        .where(change.comment_id == comment.comment_id, change.text.is_not(None))
        .correlate(comment)
        .scalar_subquery()
    )
    mention = aliased(CommentMentionRow)
    found = select(mention.comment_id).where(
        mention.comment_id == comment.comment_id, mention.person_id == person_id, mention.seq == now
    )
    return found.correlate(comment).exists()
