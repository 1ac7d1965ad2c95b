"""The database: how it is opened, read and written, and the one place where its errors become the bridge's."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Coroutine, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bridge.errors import StorageBusy, StorageDamaged, StorageError, StorageFull
from bridge.history.folding import SQLITE_NAME, sqlite_has

_T = TypeVar("_T")
_SQLITE_HEADER = b"SQLite format 3\0"
# `Session.info` key: documents whose subscribers are told after the commit.
_TOLD = "documents with news"
# Marks a connection that will write: it asks SQLite for the write lock at once, so that what it reads stays true.
_WRITES = "inlay_writes"
# Transactions at once; SQLite writes one at a time, the others read.
_THREADS = 4
# With less room than this SQLite cannot make its shared-memory file, and says "disk I/O error" instead of "full".
_SMALL_ROOM_BYTES = 1 << 20


_WAL_CHECK_S = 0.01


class _Cursor(Protocol):
    def execute(self, statement: str, /) -> object: ...
    def close(self) -> None: ...


class _Connection(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...
    def create_function(
        self, name: str, count: int, function: Callable[[object, object], object], /, *, deterministic: bool
    ) -> None: ...


def sqlite_url(path: Path) -> URL:
    """The address of a database file, for SQLAlchemy."""
    return URL.create("sqlite", database=str(path))


def prepare(engine: Engine, *, durable: bool, busy_s: float) -> None:
    """Set every connection of an SQLite engine up: WAL, foreign keys, real transactions.

    Args:
        engine: before its first connection.
        durable: FULL flushes at every commit and survives a power loss; NORMAL survives the death of the process.
        busy_s: how long to wait for another program that writes.
    """

    def connected(connection: _Connection, _record: object) -> None:
        # Python's own transactions begin late and leave reads out; `began` does it instead.
        connection.isolation_level = None
        connection.create_function(SQLITE_NAME, 2, sqlite_has, deterministic=True)
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {round(busy_s * 1000)}",
            f"synchronous = {'FULL' if durable else 'NORMAL'}",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        _use_wal(cursor, busy_s)
        cursor.close()

    def began(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", began)


def _use_wal(cursor: _Cursor, busy_s: float) -> None:
    """Switch to WAL. On a new file the switch does not wait for another program that does the same; we do."""
    ends = time.monotonic() + busy_s
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
            time.sleep(_WAL_CHECK_S)


class Database:
    """Transactions, each one function of a plain `Session` that runs from begin to commit in one thread of a few.

    (An asynchronous driver would go to its thread and back for every statement: a landing took twice as long.)

    Nothing of a transaction is cut short when the task that asked for it is cancelled: it ends, then the cancellation
    goes on.

    Args:
        path: the SQLite file; it exists and has the newest schema.
        after_commit: called with each document that got new events.
        durable, busy_s: see `prepare`.
    """

    def __init__(self, path: Path, after_commit: Callable[[str], None], *, durable: bool, busy_s: float) -> None:
        self._path = path
        self._after_commit = after_commit
        self._flushing = create_engine(sqlite_url(path))
        self._hasty = create_engine(sqlite_url(path))
        prepare(self._flushing, durable=durable, busy_s=busy_s)
        prepare(self._hasty, durable=False, busy_s=busy_s)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="history")
        # SQLite has one writer; waiting here is fair and quick, waiting there is neither.
        self._writing = asyncio.Lock()

    async def close(self) -> None:
        """Close all connections; the last one folds the log into the database file."""
        await asyncio.to_thread(self._threads.shutdown)
        self._hasty.dispose()
        self._flushing.dispose()

    async def read(self, work: Callable[[Session], _T]) -> _T:
        """Run ``work`` in one consistent view of the database.

        Raises:
            StorageError: see `database_errors`; and whatever ``work`` raises.
        """
        return await finished(self._transact(self._hasty, work))

    async def write(self, work: Callable[[Session], _T], *, flush: bool = True) -> _T:
        """Run ``work`` in one transaction; when this returns it is stored, when it raises nothing has changed.

        Args:
            work: what to do.
            flush: wait for the disk, where the database is durable. False is quicker, for what nobody was promised: it
                survives the death of the process, and a power loss once something else was flushed.

        Raises:
            StorageError: see `database_errors`; and whatever ``work`` raises.
        """
        engine = self._flushing if flush else self._hasty
        return await finished(self._write(engine.execution_options(**{_WRITES: True}), work))

    async def _write(self, engine: Engine, work: Callable[[Session], _T]) -> _T:
        async with self._writing:
            return await self._transact(engine, work)

    async def _transact(self, engine: Engine, work: Callable[[Session], _T]) -> _T:
        in_thread = asyncio.get_running_loop().run_in_executor(self._threads, self._in_thread, engine, work)
        result, told = await in_thread
        for document_id in told:
            self._after_commit(document_id)
        return result

    def _in_thread(self, engine: Engine, work: Callable[[Session], _T]) -> tuple[_T, Iterable[str]]:
        """The transaction itself, and the documents whose subscribers have news."""
        with database_errors(self._path), Session(engine, expire_on_commit=False, autoflush=False) as session:
            with session.begin():
                result = work(session)
            told: dict[str, None] = session.info.get(_TOLD, {})
        return result, tuple(told)


def tell_after_commit(session: Session, document_id: str) -> None:
    """Remember that this document's subscribers have news once the transaction is committed."""
    session.info.setdefault(_TOLD, {})[document_id] = None


async def finished(work: Coroutine[None, None, _T]) -> _T:
    """Run ``work`` to its end even when the caller is cancelled meanwhile; the cancellation is raised then."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # seen: it is not to be logged as forgotten
        raise cancelled
    return task.result()


@contextmanager
def database_errors(path: Path) -> Generator[None]:
    """Turn the database's errors into the bridge's.

    Raises:
        StorageFull: no room for it to grow.
        StorageBusy: another program writes to it, for longer than we wait.
        StorageDamaged: the file is not a database, or not a whole one.
        StorageError: anything else.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translated(error.orig, path) from error
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def _translated(error: BaseException | None, path: Path) -> StorageError:
    # The low byte is the error, the others say more of the same.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL:
            return StorageFull("There is no room left on the disk.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageBusy("Another program is writing to the history.")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StorageDamaged("The history's database is damaged, or is no database of Inlay.")
        case sqlite3.SQLITE_IOERR if _room_bytes(path) < _SMALL_ROOM_BYTES:
            return StorageFull("There is no room left on the disk.")
        case _:
            return StorageError(f"The history's database cannot be used: {error}.")


def _room_bytes(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _SMALL_ROOM_BYTES


def check_is_database(path: Path) -> None:
    """Look at the first bytes before SQLite does, which would take an empty or foreign file for its own.

    Raises:
        StorageDamaged: a file of that name is there, and it is no database.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER:
            raise StorageDamaged(f"{path.name} in the data folder is no database of Inlay.")


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner can read (on systems with such permissions); one that is there stays."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
