"""The history of one data folder: opened, brought up to date, and closed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bridge.history.bin import Bin
from bridge.history.blobs import BlobStore, FolderBlobs
from bridge.history.database import Database
from bridge.history.disk import disk_errors, make_private_folder
from bridge.history.edits import Edits
from bridge.history.events import Bells, Events
from bridge.history.invites import Invites
from bridge.history.members import Members
from bridge.history.migrate import migrate
from bridge.history.people import People
from bridge.history.runners import Runner
from bridge.history.versions import Versions

DATABASE = "history.sqlite3"
_BLOBS = "blobs"
_RUNNERS = "running"
# Longer than any transaction of ours; whoever holds the database longer is stuck, or is no bridge.
_BUSY_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Everything that is kept, by what it is about."""

    people: People
    members: Members
    invites: Invites
    versions: Versions
    edits: Edits
    events: Events
    bin: Bin
    blobs: BlobStore
    _database: Database
    _runner: Runner

    @classmethod
    async def open(
        cls, folder: Path, *, durable: bool = True, blobs: BlobStore | None = None, busy_s: float = _BUSY_S
    ) -> Self:
        """Open the history of a data folder; the folder is made when it is not there, for its owner only.

        Edits that no running bridge carries out any more are recorded as interrupted.

        Args:
            folder: holds the database and the blobs.
            durable: wait for the disk before anything is acknowledged, so that a power loss harms nothing; without it
                everything acknowledged still survives the death of the process.
            blobs: instead of a folder of files.
            busy_s: how long to wait while another program writes to the database.

        Raises:
            StorageTooNew: it was written by a newer Inlay.
            StorageDamaged: the database is none of Inlay's.
            StorageBusy, StorageFull, StorageError: it cannot be used now; each says what to do.
        """
        opened = await asyncio.to_thread(_prepare, folder, blobs, durable, busy_s)
        bells = Bells()
        database = Database(folder / DATABASE, bells.ring, durable=durable, busy_s=busy_s)
        history = cls(
            people=People(database),
            members=Members(database),
            invites=Invites(database),
            versions=Versions(database, opened.blobs),
            edits=Edits(database, opened.runner.runner_id),
            events=Events(database, bells),
            bin=Bin(database),
            blobs=opened.blobs,
            _database=database,
            _runner=opened.runner,
        )
        try:
            await history.edits.interrupt(alive=opened.others)
        except BaseException:
            await history.close()
            raise
        return history

    @property
    def database(self) -> Database:
        """For rooms that keep what is theirs beside the versions."""
        return self._database

    def others(self) -> set[str]:
        """The other bridges that use the data folder now. Blocks for a moment."""
        return self._runner.others()

    async def close(self) -> None:
        """Close the database and end the threads; what was begun is finished first."""
        await self._database.close()
        if isinstance(self.blobs, FolderBlobs):
            await asyncio.to_thread(self.blobs.close)
        self._runner.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A data folder that is ready: migrated, and tidied when no other bridge uses it."""

    blobs: BlobStore
    runner: Runner
    others: set[str]


def _prepare(folder: Path, blobs: BlobStore | None, durable: bool, busy_s: float) -> _Opened:
    with disk_errors():
        make_private_folder(folder)
    migrate(folder / DATABASE, durable=durable, busy_s=busy_s)
    now = time.time()
    runner = Runner(folder / _RUNNERS)
    try:
        others = runner.others()
        if blobs is None:
            blobs = kept = FolderBlobs(folder / _BLOBS, durable)
            if not others:
                kept.clean(before=now)
    except BaseException:
        runner.close()
        raise
    return _Opened(blobs, runner, others)
