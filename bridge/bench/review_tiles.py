"""How long a tile of the viewer takes, over HTTP as the page asks for it."""

from __future__ import annotations

import http.client
import itertools
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.access.cookies import COOKIE
from bridge.access.gate import PAGE_HEADER, PAGE_SAYS
from bridge.bench.child import Child
from bridge.bench.review_team import Team
from bridge.protocol.messages import LOOK_TILE_PX

# Levels at 1:1, a half and a quarter: the larger ones are few, and soon kept by the browser.
_LEVELS = 3
# Tiles beside each other, as a screen shows them, in so many versions.
_ACROSS = 4
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class TileTimes:
    """Seconds of each request: of tiles that nobody had asked for before, and of the same ones again."""

    first_s: tuple[float, ...]
    again_s: tuple[float, ...]


def tile_times(child: Child, team: Team, versions: int) -> TileTimes:
    """Ask for tiles around what each of the last ``versions`` versions changed, twice."""
    port = urlsplit(child.address).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    headers = {"Cookie": f"{COOKIE}={team.tokens[0]}", PAGE_HEADER: PAGE_SAYS}
    first_s, again_s = ([_asked(connection, path, headers) for path in _paths(team, versions)] for _ in range(2))
    connection.close()
    return TileTimes(tuple(first_s), tuple(again_s))


def _paths(team: Team, versions: int) -> list[str]:
    paths: list[str] = []
    for version_id in team.version_ids[-versions:]:
        place_px = team.places[version_id]
        for level in range(_LEVELS):
            side_px = LOOK_TILE_PX << level
            col, row = place_px.x0 // side_px, place_px.y0 // side_px
            near = itertools.product(range(max(0, col - 1), col + 1), range(max(0, row - 1), row + 1))
            paths += [f"/tiles/{version_id}/{level}/{x}_{y}" for x, y in itertools.islice(near, _ACROSS)]
    return paths


def _asked(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> float:
    begins_s = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    taken_s = time.perf_counter() - begins_s
    if answer.status not in (http.client.OK, http.client.NO_CONTENT):
        raise RuntimeError(f"GET {path}: {answer.status}")
    return taken_s
