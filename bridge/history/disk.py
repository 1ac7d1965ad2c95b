"""The file system's refusals, in the bridge's own words; folders that only their owner can read."""

from __future__ import annotations

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bridge.errors import StorageError, StorageFull

# EDQUOT is not everywhere.
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextmanager
def disk_errors() -> Generator[None]:
    """Turn errors of the operating system into the bridge's; a missing file stays one.

    Raises:
        StorageFull: no room, or the quota is used up.
        StorageError: the folder cannot be read or written; says why.
        FileNotFoundError: as it came.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("There is no room left on the disk.") from error
        raise StorageError(f"The data folder cannot be used: {error.strerror}.") from error


def make_private_folder(folder: Path) -> None:
    """Make a folder that nobody but its owner can enter (on systems with such permissions); one that is there stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
