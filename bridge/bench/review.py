"""Team review at the size of months of work: how soon the page can be used, how a tree scrolls, how quickly a comment
reaches others, what a tile and the history cost."""

from __future__ import annotations

import asyncio
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.child import Child, bridge_process
from bridge.bench.review_browser import Seen, look
from bridge.bench.review_team import Sizes, Team, make_team
from bridge.bench.review_tiles import tile_times
from bridge.client import InlayClient, Review
from bridge.protocol import messages as m

NAME = "review"
SUMMARY = "1,000 versions and 10,000 comments: the page, the tree's frames, comments to 50 clients, tiles, bytes"

_SIZES = Sizes(side_px=4096, versions=1_000, comments=10_000)
_QUICK_SIZES = Sizes(side_px=1024, versions=60, comments=200)
_CLIENTS = 50
# Comments that are timed: said by several people, no quicker than one may (`bridge.access.pace`).
_SAID = 60
_QUICK_SAID = 10
_BETWEEN_S = 0.15
# Versions whose tiles are asked for.
_TILED, _QUICK_TILED = 12, 2
# Comments that were not heard after so long never are.
_ENOUGH_S, _LOOK_S = 30.0, 0.02

# The bars, from the issue that asked for team review.
_USABLE_S = 1.0
_FRAME_MS = 1000 / 60
# A frame is late when it came more than half of one after its time; timestamps are the compositor's own.
_LATE_MS = 1.5 * _FRAME_MS
_LATE_SHARE = 0.01
_REACHES_S, _REACHES_99_S = 0.100, 0.250
_TILE_S = 0.020
_BYTES = 1.5


def run(options: BenchOptions) -> Figures:
    """Make the document, serve it by a bridge of its own, measure; ``quick``: 60 versions and 200 comments."""
    sizes = _QUICK_SIZES if options.quick else _SIZES
    said = _QUICK_SAID if options.quick else _SAID
    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began_s = time.perf_counter()
        team = asyncio.run(make_team(folder, sizes, options.note))
        figures["seconds to make the document"] = time.perf_counter() - began_s
        figures["versions"], figures["comments"] = float(len(team.version_ids)), float(sizes.comments)
        figures["MB of changed tiles"] = team.changed_bytes / 1e6
        figures["MB of history"] = team.history_bytes / 1e6
        bars["history, of the changed tiles' bytes"] = Bar(team.history_bytes / team.changed_bytes, _BYTES)
        with bridge_process(folder) as child:
            reaches_s = asyncio.run(_reaches(child, team, said))
            tiles = tile_times(child, team, _QUICK_TILED if options.quick else _TILED)
            seen = look(child, team, options)
    _tell_reaches(figures, bars, reaches_s, said)
    figures["tiles asked for"] = float(len(tiles.first_s))
    figures["a tile again: median, ms"] = statistics.median(tiles.again_s) * 1e3
    figures["a tile for the first time: longest, ms"] = max(tiles.first_s) * 1e3
    bars["a tile for the first time: median, ms"] = Bar(statistics.median(tiles.first_s) * 1e3, _TILE_S * 1e3)
    _tell_seen(figures, bars, seen)
    return Figures(figures, bars)


# ── comments ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _reaches(child: Child, team: Team, count: int) -> list[float]:
    """Seconds from a comment's being sent to each other client's having it, words and all."""
    sent_s: dict[str, float] = {}
    taken_s: list[float] = []
    async with AsyncExitStack() as stack:

        async def comes(token: str) -> InlayClient:
            client = await InlayClient.connect(child.address, token, "bench review")
            stack.push_async_callback(client.close)
            await Review(client).visit(team.document_id)
            return client

        def heard(event: m.Event) -> None:
            if event.comment is not None and event.comment.comment_id in sent_s:
                taken_s.append(time.perf_counter() - sent_s[event.comment.comment_id])

        writers = [Review(await comes(token)) for token in team.tokens]
        for number in range(_CLIENTS):
            (await comes(team.tokens[number % len(team.tokens)])).listen(heard)
        for number in range(count):
            comment_id = f"bench-timed-{number:06d}"
            sent_s[comment_id] = time.perf_counter()
            await writers[number % len(writers)].comment(team.version_ids[-1], f"Timed {number}", comment_id=comment_id)
            await asyncio.sleep(_BETWEEN_S)
        await _until(lambda: len(taken_s) == count * _CLIENTS)
    return taken_s


async def _until(holds: Callable[[], bool]) -> None:
    """Return when it holds, or has not for too long: then what is missing is seen in the figures."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_ENOUGH_S):
            while not holds():  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(_LOOK_S)


def _tell_reaches(figures: dict[str, float], bars: dict[str, Bar], taken_s: list[float], count: int) -> None:
    median_s, late_s = statistics.median(taken_s), statistics.quantiles(taken_s, n=100)[98]
    bars["comments heard by the others"] = Bar(float(len(taken_s)), float(count * _CLIENTS), at_most=False)
    bars["a comment reaches 50 others: median, ms"] = Bar(median_s * 1e3, _REACHES_S * 1e3)
    bars["a comment reaches 50 others: 99 %, ms"] = Bar(late_s * 1e3, _REACHES_99_S * 1e3)
    figures["a comment reaches 50 others: longest, ms"] = max(taken_s) * 1e3


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _tell_seen(figures: dict[str, float], bars: dict[str, Bar], seen: Seen | None) -> None:
    """Without a browser the bars are missing, and fail as such."""
    usable_s = math.inf if seen is None else statistics.median(seen.usable_ms) / 1e3
    bars["page usable, s"] = Bar(usable_s, _USABLE_S)
    for title, scrolled in () if seen is None else (("tree", seen.tree), ("comments", seen.comments)):
        frames = scrolled.frames_ms
        late = sum(frame > _LATE_MS for frame in frames) / len(frames)
        figures[f"{title}: frames"] = float(len(frames))
        figures[f"{title}: median frame, ms"] = statistics.median(frames)
        figures[f"{title}: longest frame, ms"] = max(frames)
        figures[f"{title}: share of frames over {_FRAME_MS:.1f} ms"] = sum(f > _FRAME_MS for f in frames) / len(frames)
        figures[f"{title}: main thread's work a frame, ms"] = scrolled.work_ms / len(frames)
        bars[f"{title} scrolls: share of frames that came late"] = Bar(late, _LATE_SHARE)
        bars[f"{title} scrolls: main thread's work a frame, ms"] = Bar(scrolled.work_ms / len(frames), _FRAME_MS)
    if seen is None:
        bars["tree scrolls: share of frames that came late"] = Bar(math.inf, _LATE_SHARE)
    else:
        figures["page usable: slowest, s"] = max(seen.usable_ms) / 1e3
        figures["elements on the page"] = float(seen.nodes)
