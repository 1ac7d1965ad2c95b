"""Versions that change the layer's size or format, and what a host may set itself instead of their pixels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("versions", sa.Column("canvas_x", sa.Integer(), nullable=True))
    op.add_column("versions", sa.Column("canvas_y", sa.Integer(), nullable=True))
    op.add_column("versions", sa.Column("canvas_scale", sa.Float(53), nullable=True))
    op.add_column("versions", sa.Column("layers", sa.JSON(), nullable=False, server_default="[]"))
    # A cell may be there only before, or only after: SQLite changes a column by making the table anew.
    with op.batch_alter_table("version_tiles") as tiles:
        tiles.alter_column("before_hash", existing_type=sa.LargeBinary(), nullable=True)
        tiles.alter_column("after_hash", existing_type=sa.LargeBinary(), nullable=True)
