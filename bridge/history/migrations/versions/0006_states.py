"""Who must approve a document, and layers that are locked at an approved version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "approvers",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("until_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("document_id", "person_id", "from_seq", name="pk_approvers"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_approvers_document_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_approvers_person_id"),
    )
    op.create_table(
        "locks",
        sa.Column("layer_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("layer_id", "seq", name="pk_locks"),
        sa.ForeignKeyConstraint(["layer_id"], ["layers.layer_id"], name="fk_locks_layer_id"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name="fk_locks_version_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_locks_person_id"),
    )
