"""Kill -9 of the server or its worker at random moments of an edit, a hundred times; then everything is looked at."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.child import Child, bridge_process
from bridge.client import EditHandle, InlayClient, Layer, NotConnected, Patch, Preview, Progress, Queued, RemoteError
from bridge.errors import BridgeError
from bridge.history.store import History
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

NAME = "survives"
SUMMARY = "kill -9 of server or worker at random moments of 100 edits: nothing acknowledged is lost"

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_RUNS = 100
_QUICK_RUNS = 10
_SEED = 20261123
_SIDE = 384
_RADIUS_PX = 40
# The kill comes at a random moment up to here; an edit of this size takes about half of it.
_LATEST_S = 0.6
_DOCUMENT = "survives"
# How an edit may have ended that its client saw no end of: interrupted, or failed before the kill.
_ENDS = ("interrupted", "worker_crashed", "client_left")
# One that the bridge had not begun. It tells a place in line or progress only once the edit is recorded.
_NOT_BEGUN = "not_found"


@dataclass(slots=True)
class _Ledger:
    """What the bridge acknowledged, and what happened to the rest."""

    acknowledged: dict[str, Patch] = field(default_factory=dict[str, Patch])
    server_kills: int = 0
    worker_kills: int = 0
    unfinished: int = 0
    not_begun: int = 0
    unreported: int = 0
    lost: int = 0
    wrong: int = 0


def run(options: BenchOptions) -> Figures:
    """Edit, kill, look; ``quick``: ten kills."""
    runs = _QUICK_RUNS if options.quick else _RUNS
    rng = random.Random(_SEED)  # noqa: S311 -- moments, not secrets
    ledger = _Ledger()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = 0
        while done < runs:
            with bridge_process(folder) as child:
                done += asyncio.run(_until_the_server_dies(child, runs - done, rng, ledger, options))
        with bridge_process(folder) as child:
            asyncio.run(_look_at_all(child, ledger))
        torn = asyncio.run(_torn_files(folder))
    figures = {
        "server kills": float(ledger.server_kills),
        "worker kills": float(ledger.worker_kills),
        "acknowledged": float(len(ledger.acknowledged)),
        "unfinished": float(ledger.unfinished),
        "killed before they began": float(ledger.not_begun),
    }
    bars = {
        "runs": Bar(float(done), float(runs), at_most=False),
        "acknowledged versions lost": Bar(float(ledger.lost), 0.0),
        "acknowledged versions with other pixels": Bar(float(ledger.wrong), 0.0),
        "unfinished edits not reported": Bar(float(ledger.unreported), 0.0),
        "torn or left-over files": Bar(float(torn), 0.0),
    }
    return Figures(figures, bars)


async def _until_the_server_dies(
    child: Child, most: int, rng: random.Random, ledger: _Ledger, options: BenchOptions
) -> int:
    """Edit and kill until the server is the one that was killed.

    Returns:
        How many kills there were.
    """
    pixels = _picture()
    async with _connected(child) as client:
        layer = await client.open_layer(_DOCUMENT, pixels, _RGB8)
        await _finish(await client.edit(layer, "remove this", mask=_somewhere(rng)), ledger)  # the worker is up now
        for kills in range(1, most + 1):
            layer.pixels = pixels
            handle = await client.edit(layer, "remove this", mask=_somewhere(rng))
            await asyncio.sleep(rng.uniform(0, _LATEST_S))
            worker = child.worker
            kill_server = rng.random() < 0.5 or worker is None
            (child.server if kill_server or worker is None else worker).kill()
            ended = await _finish(handle, ledger)
            options.note(f"{'server' if kill_server else 'worker'} killed: {ended}")
            if kill_server:
                ledger.server_kills += 1
                await asyncio.to_thread(child.server.wait, 10)
                if ended == "not_connected":
                    begun = await _had_begun(handle)
                    told = await _reported_after_restart(child.log.parent, handle.edit_id, ledger, begun=begun)
                    options.note(f"after the restart: {told}")
                return kills
            ledger.worker_kills += 1
    return most


async def _finish(handle: EditHandle, ledger: _Ledger) -> str:
    """How the edit ended for its client; an acknowledged one goes into the ledger."""
    try:
        outcome = await asyncio.wait_for(handle.result(), 60)
    except (RemoteError, NotConnected) as error:
        return error.code
    for version, patch in zip(outcome.versions, outcome.patches, strict=True):
        ledger.acknowledged[version.version_id] = patch
    return "done"


async def _had_begun(handle: EditHandle) -> bool:
    """Whether the bridge told of more than its plan."""
    return any([isinstance(event, Queued | Progress | Preview) async for event in handle.events()])


async def _reported_after_restart(folder: Path, edit_id: str, ledger: _Ledger, *, begun: bool) -> str:
    """An edit that its client saw no end of has landed, or is reported as ended, or never began.

    Args:
        begun: the bridge had told of it: then it is not to be unknown.

    Returns:
        Which of it.
    """
    with bridge_process(folder) as child:
        async with _connected(child) as client:
            layer = await client.open_layer(_DOCUMENT, _picture(), _RGB8)
            try:
                outcome = await asyncio.wait_for((await client.resume(layer, edit_id)).result(), 30)
            except RemoteError as error:
                ledger.unfinished += 1
                is_unknown = error.code == _NOT_BEGUN and not begun
                ledger.not_begun += is_unknown
                ledger.unreported += error.code not in _ENDS and not is_unknown
                return error.code
            except (TimeoutError, NotConnected) as error:
                ledger.unreported += 1
                return type(error).__name__
            for version, patch in zip(outcome.versions, outcome.patches, strict=True):
                ledger.acknowledged[version.version_id] = patch
            return "landed"


async def _look_at_all(child: Child, ledger: _Ledger) -> None:
    """Every acknowledged version opens, and its pixels are those that were delivered."""
    async with _connected(child) as client:
        layer = await client.open_layer(_DOCUMENT, _picture(), _RGB8)
        there = {version.version_id for version in await client.tree(layer)}
        for version_id, patch in ledger.acknowledged.items():
            if version_id not in there:
                ledger.lost += 1
                continue
            try:
                stored = await client.fetch(layer, version_id)
            except BridgeError:
                ledger.lost += 1
                continue
            ledger.wrong += not np.array_equal(_shown(layer, stored), _shown(layer, patch))


def _shown(layer: Layer, patch: Patch) -> Pixels:
    """The layer with this patch in."""
    shown = Layer(layer.layer_id, layer.document_id, _picture(), _RGB8, None)
    return shown.apply(patch)


async def _torn_files(folder: Path) -> int:
    """Blobs that are not what their name says, and files that were left half-written."""
    history = await History.open(folder, durable=False)
    try:
        blobs = list((folder / "blobs").glob("??/*.blob"))
        torn = 0
        for blob in blobs:
            try:
                await history.blobs.get_many([bytes.fromhex(blob.stem)])
            except BridgeError:
                torn += 1
        left_over = [path for path in (folder / "blobs" / "incoming").iterdir() if path.is_file()]
        return torn + len(left_over)
    finally:
        await history.close()


@contextlib.asynccontextmanager
async def _connected(child: Child) -> AsyncGenerator[InlayClient]:
    client = await InlayClient.connect(child.address, child.token, "bench survives")
    try:
        yield client
    finally:
        with contextlib.suppress(BridgeError, OSError):
            await client.close()


def _picture() -> Pixels:
    rng = np.random.default_rng(_SEED)
    rows, cols = np.mgrid[0:_SIDE, 0:_SIDE]
    base = 128 + 60 * np.sin(rows / 23)[..., None] * np.cos(cols / 31)[..., None]
    return np.clip(base + rng.normal(0, 8, (_SIDE, _SIDE, 3)), 0, 255).astype(np.uint8)


def _somewhere(rng: random.Random) -> Mask:
    """A round selection at a random place."""
    row, col = rng.randrange(_RADIUS_PX, _SIDE - _RADIUS_PX), rng.randrange(_RADIUS_PX, _SIDE - _RADIUS_PX)
    rows, cols = np.ogrid[0:_SIDE, 0:_SIDE]
    return np.where((rows - row) ** 2 + (cols - col) ** 2 <= _RADIUS_PX**2, 255, 0).astype(np.uint8)
