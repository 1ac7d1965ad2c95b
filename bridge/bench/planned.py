"""Whether the built-in model's plan picks drawings that sit better in their surroundings than any drawing would.

A layer shows a scene or a material; a hole in it is to show the same, from another seed. Of the drawings that the plan
is compared with, how far are the colours just inside the hole's border from those just outside: of the one that is
picked, over the mean of all of them. 1: a pick at random; less: the plan knows what lies where.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.api import EditRequest
from engine.geometry import PixelRect
from engine.imaging.layer import to_working
from engine.imaging.mask import bounding_box, hole_of
from engine.operations.drawing import drawing_of
from engine.operations.plan_drawing import drawings_compared, planned_seed
from engine.operations.replace import read
from engine.operations.report import SilentReport

# Bands on both sides of the border are so thick, and cut into so many pieces a side, as shares of the hole's side.
_THICK, _PIECES = 0.06, 6


def planned_against_random(requests: Sequence[EditRequest]) -> dict[str, float]:
    """``planned.of_random``: the mean over all requests, each a hole in a layer that shows what its prompt says.

    ``planned.better``: the share of requests in which the pick is better than the mean.
    """
    ratios = [_ratio(request) for request in requests]
    return {
        "planned.of_random": statistics.fmean(ratios),
        "planned.better": statistics.fmean(ratio < 1 for ratio in ratios),
    }


def _ratio(request: EditRequest) -> float:
    hole = hole_of(request.mask)
    box = bounding_box(hole)
    drawing = drawing_of(read(request.prompt), box.size, "cpu")
    working = to_working(request.pixels, request.format)
    picked, _ = planned_seed(request, working, hole, box, drawing, SilentReport())
    steps = {seed: border_step(working.pixels, box, drawing.small(seed, 1.0)) for seed in drawings_compared(request)}
    return steps[picked] / max(statistics.fmean(steps.values()), 1e-6)


def border_step(around: npt.NDArray[np.float32], box: PixelRect, drawn: Tensor) -> float:
    """Mean difference of the colours on both sides of the box's border, piece by piece.

    Args:
        around: (H, W, C) with the box's surroundings. drawn: (3, box height, box width).
    """
    outside = torch.from_numpy(around).permute(2, 0, 1)[:3]
    thick = max(2, round(_THICK * min(box.width, box.height)))
    differences = [
        float((_pieces(inner) - _pieces(outer)).abs().mean()) for inner, outer in _bands(outside, box, drawn, thick)
    ]
    return statistics.fmean(differences)


def _bands(around: Tensor, box: PixelRect, drawn: Tensor, thick: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inside and outside of each side, (3, thick, along)."""
    rows, cols = box.slices()
    yield drawn[:, :thick], around[:, box.y0 - thick : box.y0, cols]
    yield drawn[:, -thick:], around[:, box.y1 : box.y1 + thick, cols]
    yield drawn[..., :thick].mT, around[:, rows, box.x0 - thick : box.x0].mT
    yield drawn[..., -thick:].mT, around[:, rows, box.x1 : box.x1 + thick].mT


def _pieces(band: Tensor) -> Tensor:
    """(3, thick, along) to the mean colours (3, pieces) along it."""
    return F.adaptive_avg_pool1d(band.mean(1), _PIECES)
