"""Runs a benchmark by name and tells what came of it: a table, or JSON as the last line."""

from __future__ import annotations

import importlib
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

import psutil
from rich.console import Console
from rich.table import Table

from bridge.bench.base import BenchOptions, Figures
from bridge.errors import NotFound
from engine.host import let_threads_sleep

# Names and modules; a module is imported only when its benchmark is asked for.
BENCHMARKS = (
    "batching", "canvas", "decoding", "exact", "extend", "fill", "matte", "open-weights", "prompts", "review", "seams",
    "survives", "soak", "tokenizer", "tokens", "upscale", "words",
)  # fmt: skip
# Those that are a part of another's, too.
_MODULES = {"batching": "open_weights_batching", "open-weights": "open_weights"}


class Benchmark(Protocol):
    """What a module of a benchmark has."""

    NAME: str
    SUMMARY: str
    run: Callable[[BenchOptions], Figures]


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name.

    Raises:
        NotFound: there is none.
    """
    if name not in BENCHMARKS:
        raise NotFound(f"benchmark called “{name}”; there are {', '.join(BENCHMARKS)}")
    return cast(Benchmark, importlib.import_module(f"bridge.bench.{_MODULES.get(name, name)}"))


def list_benchmarks() -> list[tuple[str, str]]:
    """Names and one line each."""
    return [(name, benchmark(name).SUMMARY) for name in BENCHMARKS]


def run_benchmark(name: str, out: Path, *, quick: bool, as_json: bool) -> bool:
    """Run it; progress on stderr, the result on stdout.

    Returns:
        Whether every bar held.
    """
    let_threads_sleep()
    progress = Console(stderr=True, highlight=False)
    out.mkdir(parents=True, exist_ok=True)
    figures = benchmark(name).run(BenchOptions(out, quick, lambda line: progress.print(line, markup=False)))
    console = Console(highlight=False)
    if as_json:
        console.out(json.dumps(as_record(name, figures)), highlight=False)
    else:
        _print(console, name, figures)
    return all(bar.holds for bar in figures.bars.values())


def as_record(name: str, figures: Figures) -> dict[str, object]:
    """What the JSON line says."""
    bars = {title: {"value": bar.value, "limit": bar.limit, "holds": bar.holds} for title, bar in figures.bars.items()}
    return {"name": name, "figures": figures.figures, "bars": bars, "machine": machine()}


def machine() -> dict[str, str | int]:
    """Where it ran."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
    }


def _print(console: Console, name: str, figures: Figures) -> None:
    table = Table(title=f"bench {name}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for title, value in figures.figures.items():
        table.add_row(title, f"{value:.4g}")
    console.print(table)
    bars = Table(title="what must hold")
    for column in ("bar", "value", "limit", ""):
        bars.add_column(column)
    for title, bar in figures.bars.items():
        sign = "≤" if bar.at_most else "≥"
        verdict = "holds" if bar.holds else "[red]does not[/red]"
        bars.add_row(title, f"{bar.value:.4g}", f"{sign} {bar.limit:.4g}", verdict)
    console.print(bars)
    console.print(", ".join(f"{key} {value}" for key, value in machine().items()), style="dim")
