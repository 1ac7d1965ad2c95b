"""What was made to be taken away, until somebody fetches it: files under addresses that work once and for two minutes.

The files lie in a folder of the data folder and are gone when they were fetched, when nobody came, and when the bridge
ends; of an address only its hash is kept, in memory.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bridge.access.roles import Right
from bridge.access.tokens import new_token, token_hash
from bridge.history.disk import disk_errors, make_private_folder

LIFE_S = 120
# Files of one person that wait to be fetched: beyond, the oldest goes.
_OF_ONE = 8
# What a bridge left that was killed is swept away by the next one after a day: until then it may be another's.
_LEFT_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that waits.

    Attributes:
        name: what it is called where it comes to.
        person_id, document_id, right: who may fetch it, as long as they have that right there.
    """

    path: Path
    name: str
    mime: str
    person_id: str
    document_id: str
    right: Right
    ends_s: float


class Shelf:
    """The files that wait.

    Args:
        folder: made when it is needed, for its owner only.
        clock: seconds, never going back.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._own: Path | None = None
        self._parcels: dict[bytes, Parcel] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def place(self) -> Path:
        """A folder for one file that is to be made.

        Raises:
            StorageError: it cannot be made.
        """
        with disk_errors():
            if self._own is None:
                make_private_folder(self._folder)
                self._sweep()
                self._own = Path(tempfile.mkdtemp(dir=self._folder))
            return Path(tempfile.mkdtemp(dir=self._own))

    def put(self, path: Path, name: str, mime: str, person_id: str, document_id: str, right: Right) -> str:
        """A file that is made, alone in a folder of `place`; returns its address's token, said once."""
        self._forget()
        own = [key for key, parcel in self._parcels.items() if parcel.person_id == person_id]
        if len(own) >= _OF_ONE:
            self.discard(self._parcels.pop(own[0]).path)
        token = new_token()
        ends_s = self._clock() + LIFE_S
        self._parcels[token_hash(token)] = Parcel(path, name, mime, person_id, document_id, right, ends_s)
        with suppress(RuntimeError):  # without a loop whoever asks next clears it away
            timer = asyncio.get_running_loop().call_later(LIFE_S + 1, self._forget)
            self._timers.add(timer)
        return token

    def take(self, token: str) -> Parcel | None:
        """What waits under that address, which works no more; whoever takes it discards its file."""
        self._forget()
        return self._parcels.pop(token_hash(token), None)

    def discard(self, path: Path) -> None:
        """The file, and the folder it is alone in, are not needed any more."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def close(self) -> None:
        """Everything goes."""
        for timer in self._timers:
            timer.cancel()
        self._parcels.clear()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def _forget(self) -> None:
        now_s = self._clock()
        for key in [key for key, parcel in self._parcels.items() if parcel.ends_s <= now_s]:
            self.discard(self._parcels.pop(key).path)
        self._timers = {timer for timer in self._timers if not timer.cancelled() and timer.when() > time.monotonic()}

    def _sweep(self) -> None:
        for left in self._folder.iterdir():
            if left.stat().st_mtime < time.time() - _LEFT_S:
                shutil.rmtree(left, ignore_errors=True)
