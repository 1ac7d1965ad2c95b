"""A document's events as they happen, for all who have it open: read once, encoded once, however many they are.

What a follower has not seen of what is remembered here comes from memory, what is older from the database. Who is in
the document is read together with the events: whoever is not (any more) hears nothing, and once they are again, what
they missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.errors import StorageError
from bridge.history.events import News, happenings_after
from bridge.history.records import Comment, Happening
from bridge.history.schema import CommentRow, DocumentRow, MemberRow
from bridge.history.store import History
from bridge.logs import describe
from bridge.protocol import messages as m
from bridge.review.comments import comment_records
from bridge.review.room import comment_info
from bridge.translate import event_message

_log = structlog.get_logger(__name__)
# Events of one reading.
_AT_ONCE = 500
# Remembered of each document that is open: whoever is behind by more reads them from the database.
_REMEMBERED = 256
# A database that cannot be read now is asked again after so long.
_AGAIN_S = 0.5


class Feed:
    """Follows documents for as long as somebody listens."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._rooms: dict[str, _Room] = {}

    async def follow(self, document_id: str, after: int, person_id: str) -> AsyncGenerator[m.Event]:
        """The document's events with numbers greater than ``after``, in order and once each, without an end."""
        room = self._rooms.get(document_id)
        if room is None:
            room = self._rooms[document_id] = _Room(self._history, document_id)
        news = room.enter()
        try:
            while True:
                before = after
                for event in await room.after(after, person_id):
                    yield event
                    after = event.seq
                if not room.has_after(after, person_id):
                    await news.wait()
                elif after == before:  # what should be there is not: the document has gone for good meanwhile
                    await asyncio.sleep(_AGAIN_S)
        finally:
            if room.leave(news):
                self._rooms.pop(document_id, None)


class _Room:
    """One document's last events, and those who wait for the next."""

    def __init__(self, history: History, document_id: str) -> None:
        self._history = history
        self._document_id = document_id
        self._events: deque[m.Event] = deque(maxlen=_REMEMBERED)
        self._people: frozenset[str] = frozenset()
        # The number of the last event that was read; None until the first reading.
        self._seq: int | None = None
        self._waiting: set[News] = set()
        self._reader = asyncio.create_task(self._read(), name="document feed")

    def enter(self) -> News:
        """Somebody listens; rung whenever there is more."""
        news = News()
        self._waiting.add(news)
        return news

    def leave(self, news: News) -> bool:
        """They do not any more; whether that was the last."""
        self._waiting.discard(news)
        if self._waiting:
            return False
        self._reader.cancel()
        return True

    def has_after(self, after: int, person_id: str) -> bool:
        """Whether there is something to be told now."""
        return self._seq is not None and after < self._seq and person_id in self._people

    async def after(self, after: int, person_id: str) -> Iterable[m.Event]:
        """Those that this person is to be told next; none when there are none, or they are nothing here."""
        if not self.has_after(after, person_id):
            return ()
        if self._events and self._events[0].seq <= after + 1:
            return tuple(event for event in self._events if event.seq > after)
        try:
            return (await _page(self._history, self._document_id, after, person_id))[1]
        except StorageError as error:
            await self._later(error)
            return ()

    async def _read(self) -> None:
        with self._history.events.subscribe(self._document_id) as happens:
            while True:
                try:
                    full = await self._take()
                except StorageError as error:
                    await self._later(error)
                    continue
                except Exception as error:  # a bug must not leave everybody waiting for ever
                    _log.error("events cannot be read", exception=describe(error))
                    await asyncio.sleep(_AGAIN_S)
                    continue
                for news in self._waiting:
                    news.ring()
                if not full:
                    await happens.wait()

    async def _take(self) -> bool:
        """Read what is new; whether there may be more."""
        if self._seq is None:
            self._seq, self._people = await self._history.database.read(
                lambda session: (_last_seq(session, self._document_id), _people(session, self._document_id))
            )
            return False
        self._people, events = await _page(self._history, self._document_id, self._seq, None)
        self._events.extend(events)
        if events:
            self._seq = events[-1].seq
        return len(events) == _AT_ONCE

    async def _later(self, error: StorageError) -> None:
        _log.warning("events cannot be read now", code=error.code)
        await asyncio.sleep(_AGAIN_S)


async def _page(
    history: History, document_id: str, after: int, person_id: str | None
) -> tuple[frozenset[str], tuple[m.Event, ...]]:
    """Who is in the document, and its next events; none for a person who is not."""

    def work(session: Session) -> tuple[frozenset[str], list[Happening], dict[str, Comment]]:
        people = _people(session, document_id)
        if person_id is not None and person_id not in people:
            return people, [], {}
        found = happenings_after(session, document_id, after, _AT_ONCE)
        return people, found, _comments(session, found)

    people, happenings, comments = await history.database.read(work)
    infos = {key: comment_info(comment) for key, comment in comments.items()}
    return people, tuple(event_message(one, infos.get(one.comment_id or "")) for one in happenings)


def _last_seq(session: Session, document_id: str) -> int:
    return session.scalar(select(DocumentRow.last_seq).where(DocumentRow.document_id == document_id)) or 0


def _people(session: Session, document_id: str) -> frozenset[str]:
    return frozenset(session.scalars(select(MemberRow.person_id).where(MemberRow.document_id == document_id)))


def _comments(session: Session, happenings: Iterable[Happening]) -> dict[str, Comment]:
    """The comments that these events speak of, as they are now."""
    ids = list(dict.fromkeys(one.comment_id for one in happenings if one.comment_id is not None))
    if not ids:
        return {}
    rows = session.scalars(select(CommentRow).where(CommentRow.comment_id.in_(ids)))
    return {comment.comment_id: comment for comment in comment_records(session, rows)}
