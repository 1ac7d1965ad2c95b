"""500 edits from four clients at once; the memory of server and worker must stay flat after the first 50."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.child import Child, bridge_process
from bridge.client import InlayClient
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

NAME = "soak"
SUMMARY = "500 edits from four clients at once: memory of server and worker"

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_CLIENTS = 4
_EDITS = 500
_QUICK_EDITS = 100
_WARM_EDITS = 50
_SIDE = 512
_MEGABYTE = 1e6
# Memory is compared as the median of so many readings, since a reading in the middle of an edit is higher.
_READINGS = 40
_FLAT = 1.10


@dataclass(slots=True)
class _Readings:
    """Bytes after each edit, in the order in which they ended."""

    server: list[float] = field(default_factory=list[float])
    worker: list[float] = field(default_factory=list[float])
    failed: int = 0
    changed_outside: int = 0


def run(options: BenchOptions) -> Figures:
    """Measure; ``quick``: 100 edits."""
    edits = _QUICK_EDITS if options.quick else _EDITS
    with tempfile.TemporaryDirectory() as folder, bridge_process(Path(folder), durable=False) as child:
        readings = asyncio.run(_soak(child, edits, options))
    server = _growth(readings.server)
    worker = _growth(readings.worker)
    figures = {
        "edits": float(len(readings.server)),
        "server MB at the end": readings.server[-1] / _MEGABYTE,
        "worker MB at the end": readings.worker[-1] / _MEGABYTE,
        "server grows by": server,
        "worker grows by": worker,
    }
    bars = {
        "edits that landed": Bar(float(len(readings.server)), float(edits), at_most=False),
        "edits that failed": Bar(float(readings.failed), 0.0),
        "pixels changed outside": Bar(float(readings.changed_outside), 0.0),
        "server memory after the first 50 grows by": Bar(server, _FLAT),
        "worker memory after the first 50 grows by": Bar(worker, _FLAT),
    }
    return Figures(figures, bars)


async def _soak(child: Child, edits: int, options: BenchOptions) -> _Readings:
    readings = _Readings()
    await asyncio.gather(*(_client(child, number, edits // _CLIENTS, readings, options) for number in range(_CLIENTS)))
    return readings


async def _client(child: Child, number: int, edits: int, readings: _Readings, options: BenchOptions) -> None:
    """One client's edits, one after another, at places that wander over its own layer."""
    async with await InlayClient.connect(child.address, child.token, f"bench soak {number}") as client:
        layer = await client.open_layer(f"soak {number}", _picture(number), _RGB8)
        rng = np.random.default_rng(number)
        for turn in range(edits):
            mask = _selection(rng)
            outcome = await (await client.edit(layer, "remove this", mask=mask, seed=turn)).result()
            before = layer.pixels
            after = layer.apply(outcome.patches[0])
            readings.changed_outside += int(((before != after).any(axis=2) & (mask == 0)).sum())
            worker = child.worker
            readings.server.append(float(child.memory()))
            readings.worker.append(float(worker.memory_info().rss) if worker is not None else 0.0)
            if len(readings.server) % _WARM_EDITS == 0:
                options.note(
                    f"{len(readings.server)} edits: server {readings.server[-1] / _MEGABYTE:.0f} MB, "
                    f"worker {readings.worker[-1] / _MEGABYTE:.0f} MB"
                )


def _growth(readings: list[float]) -> float:
    """Memory at the end over memory after the first fifty edits; medians of some readings each."""
    early = readings[_WARM_EDITS : _WARM_EDITS + _READINGS]
    return statistics.median(readings[-_READINGS:]) / statistics.median(early)


def _picture(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[0:_SIDE, 0:_SIDE]
    base = 128 + 60 * np.sin(rows / 37)[..., None] * np.cos(cols / 29)[..., None]
    return np.clip(base + rng.normal(0, 8, (_SIDE, _SIDE, 3)), 0, 255).astype(np.uint8)


def _selection(rng: np.random.Generator) -> Mask:
    """A disc of 16 to 48 px radius somewhere inside."""
    radius = int(rng.integers(16, 49))
    row, col = (int(value) for value in rng.integers(radius, _SIDE - radius, 2))
    rows, cols = np.ogrid[0:_SIDE, 0:_SIDE]
    return np.where((rows - row) ** 2 + (cols - col) ** 2 <= radius**2, 255, 0).astype(np.uint8)
