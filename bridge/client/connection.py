"""The plumbing of one connection: requests find their answers, events their edits, frames their patches."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Generator
from typing import Self, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, WebSocketException

from bridge.client.edit import EditHandle, PatchInbox, RemoteError
from bridge.client.layer import Layer, Patch
from bridge.errors import BridgeError
from bridge.protocol import messages as m
from bridge.protocol.codec import decode_server, encode

# A frame may be this much larger than its limit says: the WebSocket's own header is not counted by the library.
_FRAME_SLACK = 1024
_CONNECT_TIMEOUT_S = 10.0
Answer = TypeVar("Answer", bound=m.Message)
# What comes unasked to those who have a document open.
Watched = m.EditWatched | m.EditWatchedPreview | m.RoleIs


class NotConnected(BridgeError):
    """There is no bridge at that address, or the connection has ended."""

    code = "not_connected"
    hint = "Start the bridge with `inlay serve`, then try again."


class Connection:
    """Messages out and in, over one socket; it knows edits and layers only as far as messages name them."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._next_id = 1
        self._answers: dict[int, asyncio.Future[m.ServerMessage]] = {}
        self._edits: dict[str, EditHandle] = {}
        self._patches: dict[str, PatchInbox] = {}
        self._moves: dict[int, Patch] = {}
        self._layers: dict[str, Layer] = {}
        self._listeners: list[Callable[[m.Event], None]] = []
        self._watchers: dict[int, Callable[[float], None]] = {}
        self._edit_watchers: list[Callable[[Watched], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._read(), name="inlay client")

    @classmethod
    async def open(cls, address: str) -> Self:
        """Connect to ``ws://host:port/ws``; nothing is said yet.

        Raises:
            NotConnected: nobody answers there.
        """
        limit = m.FRAME_BYTES + _FRAME_SLACK
        try:
            socket = await open_websocket(
                address, compression=None, max_size=limit, open_timeout=_CONNECT_TIMEOUT_S, proxy=None
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise NotConnected(f"No bridge answers at {address}.") from error
        return cls(socket)

    async def close(self) -> None:
        """End it."""
        await self._socket.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        for task in self._tasks:
            task.cancel()

    def listen(self, listener: Callable[[m.Event], None]) -> None:
        """Call this for every event of an open document."""
        self._listeners.append(listener)

    @contextlib.contextmanager
    def watching(self, watcher: Callable[[float], None]) -> Generator[Callable[[int], int]]:
        """For a block: what the bridge says of how far a request is goes to the watcher, 0 … 1. Gives a function that
        takes the request's number, and gives it back."""
        watched: list[int] = []

        def watch(number: int) -> int:
            watched.append(number)
            self._watchers[number] = watcher
            return number

        try:
            yield watch
        finally:
            for number in watched:
                self._watchers.pop(number, None)

    def watch(self, watcher: Callable[[Watched], None]) -> None:
        """Call this for what is told of others' edits, and of one's own role."""
        self._edit_watchers.append(watcher)

    def know(self, layer: Layer) -> None:
        """Patches of this layer may come."""
        self._layers[layer.layer_id] = layer

    def follow(self, handle: EditHandle) -> None:
        """What comes for this edit goes to its handle, until it is done."""
        self._edits[handle.edit_id] = handle
        self.know(handle.layer)

    def moved(self, number: int) -> Patch | None:
        """The patch that came with the answer to that request, once; None when none came."""
        return self._moves.pop(number, None)

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────

    async def send(self, message: m.Message) -> int:
        """Send one message.

        Returns:
            Its length in bytes.

        Raises:
            NotConnected: the connection has ended.
        """
        data = encode(message)
        try:
            await self._socket.send(data)
        except ConnectionClosed as error:
            raise NotConnected("The connection to the bridge has ended.") from error
        return len(data)

    def number(self) -> int:
        """Of the next request."""
        self._next_id += 1
        return self._next_id

    async def ask(self, number: int, message: m.Message, answer: type[Answer]) -> Answer:
        """Send a request of that number, and wait for its answer.

        Raises:
            RemoteError: the bridge refused.
            NotConnected: the connection has ended.
        """
        future: asyncio.Future[m.ServerMessage] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        try:
            await self.send(message)
            got = await future
        finally:
            self._answers.pop(number, None)
        if not isinstance(got, answer):
            raise RemoteError("protocol_error", f"The bridge answered with “{type(got).__name__}”.", "Update Inlay.")
        return got

    def refusal_ends(self, number: int, handle: EditHandle) -> None:
        """An `Error` that answers `EditStart` ends the edit; its `EditPlan` needs no waiting for."""
        future: asyncio.Future[m.ServerMessage] = asyncio.get_running_loop().create_future()

        def answered(done: asyncio.Future[m.ServerMessage]) -> None:
            self._answers.pop(number, None)
            if not done.cancelled() and isinstance(error := done.exception(), BridgeError):
                handle.fail(error)

        future.add_done_callback(answered)
        self._answers[number] = future

    # ── receiving ────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self) -> None:
        error: BridgeError = NotConnected("The connection to the bridge has ended.")
        try:
            async for data in self._socket:
                if isinstance(data, bytes):
                    await self._take(decode_server(data), len(data))
        except ConnectionClosed:
            pass
        except BridgeError as unreadable:
            error = unreadable
            await self._socket.close()
        finally:
            for future in list(self._answers.values()):
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # an answer nobody waits for any more is not worth a warning
            for handle in self._edits.values():
                handle.fail(error)

    async def _take(self, message: m.ServerMessage, size: int) -> None:
        match message:
            case m.Event():
                for listener in self._listeners:
                    listener(message)
            case m.EditWatched() | m.EditWatchedPreview() | m.RoleIs():
                for watcher in self._edit_watchers:
                    watcher(message)
            case m.PatchBegin():
                self._patches[message.patch_id] = PatchInbox(message)
                self._patch_may_be_complete(message.patch_id, size)
            case m.PatchTiles():
                inbox = self._patches[message.patch_id]
                await self.send(inbox.take(message))
                self._patch_may_be_complete(message.patch_id, size)
            case m.TakeProgress():
                if (watcher := self._watchers.get(message.request_id)) is not None:
                    watcher(message.done)
            case m.Error():
                self._answer(message.re, RemoteError(message.code, message.message, message.hint))
            case m.EditPlan():
                self._answer(message.re, message)
                self._beside(message, size)
            case m.EditWant():
                self._beside(message, size)
            case m.EditAck() | m.EditQueued() | m.EditProgress() | m.EditPreview() | m.EditDone() | m.EditFailed():
                if (handle := self._edits.get(message.edit_id)) is not None:
                    await handle.take(message, size)
                    if isinstance(message, m.EditDone | m.EditFailed):
                        del self._edits[message.edit_id]
            case m.Presence() | m.PresenceAt():
                pass  # who is here is of no use to a program
            case _:
                self._answer(message.re, message)

    def _beside(self, message: m.EditPlan | m.EditWant, size: int) -> None:
        """Work that waits for acknowledgements must not keep them from being read."""
        if (handle := self._edits.get(message.edit_id)) is not None:
            task = asyncio.create_task(self._guarded(handle, message, size))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _guarded(handle: EditHandle, message: m.ServerMessage, size: int) -> None:
        try:
            await handle.take(message, size)
        except BridgeError as error:
            handle.fail(error)

    def _patch_may_be_complete(self, patch_id: str, size: int) -> None:
        inbox = self._patches[patch_id]
        begin = inbox.begin
        handle = None if begin.edit_id is None else self._edits.get(begin.edit_id)
        if handle is not None:
            handle.count_down(size)
        if inbox.complete:
            del self._patches[patch_id]
            if handle is not None:
                handle.take_patch(inbox.patch())
            elif begin.re is not None:
                self._moves[begin.re] = inbox.patch()

    def _answer(self, number: int | None, answer: m.ServerMessage | RemoteError) -> None:
        future = self._answers.get(number) if number is not None else None
        if future is None or future.done():
            return
        if isinstance(answer, RemoteError):
            future.set_exception(answer)
        else:
            future.set_result(answer)
