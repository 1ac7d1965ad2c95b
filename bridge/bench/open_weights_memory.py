"""What `engine.models.memory` states against what a run holds: middle-sized models with random weights.

Width 512, 12 layers, 32×32 tokens, the picture tokenizer as published; the window is selected whole, which is the
dearest edit. Run as ``python -m bridge.bench.open_weights_memory MODEL WAY`` it measures one in this process and prints
what it found: a process of its own, so that its peak is of nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import psutil
import torch

from bridge.bench.base import Bar
from bridge.bench.child import Child
from bridge.bench.live_bytes import LiveBytes
from engine.host import HOME, environment
from engine.models.cheaper import bytes_of, to_int8
from engine.models.masked.interface import Mode, Published, Words
from engine.models.memory import Way, bytes_needed

CASES = (
    ("amused", Way.FP32),
    ("amused", Way.BF16),
    ("amused", Way.INT8),
    ("meissonic", Way.FP32),
    ("meissonic", Way.INT8),
    ("editmgt", Way.BF16),
    ("dimoo", Way.BF16),
    ("dimoo", Way.INT8),
)
# Of the stated bytes, that a measured run may differ.
_TOLERANCE = 0.10
# The first draws all but a few tokens, the last one the rest: both peaks are there.
_STEPS = 2
_DTYPES = {Way.FP32: torch.float32, Way.BF16: torch.bfloat16, Way.INT8: torch.bfloat16}


def measure_memory(note: Callable[[str], None]) -> tuple[dict[str, float], dict[str, Bar]]:
    """Stated and measured megabytes of each case, and that they are within a tenth of each other."""
    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    for name, way in CASES:
        note(f"memory of {name} in {way}")
        command = [sys.executable, "-m", "bridge.bench.open_weights_memory", name, way.value]
        done = subprocess.run(command, capture_output=True, check=True, cwd=HOME, env=environment())  # noqa: S603 -- our own module
        found = cast(dict[str, int], json.loads(done.stdout.splitlines()[-1]))
        title = f"memory.{name}.{way}"
        figures |= {f"{title}.{part}_mb": round(value / 1e6, 1) for part, value in found.items()}
        bars[f"{title}.off"] = Bar(abs(found["stated"] - found["held"]) / found["held"], _TOLERANCE)
    return figures, bars


def measure_here(name: str, way: Way) -> dict[str, int]:
    """One case, in this process.

    Returns:
        ``stated``; ``held``: weights and the peak of what tensors held; ``resident``: weights and by how much the
        process grew from when they were loaded to its peak, with what convolutions take within themselves.
    """
    # Seconds of imports, and of the extra.
    from bridge.bench.open_weights_memory_models import MIDDLE, SIDE_TOK  # noqa: PLC0415

    torch.manual_seed(0)
    middle = MIDDLE[name](_DTYPES[way])
    if way is Way.INT8:
        to_int8(middle.model)
    weights = bytes_of(middle.model)
    side_px = SIDE_TOK * middle.model.tokenizer.token_px
    region = torch.ones(SIDE_TOK, SIDE_TOK, dtype=torch.bool)
    picture = torch.zeros(1, 3, side_px, side_px)
    words = Words(instruction="paint it red", picture=picture[0]) if name == "editmgt" else Words("a red door")
    how = Published(_STEPS, middle.model.as_published.guidance, middle.model.as_published.temperature)
    process = Child("", "", psutil.Process(), Path())
    process.forget_peak()
    before = process.memory()
    with LiveBytes() as live, torch.inference_mode():
        ids = middle.model.tokenizer.encode(picture)
        opened = middle.model.open(ids, region, words, Mode.EXACT)
        drawn = middle.model.published(opened, how, seed=1)
        del opened
        middle.model.tokenizer.decode(ids.masked_scatter(region, drawn))
    stated = bytes_needed(middle.counted, side_px, way).total
    return {
        "stated": stated,
        "held": weights + live.peak,
        "resident": weights + process.peak_memory() - before,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure_here(sys.argv[1], Way(sys.argv[2]))) + "\n")
