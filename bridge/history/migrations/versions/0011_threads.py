"""An index for a layer's threads, newest first: pages of them, and their numbers."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("ix_comments_layer_id_reply_to_seq", "comments", ["layer_id", "reply_to", "seq"])
