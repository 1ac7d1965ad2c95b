"""What people said of a document and decided, as parts of its file."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.history.records import Comment
from bridge.history.schema import (
    ApprovalRow,
    ApproverRow,
    CommentChangeRow,
    CommentRow,
    DocumentRow,
    LayerRow,
    LockRow,
)
from bridge.protocol import messages as m
from bridge.review.comments import comment_records
from bridge.review.mentions import mentioned
from bridge.review.room import comment_info
from bridge.takeaway.conversation import annotated
from bridge.takeaway.ids import Names
from bridge.takeaway.manifest import ApprovalPart, ApproverPart, ChangePart, CommentPart, Decisions, LockPart


def comments_of(session: Session, document: DocumentRow, names: Names) -> bytes:
    mine = select(CommentRow).where(CommentRow.document_id == document.document_id).order_by(CommentRow.seq)
    rows = session.scalars(mine).all()
    changes: dict[str, list[CommentChangeRow]] = {}
    in_document = select(CommentRow.comment_id).where(CommentRow.document_id == document.document_id)
    happened = select(CommentChangeRow).where(CommentChangeRow.comment_id.in_(in_document))
    for change in session.scalars(happened.order_by(CommentChangeRow.seq)):
        changes.setdefault(change.comment_id, []).append(change)
    spoken_to = mentioned(session, [row.comment_id for row in rows])
    records = comment_records(session, rows)
    parts = [
        CommentPart(
            id=names.of("comment", row.comment_id),
            layer=names.of("layer", row.layer_id),
            version=names.of("version", row.version_id),
            reply_to=names.maybe("comment", row.reply_to),
            rect_px=comment.rect_px.as_tuple() if comment.rect_px is not None else None,
            person=names.of("person", row.person_id),
            seq=row.seq,
            created_at=row.created_at,
            changes=tuple(
                _change(session, change, spoken_to.get((change.comment_id, change.seq), ()), names)
                for change in changes[row.comment_id]
            ),
        )
        for row, comment in zip(rows, records, strict=True)
    ]  # fmt: skip
    infos = [_info(comment, part) for comment, part in zip(records, parts, strict=True)]
    return annotated(document.title, zip(infos, parts, strict=True))


def _change(session: Session, row: CommentChangeRow, spoken_to: Sequence[str], names: Names) -> ChangePart:
    return ChangePart(
        seq=row.seq,
        kind=row.kind,
        text=row.text,
        mentions=tuple(names.of("person", own) for own in names.in_order(session, spoken_to)),
        person=names.of("person", row.person_id),
        at=row.at,
    )


def _info(comment: Comment, part: CommentPart) -> m.CommentInfo:
    """As review tells it, under the names of the file."""
    return comment_info(comment).model_copy(
        update={
            "comment_id": part.id,
            "document_id": "document",
            "layer_id": part.layer,
            "version_id": part.version,
            "reply_to": part.reply_to,
            "person_id": part.person,
            "mentions": next(change.mentions for change in reversed(part.changes) if change.text is not None),
        }
    )


def decisions_of(session: Session, document_id: str, layers: list[LayerRow], names: Names) -> Decisions:
    approvals = select(ApprovalRow).where(ApprovalRow.document_id == document_id).order_by(ApprovalRow.seq)
    approvers = select(ApproverRow).where(ApproverRow.document_id == document_id)
    locks = select(LockRow).where(LockRow.layer_id.in_([layer.layer_id for layer in layers])).order_by(LockRow.seq)
    return Decisions(
        approvals=tuple(
            ApprovalPart(
                id=names.of("approval", row.approval_id),
                version=names.of("version", row.version_id),
                person=names.of("person", row.person_id),
                seq=row.seq,
                verdict=row.verdict,
                text=row.text,
                at=row.at,
            )
            for row in session.scalars(approvals)
        ),
        approvers=_approvers(session.scalars(approvers).all(), session, names),
        locks=tuple(
            LockPart(
                version=names.of("version", row.version_id),
                seq=row.seq,
                locked=row.is_locked,
                person=names.of("person", row.person_id),
                at=row.at,
            )
            for row in session.scalars(locks)
        ),
    )


def _approvers(rows: Sequence[ApproverRow], session: Session, names: Names) -> tuple[ApproverPart, ...]:
    order = {own: number for number, own in enumerate(names.in_order(session, {row.person_id for row in rows}))}
    return tuple(
        ApproverPart(person=names.of("person", row.person_id), from_seq=row.from_seq, until_seq=row.until_seq)
        for row in sorted(rows, key=lambda row: (row.from_seq, order[row.person_id]))
    )
