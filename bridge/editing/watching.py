"""Who has which document open, and what they hear of edits that run in it and of their own role.

Roles are read each time something is to be said, so that whoever is nothing in a document any more hears nothing more
of it. What is said of edits may be replaced or dropped on the way to a slow reader; it never keeps an edit waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from bridge.access.roles import Role, may
from bridge.connection import ConnectionClosed, Outbox
from bridge.errors import BridgeError
from bridge.history.events import News
from bridge.history.store import History
from bridge.logs import describe
from bridge.protocol import messages as m

_log = structlog.get_logger(__name__)
# What could not be read is read again after so long.
_AGAIN_S = 0.5
WatchedMessage = m.EditWatched | m.EditWatchedPreview
_ENDED = frozenset(("done", "failed", "cancelled", "beside"))


@dataclass(slots=True, eq=False)
class _Reader:
    """A connection that has the document open; ``watches`` edits too."""

    out: Outbox
    role: Role | None
    watches: bool


@dataclass(slots=True, eq=False)
class _Open:
    """A document that somebody has open, or in which an edit runs.

    ``edits``: the last of each kind of message that was told of each running edit, by key.
    ``told``: what is to be said now, with the connection that has it from the edit itself.
    """

    readers: dict[Outbox, _Reader] = field(default_factory=dict[Outbox, _Reader])
    edits: dict[str, dict[str, WatchedMessage]] = field(default_factory=dict[str, dict[str, WatchedMessage]])
    told: dict[str, tuple[WatchedMessage, Outbox | None]] = field(
        default_factory=dict[str, tuple[WatchedMessage, Outbox | None]]
    )
    news: News | None = None
    pump: asyncio.Task[None] | None = None


class Watching:
    """One for the whole bridge.

    Args:
        history: whose roles count.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._documents: dict[str, _Open] = {}
        self._changed: list[Callable[[str, str, Role | None], None]] = []
        self._saying: set[asyncio.Task[None]] = set()

    def on_role(self, heard: Callable[[str, str, Role | None], None]) -> None:
        """Call this with document, person and role when a person who has a document open is something else there."""
        self._changed.append(heard)

    def opened(self, document_id: str, role: Role, out: Outbox, *, watches: bool) -> None:
        """That connection has the document open from now on; with ``watches`` it hears of edits in it."""
        place = self._documents.setdefault(document_id, _Open())
        place.readers[out] = _Reader(out, role, watches)
        if place.pump is None:
            place.pump = asyncio.create_task(self._pump(document_id, place), name=f"watching {document_id}")
        if watches:
            for messages in place.edits.values():
                for key, message in messages.items():
                    out.offer(message, key)

    def left(self, out: Outbox) -> None:
        """That connection has ended."""
        for document_id, place in list(self._documents.items()):
            if place.readers.pop(out, None) is not None and not place.readers:
                if place.pump is not None:
                    place.pump.cancel()
                    place.pump = place.news = None
                self._forget(document_id)

    def tell(self, message: WatchedMessage, told: Outbox | None) -> None:
        """Say this to everybody who watches the document; ``told`` is the connection that has it from the edit."""
        place = self._documents.setdefault(message.document_id, _Open())
        is_look = isinstance(message, m.EditWatchedPreview)
        key = f"watched:{message.edit_id}:{message.candidate}" if is_look else f"watched:{message.edit_id}"
        if isinstance(message, m.EditWatched) and message.state in _ENDED:
            place.edits.pop(message.edit_id, None)
        else:
            place.edits.setdefault(message.edit_id, {})[key] = message
        if place.readers:
            place.told[key] = (message, told)
            if place.news is not None:
                place.news.ring()
        self._forget(message.document_id)

    async def stop(self) -> None:
        """Nobody is told anything any more."""
        tasks = [place.pump for place in self._documents.values() if place.pump is not None]
        for task in (*tasks, *self._saying):
            task.cancel()
        self._documents.clear()

    def _forget(self, document_id: str) -> None:
        place = self._documents[document_id]
        if not place.readers and not place.edits:
            del self._documents[document_id]

    async def _pump(self, document_id: str, place: _Open) -> None:
        """Whenever something happened in the document, in its history or in an edit: who may hear it, then say it."""
        with self._history.events.subscribe(document_id) as place.news:
            place.news.ring()  # what was told before we listened, and roles that changed since they were asked
            while True:
                await place.news.wait()
                try:
                    roles = await self._history.members.roles(document_id)
                except BridgeError as error:
                    _log.warning("roles not read", code=error.code)
                    await self._later(place)  # without knowing who may hear it nothing is said
                    continue
                except Exception as error:  # a bug must not leave everybody waiting for ever
                    _log.error("roles not read", exception=describe(error))
                    await self._later(place)
                    continue
                told, place.told = place.told, {}
                for reader in list(place.readers.values()):
                    self._renew(document_id, reader, roles.get(reader.out.person.person_id))
                    if reader.watches and may(reader.role, "view"):
                        for key, (message, already) in told.items():
                            if already is not reader.out:
                                reader.out.offer(message, key)

    @staticmethod
    async def _later(place: _Open) -> None:
        """What waits to be told is tried again soon, whether or not anything else happens."""
        await asyncio.sleep(_AGAIN_S)
        if place.news is not None:
            place.news.ring()

    def _renew(self, document_id: str, reader: _Reader, role: Role | None) -> None:
        if role == reader.role:
            return
        reader.role = role
        for heard in self._changed:
            heard(document_id, reader.out.person.person_id, role)
        task = asyncio.create_task(_said(m.RoleIs(document_id=document_id, role=role), reader.out))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)


