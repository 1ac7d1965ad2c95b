"""HTTP for deep zoom: ``/tiles/VERSION/LEVEL/X_Y``, level 0 at 1:1, `LOOK_TILE_PX` squares from the upper left corner;
``/tiles/VERSION..VERSION/difference/LEVEL/X_Y?by=GAIN`` of how the second differs from the first.

Whether this person may look was decided before, at the gate. An address that names the pyramid that it is meant of
(``?of=NAME``, as `VersionCanvas` is answered) never answers anything else, and is kept for ever; without that name a
browser asks each time whether the tile is still what it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiohttp import web

from bridge.errors import Busy, NotFound
from bridge.review.difference import MOST_GAIN, Differences
from bridge.review.tiles import TileFile, Tiles
from engine.geometry import TileIndex

# No layer has more levels or tiles; what is no such number is no address.
_LEVEL = re.compile(r"[0-9]|1[0-9]")
_CELL = re.compile(r"(0|[1-9][0-9]{0,4})_(0|[1-9][0-9]{0,4})")
_GAIN = re.compile(r"[1-9][0-9]{0,4}")
# Of this person only: the next one at the same browser may not see it.
_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


class TileRoutes:
    """Answers the requests."""

    def __init__(self, tiles: Tiles, differences: Differences) -> None:
        self._tiles = tiles
        self._differences = differences

    def routes(self) -> Sequence[web.RouteDef]:
        """For the server."""
        return (
            web.get("/tiles/{version_id}/{level}/{cell}", self._tile),
            web.get("/tiles/{from_id}..{version_id}/difference/{level}/{cell}", self._difference),
        )

    async def _tile(self, request: web.Request) -> web.Response:
        level, cell = place_in(request)
        try:
            pyramid = await self._tiles.pyramid(request.match_info["version_id"])
            file = await self._tiles.file(pyramid, level, cell)
        except NotFound:
            raise web.HTTPNotFound from None
        except Busy:
            raise web.HTTPServiceUnavailable from None
        if file is None:
            raise web.HTTPNotFound
        return answered(request, file, is_settled=request.query.get("of") == pyramid.name)

    async def _difference(self, request: web.Request) -> web.Response:
        level, cell = place_in(request)
        gain = _GAIN.fullmatch(request.query.get("by", "1"))
        if gain is None or int(gain[0]) > MOST_GAIN:
            raise web.HTTPNotFound
        parts = request.match_info
        try:
            # Whoever may see the one may see the other: they are versions of one layer, or not there.
            pair = await self._differences.pair(parts["from_id"], parts["version_id"])
            file = None if pair is None else await self._differences.file(pair, level, cell, int(gain[0]))
        except NotFound:
            raise web.HTTPNotFound from None
        except Busy:
            raise web.HTTPServiceUnavailable from None
        if pair is None or file is None:
            raise web.HTTPNotFound
        return answered(request, file, is_settled=request.query.get("of") == pair.name)


def place_in(request: web.Request) -> tuple[int, TileIndex]:
    """Level and tile in an address.

    Raises:
        HTTPNotFound: they are none.
    """
    level = _LEVEL.fullmatch(request.match_info["level"])
    cell = _CELL.fullmatch(request.match_info["cell"])
    if level is None or cell is None:
        raise web.HTTPNotFound
    return int(level[0]), TileIndex(int(cell[1]), int(cell[2]))


def answered(request: web.Request, file: TileFile, *, is_settled: bool) -> web.Response:
    """The tile, or that the browser has it already."""
    headers = {"ETag": f'"{file.name}"', "Cache-Control": _FOR_EVER if is_settled else _ASK_AGAIN}
    known = request.if_none_match or ()
    if any(tag.value in (file.name, "*") for tag in known):
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.data, content_type=file.mime, headers=headers)
