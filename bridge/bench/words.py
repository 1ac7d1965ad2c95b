"""Words → plan: phrases as designers type them against the plans they must make, exactly, and how long that takes.

`phrases/understood.json` was written before the grammar. Every fifth of its phrases is held out: the rules were made
and mended by the other four. When the held-out phrases were first read, 129 of 131 (98.5 %) were exact; the rules that
missed two were mended then. `phrases/later.json` was written after the rules, without trying any of it: 59 of its 60
were exact when they were first read; twenty more at its end came together with their rules. For another fair figure,
other phrases must be written.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bridge.bench.base import Bar, BenchOptions, Figures
from engine.commands import parse
from engine.commands.plan import AnyOperation, Operation, Plan
from engine.commands.regions import Region

NAME = "words"
SUMMARY = "phrases read as exactly the plan they mean, sentences that must be asked back on, milliseconds a phrase"

_FOLDER = Path(__file__).parent / "phrases"
_HELD_OUT_EVERY = 5
_LEAST_EXACT = 0.97
_MOST_MS = 5.0
_QUICK_PHRASES = 100
# Each phrase is read this often; the median is of all.
_TURNS = 3
_NOTHING = "(asked back)"


class Phrase(BaseModel):
    """A phrase and the plan that it must make."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    selection: bool = False
    references: Annotated[int, Field(ge=0, le=10)] = 0
    ops: tuple[Operation, ...]
    keep: tuple[Region, ...] = ()


class Refused(BaseModel):
    """A sentence that must be asked back on; ``why``: what is missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    selection: bool = False
    references: Annotated[int, Field(ge=0, le=10)] = 0
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a phrase."""

    phrase: Phrase
    plan: Plan
    ms: float

    @property
    def is_exact(self) -> bool:
        return self.plan.ops == self.phrase.ops and self.plan.keep == self.phrase.keep


def phrases(table: str = "understood") -> tuple[Phrase, ...]:
    """A table of phrases, in its order: ``understood`` or ``later``."""
    text = (_FOLDER / f"{table}.json").read_bytes()
    return TypeAdapter(tuple[Phrase, ...]).validate_json(text)


def refused() -> tuple[Refused, ...]:
    """The table of sentences that must not run."""
    return TypeAdapter(tuple[Refused, ...]).validate_json((_FOLDER / "refused.json").read_bytes())


def run(options: BenchOptions) -> Figures:
    """Read every phrase; ``quick``: the first hundred."""
    table = phrases()[: _QUICK_PHRASES if options.quick else None]
    readings = [_read(phrase) for phrase in table]
    later = [_read(phrase) for phrase in phrases("later")]
    wrong = [reading for reading in [*readings, *later] if not reading.is_exact]
    for reading in wrong:
        options.note(f"not exact: “{reading.phrase.text}” → {reading.plan.model_dump_json()}")
    ran = [row for row in refused() if parse(row.text, row.selection, row.references).ops]
    for row in ran:
        options.note(f"should be asked back on: “{row.text}”")
    path = options.out / "words-confusion.txt"
    path.write_text(confusion(readings), encoding="utf-8")
    options.note(f"which operation was taken for which: {path}")
    held = [reading for number, reading in enumerate(readings) if number % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1]
    tuned = [reading for number, reading in enumerate(readings) if number % _HELD_OUT_EVERY != _HELD_OUT_EVERY - 1]
    times = [reading.ms for reading in readings]
    figures = {
        "phrases": float(len(readings)),
        "exact": _share(readings),
        "exact, looked at": _share(tuned),
        "exact, held out": _share(held),
        "exact, written later": _share(later),
        "sentences to ask back on": float(len(refused())),
        "asked back on": 1 - len(ran) / len(refused()),
        "median ms": statistics.median(times),
        "slowest ms": max(times),
    }
    bars = {
        "exact": Bar(figures["exact"], _LEAST_EXACT, at_most=False),
        "exact, held out": Bar(figures["exact, held out"], _LEAST_EXACT, at_most=False),
        "asked back on": Bar(figures["asked back on"], 1.0, at_most=False),
        "median ms": Bar(figures["median ms"], _MOST_MS),
    }
    return Figures(figures, bars)


def confusion(readings: list[Reading]) -> str:
    """A table: for every operation that was meant, how often which was understood. Right ones are on the diagonal."""
    pairs: Counter[tuple[str, str]] = Counter()
    for reading in readings:
        pairs.update(_pairs(reading.phrase.ops, reading.plan.ops))
    meant = sorted({pair[0] for pair in pairs})
    got = sorted({pair[1] for pair in pairs} | set(meant))
    numbers = {name: str(number) for number, name in enumerate(got, 1)}
    lines = [f"{'meant':<20}" + "".join(f"{numbers[name]:>5}" for name in got)]
    for name in meant:
        cells = "".join(f"{pairs[name, other] or '·':>5}" for other in got)
        lines.append(f"{numbers.get(name, ''):>2} {name:<17}{cells}")
    return "\n".join([*lines, "", *(f"{number:>2} {name}" for name, number in numbers.items())]) + "\n"


def _pairs(meant: tuple[AnyOperation, ...], got: tuple[AnyOperation, ...]) -> list[tuple[str, str]]:
    """Operations side by side; where one is missing, it was asked back."""
    length = max(len(meant), len(got))
    left = [operation.op for operation in meant] + ["(nothing)"] * (length - len(meant))
    right = [operation.op for operation in got] + [_NOTHING] * (length - len(got))
    return list(zip(left, right, strict=True))


def _read(phrase: Phrase) -> Reading:
    """The fastest of a few turns would flatter; the median of them is kept."""
    times: list[float] = []
    plan = Plan()
    for _ in range(_TURNS):
        began = time.perf_counter()
        plan = parse(phrase.text, phrase.selection, phrase.references)
        times.append((time.perf_counter() - began) * 1000)
    return Reading(phrase, plan, statistics.median(times))


def _share(readings: list[Reading]) -> float:
    return sum(reading.is_exact for reading in readings) / max(len(readings), 1)
