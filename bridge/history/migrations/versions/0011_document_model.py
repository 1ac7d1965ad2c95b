"""Which open model draws in a document; empty: whatever fits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("documents", sa.Column("model", sa.String(40), nullable=False, server_default=""))
