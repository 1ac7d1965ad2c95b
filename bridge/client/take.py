"""Taking away, for the Python client: versions as pictures, reviews as reports, documents as one file.

::

    take = TakeAway(client, address)
    await take.picture(version_id, Path("poster.png"))
    await take.archive(document_id, Path("poster.zip"))
"""

from __future__ import annotations

import asyncio
import http.client
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bridge.client.client import InlayClient
from bridge.client.connection import NotConnected
from bridge.client.edit import RemoteError
from bridge.errors import FileError
from bridge.protocol import messages as m

_TIMEOUT_S = 60.0
_PIECE_BYTES = 1 << 18

Progress = Callable[[float], None]


def _quiet(done: float) -> None:
    """Nobody watches."""


class TakeAway:
    """Makes files at the bridge and fetches them.

    All of it raises `bridge.client.RemoteError` when the bridge refuses, `bridge.client.NotConnected` when it does not
    answer, and `bridge.errors.FileError` when the file cannot be written; it is there whole or not at all.

    Args:
        client: a connection.
        address: where it leads, ``ws://host:port/ws``.
    """

    def __init__(self, client: InlayClient, address: str) -> None:
        self._client = client
        self._address = address

    async def picture(
        self,
        version_id: str,
        out: Path,
        *,
        kind: Literal["png", "tiff", "webp"] = "png",
        part: Literal["layer", "changed"] = "layer",
        words: bool = False,
        people: bool = False,
        progress: Progress = _quiet,
    ) -> m.TakeIs:
        """A version as a picture, to the bit; see `m.TakePicture`. ``progress`` is told 0 … 1."""
        return await self._take(
            lambda number: m.TakePicture(
                id=number, version_id=version_id, kind=kind, part=part, words=words, people=people
            ),
            out,
            progress,
        )

    async def report(
        self,
        document_id: str,
        out: Path,
        *,
        kind: Literal["html", "pdf"] = "pdf",
        versions: Literal["discussed", "all"] = "discussed",
        progress: Progress = _quiet,
    ) -> m.TakeIs:
        """A document's review as a report; see `m.TakeReport`."""
        return await self._take(
            lambda number: m.TakeReport(id=number, document_id=document_id, kind=kind, versions=versions),
            out,
            progress,
        )

    async def archive(self, document_id: str, out: Path, *, progress: Progress = _quiet) -> m.TakeIs:
        """A whole document as one file, for its owner; see `m.TakeArchive`."""
        return await self._take(lambda number: m.TakeArchive(id=number, document_id=document_id), out, progress)

    async def _take(self, build: Callable[[int], m.Message], out: Path, progress: Progress) -> m.TakeIs:
        with self._client.watching(progress) as watched:
            made = await self._client.request(lambda number: build(watched(number)), m.TakeIs)
        await asyncio.to_thread(_fetch, self._address, made.token, out)
        return made


def _fetch(address: str, token: str, out: Path) -> None:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "wss" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_TIMEOUT_S)
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        connection.request("GET", f"/take/{token}")
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise RemoteError("not_found", "The file is not there any more.", "Export it again.")
        try:
            with part.open("wb") as file:
                while piece := response.read(_PIECE_BYTES):
                    file.write(piece)
            os.replace(part, out)  # noqa: PTH105 -- Path.replace is the same call
        finally:
            part.unlink(missing_ok=True)
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise NotConnected(f"The connection to {parts.netloc} has ended.") from error
    except OSError as error:
        raise FileError(
            f"{out} cannot be written: {error.strerror}.", hint="Check the folder's permissions and free space."
        ) from error
    finally:
        connection.close()
