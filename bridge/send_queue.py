"""What waits to be sent to one client: in order, bounded in bytes, some of it droppable."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from bridge.errors import BridgeError

# What waits for one client at most: this and one frame, beside the frame that is being written. Two windows of frames
# of tiles fit.
SEND_BYTES = 8 << 20
# Beyond this, messages that may be dropped are.
OFFER_BYTES = 2 << 20


class ConnectionClosed(BridgeError):
    """The client has gone."""

    code = "connection_closed"
    hint = "Connect again; what was finished meanwhile is kept."


@dataclass(slots=True, eq=False)
class _Waiting:
    data: bytes
    key: str | None


class SendQueue:
    """Frames that wait for one client; bounded in bytes."""

    def __init__(self) -> None:
        self._frames: deque[_Waiting] = deque()
        self._by_key: dict[str, _Waiting] = {}
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self.bytes = 0
        self.closed = False

    async def put(self, data: bytes) -> None:
        """Add a frame, once there is room; who came first is first.

        Raises:
            ConnectionClosed: the queue is closed.
        """
        async with self._turn:
            while self.bytes > SEND_BYTES and not self.closed:
                self._taken.clear()
                await self._taken.wait()
            if self.closed:
                raise ConnectionClosed
            self._append(_Waiting(data, None))

    def offer(self, data: bytes, key: str) -> bool:
        """Add or replace a frame; False when there is no room for it."""
        waiting = self._by_key.get(key)
        freed = len(waiting.data) if waiting is not None else 0
        if self.closed or self.bytes - freed + len(data) > OFFER_BYTES:
            return False
        if waiting is None:
            waiting = self._by_key[key] = _Waiting(data, key)
            self._append(waiting)
        else:
            self.bytes += len(data) - freed
            waiting.data = data
        return True

    async def next(self) -> bytes | None:
        """The next frame; None when the queue is closed and empty."""
        while not self._frames:
            if self.closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        frame = self._frames.popleft()
        if frame.key is not None:
            del self._by_key[frame.key]
        self.bytes -= len(frame.data)
        self._taken.set()
        return frame.data

    def close(self, *, drop: bool = False) -> None:
        """Take nothing more; with ``drop``, forget what waits."""
        self.closed = True
        if drop:
            self._frames.clear()
            self._by_key.clear()
            self.bytes = 0
        self._changed.set()
        self._taken.set()

    def _append(self, frame: _Waiting) -> None:
        self._frames.append(frame)
        self.bytes += len(frame.data)
        self._changed.set()
