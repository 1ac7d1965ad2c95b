"""② Where messages are dispatched: who it is, whether they may, and which room answers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass
from weakref import WeakValueDictionary

import structlog

from bridge.access.pace import Pace
from bridge.access.pairing import Pairing
from bridge.access.roles import NEEDS, NOT_FOR_GUESTS, OF_THE_BIN, PACED, SUBJECTS, UNHURRIED, Subject, may
from bridge.access.tokens import new_token, token_hash
from bridge.connection import ConnectionClosed, Internal, Outbox
from bridge.editing.desk import Desk
from bridge.editing.edit import Services
from bridge.editing.model_room import ModelRoom
from bridge.editing.sharing import Sharing
from bridge.editing.watching import Watching
from bridge.errors import BridgeError, Busy, Forbidden, NotFound, OutOfOrder
from bridge.feed import Feed
from bridge.history.records import Document, Layer, Move, Person
from bridge.logs import describe
from bridge.protocol import messages as m
from bridge.protocol.session import error_message
from bridge.review.bin import BinRoom
from bridge.review.people import PeopleRoom
from bridge.review.presence import Presence
from bridge.review.room import ReviewRoom
from bridge.review.thread_room import ThreadRoom
from bridge.search.room import SearchRoom
from bridge.takeaway.room import TakeRoom
from bridge.translate import (
    document_info,
    layer_info,
    moved_patch,
    stored_patch,
    tree_page,
)
from engine.api import Alpha, Depth, LayerFormat
from engine.commands.text import typed
from engine.errors import EngineError
from engine.geometry import Size

_log = structlog.get_logger(__name__)
# Requests of one connection that may be under way at once; a page asks a few at a time.
_BESIDE = 128
# Patches of one person that are read and sent at once: each is whole in memory until it is acknowledged.
_PATCHES_AT_ONCE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Rooms:
    """What answers beside the way of an edit."""

    review: ReviewRoom
    threads: ThreadRoom
    people: PeopleRoom
    presence: Presence
    watching: Watching
    sharing: Sharing
    take: TakeRoom
    bin: BinRoom
    search: SearchRoom
    models: ModelRoom


class Dispatch:
    """Answers messages of paired people. One for the whole bridge; what belongs to a connection goes by its outbox."""

    def __init__(self, services: Services, desk: Desk, rooms: Rooms, pairing: Pairing, pace: Pace) -> None:
        self._services = services
        self._history = services.history
        self._desk = desk
        self._rooms = rooms
        self._feed = Feed(services.history)
        # By person, for as long as somebody waits in one.
        self._fetching: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._pairing = pairing
        self._pace = pace
        self._tasks: dict[Outbox, set[asyncio.Task[None]]] = {}
        # One a document: opening it again tells nothing twice.
        self._followers: dict[Outbox, dict[str, asyncio.Task[None]]] = {}
        # Moves of the head reach a client in the order in which they were made.
        self._moves: dict[Outbox, asyncio.Lock] = {}

    async def authenticate(self, token: str) -> Person | None:
        """The person with this token."""
        return await self._history.people.by_token(token_hash(token))

    async def pair(self, code: str, name: str, peer: str) -> tuple[str, Person]:
        """A new token for the right code.

        Raises:
            PairingFailed, TooManyAttempts: see `bridge.access.pairing`.
        """
        self._pairing.redeem(code, peer)
        token = new_token()
        return token, await self._history.people.add(name, token_hash(token))

    async def left(self, out: Outbox) -> None:
        """The connection has ended: what is only for it stops, its edits go on."""
        self._desk.left(out)
        self._rooms.presence.left(out)
        self._rooms.watching.left(out)
        self._rooms.sharing.left(out)
        self._followers.pop(out, None)
        self._moves.pop(out, None)
        for task in self._tasks.pop(out, set()):
            task.cancel()

    async def handle(self, message: m.ClientMessage, out: Outbox) -> None:
        """Answer one message; returns quickly, long answers follow in tasks of their own.

        Raises:
            BridgeError: becomes the answer.
        """
        if message.type in UNHURRIED:
            await self._rooms.presence.slow(out)
        await self._allow(message, out.person)
        match message:
            case m.PatchAck():
                self._services.delivery.acknowledge(message, out)
            case m.EditTiles():
                await self._desk.tiles(message, out)
            case m.EditHave():
                self._desk.hashes(message, out)
            case m.EditCancel():
                self._spawn(out, self._cancel(message, out), message.id, always=True)
            case m.EditResume():
                await self._desk.resume(message, out)
            case m.EditStart():
                await self._start(message.model_copy(update={"text": typed(message.text)}), out)
            case m.DocumentOpen():
                document = await self._history.versions.open_document(out.person, message.key, message.title)
                await self._open(document, message, out)
            case m.DocumentVisit():
                document = await self._history.versions.document_for(message.document_id, out.person)
                await self._open(document, message, out)
            case m.DocumentList():
                infos = tuple(map(document_info, await self._history.versions.documents(out.person)))
                await out.send(m.Documents(re=message.id, documents=infos))
            case m.LayerDescribe():
                await self._describe(message, out)
            case m.HistoryTree():
                page = await self._history.versions.page(
                    message.layer_id, message.skip, m.PAGE_VERSIONS, from_end=message.from_end
                )
                await out.send(tree_page(message.id, page))
            case m.HistoryMove() | m.HistoryRestore():
                await self._move(message, out)
            case m.PatchFetch():
                await self._fetch(message, out)
            case m.SourceOffer() | m.SourceTiles() | m.SourceFinish():
                self._rooms.sharing.admit(out)
                self._spawn(out, self._rooms.sharing.answer(message, out), message.id)
            case m.VersionPicture() | m.CommentPlaces() | m.VersionCanvas() | m.VersionPixel() | m.VersionCompare():
                self._spawn(out, self._rooms.review.answer(message, out), message.id)
            case (
                m.CommentAdd()
                | m.CommentChange()
                | m.CommentResolve()
                | m.CommentList()
                | m.ApprovalSet()
                | m.ApprovalList()
                | m.StateGet()
                | m.ApproversSet()
                | m.VersionLock()
                | m.LinkFind()
            ):
                await self._rooms.review.answer(message, out)
            case m.ThreadList() | m.ThreadGet() | m.ThreadCount() | m.ThreadPins():
                await self._rooms.threads.answer(message, out)
            case m.MemberList() | m.MemberSet() | m.InviteMake() | m.InviteList() | m.InviteRevoke() | m.LinkMake():
                await self._rooms.people.answer(message, out)
            case m.TakePicture() | m.TakeReport() | m.TakeArchive():
                self._spawn(out, self._rooms.take.answer(message, out), message.id)
            case m.DocumentDelete() | m.DocumentRestore() | m.BinList():
                await self._rooms.bin.answer(message, out)
            case m.ModelList() | m.DocumentModel():
                await self._rooms.models.answer(message, out)
            case m.PresenceLook() | m.PresencePoint():
                await self._rooms.presence.answer(message, out)
            case m.Search():
                self._spawn(out, self._rooms.search.answer(message, out), message.id)
            case m.Ping():
                await out.send(m.Done(re=message.id))
            case m.Hello() | m.Pair():
                raise OutOfOrder("This connection is paired already.")

    async def _start(self, start: m.EditStart, out: Outbox) -> None:
        await self._history.versions.check_unlocked(start.layer_id)
        layer, known = await asyncio.gather(
            self._history.versions.layer(start.layer_id),
            self._history.edits.get(start.edit_id, out.person.person_id),
        )
        await self._desk.start(start, layer, out, known=known is not None)

    async def _open(self, document: Document, message: m.DocumentOpen | m.DocumentVisit, out: Outbox) -> None:
        layers = await self._history.versions.layers(document.document_id)
        infos = tuple(layer_info(layer) for layer in layers)
        await out.send(m.DocumentOpened(re=message.id, document=document_info(document), layers=infos))
        if isinstance(message, m.DocumentOpen):  # a program; a page says itself that it is here
            self._rooms.presence.opened(document.document_id, out)
        self._rooms.watching.opened(document.document_id, document.role, out, watches=message.watch)
        followers = self._followers.setdefault(out, {})
        follower = followers.get(document.document_id)
        if follower is not None and not follower.done():
            if message.last_seq is None:
                return  # it is told already
            follower.cancel()
            await asyncio.wait([follower])
        after = document.last_seq if message.last_seq is None else message.last_seq
        work = self._follow(document.document_id, after, out)
        followers[document.document_id] = self._spawn(out, work, message.id, always=True)

    async def _describe(self, message: m.LayerDescribe, out: Outbox) -> None:
        try:
            format_ = LayerFormat(Depth(message.depth), message.channels, Alpha(message.alpha))
        except ValueError as error:
            raise OutOfOrder(str(error)) from None
        layer = await self._history.versions.describe_layer(
            message.document_id,
            message.key,
            message.name,
            Size(message.width, message.height),
            format_,
            message.profile,
        )
        await out.send(m.LayerDescribed(re=message.id, layer=layer_info(layer)))

    async def _move(self, message: m.HistoryMove | m.HistoryRestore, out: Outbox) -> None:
        versions = self._history.versions
        match message:
            case m.HistoryRestore():
                version = await versions.version(message.version_id)
                layer = await self._history.versions.layer(version.layer_id)
                move = await versions.restore(message.version_id, out.person)
            case m.HistoryMove(type="history.undo"):
                layer = await self._history.versions.layer(message.layer_id)
                move = await versions.undo(layer.layer_id, message.count, out.person)
            case m.HistoryMove():
                layer = await self._history.versions.layer(message.layer_id)
                move = await versions.redo(layer.layer_id, message.count, out.person)
        self._spawn(out, self._send_move(message.id, move, layer, out), message.id, always=True)  # it is made

    async def _send_move(self, request_id: int, move: Move, layer: Layer, out: Outbox) -> None:
        async with self._moves.setdefault(out, asyncio.Lock()):
            if move.tiles:
                patch = await moved_patch(move, layer, self._services.tiles)
                await self._services.delivery.send(patch, out, re=request_id)
            moved = m.HeadMoved(
                re=request_id, layer_id=layer.layer_id, head_version_id=move.head_version_id, seq=move.seq
            )
            await out.send(moved)

    async def _fetch(self, message: m.PatchFetch, out: Outbox) -> None:
        version = await self._history.versions.version(message.version_id)
        layer = await self._history.versions.layer(version.layer_id)
        if version.kind == "source":
            raise NotFound("patch")
        self._spawn(out, self._send_version(message.id, version.version_id, layer, out), message.id)

    async def _send_version(self, request_id: int, version_id: str, layer: Layer, out: Outbox) -> None:
        version = await self._history.versions.version(version_id)
        person_id = out.person.person_id
        turns = self._fetching.get(person_id)
        if turns is None:
            turns = self._fetching[person_id] = asyncio.Semaphore(_PATCHES_AT_ONCE)
        async with turns:
            patch = await stored_patch(version, layer, self._history)
            await self._services.delivery.send(patch, out, re=request_id)
        await out.send(m.Done(re=request_id))

    async def _cancel(self, message: m.EditCancel, out: Outbox) -> None:
        await self._desk.cancel(message.edit_id, out)
        await out.send(m.Done(re=message.id))

    async def _follow(self, document_id: str, after: int, out: Outbox) -> None:
        """Send the document's events from ``after`` on, stored ones first, then as they happen, none twice."""
        async with aclosing(self._feed.follow(document_id, after, out.person.person_id)) as events:
            async for event in events:
                await out.send(event)

    async def _allow(self, message: m.ClientMessage, person: Person) -> None:
        """The one place where a role decides. Of somebody else's document nothing is even said to exist."""
        if person.is_guest and message.type in NOT_FOR_GUESTS:
            raise Forbidden("Guests have no documents of their own.", hint="Open the one that you were invited to.")
        right = NEEDS[message.type]
        if right is None:
            return
        if right in PACED:
            self._pace.take(person.person_id)
        subject, subject_id = _subject(message)
        in_bin = message.type in OF_THE_BIN
        role = await self._history.members.role(person.person_id, subject, subject_id, in_bin=in_bin)
        if role is None:
            raise NotFound(subject)
        if not may(role, right):
            raise Forbidden(f"As {role} you may not {right} here.")

    def _spawn(
        self, out: Outbox, work: Coroutine[None, None, None], request_id: int, *, always: bool = False
    ) -> asyncio.Task[None]:
        """Do this beside the connection's other messages; it ends with the connection.

        Raises:
            Busy: so much is under way already.
        """
        tasks = self._tasks.setdefault(out, set())
        if len(tasks) >= _BESIDE and not always:
            work.close()
            raise Busy("Too many requests are under way already.", hint="Ask again when some are answered.")
        task = asyncio.create_task(_answered(work, out, request_id))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task


def _subject(message: m.ClientMessage) -> tuple[Subject, str]:
    """What the message speaks of: the largest thing that it names."""
    for subject in SUBJECTS:
        named: object = getattr(message, f"{subject}_id", None)
        if isinstance(named, str):
            return subject, named
    raise OutOfOrder("That message speaks of nothing.")  # only if `NEEDS` asks it of one that has no such field


async def _answered(work: Coroutine[None, None, None], out: Outbox, request_id: int) -> None:
    """Errors of work that was spawned become the answer to its request."""
    try:
        await work
        return
    except ConnectionClosed:
        return
    except (BridgeError, EngineError) as error:
        answer = error_message(error, request_id)
    except Exception as error:
        _log.error("request failed", exception=describe(error))
        answer = error_message(Internal(), request_id)
    with suppress(ConnectionClosed):
        await out.send(answer)
