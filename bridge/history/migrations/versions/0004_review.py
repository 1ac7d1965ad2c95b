"""Comments and approvals, with all that happened to them; events speak of comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("events", sa.Column("comment_id", sa.String(64), nullable=True))
    op.create_table(
        "comments",
        sa.Column("comment_id", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("layer_id", sa.String(64), nullable=False),
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.Column("reply_to", sa.String(64), nullable=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("x0", sa.Integer(), nullable=True),
        sa.Column("y0", sa.Integer(), nullable=True),
        sa.Column("x1", sa.Integer(), nullable=True),
        sa.Column("y1", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_comments"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_comments_document_id"),
        sa.ForeignKeyConstraint(["layer_id"], ["layers.layer_id"], name="fk_comments_layer_id"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name="fk_comments_version_id"),
        sa.ForeignKeyConstraint(["reply_to"], ["comments.comment_id"], name="fk_comments_reply_to"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_comments_person_id"),
    )
    op.create_index("ix_comments_document_id_seq", "comments", ["document_id", "seq"])
    op.create_index("ix_comments_layer_id_seq", "comments", ["layer_id", "seq"])
    op.create_index("ix_comments_version_id", "comments", ["version_id"])
    op.create_index("ix_comments_reply_to", "comments", ["reply_to"])
    op.create_table(
        "comment_changes",
        sa.Column("comment_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "seq", name="pk_comment_changes"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.comment_id"], name="fk_comment_changes_comment_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_comment_changes_person_id"),
    )
    op.create_table(
        "approvals",
        sa.Column("approval_id", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("layer_id", sa.String(64), nullable=False),
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", name="pk_approvals"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_approvals_document_id"),
        sa.ForeignKeyConstraint(["layer_id"], ["layers.layer_id"], name="fk_approvals_layer_id"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name="fk_approvals_version_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_approvals_person_id"),
    )
    op.create_index("ix_approvals_document_id_seq", "approvals", ["document_id", "seq"])
    op.create_index("ix_approvals_version_id_person_id_seq", "approvals", ["version_id", "person_id", "seq"])
