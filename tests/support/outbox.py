"""An outbox that keeps what it is sent, and can leave."""

from __future__ import annotations

import asyncio

from bridge.connection import ConnectionClosed
from bridge.history.records import Person
from bridge.protocol.messages import Message


class KeptOutbox:
    """What a room sees of a client; ``sent`` is what the client got, ``offered`` what it could have missed."""

    def __init__(self, person: Person | None = None) -> None:
        self.person = person or Person("p1", "Ada")
        self.closed = False
        self.zstd = True
        self.program = "test"
        self.sent: list[Message] = []
        self.offered: list[tuple[str, Message]] = []
        self._changed = asyncio.Event()

    async def send(self, message: Message) -> None:
        if self.closed:
            raise ConnectionClosed
        self.sent.append(message)
        self._changed.set()

    def offer(self, message: Message, key: str) -> None:
        self.offered.append((key, message))

    async def until(self, count: int) -> None:
        """Wait until so many messages were sent."""
        while len(self.sent) < count:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 10)
