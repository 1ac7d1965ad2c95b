"""The first schema: people, documents, layers, versions, edits, events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_people"),
    )
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_tokens"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_tokens_person_id"),
    )
    op.create_index("ix_tokens_person_id", "tokens", ["person_id"])
    op.create_table(
        "documents",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_documents"),
        sa.ForeignKeyConstraint(["owner_id"], ["people.person_id"], name="fk_documents_owner_id"),
        sa.UniqueConstraint("owner_id", "key", name="uq_documents_owner_id"),
    )
    op.create_table(
        "members",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "person_id", name="pk_members"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_members_document_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_members_person_id"),
    )
    op.create_index("ix_members_person_id", "members", ["person_id"])
    op.create_table(
        "layers",
        sa.Column("layer_id", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *_layer_shape(),
        sa.Column("profile", sa.LargeBinary(), nullable=True),
        sa.Column("head_version_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("layer_id", name="pk_layers"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_layers_document_id"),
        sa.UniqueConstraint("document_id", "key", name="uq_layers_document_id"),
    )
    op.create_table(
        "versions",
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.Column("layer_id", sa.String(64), nullable=False),
        sa.Column("parent_id", sa.String(64), nullable=True),
        sa.Column("redo_id", sa.String(64), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("edit_id", sa.String(64), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        *_layer_shape(),
        sa.Column("x0", sa.Integer(), nullable=False),
        sa.Column("y0", sa.Integer(), nullable=False),
        sa.Column("x1", sa.Integer(), nullable=False),
        sa.Column("y1", sa.Integer(), nullable=False),
        sa.Column("mask", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("weights_hash", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("engine_s", sa.Float(53), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_versions"),
        sa.ForeignKeyConstraint(["layer_id"], ["layers.layer_id"], name="fk_versions_layer_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["versions.version_id"], name="fk_versions_parent_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_versions_person_id"),
    )
    op.create_index("ix_versions_edit_id", "versions", ["edit_id"])
    op.create_index("ix_versions_layer_id_seq", "versions", ["layer_id", "seq"])
    op.create_table(
        "version_tiles",
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.Column("col", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("before_hash", sa.LargeBinary(), nullable=False),
        sa.Column("after_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "col", "row", name="pk_version_tiles"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name="fk_version_tiles_version_id"),
    )
    op.create_table(
        "edits",
        sa.Column("edit_id", sa.String(64), nullable=False),
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("layer_id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_hint", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.String(64), nullable=False),
        sa.Column("head_version_id", sa.String(64), nullable=True),
        sa.Column("rebased", sa.Boolean(), nullable=False),
        sa.Column("conflict_with", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("edit_id", name="pk_edits"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_edits_document_id"),
        sa.ForeignKeyConstraint(["layer_id"], ["layers.layer_id"], name="fk_edits_layer_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_edits_person_id"),
    )
    op.create_index("ix_edits_state", "edits", ["state"])
    op.create_table(
        "events",
        sa.Column("document_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=True),
        sa.Column("layer_id", sa.String(64), nullable=True),
        sa.Column("edit_id", sa.String(64), nullable=True),
        sa.Column("version_id", sa.String(64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name="fk_events_document_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_events_person_id"),
    )


def _layer_shape() -> tuple[sa.Column[int] | sa.Column[str], ...]:
    return (
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("depth", sa.String(8), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("alpha", sa.String(20), nullable=False),
    )