async def _said(message: m.Message, out: Outbox) -> None:
    with suppress(ConnectionClosed):
        await out.send(message)


class Watched:
    """One edit on its way: what its own client is told, as others are to see it.

    Args:
        watching: whom to tell.
        begun: what is known when it begins; nothing is told before its plan is.
        own: the connection that runs it by now, which is told by the edit itself.
    """

    def __init__(self, watching: Watching, begun: m.EditWatched, own: Callable[[], Outbox | None]) -> None:
        self._watching = watching
        self._now = begun
        self._own = own
        self._is_planned = False
        self._has_ended = False

    def hear(self, message: m.Message) -> None:
        """The edit's client is told this."""
        if self._has_ended or not (self._is_planned or isinstance(message, m.EditPlan)):
            return
        match message:
            case m.EditPlan():
                self._is_planned = True
                self._tell(says=message.says)
            case m.EditQueued():
                self._tell(state="waiting" if message.position else "running", position=message.position)
            case m.EditProgress():
                going = {"candidate": message.candidate, "fraction": message.fraction, "stage": message.stage}
                self._tell(state="running", position=0, **going)
            case m.EditPreview():
                same = message.model_dump(exclude={"type"})
                where = {"document_id": self._now.document_id, "layer_id": self._now.layer_id}
                self._watching.tell(m.EditWatchedPreview(**where, **same), self._own())
            case m.EditDone():
                self._end("done", tuple(version.version_id for version in message.versions))
            case m.EditFailed():
                kept = () if message.version_id is None else (message.version_id,)
                self._end(_FAILED.get(message.code, "failed"), kept)
            case _:
                pass

    def ended(self) -> None:
        """It runs no more, whatever was said of it."""
        if self._is_planned and not self._has_ended:
            self._end("failed", ())

    def _end(self, state: m.WatchedState, version_ids: tuple[str, ...]) -> None:
        self._tell(state=state, version_ids=version_ids)
        self._has_ended = True

    def _tell(self, **changed: object) -> None:
        self._now = self._now.model_copy(update=changed)
        self._watching.tell(self._now, self._own())


_FAILED: dict[str, m.WatchedState] = {"cancelled": "cancelled", "conflict": "beside"}
