"""Brings a database to the newest schema with Alembic; no file of settings is needed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, inspect, text

from bridge.errors import StorageDamaged, StorageTooNew
from bridge.history.database import check_is_database, database_errors, make_private_file, prepare, sqlite_url
from bridge.history.disk import disk_errors

# The revision that `schema` describes. A test holds it equal to the newest file in ``migrations/versions``.
NEWEST = "0011"
_FOLDER = Path(__file__).parent / "migrations"


def migrate(path: Path, *, durable: bool, busy_s: float) -> None:
    """Make the database, or bring an older one to the newest schema, in one transaction. Blocks.

    Raises:
        StorageTooNew: it was written by a newer Inlay; nothing is touched.
        StorageDamaged: the file is no database of Inlay.
        StorageError: see `bridge.history.database.database_errors`.
    """
    with disk_errors():
        check_is_database(path)
        make_private_file(path)
    engine = create_engine(sqlite_url(path))
    prepare(engine, durable=durable, busy_s=busy_s)
    try:
        with database_errors(path):
            _bring_up(engine)
    finally:
        engine.dispose()


def _bring_up(engine: Engine) -> None:
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == NEWEST:
        return
    # Imported only now: a bridge whose database is current starts without it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise StorageTooNew(f"The history has schema {revision}; this Inlay knows schemas up to {NEWEST}.")
    with engine.execution_options(inlay_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The schema that the database has; None for a new one."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if tables:
        raise StorageDamaged("The data folder holds a database of another program.")
    return None
