"""The room that answers for long conversations, page by page; whether a person may was decided before."""

from __future__ import annotations

from bridge.connection import Outbox
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.review.places import Place, Places
from bridge.review.room import comment_info, place_info
from bridge.review.threads import Thread, Threads

ThreadMessage = m.ThreadList | m.ThreadGet | m.ThreadCount | m.ThreadPins
# With more of them nothing is to be seen of the picture; the list has them all.
_PINS = 64
# Letters of a comment on its pin.
_PIN_CHARS = 200


class ThreadRoom:
    """Pages of threads, counts, pins."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._threads = Threads(history.database)
        self._places = Places(history.database, history.blobs)

    async def answer(self, message: ThreadMessage, out: Outbox) -> None:
        """Answer one message.

        Raises:
            BridgeError: see `bridge.review.threads.Threads`.
        """
        match message:
            case m.ThreadList():
                page = await self._threads.page(
                    message.layer_id,
                    message.version_id,
                    message.which,
                    out.person.person_id,
                    message.before,
                    message.limit,
                )
                infos = tuple(thread_info(thread) for thread in page.threads)
                await out.send(m.Threads(re=message.id, as_of=page.as_of, total=page.total, threads=infos))
            case m.ThreadGet():
                # One less than a page: its first comment comes too.
                as_of, thread = await self._threads.one(message.comment_id, message.skip, m.PAGE_COMMENTS - 1)
                await out.send(m.ThreadIs(re=message.id, as_of=as_of, thread=thread_info(thread)))
            case m.ThreadCount():
                as_of, counts = await self._threads.counts(message.layer_id)
                versions = tuple(
                    m.VersionThreads(version_id=count.version_id, open=count.open, all=count.all) for count in counts
                )
                await out.send(m.ThreadCounts(re=message.id, layer_id=message.layer_id, as_of=as_of, versions=versions))
            case m.ThreadPins():
                version = await self._history.versions.version(message.version_id)
                total, threads = await self._threads.pinned(version.layer_id, _PINS)
                places = await self._places.of([thread.root for thread in threads], version.version_id)
                pins = tuple(pin_info(*pair) for pair in zip(threads, places, strict=True))
                await out.send(m.Pins(re=message.id, version_id=version.version_id, total=total, pins=pins))


def thread_info(thread: Thread) -> m.ThreadInfo:
    return m.ThreadInfo(
        root=comment_info(thread.root),
        number=thread.number,
        seq=thread.seq,
        reply_count=thread.reply_count,
        replies=tuple(comment_info(reply) for reply in thread.replies),
    )


def pin_info(thread: Thread, place: Place) -> m.PinInfo:
    root = thread.root
    return m.PinInfo(
        comment_id=root.comment_id,
        number=thread.number,
        author=root.person.name,
        text=root.text[:_PIN_CHARS],
        place=place_info(place),
    )
