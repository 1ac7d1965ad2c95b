"""HTTP for what was made to be taken away: ``/take/TOKEN`` gives the file once, to whoever was told the address."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import IO

from aiohttp import web

from bridge.access.pace import Pace
from bridge.access.roles import may
from bridge.errors import TooFast
from bridge.history.store import History
from bridge.takeaway.names import disposition
from bridge.takeaway.shelf import Parcel, Shelf

_PIECE_BYTES = 1 << 18
# Addresses that are none, of one peer: a link opened twice is one; nobody guesses 256 bits, but may keep us busy.
_MISSES, _MISSES_A_SECOND = 30, 1.0


class TakeRoutes:
    """Gives the files on the shelf away.

    The address is the proof, so no cookie is needed; but who was put out of the document meanwhile gets nothing.
    """

    def __init__(self, history: History, shelf: Shelf) -> None:
        self._history = history
        self._shelf = shelf
        self._misses = Pace(_MISSES, _MISSES_A_SECOND)

    def routes(self) -> Sequence[web.RouteDef]:
        """For the server. Asking for the headers alone would use the address up."""
        return (web.get("/take/{token}", self._take, allow_head=False),)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        parcel = self._shelf.take(request.match_info["token"][:200])
        if parcel is None:
            _count_miss(self._misses, request.remote or "")
            raise web.HTTPNotFound
        try:
            role = await self._history.members.role(parcel.person_id, "document", parcel.document_id)
            if not may(role, parcel.right):
                raise web.HTTPNotFound
            return await _sent(request, parcel)
        finally:
            await asyncio.to_thread(self._shelf.discard, parcel.path)


def _count_miss(pace: Pace, peer: str) -> None:
    """Whether this peer may go on guessing.

    Raises:
        HTTPTooManyRequests: not now.
    """
    try:
        pace.take(peer)
    except TooFast:
        raise web.HTTPTooManyRequests from None


async def _sent(request: web.Request, parcel: Parcel) -> web.StreamResponse:
    """In small pieces: nothing of the file's size is ever in memory."""
    file: IO[bytes] = await asyncio.to_thread(parcel.path.open, "rb")
    try:
        response = web.StreamResponse(headers={"Content-Disposition": disposition(parcel.name)})
        response.content_type = parcel.mime
        if parcel.mime == "text/html":
            response.charset = "utf-8"
        response.content_length = parcel.path.stat().st_size
        await response.prepare(request)
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            await response.write(piece)
        await response.write_eof()
        return response
    finally:
        await asyncio.to_thread(file.close)
