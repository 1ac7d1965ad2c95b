"""Read by Alembic: runs migrations on the connection that `bridge.history.migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection


def _run(connection: Connection) -> None:
    context.configure(connection=connection, render_as_batch=True)
    context.run_migrations()


_run(context.config.attributes["connection"])
