"""Which bridges use a data folder now: each holds a lock on a file of its own, which the system frees when it dies.

So a second bridge on the same folder (`inlay edit` beside `inlay edit`) does not take the first one's edits for dead.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from bridge.history.disk import disk_errors, make_private_folder
from bridge.history.ids import new_id

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Runner:
    """This bridge, as the others see it. Blocks for a moment; use it in a thread.

    Args:
        folder: where all bridges of one data folder keep their locks.
    """

    def __init__(self, folder: Path) -> None:
        self.runner_id = new_id()
        self._folder = folder
        self._path = folder / f"{self.runner_id}.lock"
        with disk_errors():
            make_private_folder(folder)
            self._descriptor = self._begin()

    def _begin(self) -> int:
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            # A bridge that starts at the same moment may take the file for a dead one's before it is locked.
            if _lock(descriptor) and self._path.exists():
                return descriptor
            os.close(descriptor)

    def others(self) -> set[str]:
        """The other bridges that are alive; the files of dead ones are removed."""
        alive: set[str] = set()
        with disk_errors():
            for path in self._folder.glob("*.lock"):
                if path != self._path and not _remove_if_dead(path):
                    alive.add(path.stem)
        return alive

    def close(self) -> None:
        """This bridge is done."""
        os.close(self._descriptor)
        _remove_if_dead(self._path)


def _remove_if_dead(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        if not _lock(descriptor):
            return False
        if os.name == "posix":  # under the lock, so that nobody takes it meanwhile
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
    if os.name != "posix":  # there an open file cannot be removed, by whomever it is open
        with suppress(PermissionError):
            path.unlink(missing_ok=True)
    return True


def _lock(descriptor: int) -> bool:
    """Lock the file for as long as this process lives or until it is closed; False when another has it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
