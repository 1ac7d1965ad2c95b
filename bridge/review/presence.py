"""Who is in a document now: what they look at, where they point. In memory only, and gone with their connection.

A connection is in one document at a time, the one that it opened or looked at last. Whoever has no role in it any more
is out as soon as the document's events say so, and neither hears nor is heard from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from bridge.access.pace import Pace
from bridge.connection import ConnectionClosed, Outbox
from bridge.errors import BridgeError, TooFast
from bridge.history.store import History
from bridge.protocol import messages as m

_log = structlog.get_logger(__name__)

PresenceMessage = m.PresenceLook | m.PresencePoint
# What one person may say of themselves: a page sends 15 positions a second at most.
_BURST = 30
_A_SECOND = 20.0
# Changes that come together are told together.
_TOGETHER_S = 0.05
# After a storage error, until roles are asked for again.
_AGAIN_S = 1.0
# People in one message, and letters of a program's name: it fits a frame.
_MOST_PEOPLE = 500
_PROGRAM_CHARS = 40


@dataclass(slots=True, eq=False)
class _Seat:
    """One connection in a document. ``hears`` is False for a program that only has it open."""

    out: Outbox
    hears: bool = False
    layer_id: str | None = None
    version_id: str | None = None
    at_px: tuple[int, int] | None = None
    turn: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    teller: asyncio.Task[None] | None = None


@dataclass(slots=True, eq=False)
class _Room:
    """Who has a document open. ``asked``: roles are to be asked for anew."""

    document_id: str
    seats: dict[Outbox, _Seat] = field(default_factory=dict[Outbox, _Seat])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: tuple[asyncio.Task[None], ...] = ()


class Presence:
    """Who is where.

    Args:
        history: whose documents they are; roles and news of them.
        pace: how quickly a person may speak; what is beyond waits, and with it all that the same connection sends.
    """

    def __init__(self, history: History, pace: Pace | None = None) -> None:
        self._history = history
        self._pace = pace or Pace(_BURST, _A_SECOND)
        self._rooms: dict[str, _Room] = {}
        self._where: dict[Outbox, _Room] = {}
        self._turn = 0

    async def slow(self, out: Outbox) -> None:
        """Return when this person may speak again: the reader of a hurried connection waits here, nobody else."""
        while True:
            try:
                self._pace.take(out.person.person_id)
            except TooFast as fast:
                await asyncio.sleep(fast.wait_s)
            else:
                return

    async def answer(self, message: PresenceMessage, out: Outbox) -> None:
        """Take one message; that its sender has a role was asked before."""
        match message:
            case m.PresenceLook():
                self._look(message, out)
                await out.send(m.Done(re=message.id))
            case m.PresencePoint():
                self._point(message.at_px, out)

    def opened(self, document_id: str, out: Outbox) -> None:
        """A program has the document open: its person is here, and hears nothing of the others."""
        before = self._where.get(out)
        self._seat(document_id, out)
        if self._where[out] is not before:
            self._changed(self._where[out])

    def left(self, out: Outbox) -> None:
        """That connection has ended."""
        room = self._where.pop(out, None)
        if room is None:
            return
        seat = room.seats.pop(out)
        if seat.teller is not None:
            seat.teller.cancel()
        if room.seats:
            self._changed(room)
            return
        del self._rooms[room.document_id]
        for watcher in room.watchers:
            watcher.cancel()

    async def stop(self) -> None:
        """Nobody is here any more."""
        tasks = [task for room in self._rooms.values() for task in _tasks_of(room)]
        for out in list(self._where):
            self.left(out)
        await asyncio.gather(*tasks, return_exceptions=True)

    def people(self, document_id: str) -> tuple[m.PresentInfo, ...]:
        """Who is in the document, by name; one each."""
        room = self._rooms.get(document_id)
        return () if room is None else _people(room.seats.values())

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────

    def _look(self, message: m.PresenceLook, out: Outbox) -> None:
        seat = self._seat(message.document_id, out)
        room = self._where[out]
        if seat.version_id != message.version_id:
            seat.at_px = None  # it was a place on what they looked at before
        seat.layer_id, seat.version_id = message.layer_id, message.version_id
        self._turn += 1
        seat.turn, seat.hears = self._turn, True
        if seat.teller is None:
            seat.teller = asyncio.create_task(self._tell(room, seat), name="presence")
        self._changed(room)

    def _point(self, at_px: tuple[int, int] | None, out: Outbox) -> None:
        room = self._where.get(out)
        seat = None if room is None else room.seats[out]
        if room is None or seat is None or not seat.hears or seat.version_id is None:
            return
        began_or_ended = (at_px is None) is not (seat.at_px is None)
        seat.at_px = at_px
        if began_or_ended:
            self._changed(room)
        if at_px is None:
            return
        me = out.person.person_id
        said = m.PresenceAt(document_id=room.document_id, person_id=me, version_id=seat.version_id, at_px=at_px)
        for other in room.seats.values():
            if other.hears and other.out.person.person_id != me:
                other.out.offer(said, f"presence:{me}")

    def _seat(self, document_id: str, out: Outbox) -> _Seat:
        """The connection's seat in that document; it leaves another."""
        before = self._where.get(out)
        if before is not None and before.document_id == document_id:
            return before.seats[out]
        self.left(out)
        room = self._rooms.get(document_id)
        if room is None:
            room = self._rooms[document_id] = _Room(document_id)
            room.watchers = (
                asyncio.create_task(self._listen(room), name="presence news"),
                asyncio.create_task(self._watch(room), name="presence roles"),
            )
        seat = room.seats[out] = _Seat(out)
        self._where[out] = room
        # Between the question for their role and now they may have lost it.
        room.asked.set()
        return seat

    def _changed(self, room: _Room) -> None:
        for seat in room.seats.values():
            seat.changed.set()

    async def _tell(self, room: _Room, seat: _Seat) -> None:
        """Tell one listener who is here whenever that changed; a slow one holds up itself."""
        with suppress(ConnectionClosed):
            while True:
                await seat.changed.wait()
                seat.changed.clear()
                await seat.out.send(m.Presence(document_id=room.document_id, people=_people(room.seats.values())))
                await asyncio.sleep(_TOGETHER_S)

    async def _listen(self, room: _Room) -> None:
        with self._history.events.subscribe(room.document_id) as news:
            while True:
                await news.wait()
                room.asked.set()

    async def _watch(self, room: _Room) -> None:
        """Who has no role any more is out."""
        while True:
            await room.asked.wait()
            room.asked.clear()
            try:
                inside = await self._history.members.roles(room.document_id)
            except BridgeError as error:
                _log.warning("roles not read", code=error.code)
                await asyncio.sleep(_AGAIN_S)
                room.asked.set()
                continue
            for out in [out for out in room.seats if out.person.person_id not in inside]:
                self.left(out)


def _tasks_of(room: _Room) -> list[asyncio.Task[None]]:
    return [*room.watchers, *(seat.teller for seat in room.seats.values() if seat.teller is not None)]


def _people(seats: Iterable[_Seat]) -> tuple[m.PresentInfo, ...]:
    of_each: dict[str, list[_Seat]] = {}
    for seat in seats:
        of_each.setdefault(seat.out.person.person_id, []).append(seat)
    infos = [_info(mine) for mine in of_each.values()]
    return tuple(sorted(infos, key=lambda info: (info.name, info.person_id))[:_MOST_PEOPLE])


def _info(seats: list[_Seat]) -> m.PresentInfo:
    """One person, by what they did last."""
    last = max(seats, key=lambda seat: seat.turn)
    person = last.out.person
    programs = sorted({seat.out.program[:_PROGRAM_CHARS] for seat in seats})
    return m.PresentInfo(
        person_id=person.person_id,
        name=person.name,
        programs=tuple(programs),
        layer_id=last.layer_id,
        version_id=last.version_id,
        points=any(seat.at_px is not None for seat in seats),
    )
