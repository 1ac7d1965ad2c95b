"""What a small selection costs in canvases of growing size, socket to socket; and the bridge's own share of it."""

from __future__ import annotations

import asyncio
import base64
import io
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.child import Child, bridge_process
from bridge.client import InlayClient, Outcome
from bridge.client.layer import Layer
from bridge.demo.photos import demo_photo
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

NAME = "canvas"
SUMMARY = "a 256 px round selection in canvases from 1024² to 8192²: time, bytes, memory, overhead"

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_SIDES = (1024, 2048, 4096, 8192)
_RADIUS_PX = 128
_REPEATS = 7
_GRAIN = 6.0
_SEED = 20261123
_MEGABYTE = 1e6
# Tools that send whole pictures post a PNG in base64 and are answered with one (IOPaint 1.6.0 does); what that costs is
# measured here, in the same run and with the same pixels. We are to need at most this share of it.
_LARGE = 4096
_OF_WHOLE = 1 / 20


def run(options: BenchOptions) -> Figures:
    """Measure; ``quick`` leaves out the two largest canvases' repeats."""
    with tempfile.TemporaryDirectory() as folder, bridge_process(Path(folder)) as child:
        return asyncio.run(_measure(child, options))


async def _measure(child: Child, options: BenchOptions) -> Figures:
    repeats = 3 if options.quick else _REPEATS
    seen: dict[str, list[float]] = defaultdict(list)
    layers: dict[int, tuple[Layer, Mask]] = {}
    async with await InlayClient.connect(child.address, child.token, "bench canvas") as client:
        for side in _SIDES:
            pixels, mask = canvas(side, _SEED + side), selection(side)
            layers[side] = (await client.open_layer(f"canvas {side}", pixels, _RGB8), mask)
        await _edit(client, *layers[_SIDES[0]], seed=0)  # the worker is ready and warm after this
        # Sizes take turns, so that a slow minute of the machine harms all alike.
        for turn in range(repeats):
            for side, (layer, mask) in layers.items():
                # Other grain each turn: what is sent is never known to the bridge before.
                layer.pixels = canvas(side, _SEED + side + turn + 1)
                child.forget_peak()
                outcome = await _edit(client, layer, mask, seed=turn)
                _note(seen, f"{side}", outcome)
                seen[f"{side}.server_peak_mb"].append(child.peak_memory() / _MEGABYTE)
                again = await _edit(client, layer, mask, seed=turn)
                seen[f"{side}.again_sent_bytes"].append(again.bytes_up)
                options.note(f"{side}²: {outcome.seconds:.3f} s, of it the engine {outcome.engine_s:.3f} s")
        await _photograph(client, repeats, seen)
    whole_s, whole_bytes = await asyncio.to_thread(whole_picture, layers[_LARGE][0].pixels)
    seen["whole PNG.seconds"].append(whole_s)
    seen["whole PNG.sent_bytes"].append(whole_bytes)
    figures = {name: float(statistics.median(values)) for name, values in seen.items()}
    return Figures(figures, _bars(figures))


def canvas(side: int, seed: int) -> Pixels:
    """A photograph repeated over side × side pixels under fresh grain: H×W×3 uint8."""
    photo = demo_photo("coffee").pixels
    rows, cols = -(-side // photo.shape[0]), -(-side // photo.shape[1])
    tiled = np.tile(photo, (rows, cols, 1))[:side, :side].astype(np.int16)
    grain = np.random.default_rng(seed).normal(0, _GRAIN, (1024, 1024, 3)).astype(np.int16)
    fold = -(-side // 1024)
    tiled += np.tile(grain, (fold, fold, 1))[:side, :side]
    return np.clip(tiled, 0, 255).astype(np.uint8)


def selection(side: int) -> Mask:
    """A disc of 256 px in the middle."""
    rows, cols = np.ogrid[0:side, 0:side]
    centre = side // 2
    return np.where((rows - centre) ** 2 + (cols - centre) ** 2 <= _RADIUS_PX**2, 255, 0).astype(np.uint8)


def whole_picture(pixels: Pixels) -> tuple[float, float]:
    """What the other way costs on this machine: the whole picture as PNG in base64, there and back, no model and no
    network.

    Returns:
        seconds, and bytes sent one way.
    """
    began = time.perf_counter()
    sent = 0
    for _ in range(2):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        text = base64.b64encode(file.getvalue())
        sent = len(text)
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))
    return time.perf_counter() - began, float(sent)


async def _edit(client: InlayClient, layer: Layer, mask: Mask, seed: int) -> Outcome:
    """One edit of the layer as it is; the head goes back, so that every edit begins alike."""
    outcome = await (await client.edit(layer, "remove this", mask=mask, seed=seed)).result()
    pixels = layer.pixels
    await client.undo(layer)
    layer.pixels = pixels
    return outcome


async def _photograph(client: InlayClient, repeats: int, seen: dict[str, list[float]]) -> None:
    """The same selection in a photograph of 1024², without grain."""
    photo = demo_photo("coffee").pixels
    row = np.concatenate([photo, photo[:, ::-1]], 1)
    fold = np.concatenate([row, row[::-1]])
    pixels = np.ascontiguousarray(np.tile(fold, (2, 1, 1))[:1024, :1024])
    layer = await client.open_layer("photograph 1024", pixels, _RGB8)
    for turn in range(repeats):
        outcome = await _edit(client, layer, selection(1024), seed=turn)
        seen["photo.seconds"].append(outcome.seconds)
        seen["photo.first_preview_s"].append(outcome.first_preview_s or outcome.seconds)


def _note(seen: dict[str, list[float]], name: str, outcome: Outcome) -> None:
    seen[f"{name}.seconds"].append(outcome.seconds)
    seen[f"{name}.engine_s"].append(outcome.engine_s)
    seen[f"{name}.overhead_s"].append(outcome.seconds - outcome.engine_s)
    seen[f"{name}.sent_bytes"].append(outcome.bytes_up)
    seen[f"{name}.received_bytes"].append(outcome.bytes_down)


def _bars(figures: dict[str, float]) -> dict[str, Bar]:
    first, last, large = _SIDES[0], _SIDES[-1], _LARGE

    def growth(figure: str) -> float:
        return figures[f"{last}.{figure}"] / figures[f"{first}.{figure}"]

    return {
        "time grows by": Bar(growth("seconds"), 1.3),
        "bytes sent grow by": Bar(growth("sent_bytes"), 1.3),
        "bytes received grow by": Bar(growth("received_bytes"), 1.3),
        "server memory grows by": Bar(growth("server_peak_mb"), 1.3),
        "second edit sends, bytes": Bar(max(figures[f"{side}.again_sent_bytes"] for side in _SIDES), 65_536 - 1),
        "overhead at 4096², s": Bar(figures[f"{large}.overhead_s"], 0.060),
        "overhead of a whole PNG's": Bar(figures[f"{large}.overhead_s"] / figures["whole PNG.seconds"], _OF_WHOLE),
        "bytes sent of a whole PNG's": Bar(figures[f"{large}.sent_bytes"] / figures["whole PNG.sent_bytes"], _OF_WHOLE),
        "photograph: first preview, s": Bar(figures["photo.first_preview_s"], 0.200),
        "photograph: final, s": Bar(figures["photo.seconds"], 1.0),
    }
