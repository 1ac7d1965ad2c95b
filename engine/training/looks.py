"""``python -m engine.training.looks``: measure what every entry of the material library looks like around a selection.

Sixteen drawings of each entry at scales around the usual one, no photograph. It takes some minutes on one core; the
same seed gives the same file.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.geometry import Size
from engine.materials import catalogue
from engine.models.sight.looks import LOOKED_AT_PX, fitted
from engine.models.sight.statistics import statistics
from engine.operations.drawing import drawing_of
from engine.weights import write_tensors

_DRAWINGS = 16
# A selection of this side in a picture a little larger, seen at `LOOKED_AT_PX`.
_SELECTION_PX = 256
_HIDDEN = 0.6
_SCALES = 1.4
# Half of an entry's covariance is everyone's, and everyone's variances are added in part: 16 drawings are few.
_SHARED, _RIDGE = 0.5, 0.02
_ENTRY_SEEDS = 1_000


def rings(name: str, count: int, seed: int) -> Tensor:
    """(count, 39): statistics of drawings of that entry, each with a hole in its middle."""
    drawing = drawing_of(catalogue.understand(name), Size(_SELECTION_PX, _SELECTION_PX), "cpu")
    side, edge = LOOKED_AT_PX, round(LOOKED_AT_PX * (1 - _HIDDEN) / 2)
    shown = torch.ones(side, side, dtype=torch.bool)
    shown[edge : side - edge, edge : side - edge] = False
    told: list[Tensor] = []
    for number in range(count):
        draw = torch.Generator().manual_seed(seed + number)
        # Every second one is drawn as large as a layer is and looked at from afar: what is thin becomes faint.
        larger = _SELECTION_PX / (side * _HIDDEN) if number % 2 else 1.0
        turn = (float(torch.rand((), generator=draw)) * 2 - 1) * math.log(_SCALES)
        unit_px = max(1.0, drawing.unit_px * side * _HIDDEN / _SELECTION_PX * math.exp(turn)) * larger
        pixels = round(side * larger)
        drawn = catalogue.render(drawing.understood, pixels, pixels, unit_px=unit_px, seed=seed + number)
        picture, _ = fitted(drawn.permute(2, 0, 1), torch.ones(pixels, pixels, dtype=torch.bool))
        told.append(statistics(picture, shown))
    return torch.stack(told)


def fit(told: Tensor) -> tuple[Tensor, Tensor]:
    """(N, drawings, 39) statistics to (N, 39) means and (N, 39, 39) whitening matrices."""
    count = told.shape[1]
    mean = told.mean(1)
    away = (told - mean[:, None]).double()
    own = away.transpose(1, 2) @ away / (count - 1)
    everyone = own.mean(0)
    spread = _SHARED * everyone + (1 - _SHARED) * own + _RIDGE * torch.diag(everyone.diagonal())
    lower = torch.from_numpy(np.linalg.cholesky(spread.numpy()))
    return mean, lower.inverse().float()


def write_looks(
    path: Path, names: Sequence[str], seed: int, tell: Callable[[float], None], drawings: int = _DRAWINGS
) -> None:
    """Draw, measure, write."""
    told: list[Tensor] = []
    for number, name in enumerate(names):
        told.append(rings(name, drawings, (seed * len(names) + number) * _ENTRY_SEEDS))
        tell((number + 1) / len(names))
    mean, whiten = fit(torch.stack(told))
    header = {"names": json.dumps(list(names)), "seed": str(seed), "license": "Apache-2.0"}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(path, {"mean": mean, "whiten": whiten}, header)


def main() -> int:
    parser = argparse.ArgumentParser("python -m engine.training.looks", description=__doc__)
    parser.add_argument("file", type=Path, help="Where to write looks.safetensors.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    write_looks(given.file, tuple(catalogue.entries()), given.seed, _tell)
    return 0


def _tell(done: float) -> None:
    sys.stdout.write(f"{done:.0%}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
