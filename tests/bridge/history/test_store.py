"""Opening a data folder: new, old, too new, somebody else's, damaged, locked."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from support.histories import Host, paint, same_bits

from bridge.errors import StorageBusy, StorageDamaged, StorageError, StorageTooNew
from bridge.history import migrate as migrations
from bridge.history.schema import Base
from bridge.history.store import History
from engine.geometry import PixelRect

PLACE = PixelRect(10, 10, 40, 40)

# A database as the first release made it, with one person, document, layer and source in it. Never changed.
FIRST = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE people (person_id VARCHAR(64) NOT NULL, name TEXT NOT NULL, created_at DATETIME NOT NULL,
  CONSTRAINT pk_people PRIMARY KEY (person_id));
CREATE TABLE tokens (token_hash BLOB NOT NULL, person_id VARCHAR(64) NOT NULL, created_at DATETIME NOT NULL,
  revoked_at DATETIME, CONSTRAINT pk_tokens PRIMARY KEY (token_hash),
  CONSTRAINT fk_tokens_person_id FOREIGN KEY(person_id) REFERENCES people (person_id));
CREATE INDEX ix_tokens_person_id ON tokens (person_id);
CREATE TABLE documents (document_id VARCHAR(64) NOT NULL, owner_id VARCHAR(64) NOT NULL, key VARCHAR(200) NOT NULL,
  title TEXT NOT NULL, last_seq BIGINT NOT NULL, created_at DATETIME NOT NULL,
  CONSTRAINT pk_documents PRIMARY KEY (document_id),
  CONSTRAINT fk_documents_owner_id FOREIGN KEY(owner_id) REFERENCES people (person_id),
  CONSTRAINT uq_documents_owner_id UNIQUE (owner_id, key));
CREATE TABLE members (document_id VARCHAR(64) NOT NULL, person_id VARCHAR(64) NOT NULL, role VARCHAR(20) NOT NULL,
  CONSTRAINT pk_members PRIMARY KEY (document_id, person_id),
  CONSTRAINT fk_members_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id),
  CONSTRAINT fk_members_person_id FOREIGN KEY(person_id) REFERENCES people (person_id));
CREATE INDEX ix_members_person_id ON members (person_id);
CREATE TABLE layers (layer_id VARCHAR(64) NOT NULL, document_id VARCHAR(64) NOT NULL, key VARCHAR(200) NOT NULL,
  name TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, depth VARCHAR(8) NOT NULL,
  channels INTEGER NOT NULL, alpha VARCHAR(20) NOT NULL, profile BLOB, head_version_id VARCHAR(64) NOT NULL,
  created_at DATETIME NOT NULL, CONSTRAINT pk_layers PRIMARY KEY (layer_id),
  CONSTRAINT fk_layers_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id),
  CONSTRAINT uq_layers_document_id UNIQUE (document_id, key));
CREATE TABLE versions (version_id VARCHAR(64) NOT NULL, layer_id VARCHAR(64) NOT NULL, parent_id VARCHAR(64),
  redo_id VARCHAR(64), seq BIGINT NOT NULL, edit_id VARCHAR(64), kind VARCHAR(20) NOT NULL,
  state VARCHAR(20) NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, depth VARCHAR(8) NOT NULL,
  channels INTEGER NOT NULL, alpha VARCHAR(20) NOT NULL, x0 INTEGER NOT NULL, y0 INTEGER NOT NULL,
  x1 INTEGER NOT NULL, y1 INTEGER NOT NULL, mask BLOB, text TEXT NOT NULL, plan TEXT NOT NULL, says JSON NOT NULL,
  model TEXT NOT NULL, weights_hash TEXT NOT NULL, device TEXT NOT NULL, seed BIGINT,
  person_id VARCHAR(64) NOT NULL, created_at DATETIME NOT NULL, engine_s FLOAT NOT NULL, notes JSON NOT NULL,
  CONSTRAINT pk_versions PRIMARY KEY (version_id),
  CONSTRAINT fk_versions_layer_id FOREIGN KEY(layer_id) REFERENCES layers (layer_id),
  CONSTRAINT fk_versions_parent_id FOREIGN KEY(parent_id) REFERENCES versions (version_id),
  CONSTRAINT fk_versions_person_id FOREIGN KEY(person_id) REFERENCES people (person_id));
CREATE INDEX ix_versions_edit_id ON versions (edit_id);
CREATE INDEX ix_versions_layer_id_seq ON versions (layer_id, seq);
CREATE TABLE version_tiles (version_id VARCHAR(64) NOT NULL, col INTEGER NOT NULL, row INTEGER NOT NULL,
  before_hash BLOB NOT NULL, after_hash BLOB NOT NULL,
  CONSTRAINT pk_version_tiles PRIMARY KEY (version_id, col, row),
  CONSTRAINT fk_version_tiles_version_id FOREIGN KEY(version_id) REFERENCES versions (version_id));
CREATE TABLE edits (edit_id VARCHAR(64) NOT NULL, document_id VARCHAR(64) NOT NULL, layer_id VARCHAR(64) NOT NULL,
  person_id VARCHAR(64) NOT NULL, text TEXT NOT NULL, state VARCHAR(20) NOT NULL, error_code TEXT NOT NULL,
  error_message TEXT NOT NULL, error_hint TEXT NOT NULL, seq BIGINT NOT NULL, runner VARCHAR(64) NOT NULL,
  head_version_id VARCHAR(64), rebased BOOLEAN NOT NULL, conflict_with VARCHAR(64), created_at DATETIME NOT NULL,
  CONSTRAINT pk_edits PRIMARY KEY (edit_id),
  CONSTRAINT fk_edits_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id),
  CONSTRAINT fk_edits_layer_id FOREIGN KEY(layer_id) REFERENCES layers (layer_id),
  CONSTRAINT fk_edits_person_id FOREIGN KEY(person_id) REFERENCES people (person_id));
CREATE INDEX ix_edits_state ON edits (state);
CREATE TABLE events (document_id VARCHAR(64) NOT NULL, seq BIGINT NOT NULL, kind VARCHAR(40) NOT NULL,
  at DATETIME NOT NULL, person_id VARCHAR(64), layer_id VARCHAR(64), edit_id VARCHAR(64), version_id VARCHAR(64),
  detail TEXT NOT NULL, CONSTRAINT pk_events PRIMARY KEY (document_id, seq),
  CONSTRAINT fk_events_document_id FOREIGN KEY(document_id) REFERENCES documents (document_id),
  CONSTRAINT fk_events_person_id FOREIGN KEY(person_id) REFERENCES people (person_id));
INSERT INTO people VALUES ('p1', 'Ada', '2026-01-02 03:04:05.000000');
INSERT INTO tokens VALUES (zeroblob(32), 'p1', '2026-01-02 03:04:05.000000', NULL);
INSERT INTO documents VALUES ('d1', 'p1', 'poster', 'Poster', 2, '2026-01-02 03:04:05.000000');
INSERT INTO members VALUES ('d1', 'p1', 'owner');
INSERT INTO layers VALUES ('l1', 'd1', 'layer', 'Layer', 300, 200, 'u8', 3, 'none', NULL, 'v1',
  '2026-01-02 03:04:05.000000');
INSERT INTO versions VALUES ('v1', 'l1', NULL, NULL, 1, NULL, 'source', 'landed', 300, 200, 'u8', 3, 'none',
  0, 0, 0, 0, NULL, '', '', '[]', '', '', '', NULL, 'p1', '2026-01-02 03:04:05.000000', 0.0, '[]');
INSERT INTO edits VALUES ('edit-old', 'd1', 'l1', 'p1', 'remove this', 'running', '', '', '', 0, 'gone', NULL, 0, NULL,
  '2026-01-02 03:04:05.000000');
INSERT INTO events VALUES ('d1', 1, 'layer.described', '2026-01-02 03:04:05.000000', 'p1', 'l1', NULL, 'v1', '');
INSERT INTO events VALUES ('d1', 2, 'head.moved', '2026-01-02 03:04:05.000000', 'p1', 'l1', NULL, 'v1', '');
"""  # noqa: E501


