"""What every benchmark takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bar:
    """A figure with the limit it must keep."""

    value: float
    limit: float
    at_most: bool = True

    @property
    def holds(self) -> bool:
        return self.value <= self.limit if self.at_most else self.value >= self.limit


@dataclass(frozen=True)
class BenchOptions:
    """``out``: where files go; ``quick``: fewer cases; ``note``: called with a line as work goes on."""

    out: Path
    quick: bool
    note: Callable[[str], None]


@dataclass(frozen=True)
class Figures:
    """What was measured and what must hold."""

    figures: dict[str, float]
    bars: dict[str, Bar]
