"""One connection to a bridge: requests with answers, edits with events, patches in frames."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, WebSocketException

from bridge.client.checks import check_pixels, check_words
from bridge.client.edit import EditHandle, PatchInbox, RemoteError
from bridge.client.layer import Layer, Patch, Reference, box_of
from bridge.errors import BridgeError
from bridge.protocol import messages as m
from bridge.protocol.codec import decode_server, encode
from engine.api import LayerFormat, Mask, Pixels

# A frame may be this much larger than its limit says: the WebSocket's own header is not counted by the library.
_FRAME_SLACK = 1024
_CONNECT_TIMEOUT_S = 10.0
_Answer = TypeVar("_Answer", bound=m.Message)


class NotConnected(BridgeError):
    """There is no bridge at that address, or the connection has ended."""

    code = "not_connected"
    hint = "Start the bridge with `inlay serve`, then try again."


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """The head moved; ``patch`` brings the layer there (already applied), None when nothing differs."""

    head_version_id: str | None
    patch: Patch | None


class InlayClient:
    """A paired connection; use as an async context manager."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._next_id = 1
        self._answers: dict[int, asyncio.Future[m.ServerMessage]] = {}
        self._edits: dict[str, EditHandle] = {}
        self._patches: dict[str, PatchInbox] = {}
        self._moves: dict[int, Patch] = {}
        self._layers: dict[str, Layer] = {}
        self._listeners: list[Callable[[m.Event], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._read(), name="inlay client")
        self.welcome: m.Welcome | None = None

    # ── connecting ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    async def connect(cls, address: str, token: str | None, name: str = "inlay python") -> Self:
        """Connect to ``ws://host:port/ws`` and say who we are.

        Raises:
            NotConnected: nobody answers there.
            RemoteError: the bridge refused.
        """
        limit = m.FRAME_BYTES + _FRAME_SLACK
        try:
            socket = await open_websocket(
                address, compression=None, max_size=limit, open_timeout=_CONNECT_TIMEOUT_S, proxy=None
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise NotConnected(f"No bridge answers at {address}.") from error
        client = cls(socket)
        try:
            client.welcome = await client.request(
                lambda number: m.Hello(id=number, protocol=m.PROTOCOL_VERSION, client=name, token=token), m.Welcome
            )
            if token is not None and client.welcome.person_id is None:
                raise RemoteError("not_paired", "The bridge does not know this token.", "Pair again: `inlay pair`.")
        except BaseException:
            await client.close()
            raise
        return client

    @classmethod
    async def pair(cls, address: str, code: str, name: str) -> str:
        """Trade a pairing code for a token.

        Raises:
            NotConnected, RemoteError: as `connect`; RemoteError also for a wrong code.
        """
        async with await cls.connect(address, None, name) as client:
            paired = await client.request(lambda number: m.Pair(id=number, code=code, name=name), m.Paired)
        return paired.token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection; edits that are under way go on at the bridge."""
        await self._socket.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        for task in self._tasks:
            task.cancel()

    # ── documents, layers, edits ─────────────────────────────────────────────────────────────────────────────

    async def open_layer(
        self,
        document_key: str,
        pixels: Pixels,
        format: LayerFormat,
        *,
        title: str = "",
        layer_key: str = "layer",
        profile: bytes | None = None,
        last_seq: int | None = None,
        as_known: bool = False,
    ) -> Layer:
        """Open (or make) a document and describe one layer of it; no pixel is sent yet.

        Args:
            document_key: what this client calls the document.
            pixels: H×W×C in the format's dtype.
            format: how they are stored.
            title: for people.
            layer_key: what this client calls the layer.
            profile: ICC profile.
            last_seq: the last event seen; missed ones are told to the listeners.
            as_known: a layer that the bridge knows is not described anew, whatever its size and format are there: its
                head may be an edit that changed them.

        Raises:
            RemoteError: refused.
        """
        if pixels.ndim != 3 or pixels.shape[2] != format.channels or pixels.dtype != format.depth.dtype:
            raise ValueError(f"pixels of {pixels.shape} {pixels.dtype} are not {format}")
        opened = await self.request(
            lambda number: m.DocumentOpen(id=number, key=document_key, title=title, last_seq=last_seq),
            m.DocumentOpened,
        )
        height, width, channels = pixels.shape
        known = next((info for info in opened.layers if info.key == layer_key), None) if as_known else None
        if known is None:
            described = await self.request(
                lambda number: m.LayerDescribe(
                    id=number,
                    document_id=opened.document.document_id,
                    key=layer_key,
                    width=width,
                    height=height,
                    depth=format.depth.value,
                    channels=channels,
                    alpha=format.alpha.value,
                    profile=profile,
                ),
                m.LayerDescribed,
            )
            known = described.layer
        layer = Layer(known.layer_id, opened.document.document_id, pixels, format, known.head_version_id)
        self._layers[layer.layer_id] = layer
        return layer

    async def edit(
        self,
        layer: Layer,
        text: str,
        *,
        mask: Mask | None = None,
        seed: int | None = None,
        variations: int = 1,
        previews: bool = True,
        references: tuple[Reference, ...] = (),
    ) -> EditHandle:
        """Begin an edit: ``mask`` is H×W uint8 of the whole layer, 0 outside the selection; ``references`` are the
        pictures that the words speak of, “image 1” first.

        Returns:
            A handle whose `EditHandle.events` and `EditHandle.result` tell the rest.

        Raises:
            TooLarge, NotUnderstood: the words cannot be sent.
            BadPixels: the mask is not the layer's, or a reference has no pixels.
            NotConnected: the connection has ended.
        """
        check_words(text)
        check_pixels(layer, mask, references)
        handle = self._follow(secrets.token_urlsafe(16), layer, references)
        rect_px = None if mask is None else box_of(mask)
        start = m.EditStart(
            id=self._number(),
            edit_id=handle.edit_id,
            layer_id=layer.layer_id,
            text=text,
            mask_rect_px=None if rect_px is None else rect_px.as_tuple(),
            seed=seed,
            variations=variations,
            previews=previews,
            base_version_id=layer.head_version_id,
            references=tuple(reference.info() for reference in references),
        )
        self._refusal_ends(start.id, handle)
        await handle.send(start)
        if mask is not None and rect_px is not None and not rect_px.is_empty:
            await handle.send_mask(mask[rect_px.slices()], rect_px)
        return handle

    async def resume(self, layer: Layer, edit_id: str) -> EditHandle:
        """Follow an edit that was begun on an earlier connection.

        Raises:
            RemoteError: there is no such edit.
        """
        handle = self._follow(edit_id, layer)
        await self.request(lambda number: m.EditResume(id=number, edit_id=edit_id), m.Done)
        return handle

    async def undo(self, layer: Layer, count: int = 1) -> Moved:
        """Move the head back; the layer's pixels follow.

        Raises:
            RemoteError: there is nothing to undo.
        """
        return await self._move(
            layer, lambda number: m.HistoryMove(type="history.undo", id=number, layer_id=layer.layer_id, count=count)
        )

    async def redo(self, layer: Layer, count: int = 1) -> Moved:
        """Move the head forward again, as `undo`."""
        return await self._move(
            layer, lambda number: m.HistoryMove(type="history.redo", id=number, layer_id=layer.layer_id, count=count)
        )

    async def restore(self, layer: Layer, version_id: str) -> Moved:
        """Make a version the head: choose a candidate, or go back, and branch with the next edit."""
        return await self._move(layer, lambda number: m.HistoryRestore(id=number, version_id=version_id))

    async def tree(self, layer: Layer) -> tuple[m.VersionInfo, ...]:
        """All versions of the layer, oldest first."""
        return (await self.tree_of(layer.layer_id))[0]

    async def tree_of(self, layer_id: str) -> tuple[tuple[m.VersionInfo, ...], str | None]:
        """All versions of the layer of that id, oldest first, and which of them is the head."""
        versions: list[m.VersionInfo] = []
        while True:
            number = self._number()
            page = m.HistoryTree(id=number, layer_id=layer_id, skip=len(versions))
            answer = await self._ask(number, page, m.HistoryTreeIs)
            versions += answer.versions
            if len(versions) >= answer.total or not answer.versions:
                return tuple(versions), answer.layer.head_version_id

    async def documents(self) -> tuple[m.DocumentInfo, ...]:
        """The documents this person may see."""
        return (await self.request(lambda number: m.DocumentList(id=number), m.Documents)).documents

    async def fetch(self, layer: Layer, version_id: str) -> Patch:
        """A version's own patch again; it is not applied."""
        self._layers[layer.layer_id] = layer
        number = self._number()
        await self._ask(number, m.PatchFetch(id=number, version_id=version_id), m.Done)
        return self._moves.pop(number)

    def listen(self, listener: Callable[[m.Event], None]) -> None:
        """Call this for every event of an open document."""
        self._listeners.append(listener)

    # ── requests ─────────────────────────────────────────────────────────────────────────────────────────────

    async def request(self, build: Callable[[int], m.Message], answer: type[_Answer]) -> _Answer:
        """Send the message that ``build`` makes of a number, and wait for its answer.

        Raises:
            RemoteError: the bridge refused.
            NotConnected: the connection has ended.
        """
        number = self._number()
        return await self._ask(number, build(number), answer)

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

    def _number(self) -> int:
        self._next_id += 1
        return self._next_id

    async def _ask(self, number: int, message: m.Message, answer: type[_Answer]) -> _Answer:
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

    async def _move(self, layer: Layer, build: Callable[[int], m.Message]) -> Moved:
        number = self._number()
        moved = await self._ask(number, build(number), m.HeadMoved)
        patch = self._moves.pop(number, None)
        if patch is not None:
            layer.apply(patch)
        layer.head_version_id = moved.head_version_id
        return Moved(moved.head_version_id, patch)

    def _follow(self, edit_id: str, layer: Layer, references: tuple[Reference, ...] = ()) -> EditHandle:
        async def cancel() -> None:
            await self.request(lambda number: m.EditCancel(id=number, edit_id=edit_id), m.Done)

        handle = EditHandle(edit_id, layer, self.send, cancel, references)
        self._edits[edit_id] = handle
        self._layers[layer.layer_id] = layer
        return handle

    def _refusal_ends(self, number: int, handle: EditHandle) -> None:
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
            case m.PatchBegin():
                format_ = self._layers[message.layer_id].format
                self._patches[message.patch_id] = PatchInbox(message, format_.bytes_per_pixel)
                self._patch_may_be_complete(message.patch_id, size)
            case m.PatchTiles():
                inbox = self._patches[message.patch_id]
                await self.send(inbox.take(message))
                self._patch_may_be_complete(message.patch_id, size)
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