def database(folder: Path) -> Path:
    return folder / "history.sqlite3"


def write(folder: Path, script: str) -> None:
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(database(folder))) as connection:
        connection.executescript(script)


def ask(folder: Path, question: str) -> object:
    with closing(sqlite3.connect(database(folder))) as connection:
        return connection.execute(question).fetchone()[0]


async def test_a_database_of_the_first_release_opens_and_goes_on(folder: Path):
    write(folder, FIRST)
    history = await History.open(folder, durable=False)
    person = await history.people.by_token(bytes(32))
    assert person is not None and person.name == "Ada"
    host = await Host.open(history, person=person)
    assert (host.layer.layer_id, host.layer.head_version_id) == ("l1", "v1")
    (source,) = await history.versions.tree("l1")
    assert source.created_at.isoformat() == "2026-01-02T03:04:05+00:00"
    edit = await history.edits.get("edit-old", "p1")
    assert edit is not None and edit.state == "interrupted"
    landing = await host.edit(PLACE)
    await host.undo()
    assert [event.seq for event in await history.events.after("d1", 0, 100)] == [1, 2, 3, 4, 5]
    assert same_bits(await history.versions.patch_of(landing.versions[0]), paint(PLACE))
    await history.close()


async def test_the_migrations_lead_to_the_schema_that_the_code_knows(folder: Path):
    await (await History.open(folder, durable=False)).close()
    engine = create_engine(f"sqlite:///{database(folder)}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_newest_revision_is_the_one_that_the_code_expects():
    config = Config()
    config.set_main_option("script_location", str(migrations._FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.NEWEST]


async def test_a_newer_database_is_refused_and_left_as_it_is(folder: Path):
    await (await History.open(folder, durable=False)).close()
    write(folder, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageTooNew, match="9999") as refused:
        await History.open(folder)
    assert "Update Inlay" in refused.value.hint
    assert ask(folder, "SELECT version_num FROM alembic_version") == "9999"
    assert not list((folder / "running").glob("*"))


async def test_a_migration_that_fails_leaves_the_database_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object, **__: object) -> None:
        raise RuntimeError("power is out")

    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", stop)
        with pytest.raises(RuntimeError):
            await History.open(folder)
    assert ask(folder, "SELECT count(*) FROM sqlite_master") == 0
    await (await History.open(folder)).close()


@pytest.mark.parametrize("content", [b"this is no database", b"\0" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(folder: Path, content: bytes):
    folder.mkdir()
    database(folder).write_bytes(content)
    with pytest.raises(StorageDamaged):
        await History.open(folder)
    assert database(folder).read_bytes() == content


async def test_an_empty_file_is_a_new_database(folder: Path):
    folder.mkdir()
    database(folder).touch()
    await (await History.open(folder)).close()


async def test_a_database_of_another_program_is_refused(folder: Path):
    write(folder, "CREATE TABLE cookies (name TEXT)")
    with pytest.raises(StorageDamaged, match="another program"):
        await History.open(folder)
    assert ask(folder, "SELECT count(*) FROM sqlite_master") == 1


async def test_a_database_that_is_locked_says_so_and_works_again(folder: Path):
    history = await History.open(folder, durable=False, busy_s=0.1)
    host = await Host.open(history)
    with closing(sqlite3.connect(database(folder), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy) as busy:
            await host.edit(PLACE)
        assert "other program" in busy.value.hint
        assert len(await history.versions.tree(host.layer.layer_id)) == 1
        other.execute("ROLLBACK")
    await host.edit(PLACE)
    assert len(await history.versions.tree(host.layer.layer_id)) == 2
    await history.close()


async def test_reads_go_on_while_somebody_writes(history: History, host: Host, folder: Path):
    with closing(sqlite3.connect(database(folder), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(await history.versions.tree(host.layer.layer_id)) == 1
        other.execute("ROLLBACK")


async def test_the_database_is_in_wal_mode_with_foreign_keys_and_flushes_when_it_has_to(folder: Path):
    for durable, level in ((True, 2), (False, 1)):
        history = await History.open(folder, durable=durable)
        for pragma, wanted in (("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", level)):
            found = await history._database.write(lambda session, p=pragma: session.scalar(text(f"PRAGMA {p}")))
            assert found == wanted
        await history.close()


async def test_a_folder_that_cannot_be_made_says_why(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be used"):
        await History.open(tmp_path / "file" / "data")


async def test_a_data_folder_with_any_name_will_do(tmp_path: Path):
    folder = tmp_path / "данные 100% #1?"
    history = await History.open(folder, durable=False)
    await (await Host.open(history)).edit(PLACE)
    await history.close()
    assert database(folder).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
async def test_only_its_owner_can_read_the_data_folder(history: History, host: Host, folder: Path):
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


async def test_nothing_is_left_open_or_running_after_close(folder: Path):
    history = await History.open(folder, durable=False)
    await (await Host.open(history)).edit(PLACE)
    await history.close()
    left = {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".blob"}
    assert left == {"history.sqlite3"}


async def test_what_a_killed_bridge_left_half_written_is_gone_after_the_next_start(folder: Path):
    await (await History.open(folder, durable=False)).close()
    torn = folder / "blobs" / "incoming" / "torn"
    torn.write_bytes(b"half")
    os.utime(torn, (0, 0))
    (folder / "running" / "dead.lock").touch()
    history = await History.open(folder, durable=False)
    assert not torn.exists()
    assert len(list((folder / "running").iterdir())) == 1
    await history.close()


async def test_bridges_that_start_on_a_new_folder_at_the_same_moment_all_start(folder: Path):
    histories = await asyncio.gather(*(History.open(folder, durable=False) for _ in range(4)))
    hosts = [await Host.open(history) for history in histories]
    await asyncio.gather(*(host.edit(PLACE) for host in hosts))
    for history in histories:
        await history.close()
