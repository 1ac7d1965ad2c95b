"""`inlay gc`: documents that were in the bin for long enough end, and blobs that nothing refers to are freed.

It is safe at any time, also beside bridges that store versions, and killed at any moment: rows go in transactions,
and a blob goes only when nothing refers to it and nobody has stored it of late (`bridge.history.sweep`).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from bridge.errors import NotFound, StorageBusy, StorageDamaged
from bridge.history.bin import KEPT
from bridge.history.blobs import KEPT_S, FolderBlobs
from bridge.history.purge import ended, purge
from bridge.history.records import Hash
from bridge.history.schema import Base
from bridge.history.store import History
from bridge.history.sweep import Count, Swept, count, missing, sweep

_LOCK = "gc.lock"
# Columns of bytes that name no blobs. Every other one does: of one that is added later nothing is freed by mistake.
NO_BLOBS = frozenset((("tokens", "token_hash"), ("invites", "token_hash")))
# File systems keep times more coarsely than the clock that we compare them with.
_COARSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Collected:
    """What was ended and freed.

    Attributes:
        documents: how many ended for good.
        swept: the blobs.
        after: what is here now.
        missing: blobs that something refers to and that are not here; 0, or the history was damaged before.
    """

    documents: int
    swept: Swept
    after: Count
    missing: int


async def collect(
    history: History,
    folder: Path,
    *,
    now: bool = False,
    only: str | None = None,
    dry_run: bool = False,
    kept: timedelta = KEPT,
    young_s: float = KEPT_S,
    made_again: Sequence[Path] = (),
) -> Collected:
    """End what was in the bin for long enough, and free what nothing needs.

    Args:
        history: of the data folder, opened like every other.
        folder: the data folder.
        now: also what has gone into the bin only just now.
        only: end only this document, if it is in the bin.
        dry_run: change nothing; what documents that would end alone need counts as needed.
        kept: how long a document stays in the bin.
        young_s: how long a blob stays that nothing refers to, while other bridges use the folder.
        made_again: folders of files that are made from blobs when they are missing: emptied where a document ended, so
            that nothing shows it any more.

    Raises:
        NotFound: ``only`` is not in the bin, or not for long enough.
        StorageBusy: another one collects.
        StorageDamaged: the blobs are not files in a folder.
    """
    blobs = history.blobs
    if not isinstance(blobs, FolderBlobs):
        raise StorageDamaged("Only blobs in a folder are collected.")
    with _alone(folder):
        deleted_before = datetime.now(UTC) + (timedelta(seconds=1) if now else -kept)
        documents = await history.database.read(lambda session: ended(session, deleted_before, only))
        if only is not None and not documents:
            raise NotFound(f"document as “{only}” in the bin")
        done = 0
        for document_id in () if dry_run else documents:  # one transaction each: edits wait for none of them long
            done += await history.database.write(lambda session, it=document_id: purge(session, it, deleted_before))
        if done:
            await asyncio.to_thread(_empty, made_again)
        # In this order: whoever begins to use the folder after we looked stores nothing older than our look.
        start_s = time.time() - _COARSE_S
        others = await asyncio.to_thread(history.others)
        before_s = start_s - young_s if others else start_s
        needed = await history.database.read(references)
        swept = await asyncio.to_thread(sweep, blobs.folder, needed, before_s, dry_run=dry_run)
        needed_now = await history.database.read(references)
        lost = await asyncio.to_thread(missing, blobs.folder, needed_now)
        after = await asyncio.to_thread(count, blobs.folder)
    return Collected(len(documents) if dry_run else done, swept, after, lost)


def references(session: Session) -> set[Hash]:
    """Every blob that any row of any table names."""
    found: set[Hash] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, LargeBinary) and (table.name, column.name) not in NO_BLOBS:
                hashes = session.scalars(select(column).distinct().where(column.is_not(None)))
                found.update(hashes.yield_per(10_000))
    return found


def _empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):  # folders stay; what is written just now is of what is there
                path.unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """One at a time, so that the counts are true; the lock goes with the process."""
    connection = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise StorageBusy("Another `inlay gc` works in the data folder.", hint="Wait for it.") from error
        yield
    finally:
        connection.close()
