"""What was shared of a layer at a version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "shared_tiles",
        sa.Column("version_id", sa.String(64), nullable=False),
        sa.Column("col", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("tile_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "col", "row", name="pk_shared_tiles"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.version_id"], name="fk_shared_tiles_version_id"),
    )
