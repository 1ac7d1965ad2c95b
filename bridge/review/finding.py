"""Where a comment or a version is that a link names; what is in another document is not said to exist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.errors import NotFound
from bridge.history.database import Database
from bridge.history.schema import CommentRow, LayerRow, VersionRow


@dataclass(frozen=True, slots=True)
class Found:
    """The version; for a comment the one that its thread began with."""

    layer_id: str
    version_id: str
    comment_id: str | None = None


class Finding:
    """Looks things up by their id, within one document."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, document_id: str, comment_id: str | None, version_id: str | None) -> Found:
        """Where that comment is, or else that version.

        Raises:
            NotFound: it is not in this document.
        """

        def work(session: Session) -> Found:
            if comment_id is not None:
                return _comment(session, document_id, comment_id)
            return _version(session, document_id, version_id)

        return await self._database.read(work)


def _comment(session: Session, document_id: str, comment_id: str) -> Found:
    row = session.get(CommentRow, comment_id)
    if row is None or row.document_id != document_id:
        raise NotFound("comment")
    if row.reply_to is not None:
        row = session.get_one(CommentRow, row.reply_to)
    return Found(row.layer_id, row.version_id, row.comment_id)


def _version(session: Session, document_id: str, version_id: str | None) -> Found:
    layer_id = session.scalar(
        select(VersionRow.layer_id)
        .join(LayerRow, LayerRow.layer_id == VersionRow.layer_id)
        .where(VersionRow.version_id == version_id, LayerRow.document_id == document_id)
    )
    if layer_id is None or version_id is None:
        raise NotFound("version")
    return Found(layer_id, version_id)
