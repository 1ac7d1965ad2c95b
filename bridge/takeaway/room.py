"""The room that makes what is taken away; whether a person may was decided before, where messages are dispatched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bridge.access.roles import Right
from bridge.connection import Outbox
from bridge.errors import Busy
from bridge.history.records import Layer, Version
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.takeaway.credentials import Signing
from bridge.takeaway.names import file_name
from bridge.takeaway.pack import pack
from bridge.takeaway.picture import ENDINGS, MIMES, Progress, Wanted, write_version
from bridge.takeaway.report import write_report
from bridge.takeaway.shelf import LIFE_S, Shelf

TakeMessage = m.TakePicture | m.TakeReport | m.TakeArchive
# Files made at once: each takes a core, and edits want one too. Of one person at once, waiting ones included.
_AT_ONCE = 2
_OF_ONE = 3
_REPORT_MIMES = {"html": "text/html", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that is made, and what a person should know of it."""

    path: Path
    name: str
    mime: str
    document_id: str
    right: Right
    notes: tuple[str, ...] = ()


class TakeRoom:
    """Pictures, reports and whole documents as files.

    Args:
        history: what they are of.
        shelf: where they wait to be fetched.
        tool: the program's name and version, which the files say.
        signing: with what pictures are signed; None: they are not.
    """

    def __init__(self, history: History, shelf: Shelf, tool: tuple[str, str], signing: Signing | None) -> None:
        self._history = history
        self._shelf = shelf
        self._tool = tool
        self._signing = signing
        self._making = asyncio.Semaphore(_AT_ONCE)
        self._of_each: dict[str, int] = {}

    async def answer(self, message: TakeMessage, out: Outbox) -> None:
        """Make it and say where it is; in a task of its own, since it takes a while.

        Raises:
            Busy: this person waits for too many already.
            TakeError, NotFound, StorageError: it cannot be made; each says why.
        """
        person_id = out.person.person_id
        if self._of_each.get(person_id, 0) >= _OF_ONE:
            raise Busy("You wait for several files already.", hint="Ask again when one of them is here.")
        self._of_each[person_id] = self._of_each.get(person_id, 0) + 1
        try:
            async with self._making:
                await self._answer(message, out)
        finally:
            self._of_each[person_id] -= 1
            if not self._of_each[person_id]:
                del self._of_each[person_id]

    async def _answer(self, message: TakeMessage, out: Outbox) -> None:
        folder = await asyncio.to_thread(self._shelf.place)
        path = folder / "file"

        def progress(done: float) -> None:
            step = m.TakeProgress(request_id=message.id, done=min(1.0, max(0.0, done)))
            out.offer(step, f"take {message.id}")

        kept = False
        try:
            made = await self._made(message, path, out, progress)
            size = (await asyncio.to_thread(made.path.stat)).st_size
            token = self._shelf.put(made.path, made.name, made.mime, out.person.person_id, made.document_id, made.right)
            kept = True
        finally:
            if not kept:
                await asyncio.to_thread(self._shelf.discard, path)
        await out.send(
            m.TakeIs(re=message.id, token=token, name=made.name, bytes=size, expires_s=LIFE_S, notes=made.notes)
        )

    async def _made(self, message: TakeMessage, path: Path, out: Outbox, progress: Progress) -> _Made:
        versions = self._history.versions
        match message:
            case m.TakePicture():
                version = await versions.version(message.version_id)
                layer = await versions.layer(version.layer_id)
                document = await versions.document_for(layer.document_id, out.person)
                wanted = Wanted(message.kind, message.part, words=message.words, people=message.people)
                made = await write_version(self._history, version, path, wanted, self._tool, self._signing, progress)
                part = await self._part(version, layer)
                name = file_name(document.title, ENDINGS[message.kind], part)
                return _Made(path, name, MIMES[message.kind], layer.document_id, "view", made.notes)
            case m.TakeReport():
                document = await versions.document_for(message.document_id, out.person)
                notes = await write_report(
                    self._history, document, path, message.kind, message.versions, self._tool, progress
                )
                name = file_name(document.title, message.kind, "review")
                return _Made(path, name, _REPORT_MIMES[message.kind], document.document_id, "view", notes)
            case m.TakeArchive():
                document = await versions.document_for(message.document_id, out.person)
                await pack(self._history, document.document_id, path, progress)
                name = file_name(document.title, "zip")
                return _Made(path, name, "application/zip", document.document_id, "manage")

    async def _part(self, version: Version, layer: Layer) -> str:
        """“v3”, as the page counts; with the layer's name where there are several."""
        tree = await self._history.versions.tree(layer.layer_id)
        edits = [one.version_id for one in tree if one.kind == "edit"]
        number = f"v{edits.index(version.version_id) + 1}" if version.version_id in edits else "original"
        layers = await self._history.versions.layers(layer.document_id)
        if len(layers) == 1:
            return number
        return f"{file_name(layer.name, '').removesuffix('.')} {number}"
