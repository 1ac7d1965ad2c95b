"""“Undo” and “redo” by words are edits with a record: where the head was before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("edits", sa.Column("moved_from", sa.String(64), nullable=True))
