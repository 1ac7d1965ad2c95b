"""Invites, guests who came in by them, and which invite a role is from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("people", sa.Column("is_guest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "invites",
        sa.Column("invite_id", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("invite_id", name="pk_invites"),
        sa.UniqueConstraint("token_hash", name="uq_invites_token_hash"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_invites_document_id"),
        sa.ForeignKeyConstraint(["created_by"], ["people.person_id"], name="fk_invites_created_by"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_invites_person_id"),
    )
    op.create_index("ix_invites_document_id", "invites", ["document_id"])
    # SQLite adds no constraint to a table that is there, so the invite is named without one.
    op.add_column("members", sa.Column("invite_id", sa.String(64), nullable=True))
    op.create_index("ix_members_invite_id", "members", ["invite_id"])
