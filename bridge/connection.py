"""One socket: bytes in, through the session, to the handlers; messages out through a queue that stays bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Protocol

import structlog
from aiohttp import WSMsgType, web

from bridge.access.guard import HELLO_S, PAIRING_S
from bridge.errors import BridgeError
from bridge.history.records import Person
from bridge.logs import describe
from bridge.protocol.codec import encode, message_type
from bridge.protocol.messages import ClientMessage, Error, Message
from bridge.protocol.session import (
    CLOSE_POLICY,
    Actions,
    Authenticate,
    Close,
    Handle,
    Reply,
    Session,
    TryPair,
    error_message,
    id_of,
)
from bridge.send_queue import ConnectionClosed, SendQueue
from engine.errors import EngineError

_log = structlog.get_logger(__name__)

# A client that takes nothing for so long is closed; what it misses it gets when it comes back.
STALLED_S = 30.0
# How long a closing socket may take to send what waits and to say goodbye.
GOODBYE_S = 2.0
# WebSocket close codes (RFC 6455, 7.4.1).
CLOSE_GOING_AWAY = 1001
CLOSE_INTERNAL = 1011
CLOSE_TRY_LATER = 1013


class Internal(BridgeError):
    """That did not work, and it is the bridge's fault."""

    code = "internal"


class Outbox(Protocol):
    """Where the bridge's rooms send what is for one client."""

    @property
    def person(self) -> Person:
        """Who it is."""
        ...

    @property
    def closed(self) -> bool: ...

    @property
    def zstd(self) -> bool:
        """Whether it unpacks that."""
        ...

    @property
    def program(self) -> str:
        """What it calls itself."""
        ...

    async def send(self, message: Message) -> None:
        """Send in order; waits while more than `send_queue.SEND_BYTES` wait already.

        Raises:
            ConnectionClosed: the client has gone.
            TooLarge: the message does not fit a frame.
        """
        ...

    def offer(self, message: Message, key: str) -> None:
        """Send if there is room; takes the place of a waiting message of the same key. Never raises or waits."""
        ...


class Handlers(Protocol):
    """The bridge behind the connections."""

    async def authenticate(self, token: str) -> Person | None:
        """Whose token this is."""
        ...

    async def pair(self, code: str, name: str, peer: str) -> tuple[str, Person]:
        """A token for the right code.

        Raises:
            AccessError: it is not the right one.
        """
        ...

    async def handle(self, message: ClientMessage, out: Outbox) -> None:
        """Answer one message; returns quickly, since the client's next one waits.

        Raises:
            BridgeError, EngineError: become the answer.
        """
        ...

    async def left(self, out: Outbox) -> None:
        """A paired client's connection has ended."""
        ...


