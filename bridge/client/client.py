"""What can be asked of a bridge: layers opened, edits begun, versions moved between."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bridge.client.checks import check_pixels, check_words
from bridge.client.connection import Answer, Connection, Watched
from bridge.client.edit import EditHandle, RemoteError
from bridge.client.layer import Layer, Patch, Reference, box_of
from bridge.client.share import share
from bridge.errors import BridgeError
from bridge.protocol import messages as m
from engine.api import LayerFormat, Mask, Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """The head moved; ``patch`` brings the layer there (already applied), None when nothing differs."""

    head_version_id: str | None
    patch: Patch | None


class InlayClient:
    """A paired connection; use as an async context manager."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.welcome: m.Welcome | None = None

    # ── connecting ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    async def connect(cls, address: str, token: str | None, name: str = "inlay python") -> Self:
        """Connect to ``ws://host:port/ws`` and say who we are.

        Raises:
            NotConnected: nobody answers there.
            RemoteError: the bridge refused.
        """
        client = cls(await Connection.open(address))
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
        await self._connection.close()

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
        self._connection.know(layer)
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
        stored: bool = False,
        wants_patch: bool = True,
        model: str | None = None,
    ) -> EditHandle:
        """Begin an edit: ``mask`` is H×W uint8 of the whole layer, 0 outside the selection; ``references`` are the
        pictures that the words speak of, “image 1” first.

        With ``stored`` the pixels are those that the bridge has of the version that the layer shows, and none are sent;
        without ``wants_patch`` the outcome has no patches. ``model``: the open model that is to draw what it can of it,
        ``built-in``, or ``auto`` for whichever fits, whatever the document is pinned to.

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
            id=self._connection.number(),
            edit_id=handle.edit_id,
            layer_id=layer.layer_id,
            text=text,
            mask_rect_px=None if rect_px is None else rect_px.as_tuple(),
            seed=seed,
            variations=variations,
            previews=previews,
            base_version_id=layer.head_version_id,
            references=tuple(reference.info() for reference in references),
            pixels="bridge" if stored else "client",
            wants_patch=wants_patch,
            model=model,
        )
        self._connection.refusal_ends(start.id, handle)
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

    async def share(
        self, layer: Layer, version_id: str | None = None, told: Callable[[float], None] = lambda _: None
    ) -> m.SourceIs:
        """Share the layer's whole picture, so that everybody in the document can see all of it. Only what the bridge
        lacks is sent, so it can be asked for again after a lost connection, or when the picture has changed.

        Args:
            layer: its ``pixels`` are shared.
            version_id: the version that they show; None for the layer's own.
            told: called with how much is done, 0 … 1.

        Raises:
            RemoteError: refused.
            NotConnected: the connection has ended; what was stored is not sent again.
        """
        shown = version_id or layer.head_version_id
        if shown is None:
            raise ValueError("a layer is shared at one of its versions")
        try:
            return await share(self._connection, layer, shown, told)
        except* BridgeError as errors:
            raise errors.exceptions[0] from None

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
            number = self._connection.number()
            page = m.HistoryTree(id=number, layer_id=layer_id, skip=len(versions))
            answer = await self._connection.ask(number, page, m.HistoryTreeIs)
            versions += answer.versions
            if len(versions) >= answer.total or not answer.versions:
                return tuple(versions), answer.layer.head_version_id

    async def documents(self) -> tuple[m.DocumentInfo, ...]:
        """The documents this person may see."""
        return (await self.request(lambda number: m.DocumentList(id=number), m.Documents)).documents

    async def fetch(self, layer: Layer, version_id: str) -> Patch:
        """A version's own patch again; it is not applied."""
        self._connection.know(layer)
        number = self._connection.number()
        await self._connection.ask(number, m.PatchFetch(id=number, version_id=version_id), m.Done)
        if (patch := self._connection.moved(number)) is None:
            raise RemoteError("protocol_error", "The bridge sent no patch.", "Update Inlay.")
        return patch

    def listen(self, listener: Callable[[m.Event], None]) -> None:
        """Call this for every event of an open document."""
        self._connection.listen(listener)

    def watch(self, watcher: Callable[[Watched], None]) -> None:
        """Call this for what is told of others' edits (in documents opened with ``watch``), and of one's own role."""
        self._connection.watch(watcher)

    # ── any other message ────────────────────────────────────────────────────────────────────────────────────

    async def request(self, build: Callable[[int], m.Message], answer: type[Answer]) -> Answer:
        """Send the message that ``build`` makes of a number, and wait for its answer.

        Raises:
            RemoteError: the bridge refused.
            NotConnected: the connection has ended.
        """
        number = self._connection.number()
        return await self._connection.ask(number, build(number), answer)

    async def send(self, message: m.Message) -> int:
        """Send one message.

        Returns:
            Its length in bytes.

        Raises:
            NotConnected: the connection has ended.
        """
        return await self._connection.send(message)

    def watching(self, watcher: Callable[[float], None]) -> AbstractContextManager[Callable[[int], int]]:
        """For a block: how far a long request is, 0 … 1; see `bridge.client.take`."""
        return self._connection.watching(watcher)

    async def _move(self, layer: Layer, build: Callable[[int], m.Message]) -> Moved:
        number = self._connection.number()
        moved = await self._connection.ask(number, build(number), m.HeadMoved)
        patch = self._connection.moved(number)
        if patch is not None:
            layer.apply(patch)
        layer.head_version_id = moved.head_version_id
        return Moved(moved.head_version_id, patch)

    def _follow(self, edit_id: str, layer: Layer, references: tuple[Reference, ...] = ()) -> EditHandle:
        async def cancel() -> None:
            await self.request(lambda number: m.EditCancel(id=number, edit_id=edit_id), m.Done)

        handle = EditHandle(edit_id, layer, self.send, cancel, references)
        self._connection.follow(handle)
        return handle
