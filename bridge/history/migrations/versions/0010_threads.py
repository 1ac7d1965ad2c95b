"""Indices for threads, newest first: of a layer, with their numbers, of a version; and for whether they are open."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("ix_comments_layer_id_reply_to_seq", "comments", ["layer_id", "reply_to", "seq"])
    op.create_index("ix_comments_version_id_reply_to_seq", "comments", ["version_id", "reply_to", "seq"])
    op.create_index("ix_comment_changes_comment_id_kind_seq", "comment_changes", ["comment_id", "kind", "seq"])
