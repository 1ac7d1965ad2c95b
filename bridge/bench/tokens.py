"""What the token engine costs, and a whole edit by words, socket to socket, in canvases of growing size."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.canvas import canvas, selection
from bridge.bench.child import Child, bridge_process
from bridge.client import InlayClient
from engine.api import Alpha, Depth, LayerFormat

NAME = "tokens"
SUMMARY = "a step against a full forward, a region's decode, and edits by words from 1024² to 8192²"

_RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
_SIDES = (1024, 4096, 8192)
_WORDS = "fill with brick wall"
_SEED = 20261123
_REPEATS, _QUICK_REPEATS = 9, 3


def run(options: BenchOptions) -> Figures:
    """Measure."""
    from bridge.bench.token_steps import measure  # noqa: PLC0415 -- brings torch, only wanted here

    repeats = _QUICK_REPEATS if options.quick else _REPEATS
    figures = measure(repeats)
    options.note(f"16 of 1024 tokens: a step is {figures['16.of_a_full']:.3f} of a full forward")
    with tempfile.TemporaryDirectory() as folder, bridge_process(Path(folder)) as child:
        figures |= asyncio.run(_edits(child, repeats, options))
    return Figures(figures, _bars(figures))


async def _edits(child: Child, repeats: int, options: BenchOptions) -> dict[str, float]:
    """The same words and selection in canvases of three sizes, which take turns."""
    seconds: dict[int, list[float]] = {side: [] for side in _SIDES}
    async with await InlayClient.connect(child.address, child.token, "bench tokens") as client:
        layers = {
            side: (await client.open_layer(f"canvas {side}", canvas(side, _SEED + side), _RGB8), selection(side))
            for side in _SIDES
        }
        for turn in range(repeats + 1):
            for side, (layer, mask) in layers.items():
                outcome = await (await client.edit(layer, _WORDS, mask=mask, seed=turn)).result()
                pixels = layer.pixels
                await client.undo(layer)
                layer.pixels = pixels
                if turn:  # the first one waits for the worker
                    seconds[side].append(outcome.seconds)
                    options.note(f"{side}²: {outcome.seconds:.3f} s")
    return {f"{side}.seconds": statistics.median(seconds[side]) for side in _SIDES}


def _bars(figures: dict[str, float]) -> dict[str, Bar]:
    differences = [value for name, value in figures.items() if name.endswith(".difference")]
    return {
        "cached against uncached logits": Bar(max(differences), 1e-5),
        "a step of 16 tokens, of a full forward": Bar(figures["16.of_a_full"], 1 / 10),
        "12×12 tokens decoded, of the whole window": Bar(figures["decode.region_of_full"], 1 / 4),
        "an edit by words, s": Bar(max(figures[f"{side}.seconds"] for side in _SIDES), 3.0),
        "its time grows by": Bar(figures[f"{_SIDES[-1]}.seconds"] / figures[f"{_SIDES[0]}.seconds"], 1.3),
    }
