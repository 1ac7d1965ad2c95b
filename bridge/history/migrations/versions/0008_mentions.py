"""Whom a comment speaks to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "comment_mentions",
        sa.Column("comment_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "seq", "person_id", name="pk_comment_mentions"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.comment_id"], name="fk_comment_mentions_comment_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_comment_mentions_person_id"),
    )
