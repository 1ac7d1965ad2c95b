"""The line in front of the engine: fair between people, cancellable, every position reported.

Places are given round robin: one edit of each person who waits, then the next of each. So fifty edits of one person
hold up another's single edit by one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bridge.errors import Busy


@dataclass(slots=True, eq=False)
class _Place:
    person_id: str
    moved: Callable[[int], None]
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    told: int = -1


class FairQueue:
    """Gives ``width`` turns at a time.

    Args:
        width: edits that may run at once.
        per_person: places one person may hold, waiting and running.
    """

    def __init__(self, *, width: int = 1, per_person: int = 32) -> None:
        self._width = width
        self._per_person = per_person
        self._running: list[_Place] = []
        # People in the order of their next turn, each with their own line.
        self._waiting: OrderedDict[str, deque[_Place]] = OrderedDict()

    @property
    def length(self) -> int:
        """Edits that wait or run."""
        return len(self._running) + sum(len(line) for line in self._waiting.values())

    @asynccontextmanager
    async def turn(self, person_id: str, moved: Callable[[int], None]) -> AsyncGenerator[None]:
        """Wait for a turn; leaving the block, or cancelling the wait, gives the place free.

        Args:
            person_id: whose edit it is.
            moved: called with the position whenever it changes; 0 means it runs now.

        Raises:
            Busy: the person holds too many places already.
        """
        place = self._enter(person_id, moved)
        try:
            await place.turn.wait()
            yield
        finally:
            self._leave(place)

    def _enter(self, person_id: str, moved: Callable[[int], None]) -> _Place:
        line = self._waiting.get(person_id, deque())
        held = len(line) + sum(place.person_id == person_id for place in self._running)
        if held >= self._per_person:
            raise Busy(f"{held} of your edits are waiting already.")
        place = _Place(person_id, moved)
        self._waiting.setdefault(person_id, line).append(place)
        self._advance()
        return place

    def _leave(self, place: _Place) -> None:
        if place in self._running:
            self._running.remove(place)
        else:
            line = self._waiting[place.person_id]
            line.remove(place)
            if not line:
                del self._waiting[place.person_id]
        self._advance()

    def _advance(self) -> None:
        """Fill free turns, then tell everybody whose position changed."""
        while len(self._running) < self._width and self._waiting:
            person_id, line = next(iter(self._waiting.items()))
            place = line.popleft()
            del self._waiting[person_id]
            if line:
                self._waiting[person_id] = line  # to the end: the others come first
            self._running.append(place)
            place.turn.set()
        for position, place in enumerate([*self._running, *self._in_order()]):
            shown = 0 if position < len(self._running) else position - len(self._running) + 1
            if place.told != shown:
                place.told = shown
                place.moved(shown)

    def _in_order(self) -> list[_Place]:
        """Waiting places in the order in which they will run."""
        lines = [list(line) for line in self._waiting.values()]
        longest = max((len(line) for line in lines), default=0)
        return [line[turn] for turn in range(longest) for line in lines if turn < len(line)]