class Connection:
    """One client's socket, from its hello to its end. It is the client's `Outbox`.

    Args:
        socket: prepared; sends and receives frames.
        abort: cuts the connection off at once.
        peer: its address, for the limit on pairing.
        session: what may come when.
        handlers: the bridge behind it.
        proved: called once the client has shown who it is.
        stalled_s, hello_s: see `STALLED_S` and `guard.HELLO_S`.
        refused: tokens that let nobody in here: they are for another door.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        abort: Callable[[], None],
        peer: str,
        session: Session,
        handlers: Handlers,
        proved: Callable[[Connection], None],
        *,
        stalled_s: float = STALLED_S,
        hello_s: float = HELLO_S,
        refused: Collection[str] = (),
    ) -> None:
        self._socket = socket
        self._abort = abort
        self._peer = peer
        self._session = session
        self._handlers = handlers
        self._proved = proved
        self._stalled_s = stalled_s
        self._hello_s = hello_s
        self._refused = refused
        self._queue = SendQueue()
        self._person: Person | None = None
        self._close = Close(1000, "")

    # ── the client's outbox ──────────────────────────────────────────────────────────────────────────────────

    @property
    def person(self) -> Person:
        assert self._person is not None, "handlers see paired clients only"
        return self._person

    @property
    def closed(self) -> bool:
        return self._queue.closed

    @property
    def zstd(self) -> bool:
        return self._session.zstd

    @property
    def program(self) -> str:
        return self._session.program

    @property
    def queued_bytes(self) -> int:
        """What waits for this client."""
        return self._queue.bytes

    async def send(self, message: Message) -> None:
        """See `Outbox.send`."""
        if self._queue.closed:
            raise ConnectionClosed
        await self._queue.put(encode(message))

    def offer(self, message: Message, key: str) -> None:
        """See `Outbox.offer`."""
        if self._queue.closed:
            return
        try:
            self._queue.offer(encode(message), key)
        except Exception as error:  # a message that may be dropped never costs anything else
            _log.warning("offer dropped", message=message_type(message), error=type(error).__name__)

    # ── its life ─────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Serve until either side closes."""
        writer = asyncio.create_task(self._write(), name="connection writer")
        try:
            await self._read()
        except Exception as error:
            self._close = Close(CLOSE_INTERNAL, Internal.code)
            _log.error("connection failed", exception=describe(error))
        finally:
            self._queue.close(drop=self._socket.closed)
            # What was answered last, perhaps why it ends, still goes out if the client takes it.
            await asyncio.wait([writer], timeout=GOODBYE_S)
            writer.cancel()
            await self._close_socket()
            await self._leave()

    async def end(self, code: int, reason: str) -> None:
        """Close from outside: the bridge stops, or somebody else needs the seat."""
        self._close = Close(code, reason)
        self._queue.close(drop=True)
        await self._close_socket()

    async def _read(self) -> None:
        opened_s = asyncio.get_running_loop().time()
        while not self._queue.closed:
            match self._session.state:
                case "new":
                    deadline_s = opened_s + self._hello_s
                case "paired":
                    deadline_s = None
                case _:
                    deadline_s = opened_s + PAIRING_S
            try:
                async with asyncio.timeout_at(deadline_s):
                    frame = await self._socket.receive()
            except TimeoutError:
                self._close = Close(CLOSE_POLICY, "too_slow")
                return
            match frame.type:
                case WSMsgType.BINARY:
                    actions = self._session.receive(frame.data)
                case WSMsgType.TEXT:
                    actions = self._session.receive_text()
                case _:  # closed by either side; a frame that is too large has had its close code from aiohttp
                    return
            if not await self._do(actions):
                return

    async def _do(self, actions: Actions) -> bool:
        """Do what the session says; False when the connection ends."""
        pending = deque(actions)
        while pending:
            match pending.popleft():
                case Reply(message):
                    await self._reply(message)
                case Authenticate(token):
                    pending.extend(await self._authenticate(token))
                case TryPair(code, name):
                    pending.extend(await self._pair(code, name))
                case Handle(message):
                    await self._handle(message)
                case Close() as close:
                    self._close = close
                    return False
        return True

    async def _authenticate(self, token: str) -> Actions:
        try:
            person = None if token in self._refused else await self._handlers.authenticate(token)
        except Exception as error:
            self._session.state = "closed"
            message = _answer(error, None, "hello")
            return Reply(message), Close(CLOSE_INTERNAL, message.code)
        if person is None:
            return self._session.authenticated(None, None)
        self._person = person
        self._proved(self)
        return self._session.authenticated(person.person_id, person.name)

    async def _pair(self, code: str, name: str) -> Actions:
        try:
            token, person = await self._handlers.pair(code, name, self._peer)
        except BridgeError as error:
            _log.info("pairing refused", code=error.code)
            return self._session.pairing_refused(error)
        except Exception as error:
            _log.error("request failed", request="pair", exception=describe(error))
            return self._session.pairing_refused(Internal())
        self._person = person
        self._proved(self)
        return self._session.pairing_done(token, person.person_id)

    async def _handle(self, message: ClientMessage) -> None:
        try:
            await self._handlers.handle(message, self)
        except ConnectionClosed:
            pass
        except Exception as error:
            await self._reply(_answer(error, id_of(message), message.type))

    async def _reply(self, message: Message) -> None:
        if isinstance(message, Error):
            _log.debug("message refused", code=message.code, fatal=message.fatal)
        with suppress(ConnectionClosed):
            await self.send(message)

    async def _write(self) -> None:
        try:
            while (data := await self._queue.next()) is not None:
                async with asyncio.timeout(self._stalled_s):
                    await self._socket.send_bytes(data)
        except TimeoutError:
            _log.info("connection stalled", waiting_bytes=self._queue.bytes)
            self._cut_off()
        except Exception as error:
            if not isinstance(error, ConnectionError):  # which only says that the other side has gone
                _log.error("connection failed", exception=describe(error))
            self._cut_off()

    def _cut_off(self) -> None:
        """No more of this client; wakes the reader and everybody who waits to send."""
        self._queue.close(drop=True)
        self._abort()

    async def _close_socket(self) -> None:
        """Say goodbye, but not for long: a client that does not read does not hear it."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._socket.close(code=self._close.code, message=self._close.reason.encode())
        except (TimeoutError, ConnectionError, RuntimeError):
            self._abort()

    async def _leave(self) -> None:
        _log.info("connection closed", code=self._socket.close_code, reason=self._close.reason)
        if self._person is not None:
            try:
                await self._handlers.left(self)
            except Exception as error:
                _log.error("leaving failed", exception=describe(error))


def _answer(error: Exception, re: int | None, request: str) -> Error:
    """What the client is told; of a bug, nothing but that there was one."""
    if isinstance(error, BridgeError | EngineError):
        return error_message(error, re)
    _log.error("request failed", request=request, exception=describe(error))
    return error_message(Internal(), re)
