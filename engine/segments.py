"""Shared memory for the edits that run: at most so many at once, and so many bytes, in the order in which they came."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

from engine.errors import OutOfMemory

# Segments up to this size together are kept for the next edits; others go back to the system.
_KEPT_BYTES = 64 << 20
_LEAST_BYTES = 1 << 20


class Segments:
    """What is lent to running edits, and a little that is kept for the next ones."""

    def __init__(self, most: int, most_bytes: int) -> None:
        """
        Args:
            most: edits at once. most_bytes: of their segments together; a larger one is lent when no other is.
        """
        self._most, self._most_bytes = most, most_bytes
        self._lent_bytes: list[int] = []
        self._free: list[SharedMemory] = []
        self._keeps = True
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def lend(self, size: int) -> SharedMemory:
        """A segment of at least this size, as soon as there is room for another edit.

        Raises:
            OutOfMemory: the system has none left.
        """
        if self._waiting or not self._has_room(size):
            place = (size, asyncio.get_running_loop().create_future())
            self._waiting.append(place)
            try:
                await place[1]
            except asyncio.CancelledError:
                if place in self._waiting:
                    self._waiting.remove(place)
                else:  # let in and cancelled in the same moment
                    self._leave(size)
                self._let_in()
                raise
        else:
            self._lent_bytes.append(size)
        try:
            return self._of(size)
        except OSError:
            self._leave(size)
            raise OutOfMemory("There is no shared memory left for this edit.") from None

    def give_back(self, segment: SharedMemory, size: int) -> None:
        """The edit's end: nobody writes into it any more. ``size``: that was asked for."""
        kept = sum(one.size for one in self._free) + segment.size
        if not self._keeps or kept > _KEPT_BYTES or len(self._free) >= self._most:
            remove(segment)
        else:
            self._free.append(segment)
        self._leave(size)

    def close(self) -> None:
        """Let go what is kept, and what is lent when it comes back."""
        self._keeps = False
        self._drop()

    def _drop(self) -> None:
        while self._free:
            remove(self._free.pop())

    def _of(self, size: int) -> SharedMemory:
        """The smallest that is kept and large enough, or a new one."""
        self._keeps = True
        enough = [segment for segment in self._free if segment.size >= size]
        if enough:
            chosen = min(enough, key=lambda segment: segment.size)
            self._free.remove(chosen)
            return chosen
        try:
            return reserved(max(_LEAST_BYTES, 1 << (size - 1).bit_length()))
        except OSError:
            if not self._free:
                raise
        self._drop()
        return reserved(max(_LEAST_BYTES, 1 << (size - 1).bit_length()))

    def _has_room(self, size: int) -> bool:
        lent = self._lent_bytes
        return not lent or (len(lent) < self._most and sum(lent) + size <= self._most_bytes)

    def _leave(self, size: int) -> None:
        self._lent_bytes.remove(size)
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._has_room(self._waiting[0][0]):
            size, turn = self._waiting.popleft()
            if turn.done():  # cancelled; it takes care of itself
                continue
            self._lent_bytes.append(size)
            turn.set_result(None)


def reserved(size: int) -> SharedMemory:
    """A segment whose memory is there: on Linux it is otherwise only promised, and writing ends the process.

    Raises:
        OSError: there is no room.
    """
    segment = SharedMemory(create=True, size=size)
    if sys.platform == "linux":
        try:
            place = os.open(f"/dev/shm/{segment.name}", os.O_RDWR)  # noqa: S108 -- made by us a line above
            try:
                os.posix_fallocate(place, 0, size)
            finally:
                os.close(place)
        except OSError:
            remove(segment)
            raise
    return segment


def remove(segment: SharedMemory) -> None:
    """Give it back to the system."""
    segment.close()
    with suppress(FileNotFoundError):
        segment.unlink()
